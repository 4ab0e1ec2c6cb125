// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/oracle/types"
)

func testSeed(n uint64) []byte {
	return types.NextSeed(nil, binary.BigEndian.AppendUint64(nil, n), 1)
}

// Each rate is met over fixed seeds and tasks within 4 standard deviations.
func TestDrawnMeetsItsRate(t *testing.T) {
	const draws = 100_000
	for _, rate := range []uint32{0, 1, 500, 1000, 2500, 5000, 9999, 10_000, 10_001, math.MaxUint32} {
		drawn := 0
		for i := range uint64(draws) {
			if types.Drawn(testSeed(i/1000), i%1000<<12|i, rate) {
				drawn++
			}
		}
		p := math.Min(float64(rate)/10_000, 1)
		deviation := math.Sqrt(draws * p * (1 - p))
		require.InDelta(t, draws*p, float64(drawn), 4*deviation, "rate %d", rate)
	}
}

// A batch numbers its tasks in a row: neighbours are drawn independently.
func TestDrawnNeighboursAreIndependent(t *testing.T) {
	const draws, rate = 100_000, 2500
	both := 0
	seed := testSeed(1)
	for i := range uint64(draws) {
		if types.Drawn(seed, i, rate) && types.Drawn(seed, i+1, rate) {
			both++
		}
	}
	p := 1.0 / 16
	require.InDelta(t, draws*p, float64(both), 5*math.Sqrt(draws*p*(1-p)))
}

func TestDrawnIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOf(rapid.Byte()).Draw(t, "seed")
		task := rapid.Uint64().Draw(t, "task")
		low := rapid.Uint32Range(0, 10_000).Draw(t, "low")
		high := rapid.Uint32Range(low, 10_000).Draw(t, "high")
		require.False(t, types.Drawn(seed, task, 0))
		require.True(t, types.Drawn(seed, task, 10_000))
		if types.Drawn(seed, task, low) {
			require.True(t, types.Drawn(seed, task, high))
		}
		require.Equal(t, types.Drawn(seed, task, low), types.Drawn(seed, task, low))
	})
}

// The statistic of k equal cells has mean k-1 and variance 2(k-1); five standard
// deviations above is far beyond chance, and the stream is fixed.
func TestUint64nIsUniform(t *testing.T) {
	for _, n := range []uint64{2, 3, 7, 10, 32, 100, 1000} {
		r := types.NewRand(testSeed(n), "uniform", n)
		const perCell = 1000
		counts := make([]float64, n)
		for range n * perCell {
			counts[r.Uint64n(n)]++
		}
		chi := 0.0
		for _, count := range counts {
			chi += (count - perCell) * (count - perCell) / perCell
		}
		freedom := float64(n - 1)
		require.Less(t, chi, freedom+5*math.Sqrt(2*freedom), "n = %d", n)
	}
}

// Without rejection, the lower half of [0, 3·2^62) would come up twice as often
// as the rest: 2/3 of all instead of 1/2 would be below 3·2^61.
func TestUint64nIsUnbiasedForLargeN(t *testing.T) {
	const n, draws = 3 << 62, 40_000
	r := types.NewRand(testSeed(0), "large")
	below := 0
	for range draws {
		v := r.Uint64n(n)
		require.Less(t, v, uint64(n))
		if v < n/3 {
			below++
		}
	}
	p := 1.0 / 3
	require.InDelta(t, draws*p, float64(below), 5*math.Sqrt(draws*p*(1-p)))
}

func TestUint64nBounds(t *testing.T) {
	r := types.NewRand(nil, "")
	require.Zero(t, r.Uint64n(0))
	require.Zero(t, r.Uint64n(1))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Min(1).Draw(t, "n")
		require.Less(t, types.NewRand(rapid.SliceOf(rapid.Byte()).Draw(t, "seed"), "bounds", n).Uint64n(n), n)
	})
}

func TestRandStreams(t *testing.T) {
	first := func(r *types.Rand) [9]uint64 {
		var out [9]uint64
		for i := range out {
			out[i] = r.Uint64n(math.MaxUint64)
		}
		return out
	}
	seed := testSeed(0)
	streams := [][9]uint64{
		first(types.NewRand(seed, "a", 1, 2)),
		first(types.NewRand(seed, "a", 2, 1)),
		first(types.NewRand(seed, "a", 1)),
		first(types.NewRand(seed, "a")),
		first(types.NewRand(seed, "b", 1, 2)),
		first(types.NewRand(testSeed(1), "a", 1, 2)),
		first(types.NewRand(append([]byte{}, seed[:31]...), string(seed[31:])+"a", 1, 2)),
	}
	for i, a := range streams {
		for j, b := range streams {
			require.Equal(t, i == j, a == b, "streams %d and %d", i, j)
		}
	}
	require.Equal(t, streams[0], first(types.NewRand(seed, "a", 1, 2)))
}

// The vectors, computed by another program, fix the draws: a node that draws
// otherwise forks.
func TestDrawVectors(t *testing.T) {
	r := types.NewRand(testSeed(0), "vector", 42)
	var got []uint64
	for range 10 {
		got = append(got, r.Uint64n(1000))
	}
	require.Equal(t, []uint64{349, 623, 493, 896, 16, 227, 486, 346, 696, 996}, got)

	var drawn []uint64
	for task := range uint64(40) {
		if types.Drawn(testSeed(0), task, 2500) {
			drawn = append(drawn, task)
		}
	}
	require.Equal(t, []uint64{9, 10, 13, 19, 20, 22, 24, 28, 29, 32, 37, 39}, drawn)
}
