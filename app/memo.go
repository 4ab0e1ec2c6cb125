// SPDX-License-Identifier: Apache-2.0

package app

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
)

// memoEntries is how many transactions a generation of the memo holds: more
// than a full mempool of a node.
const memoEntries = 16_384

// memoDomain keeps the memo's keys apart from every other hash.
const memoDomain = "cupel/verified-signatures/v1"

// memoKey is the hash of all that decides whether a transaction's signatures
// are valid.
type memoKey [sha256.Size]byte

// signatureMemo remembers transactions whose signatures were found valid. It
// holds at most two generations of entries: a full one replaces the one before.
// It knows no failures and is no part of the state. See ADR-003.
type signatureMemo struct {
	mu           sync.Mutex
	limit        int
	young, older map[memoKey]struct{}
}

func newSignatureMemo(limit int) *signatureMemo {
	return &signatureMemo{limit: limit, young: map[memoKey]struct{}{}}
}

// has reports whether the signatures were found valid, and keeps what is in use.
func (m *signatureMemo) has(key memoKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.young[key]; ok {
		return true
	}
	_, ok := m.older[key]
	if ok {
		m.put(key)
	}
	return ok
}

func (m *signatureMemo) add(key memoKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key)
}

func (m *signatureMemo) put(key memoKey) {
	if m.limit <= 0 {
		return
	}
	if len(m.young) >= m.limit {
		m.older, m.young = m.young, make(map[memoKey]struct{}, m.limit)
	}
	m.young[key] = struct{}{}
}

func (m *signatureMemo) size() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.young) + len(m.older)
}

// memoDecorator runs the decorator that verifies signatures, without the
// verification itself where CheckTx has done it for the same bytes, keys
// and account numbers. Everything else that decorator does, and the
// gas, which another one charges, stays as it is.
type memoDecorator struct {
	memo     *signatureMemo
	accounts authkeeper.AccountKeeper
	verify   sdk.AnteDecorator
}

// AnteHandle implements sdk.AnteDecorator.
func (d memoDecorator) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	// In these cases nothing is verified: there is nothing to save or to learn.
	if simulate || ctx.IsReCheckTx() || !ctx.IsSigverifyTx() {
		return d.verify.AnteHandle(ctx, tx, simulate, next)
	}
	key, ok := d.key(ctx, tx)
	known := ok && d.memo.has(key)
	return d.verify.AnteHandle(ctx.WithIsSigverifyTx(!known), tx, simulate, func(ctx sdk.Context, tx sdk.Tx, simulate bool) (sdk.Context, error) {
		// Reached only with valid signatures. Blocks teach nothing: what they
		// verify is not seen again.
		if ok && !known && ctx.IsCheckTx() {
			d.memo.add(key)
		}
		return next(ctx.WithIsSigverifyTx(true), tx, simulate)
	})
}

// key hashes the transaction, the chain and, of each signer, what its signature
// is verified against. It returns false where validity depends on more: a
// textual signature is over the metadata of denoms.
func (d memoDecorator) key(ctx sdk.Context, tx sdk.Tx) (key memoKey, ok bool) {
	signed, ok := tx.(authsigning.SigVerifiableTx)
	if !ok || len(ctx.TxBytes()) == 0 {
		return key, false
	}
	signers, err := signed.GetSigners()
	if err != nil {
		return key, false
	}
	signatures, err := signed.GetSignaturesV2()
	if err != nil || len(signatures) != len(signers) {
		return key, false
	}
	// Reading accounts must cost a transaction nothing: gas is consensus.
	free := ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
	preimage := fields(nil, []byte(memoDomain), []byte(ctx.ChainID()), ctx.TxBytes())
	for i, signer := range signers {
		account := d.accounts.GetAccount(free, signer)
		if account == nil || account.GetPubKey() == nil || !plain(signatures[i].Data) {
			return key, false
		}
		number := account.GetAccountNumber()
		if ctx.BlockHeight() == 0 {
			number = 0 // what signatures of a genesis are over
		}
		public := account.GetPubKey()
		preimage = fields(preimage, signer, []byte(public.Type()), public.Bytes())
		preimage = binary.BigEndian.AppendUint64(preimage, number)
	}
	return sha256.Sum256(preimage), true
}

// fields appends byte strings with their lengths.
func fields(to []byte, all ...[]byte) []byte {
	for _, field := range all {
		to = append(binary.BigEndian.AppendUint64(to, uint64(len(field))), field...)
	}
	return to
}

// plain reports whether a signature's validity depends on nothing but the
// transaction's bytes and the signer's account.
func plain(data signing.SignatureData) bool {
	single, ok := data.(*signing.SingleSignatureData)
	if !ok {
		return false
	}
	switch single.SignMode {
	case signing.SignMode_SIGN_MODE_DIRECT, signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON:
		return true
	default:
		return false
	}
}
