// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func TestFirstCheckpoint(t *testing.T) {
	w := attesting(t, 100, 100, 100, 100)
	nonce := w.checkpointed(3)
	require.EqualValues(t, 1, nonce)

	c, h := w.checkpoint(1), w.header(1)
	require.Equal(t, w.domain.GenesisRoot(), h.PrevRoot)
	require.EqualValues(t, 3, h.LeafCount)
	require.Equal(t, h.Set, h.NextSet)
	require.False(t, c.Sealed())
	set, err := w.k.Sets.Get(w.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, set.Hash, c.Header.Set)
	require.EqualValues(t, 400, set.Bonded)

	second := w.checkpointed(1)
	require.Equal(t, h.Root, w.header(second).PrevRoot)
	require.EqualValues(t, 3, w.checkpoint(second).FirstLeaf)
	require.Equal(t, h.Height+5, w.header(second).Height, "checkpoint_blocks lie between two checkpoints")
}

func TestNoCheckpointWithoutLeaves(t *testing.T) {
	w := attesting(t, 100)
	w.nexts(30)
	require.Zero(t, w.line().LastNonce)
}

// Leaves that settle before there is a set wait for it.
func TestLeavesWaitForASet(t *testing.T) {
	w := newWorld(t, 100)
	w.settle(2)
	w.nexts(20)
	require.Zero(t, w.line().LastNonce)
	require.NoError(t, w.register(0))
	w.until("a checkpoint", func() bool { return w.line().LastNonce == 1 })
	require.EqualValues(t, 2, w.line().Covered)
}

func TestAttestorsAbsent(t *testing.T) {
	w := attesting(t, 100, 100, 100, 100)
	t.Run("one of four: it seals", func(t *testing.T) {
		nonce := w.checkpointed(1)
		w.attestAll(nonce, 0, 1, 2)
		w.next()
		require.Equal(t, nonce, w.line().SealedNonce)
	})
	t.Run("two of four: it does not, blocks go on, the backlog seals later", func(t *testing.T) {
		var waiting []uint64
		for range 3 {
			nonce := w.checkpointed(1)
			w.attestAll(nonce, 0, 1)
			waiting = append(waiting, nonce)
		}
		before := w.ctx.BlockHeight()
		w.nexts(20)
		require.Equal(t, before+20, w.ctx.BlockHeight())
		require.Less(t, w.line().SealedNonce, waiting[0])

		// A later header does not seal before the earlier ones.
		w.attestAll(waiting[2], 2)
		w.next()
		require.Less(t, w.line().SealedNonce, waiting[0])
		require.NoError(t, w.attest(2, waiting[0], waiting[1]))
		w.next()
		require.Equal(t, waiting[2], w.line().SealedNonce)
	})
}

func TestExactlyTwoThirdsDoNotSeal(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	nonce := w.checkpointed(1)
	w.attestAll(nonce, 0, 1)
	w.nexts(3)
	require.Zero(t, w.line().SealedNonce)
	require.EqualValues(t, 200, w.checkpoint(nonce).SignedPower)
	w.attestAll(nonce, 2)
	w.next()
	require.Equal(t, nonce, w.line().SealedNonce)
}

// The power of a set is frozen: what is bonded later seals nothing.
func TestSealingIgnoresLivePower(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	nonce := w.checkpointed(1)
	w.attestAll(nonce, 0, 1)
	w.delegate(0, 1_000)
	w.nexts(3)
	require.Zero(t, w.line().SealedNonce)
}

func TestSealedInOneBlock(t *testing.T) {
	w := attesting(t, 100)
	w.setParams(func(p *types.Params) { p.CheckpointBlocks = 1 })
	for range 70 {
		w.settle(1)
		w.next()
	}
	last := w.line().LastNonce
	require.GreaterOrEqual(t, last, uint64(70))
	for nonce := uint64(1); nonce <= last; nonce++ {
		w.attestAll(nonce, 0)
	}
	w.next()
	require.EqualValues(t, 64, w.line().SealedNonce)
	w.next()
	require.Equal(t, last, w.line().SealedNonce)
}

func TestMaxLeaves(t *testing.T) {
	w := newWorld(t, 100)
	w.setParams(func(p *types.Params) { p.MaxLeaves = 64 })
	w.settle(100)
	w.settle(60)
	w.settle(10)
	require.NoError(t, w.register(0))
	w.until("the first checkpoint", func() bool { return w.line().LastNonce > 0 })
	require.EqualValues(t, 64, w.line().Covered)
	w.next() // 106 wait: at once
	require.EqualValues(t, 128, w.line().Covered)
	w.nexts(4) // 42 wait: at the next interval
	require.EqualValues(t, 128, w.line().Covered)
	w.next()
	require.EqualValues(t, 170, w.line().Covered)
	require.EqualValues(t, 3, w.line().LastNonce)
	w.settle(64)
	w.next()
	require.EqualValues(t, 234, w.line().Covered, "max_leaves do not wait for the interval")
}

// The leaves of one task are in one checkpoint.
func TestTasksAreNotSplit(t *testing.T) {
	w := attesting(t, 100)
	w.setParams(func(p *types.Params) { p.MaxLeaves = 64 })
	w.settle(62)
	leaf := func(name string) checkpoint.Hash { return checkpoint.Keccak256([]byte(name)) }
	require.NoError(t, w.k.AddLeaves(w.ctx, []types.Settled{
		{Task: 7_000, Leaf: leaf("a")}, {Task: 7_000, Leaf: leaf("b")}, {Task: 7_000, Leaf: leaf("c")}, {Task: 6_000, Leaf: leaf("d")},
	}))
	w.next()
	require.EqualValues(t, 62, w.checkpoint(1).Header.LeafCount)
	w.until("the rest", func() bool { return w.line().LastNonce == 2 })
	require.EqualValues(t, 4, w.checkpoint(2).Header.LeafCount)
	proof, err := w.reads.Proof(w.ctx, &types.QueryProofRequest{Task: 7_000})
	require.NoError(t, err)
	require.Len(t, proof.Proofs, 3)
}

func TestAddLeaves(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.k.AddLeaves(f.ctx, nil))
	require.NoError(t, f.k.AddLeaves(f.ctx, []types.Settled{{Task: ^uint64(0), Leaf: checkpoint.Hash{1}}, {Task: 3, Leaf: checkpoint.Hash{2}}}))
	require.NoError(t, f.k.AddLeaves(f.ctx, []types.Settled{{Task: 0, Leaf: checkpoint.Hash{3}}}))
	block, err := f.k.Leaves.Get(f.ctx, 0)
	require.NoError(t, err)
	require.Equal(t, []types.SettledLeaf{
		{Task: ^uint64(0), Hash: append([]byte{1}, make([]byte, 31)...)},
		{Task: 3, Hash: append([]byte{2}, make([]byte, 31)...)},
	}, block.Unpack())
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}

func TestForceSeal(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	first, second := w.checkpointed(1), w.checkpointed(1)
	force := func(authority string, nonce uint64) error {
		return w.deliver(func(ctx sdk.Context) error {
			_, err := w.msgs.ForceSeal(ctx, &types.MsgForceSeal{Authority: authority, Nonce: nonce})
			return err
		})
	}
	gov := authority.String()
	require.ErrorIs(t, force(w.vals[0].operator.String(), first), sdkerrors.ErrUnauthorized)
	require.ErrorIs(t, force("", first), sdkerrors.ErrInvalidAddress)
	require.ErrorIs(t, force(gov, second), types.ErrNotHead)
	require.ErrorIs(t, force(gov, 0), types.ErrNotHead)
	require.NoError(t, force(gov, first))
	require.True(t, w.checkpoint(first).Forced)
	require.Equal(t, first, w.line().SealedNonce)
	require.ErrorIs(t, force(gov, first), types.ErrNotHead)
	require.NoError(t, force(gov, second))
	require.ErrorIs(t, force(gov, second+1), types.ErrNotHead)
	require.NoError(t, w.k.CheckInvariants(w.ctx))
}

func TestAbsenceIsPunished(t *testing.T) {
	w := attesting(t, 100, 100, 100, 100)
	miss := func(n int) {
		for range n {
			nonce := w.checkpointed(1)
			w.attestAll(nonce, 0, 1, 2)
			w.nexts(5)
		}
	}
	miss(3)
	require.EqualValues(t, 3, w.attestor(3).Missed)
	require.True(t, w.attestor(3).Active)

	// To register again does not wipe the count of who is active.
	require.NoError(t, w.register(3))
	require.EqualValues(t, 3, w.attestor(3).Missed)

	// A signature within the grace counts as present.
	nonce := w.checkpointed(1)
	w.attestAll(nonce, 0, 1, 2)
	w.nexts(2)
	require.Equal(t, nonce, w.line().SealedNonce)
	w.attestAll(nonce, 3)
	w.nexts(5)
	require.Zero(t, w.attestor(3).Missed)

	before := w.tokens(3)
	miss(4)
	require.False(t, w.attestor(3).Active)
	require.Equal(t, before-before/10_000, w.tokens(3), "absence_slash_bps of the stake")
	for i := range 3 {
		require.True(t, w.attestor(i).Active)
		require.EqualValues(t, 100_000_000, w.tokens(i))
	}
	// It leaves the set: a quarter of the power differs.
	w.until("set 2", func() bool { return w.line().SetId == 2 })
	set, err := w.k.Sets.Get(w.ctx, 2)
	require.NoError(t, err)
	decoded, err := set.Decode()
	require.NoError(t, err)
	require.Len(t, decoded.Members, 3)

	// To register again ends the absence.
	require.NoError(t, w.register(3))
	require.True(t, w.attestor(3).Active)
	w.attestAll(w.line().LastNonce, 0, 1, 2)
	w.until("set 3", func() bool { return w.line().SetId == 3 })
}

// Nobody is absent while the circuit breaker stops the signatures.
func TestNobodyIsAbsentFromWhatIsStopped(t *testing.T) {
	w := attesting(t, 100, 100, 100, 100)
	for _, stopped := range []bool{true, false} {
		nonce := w.checkpointed(1)
		w.attestAll(nonce, 0, 1, 2)
		w.nexts(1)
		require.Equal(t, nonce, w.line().SealedNonce)
		w.breaker.tripped = stopped
		w.nexts(4)
		w.breaker.tripped = false
		require.Equal(t, nonce, w.line().Counted)
		if stopped {
			require.Zero(t, w.attestor(3).Missed)
		} else {
			require.EqualValues(t, 1, w.attestor(3).Missed)
		}
	}
	require.NoError(t, w.k.CheckInvariants(w.ctx))
}

// An absent validator that cannot be slashed any more holds nobody up.
func TestAbsenceOfTheUnbonded(t *testing.T) {
	w := attesting(t, 100, 100, 100, 1)
	w.setParams(func(p *types.Params) { p.MaxMissed, p.SetChangeBps = 1, 10_000 })
	w.undelegate(3, 1)
	w.next()
	params, err := w.staking.GetParams(w.ctx)
	require.NoError(t, err)
	w.ctx = w.ctx.WithBlockTime(w.ctx.BlockTime().Add(params.UnbondingTime))
	w.next()
	_, err = w.staking.GetValidator(w.ctx, sdk.ValAddress(w.vals[3].operator))
	require.Error(t, err, "the validator is gone")

	nonce := w.checkpointed(1)
	w.attestAll(nonce, 0, 1, 2)
	w.until("the count", func() bool { return w.line().Counted >= nonce })
	require.False(t, w.attestor(3).Active)
}

func TestPruneSignatures(t *testing.T) {
	w := attesting(t, 100)
	w.setParams(func(p *types.Params) { p.KeepSignatures, p.CheckpointBlocks = 2, 1 })
	for range 6 {
		w.settle(1)
		w.next()
		w.attestAll(w.line().LastNonce, 0)
	}
	w.delegate(0, 100) // a set change, whose signatures stay
	w.nexts(1)
	change := w.line().LastNonce
	require.True(t, w.checkpoint(change).IsSetChange())
	w.attestAll(change, 0)
	for range 5 {
		w.settle(1)
		w.next()
		w.attestAll(w.line().LastNonce, 0)
	}
	w.nexts(8)
	require.Equal(t, w.line().LastNonce-2, w.line().Pruned)
	for nonce := uint64(1); nonce <= w.line().LastNonce; nonce++ {
		res, err := w.reads.Signatures(w.ctx, &types.QuerySignaturesRequest{Nonce: nonce})
		require.NoError(t, err)
		kept := nonce == change || nonce > w.line().Pruned
		require.Equal(t, kept, len(res.Signatures) == 1, "nonce %d", nonce)
	}
}
