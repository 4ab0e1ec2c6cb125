// SPDX-License-Identifier: Apache-2.0

package solana

import "errors"

// Reason is why a transaction at the lookup account is no record. Anyone can
// send there, so each is counted and none is an error.
type Reason string

// The reasons, in the order of the checks.
const (
	// ReasonFailed: the runtime refused the transaction.
	ReasonFailed Reason = "failed"
	// ReasonTransaction: not a legacy transaction with one valid signature.
	ReasonTransaction Reason = "transaction"
	// ReasonProgram: the instructions are not those of a record, by program,
	// number or accounts.
	ReasonProgram Reason = "program"
	// ReasonLookup: the lookup account is not where a record has it.
	ReasonLookup Reason = "lookup"
	// ReasonIndex: a signature is checked against another instruction.
	ReasonIndex Reason = "index"
	// ReasonLayout: the secp256k1 data has another layout.
	ReasonLayout Reason = "layout"
	// ReasonMemo: the memo is none of the three.
	ReasonMemo Reason = "memo"
	// ReasonStale: the set was too old when the record was made.
	ReasonStale Reason = "stale"
	// ReasonDuplicate: the nonce is recorded, or no signer is new.
	ReasonDuplicate Reason = "duplicate"
	// ReasonOrder: the nonce is ahead of the line.
	ReasonOrder Reason = "order"
	// ReasonForged: the signed message is not that of the memo's header.
	ReasonForged Reason = "forged"
	// ReasonSignature: a signature is malleable or not by its address.
	ReasonSignature Reason = "signature"
	// ReasonSigner: a signer is not in the set, or named twice.
	ReasonSigner Reason = "signer"
	// ReasonPower: the memo's power is not that of the signers.
	ReasonPower Reason = "power"
	// ReasonMembers: parts of a set that do not have the hash they name.
	ReasonMembers Reason = "members"
)

// rejection is the error of a transaction that is no record.
type rejection struct {
	reason Reason
	text   string
}

func (r *rejection) Error() string { return string(r.reason) + ": " + r.text }

func reject(reason Reason, text string) error { return &rejection{reason, text} }

// reasonOf returns the reason of a rejection, empty for no error.
func reasonOf(err error) Reason {
	var r *rejection
	if errors.As(err, &r) {
		return r.reason
	}
	return ""
}
