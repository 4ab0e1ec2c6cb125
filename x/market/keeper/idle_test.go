// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// crowd returns a chain over committed IAVL trees with n open tasks of which
// nothing is due: half are parked batches, half lots that await commits.
func crowd(t testing.TB, n int) *sim.Chain {
	c := newMarket(t, 4)
	for _, w := range c.Workers {
		w.Silent = true
	}
	batch := submit(t, c, sim.Submit(requester))
	require.NoError(t, c.Block())
	b, err := c.Market.Batches.Get(c.Ctx, batch)
	require.NoError(t, err)
	lot, err := c.Market.Lots.Get(c.Ctx, collections.Join(batch, uint32(0)))
	require.NoError(t, err)
	for i := range n {
		b.Id = uint64(i) + 10
		require.NoError(t, open(c, b, lot, i%2 == 0))
	}
	require.NoError(t, c.Market.EndBlock(c.Ctx))
	c.Commit()
	return c
}

// open stores a batch of one task, as the verbs of the keeper would.
func open(c *sim.Chain, b types.Batch, lot types.Lot, parked bool) error {
	k, ref := c.Market, types.TaskID(b.Id, 0)
	if err := k.Batches.Set(c.Ctx, b.Id, b); err != nil {
		return err
	}
	tally := types.Tally{OpenLots: 1, Escrow: 3_000, Escrowed: 3_000, Tries: 10, NextLot: 1}
	if parked {
		tally.NextLot = 0
	}
	if err := k.Tallies.Set(c.Ctx, b.Id, tally); err != nil {
		return err
	}
	if err := k.Pending.Set(c.Ctx, collections.Join3(1_000_000+b.Id, uint32(types.StepDeadline), ref)); err != nil || parked {
		return err
	}
	if err := k.Pending.Set(c.Ctx, collections.Join3(1_000_000+b.Id, uint32(types.StepLot), ref)); err != nil {
		return err
	}
	return k.Lots.Set(c.Ctx, collections.Join(b.Id, uint32(0)), lot)
}

// BenchmarkEndBlockIdle shows that a block in which nothing is due costs the
// same whatever is open.
func BenchmarkEndBlockIdle(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("open=%d", n), func(b *testing.B) {
			c := crowd(b, n)
			b.ReportAllocs()
			// A collection would mark the trees, which a node has on disk.
			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			for i := 1; b.Loop(); i++ {
				if i%10_000 == 0 {
					b.StopTimer()
					runtime.GC()
					b.StartTimer()
				}
				if err := c.Market.EndBlock(c.Ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestIdleBlockIsFlat compares the medians of many idle blocks with 1,000 and
// with 50,000 open tasks: a scan would be tens of times slower, a deeper tree
// is not. The best of three rounds counts, because machines are busy.
func TestIdleBlockIsFlat(t *testing.T) {
	few, many := crowd(t, 1_000), crowd(t, 50_000)
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	best := math.Inf(1)
	for range 3 {
		var fast, slow []time.Duration
		for range 201 { // in turn, so that a busy machine hits both
			fast, slow = append(fast, idleBlock(t, few)), append(slow, idleBlock(t, many))
		}
		slices.Sort(fast)
		slices.Sort(slow)
		best = min(best, float64(slow[100])/float64(fast[100]))
		t.Logf("five idle blocks: %s with 1,000 open tasks, %s with 50,000", fast[100], slow[100])
	}
	require.Less(t, best, 1.5)
}

func idleBlock(t *testing.T, c *sim.Chain) time.Duration {
	start := time.Now()
	for range 5 {
		require.NoError(t, c.Market.EndBlock(c.Ctx))
	}
	return time.Since(start)
}
