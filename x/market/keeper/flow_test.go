// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

var requester = sim.Addr("requester")

// newMarket returns a chain with a funded requester and n honest workers with
// bonds of 1,000 CUPEL and asks of 800 ucupel.
func newMarket(t testing.TB, n int, edits ...func(sim.Genesis)) *sim.Chain {
	small := func(g sim.Genesis) { g.Params().MinValue = 1 } // prices of the tests are small
	c, err := sim.New(append([]func(sim.Genesis){small}, edits...)...)
	require.NoError(t, err)
	require.NoError(t, c.Fund(requester, 1_000*sim.CUPEL))
	for i := range n {
		_, err := c.AddWorker(fmt.Sprintf("w%d", i), 1_000, 800)
		require.NoError(t, err)
	}
	return c
}

// auditRate sets the floor, and a treasury share that can fund it.
func auditRate(bps uint32) func(sim.Genesis) {
	return func(g sim.Genesis) {
		g.Params().AuditFloorBps = bps
		g.Params().Split.TreasuryBps = 5_000
	}
}

func submit(t testing.TB, c *sim.Chain, m types.MsgSubmit) uint64 {
	batch, err := c.Buy(m)
	require.NoError(t, err)
	return batch
}

func settle(t testing.TB, c *sim.Chain, batch uint64, limit int) types.TaskView {
	done, err := c.Settle(batch, limit)
	require.NoError(t, err)
	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	require.True(t, done, "not final after %d blocks: %+v", limit, task)
	return task
}

// conserved checks that every coin of a final batch is accounted for.
func conserved(t testing.TB, c *sim.Chain, batch uint64) types.Tally {
	tally, err := c.Tally(batch)
	require.NoError(t, err)
	require.Zero(t, tally.Escrow)
	require.Equal(t, tally.Escrowed, tally.Paid+tally.Treasury+tally.Pooled+tally.Burned+tally.Refunded+tally.Royalties)
	return tally
}

func TestThreeReplicasSettle(t *testing.T) {
	c := newMarket(t, 4, auditRate(100))
	supply := c.Bank.Supply(c.Ctx, sim.Denom)
	batch := submit(t, c, sim.Submit(requester))

	task := settle(t, c, batch, 700)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 3)
	require.Equal(t, sim.Honest(task.Task).Result, task.Result)
	tally := conserved(t, c, batch)
	// 3 replicas of 800 ucupel for half of 10^9 fuel: 400 gross each.
	require.EqualValues(t, 3_000, tally.Escrowed)
	require.EqualValues(t, 1_800, tally.Refunded)
	require.EqualValues(t, 3*(400-200-20), tally.Paid)
	require.EqualValues(t, 3*20, tally.Burned)
	require.EqualValues(t, supply-3*20, c.Bank.Supply(c.Ctx, sim.Denom))
	var paid uint64
	for _, w := range c.Workers {
		paid += c.Balance(w.Payout)
	}
	require.Equal(t, tally.Paid, paid)
}

func TestOptimisticSettles(t *testing.T) {
	c := newMarket(t, 5)
	batch := submit(t, c, sim.Optimistic(sim.Submit(requester)))

	task := settle(t, c, batch, 900)

	require.Equal(t, types.TaskSettled, task.State)
	require.True(t, task.Disputed, "the first tasks of a provider are all audited")
	conserved(t, c, batch)
}

func TestLiarIsOutvoted(t *testing.T) {
	c := newMarket(t, 8, auditRate(100))
	liar := c.Workers[0]
	liar.Run = sim.Wrong
	var batch uint64
	for range 50 { // until the liar is drawn
		batch = submit(t, c, sim.Submit(requester))
		require.NoError(t, c.Blocks(1))
		task, err := c.Task(batch, 0)
		require.NoError(t, err)
		if holds(task.Providers, liar.ID) {
			break
		}
		settle(t, c, batch, 900)
	}
	before, err := c.Registry.Provider(c.Ctx, liar.ID)
	require.NoError(t, err)
	earned := c.Balance(liar.Payout)

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Equal(t, sim.Honest(task.Task).Result, task.Result)
	require.NotContains(t, task.Right, liar.ID)
	require.Equal(t, earned, c.Balance(liar.Payout))
	after, err := c.Registry.Provider(c.Ctx, liar.ID)
	require.NoError(t, err)
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	require.Equal(t, before.Bond-bound, after.Bond)
	conserved(t, c, batch)
}

func holds(ids []uint32, id uint32) bool {
	for _, other := range ids {
		if other == id {
			return true
		}
	}
	return false
}
