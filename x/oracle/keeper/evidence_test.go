// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"
	"time"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func newGasMeter() storetypes.GasMeter { return storetypes.NewGasMeter(10_000_000) }

// accusation is evidence that a validator has signed a changed header 1.
func (w *world) accusation(i int, change func(h *checkpoint.Header)) *types.MsgSubmitEvidence {
	w.t.Helper()
	h := w.header(1)
	change(&h)
	signature := checkpoint.Sign(w.vals[i].key, w.domain.Digest(h))
	return &types.MsgSubmitEvidence{Submitter: named("anyone").String(), Header: types.NewHeader(h), Signature: signature[:]}
}

func (w *world) accuse(i int, change func(h *checkpoint.Header)) error {
	return w.show(w.accusation(i, change))
}

func (w *world) show(msg *types.MsgSubmitEvidence) error {
	return w.deliver(func(ctx sdk.Context) error {
		_, err := w.msgs.SubmitEvidence(ctx, msg)
		return err
	})
}

func TestSubmitEvidence(t *testing.T) {
	forge := func(h *checkpoint.Header) { h.Root[0] ^= 1 }
	message := func(edit func(w *world, m *types.MsgSubmitEvidence)) func(w *world) *types.MsgSubmitEvidence {
		return func(w *world) *types.MsgSubmitEvidence {
			m := w.accusation(0, forge)
			edit(w, m)
			return m
		}
	}
	header := func(change func(h *checkpoint.Header)) func(w *world) *types.MsgSubmitEvidence {
		return func(w *world) *types.MsgSubmitEvidence { return w.accusation(0, change) }
	}
	tests := map[string]struct {
		msg func(w *world) *types.MsgSubmitEvidence
		err error
	}{
		"another root":       {msg: header(forge)},
		"another height":     {msg: header(func(h *checkpoint.Header) { h.Height++ })},
		"another leaf count": {msg: header(func(h *checkpoint.Header) { h.LeafCount++ })},
		"another set":        {msg: header(func(h *checkpoint.Header) { h.Set[0] ^= 1 })},
		"another next set":   {msg: header(func(h *checkpoint.Header) { h.NextSet[0] ^= 1 })},
		"another prev root":  {msg: header(func(h *checkpoint.Header) { h.PrevRoot[0] ^= 1 })},
		"a nonce to come":    {msg: header(func(h *checkpoint.Header) { h.Nonce = 1_000 })},
		"nonce 0":            {msg: header(func(h *checkpoint.Header) { h.Nonce = 0 })},
		"nothing of a line":  {msg: header(func(h *checkpoint.Header) { *h = checkpoint.Header{} })},
		"the chain's header": {msg: header(func(*checkpoint.Header) {}), err: types.ErrNoOffence},
		"by a stranger": {msg: message(func(w *world, m *types.MsgSubmitEvidence) {
			h, err := m.Header.Decode()
			require.NoError(w.t, err)
			signature := checkpoint.Sign(newKey("stranger"), w.domain.Digest(h))
			m.Signature = signature[:]
		}), err: types.ErrUnknownAttestor},
		"of another chain": {msg: message(func(w *world, m *types.MsgSubmitEvidence) {
			h, err := m.Header.Decode()
			require.NoError(w.t, err)
			signature := checkpoint.Sign(w.vals[0].key, checkpoint.NewDomain("cupel-other-1").Digest(h))
			m.Signature = signature[:]
		}), err: types.ErrUnknownAttestor},
		"no submitter":    {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Submitter = "" }), err: sdkerrors.ErrInvalidAddress},
		"no header":       {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Header = types.Header{} }), err: types.ErrInvalidHeader},
		"short root":      {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Header.Root = m.Header.Root[1:] }), err: types.ErrInvalidHeader},
		"long prev root":  {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Header.PrevRoot = append(m.Header.PrevRoot, 0) }), err: types.ErrInvalidHeader},
		"no set":          {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Header.Set = nil }), err: types.ErrInvalidHeader},
		"no next set":     {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Header.NextSet = nil }), err: types.ErrInvalidHeader},
		"no signature":    {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Signature = nil }), err: types.ErrInvalidKey},
		"long signature":  {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Signature = append(m.Signature, 0) }), err: types.ErrInvalidKey},
		"empty signature": {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { m.Signature = make([]byte, 65) }), err: types.ErrInvalidKey},
		"high s":          {msg: message(func(_ *world, m *types.MsgSubmitEvidence) { malleate(m.Signature) }), err: types.ErrInvalidKey},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := attesting(t, 100, 100, 100)
			w.checkpointed(1)
			require.NoError(t, w.attest(0, 1))
			err := w.show(tc.msg(w))
			require.ErrorIs(t, err, tc.err)
			require.NoError(t, w.k.CheckInvariants(w.ctx))
			if tc.err != nil {
				require.EqualValues(t, 100_000_000, w.tokens(0))
				require.False(t, w.attestor(0).Tombstoned)
				return
			}
			w.requirePunished(0, 95_000_000)
			require.ErrorIs(t, w.show(tc.msg(w)), types.ErrTombstoned, "once per operator")
		})
	}
}

func (w *world) requirePunished(i int, tokens int64) {
	w.t.Helper()
	require.Equal(w.t, tokens, w.tokens(i), "equivocation_slash_bps of the stake")
	require.True(w.t, w.attestor(i).Tombstoned)
	require.False(w.t, w.attestor(i).Active)
	require.True(w.t, w.slashing.IsTombstoned(w.ctx, w.vals[i].consensus))
	v, err := w.staking.GetValidator(w.ctx, sdk.ValAddress(w.vals[i].operator))
	require.NoError(w.t, err)
	require.True(w.t, v.IsJailed())
	info, err := w.slashing.GetValidatorSigningInfo(w.ctx, w.vals[i].consensus)
	require.NoError(w.t, err)
	require.Equal(w.t, 9999, info.JailedUntil.Year())
}

// A key that was rotated away, or never came into a set, stays punishable.
func TestEvidenceByOldAndUnusedKeys(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.checkpointed(1)
	require.NoError(t, w.rotate(0, newKey("fresh")))
	require.NoError(t, w.accuse(0, func(h *checkpoint.Header) { h.Nonce = 500 }))
	w.requirePunished(0, 95_000_000)

	fresh := newKey("unused")
	require.NoError(t, w.rotate(1, fresh))
	w.vals[1].key = fresh
	require.NoError(t, w.accuse(1, func(h *checkpoint.Header) { h.Nonce = 500 }))
	w.requirePunished(1, 95_000_000)
}

// What unbonds since the set was frozen is slashed with the rest.
func TestEvidenceReachesUnbondingStake(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.checkpointed(1)
	w.undelegate(0, 40)
	w.nexts(3)
	require.NoError(t, w.accuse(0, func(h *checkpoint.Header) { h.Root[0] ^= 1 }))
	w.requirePunished(0, 57_000_000)
	unbonding, err := w.staking.GetUnbondingDelegationsFromValidator(w.ctx, sdk.ValAddress(w.vals[0].operator))
	require.NoError(t, err)
	require.EqualValues(t, 38_000_000, unbonding[0].Entries[0].Balance.Int64())
}

// Who is unbonded has no stake to slash; the evidence stays good.
func TestEvidenceAgainstTheUnbonded(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.checkpointed(1)
	require.NoError(t, w.slashing.Jail(w.ctx, w.vals[0].consensus))
	w.next()
	params, err := w.staking.GetParams(w.ctx)
	require.NoError(t, err)
	w.ctx = w.ctx.WithBlockTime(w.ctx.BlockTime().Add(params.UnbondingTime))
	w.next()
	require.ErrorIs(t, w.accuse(0, func(h *checkpoint.Header) { h.Root[0] ^= 1 }), types.ErrUnbonded)
	w.ctx = w.ctx.WithBlockTime(w.ctx.BlockTime().Add(time.Hour))
	require.NoError(t, w.slashing.Unjail(w.ctx, sdk.ValAddress(w.vals[0].operator)))
	w.next()
	require.NoError(t, w.accuse(0, func(h *checkpoint.Header) { h.Root[0] ^= 1 }))
	w.requirePunished(0, 95_000_000)
}

// A validator that CometBFT's evidence has tombstoned is slashed for this too.
func TestEvidenceAgainstTheTombstoned(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.checkpointed(1)
	require.NoError(t, w.slashing.Jail(w.ctx, w.vals[0].consensus))
	require.NoError(t, w.slashing.Tombstone(w.ctx, w.vals[0].consensus))
	w.next()
	require.NoError(t, w.accuse(0, func(h *checkpoint.Header) { h.Root[0] ^= 1 }))
	w.requirePunished(0, 95_000_000)
}
