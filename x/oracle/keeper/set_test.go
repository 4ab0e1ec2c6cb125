// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"
	"time"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func (w *world) set(id uint64) checkpoint.Set {
	w.t.Helper()
	stored, err := w.k.Sets.Get(w.ctx, id)
	require.NoError(w.t, err)
	set, err := stored.Decode()
	require.NoError(w.t, err)
	return set
}

func TestFirstSet(t *testing.T) {
	tests := map[string]struct {
		powers     []int64
		registered int
		formed     bool
	}{
		"nobody":               {powers: []int64{100, 100, 100}},
		"a third":              {powers: []int64{100, 100, 100}, registered: 1},
		"exactly two thirds":   {powers: []int64{100, 100, 100}, registered: 2, formed: true},
		"just below":           {powers: []int64{100, 99, 100}, registered: 2},
		"all":                  {powers: []int64{100, 100, 100}, registered: 3, formed: true},
		"one with most of all": {powers: []int64{400, 100, 100}, registered: 1, formed: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.powers...)
			for i := range tc.registered {
				require.NoError(t, w.register(i))
			}
			w.nexts(11)
			require.Equal(t, tc.formed, w.line().SetId == 1)
			require.Zero(t, w.line().LastNonce, "set 1 has no header")
			if !tc.formed {
				return
			}
			set := w.set(1)
			require.Len(t, set.Members, tc.registered)
			require.Zero(t, w.checkpointed(1)-1)
		})
	}
}

// Who is jailed or not bonded is not in the snapshot, and its power does not
// count as bonded.
func TestSnapshotLeavesOut(t *testing.T) {
	w := newWorld(t, 100, 100, 100, 100)
	for i := range 4 {
		require.NoError(t, w.register(i))
	}
	require.NoError(t, w.slashing.Jail(w.ctx, w.vals[0].consensus))
	w.undelegate(1, 100)
	w.until("set 1", func() bool { return w.line().SetId == 1 })
	require.Len(t, w.set(1).Members, 2)
	stored, err := w.k.Sets.Get(w.ctx, 1)
	require.NoError(t, err)
	require.EqualValues(t, 200, stored.Bonded)
}

func TestSetChangeRules(t *testing.T) {
	tests := map[string]struct {
		change func(w *world)
		formed bool
	}{
		"nothing":            {change: func(*world) {}},
		"just below 5 %":     {change: func(w *world) { w.delegate(0, 49) }},
		"5 % more":           {change: func(w *world) { w.delegate(0, 50) }, formed: true},
		"5 % less":           {change: func(w *world) { w.undelegate(0, 50) }, formed: true},
		"4 % each way":       {change: func(w *world) { w.delegate(0, 40); w.undelegate(1, 40) }},
		"5 % each way":       {change: func(w *world) { w.delegate(0, 50); w.undelegate(1, 50) }, formed: true},
		"a member leaves":    {change: func(w *world) { require.NoError(w.t, w.slashing.Jail(w.ctx, w.vals[2].consensus)) }, formed: true},
		"a large key":        {change: func(w *world) { require.NoError(w.t, w.rotate(0, newKey("fresh"))) }, formed: true},
		"a small key":        {change: func(w *world) { require.NoError(w.t, w.rotate(3, newKey("fresh"))) }},
		"just below 7 days":  {change: func(w *world) { w.age(7*24*time.Hour - 10*time.Second) }},
		"7 days":             {change: func(w *world) { w.age(7 * 24 * time.Hour) }, formed: true},
		"too few are left":   {change: func(w *world) { w.addValidator(600); w.age(8 * 24 * time.Hour) }},
		"just enough remain": {change: func(w *world) { w.addValidator(500); w.age(8 * 24 * time.Hour) }, formed: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := attesting(t, 400, 300, 260, 40)
			tc.change(w)
			w.nexts(6)
			require.Equal(t, tc.formed, w.line().SetId == 2)
			if tc.formed {
				h := w.header(1)
				require.Zero(t, h.LeafCount)
				require.Equal(t, h.PrevRoot, h.Root)
				require.Equal(t, w.set(1).Hash(), h.Set)
				require.Equal(t, w.set(2).Hash(), h.NextSet)
				require.NoError(t, h.Validate())
			}
		})
	}
}

// age moves the clock.
func (w *world) age(d time.Duration) { w.ctx = w.ctx.WithBlockTime(w.ctx.BlockTime().Add(d)) }

// Set n+2 is not formed before the change to n+1 is sealed.
func TestOneSetChangeAtATime(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.delegate(0, 50)
	w.until("set 2", func() bool { return w.line().SetId == 2 })
	w.delegate(1, 100)
	w.nexts(20)
	require.EqualValues(t, 2, w.line().SetId)
	nonce := w.checkpointed(1)
	require.EqualValues(t, 2, w.checkpoint(nonce).SetId)
	w.attestAll(1, 0, 1, 2)
	w.until("set 3", func() bool { return w.line().SetId == 3 })
	last := w.header(w.line().LastNonce)
	require.Equal(t, w.set(2).Hash(), last.Set, "set 2 alone signs the change to set 3")
	require.Equal(t, w.set(3).Hash(), last.NextSet)
}

// A checkpoint and a set change of one block: the checkpoint comes first and
// belongs to the old set.
func TestCheckpointAndSetChangeInOneBlock(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.delegate(0, 50)
	w.until("the block before the interval", func() bool { return w.ctx.BlockHeight()%5 == 0 })
	w.settle(2)
	w.next()
	require.EqualValues(t, 2, w.line().LastNonce)
	require.False(t, w.checkpoint(1).IsSetChange())
	require.True(t, w.checkpoint(2).IsSetChange())
	require.Equal(t, w.checkpoint(1).Header.Root, w.checkpoint(2).Header.Root)
	require.EqualValues(t, 2, w.checkpoint(2).FirstLeaf)
	nonce := w.checkpointed(1)
	require.Equal(t, w.checkpoint(2).Header.NextSet, w.checkpoint(nonce).Header.Set)
}

// The old set must seal although its members have left.
func TestMembersWhoLeftSealTheChange(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	for i := 3; i < 6; i++ {
		w.addValidator(1_000)
		w.next()
		require.NoError(t, w.register(i))
	}
	for i := range 3 {
		require.NoError(t, w.slashing.Jail(w.ctx, w.vals[i].consensus))
	}
	w.until("set 2", func() bool { return w.line().SetId == 2 })
	require.Len(t, w.set(2).Members, 3)
	require.ErrorIs(t, w.attest(3, 1), types.ErrNotMember)
	w.attestAll(1, 0, 1, 2)
	w.next()
	require.EqualValues(t, 1, w.line().SealedNonce)
}

func TestSetHasAtMost200Members(t *testing.T) {
	w := newWorld(t)
	params, err := w.staking.GetParams(w.ctx)
	require.NoError(t, err)
	params.MaxValidators = 205
	require.NoError(t, w.staking.SetParams(w.ctx, params))
	for i := range 205 {
		w.addValidator(int64(1_000 + i))
	}
	w.next()
	for i := range 205 {
		require.NoError(t, w.register(i))
	}
	w.until("set 1", func() bool { return w.line().SetId == 1 })
	set := w.set(1)
	require.Len(t, set.Members, checkpoint.MaxMembers)
	for i := range 205 {
		require.Equal(t, i >= 5, set.Power(w.vals[i].address()) > 0, "the heaviest are in")
	}
}

// A step that fails leaves no trace and holds up neither the block nor the
// other steps; it is done when its cause is gone.
func TestFailingStepIsRetried(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	nonce := w.checkpointed(1)
	block, err := w.k.Leaves.Get(w.ctx, 0)
	require.NoError(t, err)
	w.settle(1)
	broken := block
	broken.Hashes = make([]byte, 32) // a zero leaf is never under a root
	stored, err := w.k.Leaves.Get(w.ctx, 1)
	require.NoError(t, err)
	require.NoError(t, w.k.Leaves.Set(w.ctx, 1, broken))
	w.attestAll(nonce, 0, 1, 2)
	for range 10 {
		w.next()
	}
	require.Equal(t, nonce, w.line().SealedNonce)
	require.Equal(t, nonce, w.line().LastNonce)
	require.NoError(t, w.k.Leaves.Remove(w.ctx, 1)) // reads beyond the end
	for range 5 {
		w.next()
	}
	require.NoError(t, w.k.Leaves.Set(w.ctx, 1, stored))
	w.next()
	require.Equal(t, nonce+1, w.line().LastNonce)
	require.NoError(t, w.k.CheckInvariants(w.ctx))
}

func TestEndBlockWithoutGenesis(t *testing.T) {
	w := emptyWorld(t)
	require.Error(t, w.k.EndBlock(w.ctx))
}

// BenchmarkEndBlockIdle is the cost of a block in which nothing is due. It must
// not grow with the history.
func BenchmarkEndBlockIdle(b *testing.B) {
	for name, headers := range map[string]int{"new": 0, "300 headers": 300} {
		b.Run(name, func(b *testing.B) {
			w := benchWorld(b, headers)
			before := w.ctx.GasMeter().GasConsumed()
			require.NoError(b, w.k.EndBlock(w.ctx))
			gas := w.ctx.GasMeter().GasConsumed() - before
			w.ctx = w.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
			b.ResetTimer()
			for range b.N {
				if err := w.k.EndBlock(w.ctx); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(gas), "gas/op")
		})
	}
}

func benchWorld(b *testing.B, headers int) *world {
	b.Helper()
	w := emptyWorld(b)
	w.t = b
	genesis := types.DefaultGenesis()
	genesis.Params = shortParams()
	genesis.Params.CheckpointBlocks = 1
	require.NoError(b, w.k.InitGenesis(w.ctx, *genesis))
	w.addValidator(100)
	w.next()
	require.NoError(b, w.register(0))
	w.next()
	for range headers {
		w.settle(3)
		w.next()
		w.attestAll(w.line().LastNonce, 0)
	}
	for range 10 {
		w.next()
	}
	w.setParams(func(p *types.Params) { p.CheckpointBlocks = 1_000 })
	w.ctx = w.ctx.WithGasMeter(newGasMeter()).WithEventManager(sdk.NewEventManager())
	return w
}

// BenchmarkLargestCheckpoint is the block that puts 16,384 leaves under a root.
func BenchmarkLargestCheckpoint(b *testing.B) {
	w := benchWorld(b, 0)
	w.ctx = w.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
	w.settle(checkpoint.MaxLeaves)
	b.ResetTimer()
	for range b.N {
		ctx, _ := w.ctx.CacheContext()
		if err := w.k.EndBlock(ctx); err != nil {
			b.Fatal(err)
		}
		line, err := w.k.Line.Get(ctx)
		require.NoError(b, err)
		require.EqualValues(b, 1, line.LastNonce)
	}
}
