// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/keeper"
	"github.com/cupel-network/cupel/x/market/types"
)

// TestWorkShowsWhatIsOwedFirst: however many cases a provider has answered, it
// sees those that wait for it.
func TestWorkShowsWhatIsOwedFirst(t *testing.T) {
	c, err := sim.New(shortWindows)
	require.NoError(t, err)
	const provider, all, owed = 7, 1_200, 30
	for task := range uint64(all) {
		item := types.Case{Task: task, Phase: types.CasePhaseCommit, Seats: []types.CaseSeat{{Provider: provider, Phase: types.SeatCommitted}}}
		if task >= all-owed {
			item.Seats[0].Phase = types.SeatAssigned
		}
		require.NoError(t, c.Market.Cases.Set(c.Ctx, task, item))
		require.NoError(t, c.Market.CaseWork.Set(c.Ctx, collections.Join(uint32(provider), task)))
	}
	res, err := keeper.NewQueryServer(c.Market).Work(c.Ctx, &types.QueryWorkRequest{Provider: provider})
	require.NoError(t, err)
	require.Len(t, res.Cases, 1_000)
	for i, w := range res.Cases {
		require.Equal(t, i < owed, w.Owed(), "case %d", i)
	}
	require.EqualValues(t, all-owed, res.Cases[0].Task)
	require.EqualValues(t, 0, res.Cases[owed].Task)
}
