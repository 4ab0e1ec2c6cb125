// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types"
)

const (
	botDraws = 10_000
	botTasks = 50 // wrong tasks an epoch
	botTries = 64 // block ids that the proposer can choose among
)

// drawnOf counts the bot's tasks of an epoch that a seed audits.
func drawnOf(seed []byte, epoch uint64, rateBps uint32) int {
	n := 0
	for i := range uint64(botTasks) {
		if types.Drawn(seed, epoch<<12|i, rateBps) {
			n++
		}
	}
	return n
}

// grind begins the block of the next epoch with the id, out of botTries, under
// which the fewest of the bot's tasks of the epoch before are audited.
func (w *world) grind(epoch uint64, rateBps uint32) {
	w.t.Helper()
	require.NoError(w.t, w.k.EndBlock(w.ctx))
	w.ctx = w.ctx.WithBlockHeight(w.ctx.BlockHeight() + 1)
	best, fewest := w.ctx, math.MaxInt
	for try := range botTries {
		id := sha256.Sum256(fmt.Appendf(nil, "candidate %d of %d", try, epoch))
		ctx, _ := w.ctx.CacheContext()
		ctx = ctx.WithHeaderHash(id[:])
		require.NoError(w.t, w.k.BeginBlock(ctx))
		seed, _, ok, err := w.k.Judge(ctx, epoch)
		require.NoError(w.t, err)
		n := 0
		if ok {
			n = drawnOf(seed, epoch, rateBps)
		}
		if n < fewest {
			fewest, best = n, w.ctx.WithHeaderHash(id[:])
		}
	}
	w.ctx = best
	require.NoError(w.t, w.k.BeginBlock(w.ctx))
}

// lastBlock goes to the last block of the epoch.
func (w *world) lastBlock() uint64 {
	w.t.Helper()
	epoch := w.epoch()
	for w.ctx.BlockHeight() < epoch.StartHeight+int64(epoch.Blocks)-1 {
		w.next()
	}
	return epoch.Number
}

// TestGrindingProposer: a bot that proposes the first block of every epoch, and
// chooses among many block ids, changes nothing about its audits where the
// beacon makes the seeds; where block ids do, it escapes at the plain rate and
// is audited no less than that at the doubled one.
func TestGrindingProposer(t *testing.T) {
	const rate = 2_500 // a new provider
	expected := float64(rate) / types.BasisPoints
	deviation := math.Sqrt(expected * (1 - expected) / botDraws)

	w := beaconWorld(t, 100, 100, 100)
	w.commits(0, 1, 2)
	drawn := 0
	for range botDraws / botTasks {
		epoch := w.lastBlock()
		w.grind(epoch, rate)
		w.reveals(0, 1, 2)
		w.commits(0, 1, 2)
		w.next()
		seed, doubled, ok := w.judge(epoch)
		require.True(t, ok)
		require.False(t, doubled)
		drawn += drawnOf(seed, epoch, rate)
	}
	beacon := float64(drawn) / botDraws
	require.InDelta(t, expected, beacon, 4*deviation)

	// The same bot on a chain without attestors.
	fallback := func(bps uint32) float64 {
		w := newWorld(t, 100)
		w.setParams(func(p *types.Params) { p.EpochBlocks = testEpoch })
		drawn := 0
		for range botDraws / botTasks {
			epoch := w.lastBlock()
			w.grind(epoch, bps)
			seed, doubled, ok := w.judge(epoch)
			require.True(t, ok)
			require.True(t, doubled)
			drawn += drawnOf(seed, epoch, bps)
		}
		return float64(drawn) / botDraws
	}
	plain, double := fallback(rate), fallback(2*rate)
	t.Logf("audited at %.1f %%: %.2f %% with the beacon, %.2f %% ground from block ids, %.2f %% ground at the doubled rate",
		100*expected, 100*beacon, 100*plain, 100*double)
	require.Less(t, plain, expected-8*deviation, "the bot cannot grind: this test shows nothing")
	require.Greater(t, double, expected)
}

// escape is the least that m wrong tasks at a rate cost a coalition that may
// withhold a share after each look at the seed, for ever, at the price of one
// bound each time; in bounds. Every drawn task costs one.
//
// With a next look at cost v + 1, it withholds as soon as more than that is
// drawn: v = E[min(D, 1 + v)] with D binomial.
func escape(m int, rate float64) float64 {
	pmf := make([]float64, m+1)
	for d := range pmf {
		logC, _ := math.Lgamma(float64(m + 1))
		a, _ := math.Lgamma(float64(d + 1))
		b, _ := math.Lgamma(float64(m - d + 1))
		pmf[d] = math.Exp(logC - a - b + float64(d)*math.Log(rate) + float64(m-d)*math.Log(1-rate))
	}
	v := 0.0
	for range 100_000 {
		next := 0.0
		for d, p := range pmf {
			next += p * math.Min(float64(d), 1+v)
		}
		if next-v < 1e-12 {
			break
		}
		v = next
	}
	return v
}

// TestWithholdingCostsMore: with the bonds of the bond rule, B = V (1 - p/2) /
// (p/2), and any number of shares to withhold, m wrong tasks of value V cost the
// coalition more than the m V that they bring. That holds at every rate below
// 100 % and for every number of tasks.
func TestWithholdingCostsMore(t *testing.T) {
	for _, rate := range []float64{0.05, 0.10, 0.25} {
		bound := (1 - rate/2) / (rate / 2) // in V
		worst := math.Inf(1)
		var at int
		for _, m := range []int{1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1_000} {
			cost := escape(m, rate) * bound / float64(m) // per task, in V
			honest := rate * bound
			if cost < worst {
				worst, at = cost, m
			}
			require.LessOrEqual(t, cost, honest+1e-9, "withholding is an option, not a duty")
			require.Greater(t, cost, 1.0, "%d tasks at %.0f %%", m, 100*rate)
		}
		t.Logf("at %.0f %%: bound %.0f V; a wrong task costs %.2f V without withholding, %.2f V with the best of it (%d tasks), and brings 1 V",
			100*rate, bound, rate*bound, worst, at)
	}
}
