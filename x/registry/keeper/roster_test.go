// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// TestKeptRosters: whatever a block reads, slashes and undoes in branches within
// branches, a roster that is kept is the one in state.
func TestKeptRosters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(rt)
		ids := []uint32{f.register(alice, aliceHot, 1_000*cupel), f.register(bob, bobHot, 1_000*cupel)}
		block := sdk.UnwrapSDKContext(types.WithRosterCache(f.ctx))

		var play func(ctx sdk.Context, depth int)
		play = func(ctx sdk.Context, depth int) {
			for range rapid.IntRange(1, 6).Draw(rt, "steps") {
				switch rapid.SampledFrom([]string{"read", "read", "slash", "branch"}).Draw(rt, "what") {
				case "read":
					got, err := f.k.Roster(ctx, 1)
					require.NoError(rt, err)
					plain := ctx.WithContext(f.ctx.Context())
					require.Nil(rt, types.RosterCacheOf(plain))
					want, err := f.k.Roster(plain, 1)
					require.NoError(rt, err)
					require.Equal(rt, want, got)
				case "slash":
					_, err := f.k.Slash(ctx, rapid.SampledFrom(ids).Draw(rt, "who"), rapid.Uint64Range(0, 800).Draw(rt, "amount")*cupel, "market", "wrong")
					require.NoError(rt, err)
				case "branch":
					if depth == 0 {
						continue
					}
					branch, write := ctx.CacheContext()
					play(branch, depth-1)
					if rapid.Bool().Draw(rt, "take") {
						write()
					}
				}
			}
		}
		play(block, 2)
	})
}

// TestRosterIsReadOnce: as long as nothing changes, state is not asked again,
// and what is left to pay for is the look at every entry.
func TestRosterIsReadOnce(t *testing.T) {
	f := newFixture(t)
	f.register(alice, aliceHot, 1_000*cupel)
	f.register(bob, bobHot, 1_000*cupel)
	block := sdk.UnwrapSDKContext(types.WithRosterCache(f.ctx))
	first, err := f.k.Roster(block, 1)
	require.NoError(t, err)
	before := block.GasMeter().GasConsumed()
	again, err := f.k.Roster(block, 1)
	require.NoError(t, err)
	require.Equal(t, first, again)
	const entryGas = 10
	require.Len(t, first, 2)
	require.EqualValues(t, entryGas*len(first), block.GasMeter().GasConsumed()-before)
}
