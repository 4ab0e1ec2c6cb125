// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

func TestEpochs(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, types.Epoch{}, f.epoch())

	f.block(1)
	require.Equal(t, types.Epoch{Number: 1, StartHeight: 1, Blocks: 30}, f.epoch())
	f.blocks(2, 30)
	require.Equal(t, uint64(1), f.epoch().Number)
	require.Empty(t, f.ctx.EventManager().Events())
	f.block(31)
	require.Equal(t, types.Epoch{Number: 2, StartHeight: 31, Blocks: 30}, f.epoch())
	f.blocks(32, 61)
	require.Equal(t, types.Epoch{Number: 3, StartHeight: 61, Blocks: 30}, f.epoch())
}

func TestSeeds(t *testing.T) {
	f := newFixture(t)
	f.blocks(1, 61)
	first := types.NextSeed(nil, blockID(1), 1)
	second := types.NextSeed(first, blockID(31), 31)
	third := types.NextSeed(second, blockID(61), 61)

	tests := map[string]struct {
		epoch uint64
		want  []byte
	}{
		"before any": {epoch: 0},
		"first":      {epoch: 1, want: first},
		"second":     {epoch: 2, want: second},
		"current":    {epoch: 3, want: third},
		"not begun":  {epoch: 4},
		"last of 64": {epoch: ^uint64(0)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			seed, ok, err := f.k.Seed(f.ctx, tc.epoch)
			require.NoError(t, err)
			require.Equal(t, tc.want != nil, ok)
			require.Equal(t, tc.want, seed)
		})
	}
}

// The seed of an epoch does not exist one block before it begins.
func TestSeedExistsFromFirstBlock(t *testing.T) {
	f := newFixture(t)
	f.blocks(1, 30)
	_, ok, err := f.k.Seed(f.ctx, 2)
	require.NoError(t, err)
	require.False(t, ok)
	f.block(31)
	_, ok, err = f.k.Seed(f.ctx, 2)
	require.NoError(t, err)
	require.True(t, ok)
}

func TestSeedsWithoutBlockID(t *testing.T) {
	f := newFixture(t)
	for height := int64(1); height <= 61; height++ {
		require.NoError(t, f.k.BeginBlock(f.ctx.WithBlockHeight(height).WithHeaderHash(nil)))
	}
	first, ok, err := f.k.Seed(f.ctx, 1)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, types.NextSeed(nil, nil, 1), first)
	second, _, err := f.k.Seed(f.ctx, 2)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}

func TestDemoEpochs(t *testing.T) {
	f := newEmptyFixture(t)
	gs := types.DefaultGenesis()
	gs.Params.EpochBlocks = 3
	require.NoError(t, f.k.InitGenesis(f.ctx, *gs))
	f.blocks(1, 9)
	require.Equal(t, types.Epoch{Number: 3, StartHeight: 7, Blocks: 3}, f.epoch())
}

func TestChainStartsAboveHeightOne(t *testing.T) {
	f := newFixture(t)
	f.blocks(1_000, 1_030)
	require.Equal(t, types.Epoch{Number: 2, StartHeight: 1_030, Blocks: 30}, f.epoch())
}

func TestPruneSeeds(t *testing.T) {
	f := newFixture(t)
	f.setParams(1, 100)
	f.blocks(1, 150)
	requireSeeds(t, f, 51, 150)

	// Fewer are kept: at most 16 go with each epoch until that is so.
	f.setParams(1, 8)
	f.block(151)
	requireSeeds(t, f, 67, 151)
	f.blocks(152, 160)
	requireSeeds(t, f, 153, 160)

	// More are kept: none comes back.
	f.setParams(1, 20)
	f.blocks(161, 165)
	requireSeeds(t, f, 153, 165)
}

func requireSeeds(t *testing.T, f *fixture, first, last uint64) {
	t.Helper()
	gs, err := f.k.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, gs.Seeds, int(last-first+1))
	require.Equal(t, first, gs.Seeds[0].Epoch)
	require.Equal(t, last, gs.Seeds[len(gs.Seeds)-1].Epoch)
}

// A new length applies from the next epoch on.
func TestEpochKeepsItsLength(t *testing.T) {
	f := newFixture(t)
	f.block(1)
	f.setParams(3, 200)
	f.blocks(2, 30)
	require.Equal(t, uint64(1), f.epoch().Number)
	f.blocks(31, 34)
	require.Equal(t, types.Epoch{Number: 3, StartHeight: 34, Blocks: 3}, f.epoch())
}

func TestRebase(t *testing.T) {
	f := newFixture(t)
	f.blocks(1, 100)
	before, _, err := f.k.Seed(f.ctx, 4)
	require.NoError(t, err)
	require.NoError(t, f.k.Rebase(f.ctx, 0))

	f.blocks(1, 29)
	require.Equal(t, types.Epoch{Number: 4, StartHeight: 0, Blocks: 30}, f.epoch())
	f.blocks(30, 30)
	require.Equal(t, types.Epoch{Number: 5, StartHeight: 30, Blocks: 30}, f.epoch())
	after, _, err := f.k.Seed(f.ctx, 5)
	require.NoError(t, err)
	require.Equal(t, types.NextSeed(before, blockID(30), 30), after)
}

// A genesis that was not rebased does not hold the draws until its height.
func TestUnrebasedGenesis(t *testing.T) {
	f := newFixture(t)
	f.blocks(1, 100)
	f.block(1)
	require.Equal(t, types.Epoch{Number: 5, StartHeight: 1, Blocks: 30}, f.epoch())
}

// Whatever heights and params come, epochs count by one and seeds have no gap.
func TestEpochsNeverSkip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t)
		height, epoch := int64(0), uint64(0)
		for range rapid.IntRange(1, 60).Draw(rt, "blocks") {
			height += rapid.Int64Range(1, 3).Draw(rt, "step")
			if rapid.IntRange(0, 9).Draw(rt, "update") == 0 {
				f.setParams(rapid.Uint64Range(1, 5).Draw(rt, "length"), rapid.Uint64Range(8, 12).Draw(rt, "keep"))
			}
			f.block(height)
			next := f.epoch()
			require.LessOrEqual(rt, next.Number, epoch+1)
			require.GreaterOrEqual(rt, next.Number, max(epoch, 1))
			require.False(rt, next.Due(height))
			require.NoError(rt, f.k.CheckInvariants(f.ctx))
			epoch = next.Number
		}
	})
}

func TestEvents(t *testing.T) {
	f := newFixture(t)
	f.block(1)
	f.golden("testdata/epoch_started.json")

	events := f.ctx.EventManager().ABCIEvents()
	require.Len(t, events, 2)
	for i, want := range []any{&types.EventSeedMade{}, &types.EventEpochStarted{}} {
		msg, err := sdk.ParseTypedEvent(events[i])
		require.NoError(t, err)
		require.IsType(t, want, msg)
	}
}
