// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"bytes"
	"math/big"
	"slices"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// malleate turns a signature into the other one of the same message.
func malleate(signature []byte) []byte {
	s := new(big.Int).SetBytes(signature[32:64])
	s.Sub(secp256k1.S256().N, s).FillBytes(signature[32:64])
	signature[64] = 27 + 28 - signature[64]
	return signature
}

func TestAttest(t *testing.T) {
	type edit = func(w *world, m *types.MsgAttest)
	sign := func(w *world, change func(h *checkpoint.Header), domain checkpoint.Domain) []byte {
		h := w.header(1)
		change(&h)
		signature := checkpoint.Sign(w.vals[0].key, domain.Digest(h))
		return signature[:]
	}
	nothing := func(*checkpoint.Header) {}
	tests := map[string]struct {
		edit edit
		err  error
	}{
		"valid": {edit: func(*world, *types.MsgAttest) {}},
		"two headers": {edit: func(w *world, m *types.MsgAttest) {
			m.Attestations = append(m.Attestations, w.attestation(w.vals[0].key, 2))
		}},
		"one of two": {edit: func(_ *world, m *types.MsgAttest) {
			m.Attestations = append(m.Attestations, types.Attestation{Nonce: 99})
		}},
		"twice in one":    {edit: func(_ *world, m *types.MsgAttest) { m.Attestations = append(m.Attestations, m.Attestations[0]) }},
		"no account":      {edit: func(_ *world, m *types.MsgAttest) { m.Account = "" }, err: sdkerrors.ErrInvalidAddress},
		"by the operator": {edit: func(w *world, m *types.MsgAttest) { m.Account = w.vals[0].operator.String() }, err: types.ErrUnknownAttestor},
		"by another":      {edit: func(w *world, m *types.MsgAttest) { m.Account = w.vals[1].account.String() }, err: types.ErrWrongAccount},
		"empty":           {edit: func(_ *world, m *types.MsgAttest) { m.Attestations = nil }, err: types.ErrInvalidAttest},
		"nine": {edit: func(_ *world, m *types.MsgAttest) {
			for range 8 {
				m.Attestations = append(m.Attestations, m.Attestations[0])
			}
		}, err: types.ErrInvalidAttest},
		"nonce 0":         {edit: func(_ *world, m *types.MsgAttest) { m.Attestations[0].Nonce = 0 }, err: types.ErrUnknownCheckpoint},
		"unknown nonce":   {edit: func(_ *world, m *types.MsgAttest) { m.Attestations[0].Nonce = 3 }, err: types.ErrUnknownCheckpoint},
		"swapped nonce":   {edit: func(_ *world, m *types.MsgAttest) { m.Attestations[0].Nonce = 2 }, err: types.ErrNotMember},
		"no signature":    {edit: func(_ *world, m *types.MsgAttest) { m.Attestations[0].Signature = nil }, err: types.ErrInvalidKey},
		"short signature": {edit: func(_ *world, m *types.MsgAttest) { m.Attestations[0].Signature = m.Attestations[0].Signature[1:] }, err: types.ErrInvalidKey},
		"long signature": {edit: func(_ *world, m *types.MsgAttest) {
			m.Attestations[0].Signature = append(m.Attestations[0].Signature, 0)
		}, err: types.ErrInvalidKey},
		"v 0":            {edit: func(_ *world, m *types.MsgAttest) { m.Attestations[0].Signature[64] -= 27 }, err: types.ErrInvalidKey},
		"high s":         {edit: func(_ *world, m *types.MsgAttest) { malleate(m.Attestations[0].Signature) }, err: types.ErrInvalidKey},
		"zero":           {edit: func(_ *world, m *types.MsgAttest) { m.Attestations[0].Signature = make([]byte, 65) }, err: types.ErrInvalidKey},
		"stranger's key": {edit: func(w *world, m *types.MsgAttest) { m.Attestations[0] = w.attestation(newKey("stranger"), 1) }, err: types.ErrNotMember},
		"forged root": {edit: func(w *world, m *types.MsgAttest) {
			m.Attestations[0].Signature = sign(w, func(h *checkpoint.Header) { h.Root[0] ^= 1 }, w.domain)
		}, err: types.ErrNotMember},
		"other chain": {edit: func(w *world, m *types.MsgAttest) {
			m.Attestations[0].Signature = sign(w, nothing, checkpoint.NewDomain("cupel-other-1"))
		}, err: types.ErrNotMember},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := attesting(t, 100, 100, 100)
			w.checkpointed(1)
			w.checkpointed(1)
			msg := &types.MsgAttest{Account: w.vals[0].account.String(), Attestations: []types.Attestation{w.attestation(w.vals[0].key, 1)}}
			tc.edit(w, msg)
			err := w.send(msg)
			require.ErrorIs(t, err, tc.err)
			require.NoError(t, w.k.CheckInvariants(w.ctx))
			want := uint64(100)
			if tc.err != nil {
				want = 0
			}
			require.Equal(t, want, w.checkpoint(1).SignedPower)
		})
	}
}

// A second, different signature of the same header by the same key adds nothing.
func TestAttestTwice(t *testing.T) {
	w := attesting(t, 100, 100)
	w.checkpointed(1)
	require.NoError(t, w.attest(0, 1))
	require.ErrorIs(t, w.attest(0, 1), types.ErrAlreadySigned)
	require.EqualValues(t, 100, w.checkpoint(1).SignedPower)

	// With something new the repeat is skipped.
	w.checkpointed(1)
	res, err := w.msgs.Attest(w.ctx, &types.MsgAttest{Account: w.vals[0].account.String(), Attestations: []types.Attestation{
		w.attestation(w.vals[0].key, 1), w.attestation(w.vals[0].key, 2),
	}})
	require.NoError(t, err)
	require.EqualValues(t, 1, res.Stored)
}

func TestAttestAfterSealing(t *testing.T) {
	w := attesting(t, 100, 100, 100, 100)
	w.checkpointed(1)
	w.attestAll(1, 0, 1, 2)
	w.next()
	require.EqualValues(t, 1, w.line().SealedNonce)
	w.nexts(2) // the last block of the grace
	ctx, _ := w.ctx.CacheContext()
	_, err := w.msgs.Attest(ctx, &types.MsgAttest{Account: w.vals[3].account.String(), Attestations: []types.Attestation{w.attestation(w.vals[3].key, 1)}})
	require.NoError(t, err)
	w.next()
	require.ErrorIs(t, w.attest(3, 1), types.ErrHeaderClosed)
}

func TestTombstonedDoNotAttest(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.checkpointed(1)
	require.NoError(t, w.accuse(0, func(h *checkpoint.Header) { h.Root[0] ^= 1 }))
	require.ErrorIs(t, w.attest(0, 1), types.ErrTombstoned)
	require.ErrorIs(t, w.register(0), types.ErrTombstoned)
	require.ErrorIs(t, w.rotate(0, newKey("fresh")), types.ErrTombstoned)
}

// A member that unbonds owes its signatures until its set is replaced.
func TestUnbondingMemberSigns(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.undelegate(0, 100)
	w.next()
	v, err := w.staking.GetValidator(w.ctx, sdk.ValAddress(w.vals[0].operator))
	require.NoError(t, err)
	require.True(t, v.IsUnbonding())
	nonce := w.checkpointed(1)
	duties, err := w.reads.Duties(w.ctx, &types.QueryDutiesRequest{Account: w.vals[0].account.String()})
	require.NoError(t, err)
	require.NotEmpty(t, duties.Duties)
	w.attestAll(nonce, 0, 1, 2)
	w.next()
	require.GreaterOrEqual(t, w.line().SealedNonce, nonce)
}

// The gas of a signature is bounded, even if each is by a set of its own with
// 200 members: below what a free transaction must bring per signature.
func TestAttestGas(t *testing.T) {
	w := attesting(t, 100)
	w.setParams(func(p *types.Params) { p.CheckpointBlocks = 1 })
	for range 8 {
		w.settle(1)
		w.next()
	}
	// Sets as large as they can be, in which the one attestor is a member.
	large := w.set(1)
	for i := range checkpoint.MaxMembers - 1 {
		large.Members = append(large.Members, checkpoint.Member{Address: checkpoint.KeyAddress(newKey("member%d", i).PubKey()), Power: 1 << 40})
	}
	slices.SortFunc(large.Members, func(a, b checkpoint.Member) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	for nonce := uint64(1); nonce <= 8; nonce++ {
		c := w.checkpoint(nonce)
		c.SetId = nonce
		require.NoError(t, w.k.Checkpoints.Set(w.ctx, nonce, c))
		large.ID = nonce
		require.NoError(t, w.k.Sets.Set(w.ctx, nonce, types.NewAttestorSet(large, 1, 0, 1)))
	}
	gas := func(nonces ...uint64) uint64 {
		w.ctx = w.ctx.WithGasMeter(newGasMeter())
		require.NoError(t, w.attest(0, nonces...))
		return w.ctx.GasMeter().GasConsumed()
	}
	seven, one := gas(1, 2, 3, 4, 5, 6, 7), gas(8)
	t.Logf("sets of 200: 7 signatures %d gas, 1 signature %d gas", seven, one)
	require.Less(t, seven, uint64(7*70_000))
	require.Less(t, one, uint64(70_000))
}

func TestFeeExempt(t *testing.T) {
	attest := func(w *world, i int, nonces ...uint64) *types.MsgAttest {
		m := &types.MsgAttest{Account: w.vals[i].account.String()}
		for _, nonce := range nonces {
			m.Attestations = append(m.Attestations, w.attestation(w.vals[i].key, nonce))
		}
		return m
	}
	tests := map[string]struct {
		msgs func(w *world) []sdk.Msg
		free bool
	}{
		"one slot":          {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0, 1)} }, free: true},
		"two slots":         {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0, 1, 2)} }, free: true},
		"two messages":      {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0, 1), attest(w, 0, 2)} }, free: true},
		"nothing":           {msgs: func(*world) []sdk.Msg { return nil }},
		"no attestation":    {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0)} }},
		"twice":             {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0, 1, 1)} }},
		"twice in messages": {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0, 1), attest(w, 0, 1)} }},
		"two accounts":      {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0, 1), attest(w, 1, 1)} }},
		"filled":            {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 2, 1)} }},
		"one filled":        {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 2, 1, 2)} }},
		"not a member":      {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 3, 1)} }},
		"not an attestor": {msgs: func(w *world) []sdk.Msg {
			m := attest(w, 0, 1)
			m.Account = named("nobody").String()
			return []sdk.Msg{m}
		}},
		"forged": {msgs: func(w *world) []sdk.Msg {
			m := attest(w, 0, 1)
			m.Attestations[0].Signature[5] ^= 1
			return []sdk.Msg{m}
		}},
		"mixed": {msgs: func(w *world) []sdk.Msg { return []sdk.Msg{attest(w, 0, 1), &types.MsgForceSeal{}} }},
		"other": {msgs: func(*world) []sdk.Msg { return []sdk.Msg{&types.MsgSubmitEvidence{}} }},
		"malformed account": {msgs: func(w *world) []sdk.Msg {
			return []sdk.Msg{&types.MsgAttest{Account: "x", Attestations: attest(w, 0, 1).Attestations}}
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := attesting(t, 100, 100, 100)
			w.checkpointed(1)
			w.checkpointed(1)
			require.NoError(t, w.attest(2, 1))
			w.addValidator(1)
			w.next()
			require.NoError(t, w.register(3))
			msgs := tc.msgs(w)
			require.Equal(t, tc.free, w.k.FeeExempt(w.ctx, msgs))
			require.Equal(t, tc.free, w.k.FeeExempt(w.ctx, msgs), "it takes no slot in a block")

			check := w.ctx.WithIsCheckTx(true)
			require.Equal(t, tc.free, w.k.FeeExempt(check, msgs))
			require.False(t, w.k.FeeExempt(check, msgs), "CheckTx has taken the slot")
		})
	}
}
