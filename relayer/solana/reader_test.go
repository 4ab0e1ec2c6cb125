// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/solana/svm"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// memoV1 is the program that the memo program replaced.
var memoV1 = solanago.MustPublicKeyFromBase58("Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo")

// attack is a true record, of all four members of a set, to be changed.
type attack struct {
	home   *home
	signer Signer
	lookup solanago.PublicKey
	entry  mirror.Entry
	signed []checkpoint.Signed
	// The instructions: compute budget, proof, memo.
	budget, proof, memo *solanago.GenericInstruction
}

func newAttack(t *testing.T, h *home, signer Signer) *attack {
	t.Helper()
	lookup, err := Lookup(h.domain)
	require.NoError(t, err)
	header := h.header()
	a := &attack{home: h, signer: signer, lookup: lookup, entry: mirror.Entry{Header: header, Set: h.set}, signed: h.sign(header)}
	a.rebuild(t)
	return a
}

// rebuild makes the instructions of entry and signed.
func (a *attack) rebuild(t *testing.T) {
	t.Helper()
	all := recordOf(t, a.signer, a.entry, a.signed)
	a.budget, a.proof, a.memo = all[0].(*solanago.GenericInstruction), all[1].(*solanago.GenericInstruction), all[2].(*solanago.GenericInstruction)
}

func (a *attack) say(memo Memo) { a.memo.DataBytes = []byte(memo.String()) }

// elsewhere makes the runtime check a stranger's signature that lies behind the
// compute budget instead of the attestors' signatures that the proof shows.
func (a *attack) elsewhere(t *testing.T) {
	t.Helper()
	a.entry.Header.Root = checkpoint.Keccak256([]byte("forged"))
	a.rebuild(t)
	stranger := newHome(1)
	stranger.set.Members[0].Power = 40
	message := []byte("anything that the stranger signs")
	digest := checkpoint.Keccak256(message)
	var address checkpoint.Address
	var signature checkpoint.Signature
	for known, key := range stranger.keys {
		address, signature = known, checkpoint.Sign(key, digest)
	}
	at := len(a.budget.DataBytes)
	payload := slices.Concat(address[:], signature[:64], []byte{signature[64] - 27}, message)
	a.budget.DataBytes = append(a.budget.DataBytes, payload...)
	for i := range a.signed {
		offsets := a.proof.DataBytes[1+i*offsetsSize:]
		binary.LittleEndian.PutUint16(offsets[0:], uint16(at+addressSize))
		binary.LittleEndian.PutUint16(offsets[3:], uint16(at))
		binary.LittleEndian.PutUint16(offsets[6:], uint16(at+addressSize+signatureSize))
		binary.LittleEndian.PutUint16(offsets[8:], uint16(len(message)))
		offsets[2], offsets[5], offsets[10] = 0, 0, 0
	}
}

// malleable replaces the first signature by the other one of the same key.
func (a *attack) malleable(t *testing.T) {
	t.Helper()
	var s secp256k1.ModNScalar
	s.SetByteSlice(a.signed[0].Signature[32:64])
	high := s.Negate().Bytes()
	copy(a.signed[0].Signature[32:64], high[:])
	a.signed[0].Signature[64] ^= 27 ^ 28
	a.rebuild(t)
}

func TestReaderRejects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(t *testing.T, a *attack)
		want   Reason
	}{
		"flipped bit of a signature":        {func(_ *testing.T, a *attack) { a.proof.DataBytes[1+4*offsetsSize+addressSize+3] ^= 1 }, ReasonFailed},
		"flipped bit of the message":        {func(_ *testing.T, a *attack) { a.proof.DataBytes[len(a.proof.DataBytes)-1] ^= 1 }, ReasonFailed},
		"flipped bit of an address":         {func(_ *testing.T, a *attack) { a.proof.DataBytes[1+4*offsetsSize] ^= 1 }, ReasonFailed},
		"signatures of another instruction": {func(t *testing.T, a *attack) { a.elsewhere(t) }, ReasonIndex},
		"one signature checked twice": {func(_ *testing.T, a *attack) {
			copy(a.proof.DataBytes[1+offsetsSize:], a.proof.DataBytes[1:1+offsetsSize])
			a.proof.DataBytes[1+4*offsetsSize+addressSize+signatureSize] ^= 1
		}, ReasonLayout},
		"bytes behind the message": {func(_ *testing.T, a *attack) { a.proof.DataBytes = append(a.proof.DataBytes, 0) }, ReasonLayout},
		"lookup account is not first": {func(_ *testing.T, a *attack) {
			a.proof.AccountValues = solanago.AccountMetaSlice{solanago.Meta(memoV1), solanago.Meta(a.lookup)}
		}, ReasonLookup},
		"lookup account on the budget only": {func(_ *testing.T, a *attack) {
			a.budget.AccountValues, a.proof.AccountValues = a.proof.AccountValues, solanago.AccountMetaSlice{solanago.Meta(memoV1)}
		}, ReasonProgram},
		"proof by another program": {func(_ *testing.T, a *attack) {
			a.budget.AccountValues = a.proof.AccountValues
			*a.proof = *solanago.NewInstruction(solanago.MemoProgramID, nil, []byte("proof"))
		}, ReasonProgram},
		"members without a transfer": {func(_ *testing.T, a *attack) { a.say(memberMemos(a.home.set)[0]) }, ReasonProgram},
		"memo by another program":    {func(_ *testing.T, a *attack) { a.memo.ProgID = memoV1 }, ReasonProgram},
		"memo is garbage":            {func(_ *testing.T, a *attack) { a.memo.DataBytes = []byte("gm") }, ReasonMemo},
		"memo has a leading zero": {func(_ *testing.T, a *attack) {
			a.memo.DataBytes = append([]byte("cupel1:c:0"), a.memo.DataBytes[len("cupel1:c:"):]...)
		}, ReasonMemo},
		"memo of another root": {func(_ *testing.T, a *attack) {
			header := a.entry.Header
			header.Root = checkpoint.Keccak256([]byte("forged"))
			a.say(headerMemo(header, 40))
		}, ReasonForged},
		"set change that was not signed": {func(_ *testing.T, a *attack) {
			a.say(Memo{Kind: SetChange, Nonce: 1, Height: 100, NextSet: checkpoint.Keccak256([]byte("forged")), Power: 40})
		}, ReasonForged},
		"more power than the signers have": {func(_ *testing.T, a *attack) { a.say(headerMemo(a.entry.Header, 41)) }, ReasonPower},
		"nonce ahead": {func(t *testing.T, a *attack) {
			a.entry.Header.Nonce++
			a.signed = a.home.sign(a.entry.Header)
			a.rebuild(t)
		}, ReasonOrder},
		"signed by strangers": {func(t *testing.T, a *attack) {
			a.home.newSet(3)
			stranger := &home{domain: a.home.domain, keys: a.home.keys, set: a.home.newSet(4)}
			a.signed = stranger.sign(a.entry.Header)
			a.rebuild(t)
			a.say(headerMemo(a.entry.Header, 40))
		}, ReasonSigner},
		"one member twice": {func(t *testing.T, a *attack) {
			a.signed[1] = a.signed[0]
			a.rebuild(t)
		}, ReasonSigner},
		"malleable signature": {func(t *testing.T, a *attack) { a.malleable(t) }, ReasonSignature},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, h := newLedger(t, svm.Options{}), newHome(4)
			anchor, signer := h.anchor(), l.payer(t, "stranger")
			a := newAttack(t, h, signer)
			tc.change(t, a)
			status := l.settle(t, l.send(t, signer, a.budget, a.proof, a.memo))
			require.Equal(t, tc.want == ReasonFailed, status.Failed, "what the runtime says")

			chain := l.chain(t, anchor, Confirmed)
			require.Equal(t, map[Reason]uint64{tc.want: 1}, chain.Rejected)
			require.Zero(t, chain.Nonce)
			submit(t, l.target(t, anchor, l.payer(t, "payer"), openBook(t)), h.checkpoint())
		})
	}
}

func TestReaderDuplicates(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(20)
	anchor, signer := h.anchor(), l.payer(t, "payer")
	header := h.header()
	entry := mirror.Entry{Header: header, Set: h.set}
	all := h.sign(header)
	for _, signed := range [][]checkpoint.Signed{all[:8], all[:8], all[4:8], all[6:14]} {
		l.settle(t, l.send(t, signer, recordOf(t, signer, entry, signed)...))
		l.settle(t, l.send(t, signer, solanago.NewInstruction(solanago.SystemProgramID, solanago.AccountMetaSlice{
			solanago.Meta(signer.Address()).SIGNER().WRITE(), solanago.Meta(signer.Address()).WRITE(),
		}, binary.LittleEndian.AppendUint64([]byte{2, 0, 0, 0}, 1)))) // another blockhash
	}
	chain := l.chain(t, anchor, Confirmed)
	require.Equal(t, uint64(1), chain.Nonce)
	require.Len(t, chain.Headers[0].Transactions, 2)
	require.Len(t, chain.Headers[0].Signatures, 14)
	require.Equal(t, map[Reason]uint64{ReasonDuplicate: 2}, chain.Rejected)
}

// part returns the instructions of a member part.
func partOf(t *testing.T, signer Signer, memo Memo) []solanago.Instruction {
	t.Helper()
	lookup, err := Lookup(checkpoint.NewDomain(testChain))
	require.NoError(t, err)
	text := memo.String()
	return append(Budget{}.instructions(text),
		solanago.NewInstruction(solanago.SystemProgramID, solanago.AccountMetaSlice{
			solanago.Meta(signer.Address()).SIGNER().WRITE(), solanago.Meta(lookup).WRITE(),
		}, binary.LittleEndian.AppendUint64([]byte{2, 0, 0, 0}, 0)),
		solanago.NewInstruction(solanago.MemoProgramID, nil, []byte(text)))
}

func TestReaderMembers(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor := h.anchor()
	honest, stranger := l.payer(t, "honest"), l.payer(t, "stranger")
	change := h.change(40)
	parts, other := memberMemos(*change.Next), memberMemos(h.newSet(40))
	require.Len(t, parts, 2)

	forged := other[1]
	forged.NextSet = parts[0].NextSet
	send := func(signer Signer, memo Memo) { l.settle(t, l.send(t, signer, partOf(t, signer, memo)...)) }
	send(honest, parts[0])
	send(stranger, parts[0])
	send(stranger, forged)
	send(stranger, parts[1]) // its first part is gone
	require.Equal(t, map[Reason]uint64{ReasonMembers: 1}, l.chain(t, anchor, Confirmed).Rejected)

	l.settle(t, l.send(t, honest, recordOf(t, honest, change, change.Signatures)...))
	require.Zero(t, l.chain(t, anchor, Confirmed).Nonce, "the members are not complete")
	send(honest, parts[1])
	chain := l.chain(t, anchor, Confirmed)
	require.Equal(t, uint64(1), chain.Nonce)
	require.Equal(t, change, chain.Headers[0].Entry)
}

// counted counts the calls of an endpoint.
type counted struct {
	RPC
	lists *int
}

func (c counted) Signatures(ctx context.Context, account solanago.PublicKey, before solanago.Signature, limit int, level Commitment) ([]Listing, error) {
	*c.lists++
	return c.RPC.Signatures(ctx, account, before, limit, level)
}

// A reader that reads now and then sees what a new reader sees, over more
// transactions than a page holds.
func TestReaderPages(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{SlotTime: 5 * 1e6}), newHome(4)
	anchor, signer := h.anchor(), l.payer(t, "payer")
	target := l.target(t, anchor, signer, openBook(t))
	lists := 0
	reader, err := NewReader(counted{RPC: l.client, lists: &lists}, anchor)
	require.NoError(t, err)

	const spam, checkpoints = 1100, 4
	var last solanago.Signature
	for i := range spam {
		instructions := partOf(t, signer, memberMemos(h.set)[0])
		instructions[2] = solanago.NewInstruction(solanago.MemoProgramID, nil, fmt.Appendf(nil, "spam %d", i))
		last = l.send(t, signer, instructions...)
		if i%(spam/checkpoints) == 0 {
			submit(t, target, h.checkpoint())
			_, err := reader.Read(t.Context(), Finalized)
			require.NoError(t, err)
		}
	}
	l.settle(t, last)
	require.Eventually(t, func() bool {
		_, err := reader.Read(t.Context(), Finalized)
		require.NoError(t, err)
		return reader.cursor.Signature == last
	}, 10*1e9, 20*1e6)
	chain, err := reader.Read(t.Context(), Confirmed)
	require.NoError(t, err)
	require.Equal(t, uint64(checkpoints), chain.Nonce)
	require.Equal(t, map[Reason]uint64{ReasonMemo: spam}, chain.Rejected)
	fresh := l.chain(t, anchor, Finalized)
	require.Equal(t, chain.Headers, fresh.Headers)
	require.Equal(t, chain.Rejected, fresh.Rejected)
	lists = 0
	_, err = reader.Read(t.Context(), Confirmed)
	require.NoError(t, err)
	require.Equal(t, 1, lists, "only the newest page is read again")

	h.nonce, h.root = chain.Headers[1].Header.Nonce, chain.Headers[1].Header.Root
	later := l.chain(t, h.anchor(), Finalized)
	require.Equal(t, chain.Headers[2:], later.Headers, "from a later anchor")
}
