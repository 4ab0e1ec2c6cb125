// SPDX-License-Identifier: Apache-2.0

// Package solana mirrors sealed headers to Solana without a program of its own:
// the runtime's secp256k1 program checks the attestors' signatures, and a memo
// in the same transaction names the header. Everyone rebuilds the line of
// headers from the history of one lookup account; x/oracle/adr/002-checkpoints.md.
package solana

import (
	"bytes"
	"encoding/binary"
	"fmt"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	// packetSize is the largest transaction that Solana takes, in bytes.
	packetSize = 1232
	// partSize is how many bytes of a set one transaction carries.
	partSize = 644
	// maxParts carry a set of checkpoint.MaxMembers.
	maxParts = 9
	// maxBudgets is how many compute budget instructions a record may have.
	maxBudgets = 4
	// lookupSeed starts the seeds of the lookup account.
	lookupSeed = "cupel mirror v1"
)

// Lookup returns the account that every record of a home chain names: the
// memo program's derived address for "cupel mirror v1" and the domain's salt.
// Nobody holds a key for it.
func Lookup(domain checkpoint.Domain) (solanago.PublicKey, error) {
	salt := domain.Salt()
	key, _, err := solanago.FindProgramAddress([][]byte{[]byte(lookupSeed), salt[:]}, solanago.MemoProgramID)
	return key, err
}

// Budget is the compute budget of a transaction.
type Budget struct {
	// UnitPrice is the priority fee in micro-lamports per compute unit; 0 pays
	// none.
	UnitPrice uint64
}

// Compute units asked for. The older memo program takes up to 354 a byte (its
// documentation: 566 bytes of 200,000 units), the newer one about 1. Signatures
// of the secp256k1 program take none.
const (
	unitsBase    = 5_000
	unitsPerByte = 400
)

func (b Budget) instructions(memo string) []solanago.Instruction {
	limit := binary.LittleEndian.AppendUint32([]byte{2}, uint32(unitsBase+unitsPerByte*len(memo)))
	out := []solanago.Instruction{solanago.NewInstruction(solanago.ComputeBudget, nil, limit)}
	if b.UnitPrice > 0 {
		price := binary.LittleEndian.AppendUint64([]byte{3}, b.UnitPrice)
		out = append(out, solanago.NewInstruction(solanago.ComputeBudget, nil, price))
	}
	return out
}

// newRecord returns the unsigned transaction of a record. signed is empty for a
// memo of Members.
func newRecord(payer, lookup solanago.PublicKey, blockhash solanago.Hash, budget Budget, memo Memo, message []byte, signed []checkpoint.Signed) (*solanago.Transaction, error) {
	text := memo.String()
	instructions := budget.instructions(text)
	if memo.Kind == Members {
		transfer := binary.LittleEndian.AppendUint64([]byte{2, 0, 0, 0}, 0)
		instructions = append(instructions, solanago.NewInstruction(solanago.SystemProgramID, solanago.AccountMetaSlice{
			solanago.Meta(payer).SIGNER().WRITE(), solanago.Meta(lookup).WRITE(),
		}, transfer))
	} else {
		data := secpData(uint8(len(instructions)), message, signed)
		instructions = append(instructions, solanago.NewInstruction(solanago.Secp256k1ProgramID, solanago.AccountMetaSlice{solanago.Meta(lookup)}, data))
	}
	instructions = append(instructions, solanago.NewInstruction(solanago.MemoProgramID, nil, []byte(text)))
	return solanago.NewTransaction(instructions, blockhash, solanago.TransactionPayer(payer))
}

// record is a transaction that has the form of a record. Whether it is true,
// the line of headers decides.
type record struct {
	id      solanago.Signature
	payer   solanago.PublicKey
	memo    Memo
	message []byte
	signed  []checkpoint.Signed
}

// parseRecord reads a transaction as it is on chain. Its error is a rejection.
func parseRecord(raw []byte, lookup solanago.PublicKey) (record, error) {
	tx, err := parseTransaction(raw)
	if err != nil {
		return record{}, err
	}
	calls := tx.Message.Instructions
	budgets := 0
	for budgets < len(calls) && called(tx, budgets, solanago.ComputeBudget) && len(calls[budgets].Accounts) == 0 {
		budgets++
	}
	if budgets > maxBudgets || len(calls) != budgets+2 || !called(tx, budgets+1, solanago.MemoProgramID) || len(calls[budgets+1].Accounts) != 0 {
		return record{}, reject(ReasonProgram, "instructions are not compute budget, one proof and one memo")
	}
	memo, err := ParseMemo(string(calls[budgets+1].Data))
	if err != nil {
		return record{}, reject(ReasonMemo, err.Error())
	}
	out := record{id: tx.Signatures[0], payer: tx.Message.AccountKeys[0], memo: memo}
	if memo.Kind == Members {
		return out, parseTransfer(tx, budgets, lookup)
	}
	if !called(tx, budgets, solanago.Secp256k1ProgramID) {
		return record{}, reject(ReasonProgram, "the proof is not the secp256k1 program's")
	}
	if accounts := calls[budgets].Accounts; len(accounts) != 1 || tx.Message.AccountKeys[accounts[0]] != lookup {
		return record{}, reject(ReasonLookup, "the lookup account is not on the secp256k1 instruction")
	}
	out.message, out.signed, err = parseSecp(uint8(budgets), calls[budgets].Data)
	return out, err
}

// parseTransaction reads a legacy transaction with exactly one, valid,
// signature whose indices all lie inside.
func parseTransaction(raw []byte) (*solanago.Transaction, error) {
	if len(raw) > packetSize {
		return nil, reject(ReasonTransaction, fmt.Sprintf("%d bytes are more than %d", len(raw), packetSize))
	}
	tx, err := solanago.TransactionFromBytes(raw)
	if err != nil {
		return nil, reject(ReasonTransaction, err.Error())
	}
	again, err := tx.MarshalBinary()
	if err != nil || !bytes.Equal(again, raw) {
		return nil, reject(ReasonTransaction, "the encoding is not canonical")
	}
	m := &tx.Message
	if m.IsVersioned() || m.Header.NumRequiredSignatures != 1 || len(tx.Signatures) != 1 || len(m.AccountKeys) == 0 {
		return nil, reject(ReasonTransaction, "not a legacy transaction with one signature")
	}
	for _, call := range m.Instructions {
		for _, index := range append([]uint16{call.ProgramIDIndex}, call.Accounts...) {
			if int(index) >= len(m.AccountKeys) {
				return nil, reject(ReasonTransaction, "an account index lies outside")
			}
		}
	}
	if err := tx.VerifySignatures(); err != nil {
		return nil, reject(ReasonTransaction, err.Error())
	}
	return tx, nil
}

// parseTransfer checks that the instruction is a transfer of nothing from the
// payer to the lookup account.
func parseTransfer(tx *solanago.Transaction, index int, lookup solanago.PublicKey) error {
	call, keys := tx.Message.Instructions[index], tx.Message.AccountKeys
	nothing := binary.LittleEndian.AppendUint64([]byte{2, 0, 0, 0}, 0)
	if !called(tx, index, solanago.SystemProgramID) || !bytes.Equal(call.Data, nothing) || len(call.Accounts) != 2 {
		return reject(ReasonProgram, "members are not on a transfer of nothing")
	}
	if keys[call.Accounts[0]] != keys[0] || keys[call.Accounts[1]] != lookup {
		return reject(ReasonLookup, "the transfer is not from the payer to the lookup account")
	}
	return nil
}

func called(tx *solanago.Transaction, index int, program solanago.PublicKey) bool {
	return tx.Message.AccountKeys[tx.Message.Instructions[index].ProgramIDIndex] == program
}
