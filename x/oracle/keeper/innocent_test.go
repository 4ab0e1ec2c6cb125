// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// What was counted takes no signature again, whatever grace_blocks becomes: a
// second signature in a slot that was pruned would count its power twice.
func TestCountedHeadersStayClosed(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.setParams(func(p *types.Params) { p.KeepSignatures = 1 })
	for range 3 {
		w.attestAll(w.checkpointed(1), 0, 1, 2)
		w.nexts(6)
	}
	require.NotZero(t, w.line().Pruned)
	w.setParams(func(p *types.Params) { p.GraceBlocks = 1_000 })
	require.ErrorIs(t, w.attest(0, 1), types.ErrHeaderClosed)
	require.NoError(t, w.k.CheckInvariants(w.ctx))
}

// Who has signed early what the chain then makes is not punished, neither
// before nor after that; one whose height is past was never made.
func TestEvidenceOfAHeaderToCome(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.checkpointed(1)
	// The next checkpoint, foreseen.
	w.settle(1)
	foreseen := w.header(1)
	leaf := checkpoint.Keccak256([]byte("leaf2"))
	foreseen.Nonce, foreseen.Height = 2, uint64(w.line().LastHeight)+5
	foreseen.PrevRoot, foreseen.Root = foreseen.Root, leaf
	signature := checkpoint.Sign(w.vals[0].key, w.domain.Digest(foreseen))
	early := &types.MsgSubmitEvidence{Submitter: named("anyone").String(), Header: types.NewHeader(foreseen), Signature: signature[:]}

	for w.line().LastNonce == 1 {
		require.LessOrEqual(t, uint64(w.ctx.BlockHeight()), foreseen.Height)
		require.ErrorIs(t, w.show(early), types.ErrNoOffence)
		w.next()
	}
	require.Equal(t, foreseen, w.header(2), "the chain made it")
	require.ErrorIs(t, w.show(early), types.ErrNoOffence)
	require.NoError(t, w.attest(0, 2))

	// What the chain has not made at its height, or made otherwise, is punished.
	never := func(h *checkpoint.Header) { h.Nonce, h.Height = 9, uint64(w.ctx.BlockHeight()) }
	accusation := w.accusation(1, never)
	require.ErrorIs(t, w.show(accusation), types.ErrNoOffence, "this block may still make it")
	w.next()
	require.NoError(t, w.show(accusation))
	w.requirePunished(1, 95_000_000)
	far := func(h *checkpoint.Header) { h.Nonce, h.Height, h.PrevRoot = 3, 1<<62, foreseen.Root }
	require.NoError(t, w.accuse(2, far), "nobody can foresee that")
	w.requirePunished(2, 95_000_000)
}

// Evidence does not age, but stake that has left since pays for nothing, and
// who delegates today does not pay in its place.
func TestOldEvidenceTakesAShareOfToday(t *testing.T) {
	w := attesting(t, 1_000, 100, 100)
	w.checkpointed(1)
	w.undelegate(0, 990)
	w.next()
	accusation := w.accusation(0, func(h *checkpoint.Header) { h.Root[0] ^= 1 })
	unbonding, err := w.staking.UnbondingTime(w.ctx)
	require.NoError(t, err)
	w.setParams(func(p *types.Params) { p.SetSeconds = types.MaxSetSeconds })
	w.ctx = w.ctx.WithBlockTime(w.ctx.BlockTime().Add(unbonding + time.Hour))
	w.next()
	v, err := w.staking.GetValidator(w.ctx, sdk.ValAddress(w.vals[0].operator))
	require.NoError(t, err)
	require.EqualValues(t, 10_000_000, v.Tokens.Int64())
	key, err := w.k.Keys.Get(w.ctx, accusationKey(w, 0))
	require.NoError(t, err)
	require.EqualValues(t, 1, key.SetId, "the set is that of 1,000")
	require.NoError(t, w.show(accusation))
	w.requirePunished(0, 9_500_000)
}

func accusationKey(w *world, i int) []byte {
	key := w.vals[i].address()
	return key[:]
}

// A chain that starts anew from this state, under whatever id, has another
// line: what was signed for the old one is no evidence there.
func TestOldLineIsNoEvidence(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.attestAll(w.checkpointed(1), 0, 1, 2)
	w.checkpointed(1)
	signature := checkpoint.Sign(w.vals[0].key, w.domain.Digest(w.header(1)))
	old := &types.MsgSubmitEvidence{Submitter: named("anyone").String(), Header: types.NewHeader(w.header(1)), Signature: signature[:]}
	w.settle(3)

	require.NoError(t, w.k.Rebase(w.ctx, 0))
	require.NoError(t, w.k.CheckInvariants(w.ctx))
	require.ErrorIs(t, w.show(old), types.ErrUnknownAttestor)
	// The new line begins with the leaves that waited, and with new keys.
	for i := range w.vals {
		w.vals[i].key = newKey("anew%d", i)
		require.NoError(t, w.register(i))
	}
	w.until("a line", func() bool { return w.line().LastNonce == 1 })
	require.EqualValues(t, 3, w.header(1).LeafCount)
	w.attestAll(1, 0, 1, 2)
	w.until("a seal", func() bool { return w.line().SealedNonce == 1 })
	require.ErrorIs(t, w.show(old), types.ErrUnknownAttestor)
}
