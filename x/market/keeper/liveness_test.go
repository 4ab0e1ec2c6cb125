// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// maxLife is more blocks than any batch of shortWindows can live: its
// deadline, all re-draws and back-offs of its lots, and the rounds and
// windows of their cases.
const maxLife = 600

// TestEverythingEnds checks that every batch becomes final within a bounded
// number of blocks whatever the workers do, and leaves no load behind.
func TestEverythingEnds(t *testing.T) {
	sized(t, 5_000)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		registry := w.providing()
		for range rapid.IntRange(1, 12).Draw(t, "orders") {
			m := w.order(t)
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Submit(ctx, &m); return err })
			w.behave(t)
			w.behave(t)
			w.blocks(t)
			switch rapid.IntRange(0, 3).Draw(t, "dispute") {
			case 1:
				w.challengeAny(t)
			case 2:
				w.appealAny(t)
			}
			if event := rapid.SampledFrom([]string{"", "", "unbond", "jail", "drain", "unjail"}).Draw(t, "event"); event != "" {
				registry[event](t)
			}
		}
		w.ends(t)
	})
}

// ends runs blocks until nothing is open, at most maxLife.
func (w *world) ends(t *rapid.T) {
	open := true
	for i := 0; i < maxLife && open; i++ {
		require.NoError(t, w.seen.block())
		g, err := w.c.Market.ExportGenesis(w.c.Ctx)
		require.NoError(t, err)
		open = false
		for _, b := range g.Batches {
			open = open || b.Tally.OpenLots > 0
		}
	}
	w.check(t)
	require.False(t, open, "batches are open after %d blocks", maxLife)
	for _, k := range w.c.Workers {
		load, err := w.c.Registry.Load(w.c.Ctx, k.ID)
		require.NoError(t, err)
		require.False(t, load.IsOpen(), "provider %d: %+v", k.ID, load)
	}
	g, err := w.c.Market.ExportGenesis(w.c.Ctx)
	require.NoError(t, err)
	for _, c := range g.Cases {
		require.Zero(t, c.Reserve+c.Slashed+c.Held, "task %d", c.Task)
	}
}

// TestCasesThatFreezeEachOther has two full sets, in each of which the wrong
// seat is a right one of the other: both close, and nobody who is wrong
// anywhere is paid.
func TestCasesThatFreezeEachOther(t *testing.T) {
	c := newMarket(t, 7, shortWindows, auditRate(100))
	lies := func(batch uint64) func(uint64) sim.Answer {
		return func(task uint64) sim.Answer {
			if of, _ := types.SplitTaskID(task); of == batch {
				return sim.Wrong(task)
			}
			return sim.Honest(task)
		}
	}
	c.Workers[0].Run, c.Workers[1].Run = lies(1), lies(2)
	m := sim.Submit(requester)
	m.Replicas, m.Deadline, m.Limits.WallSeconds = 7, 10, 1
	for _, batch := range []uint64{submit(t, c, m), submit(t, c, m)} {
		done, err := c.Settle(batch, 200)
		require.NoError(t, err)
		require.True(t, done, "batch %d", batch)
		conserved(t, c, batch)
	}
	for i, w := range c.Workers {
		p, err := c.Registry.Provider(c.Ctx, w.ID)
		require.NoError(t, err)
		require.Equal(t, i < 2, p.Slashed > 0, "provider %d", w.ID)
		require.Equal(t, i >= 2, c.Balance(w.Payout) > 0, "provider %d", w.ID)
	}
}

// TestPrunedBatchLeavesNothing prunes a cancelled batch before its deadline:
// what is left in the queues does nothing and is not exported.
func TestPrunedBatchLeavesNothing(t *testing.T) {
	c := newMarket(t, 0, shortWindows, func(g sim.Genesis) { g.Params().RetentionTicks = 1 })
	m := sim.Submit(requester)
	m.Deadline = 20
	batch := submit(t, c, m)
	require.NoError(t, c.Blocks(2)) // parked
	_, err := c.Msgs().Cancel(c.Ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: batch})
	require.NoError(t, err)
	require.NoError(t, c.Blocks(3))
	g := exported(t, c).Market
	require.Empty(t, g.Batches)
	require.Empty(t, g.Queue)
	require.NoError(t, g.Validate())
	require.NoError(t, c.Blocks(100))
	require.Empty(t, exported(t, c).Market.Failed)
}
