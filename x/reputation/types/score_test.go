// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/reputation/types"
)

const task = 1_000_000

// reference computes the bound from its textbook form with 200 bits:
// (p + z²/2n - z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
func reference(successes, failures uint64) float64 {
	num := func(v float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(v) }
	op := func() *big.Float { return new(big.Float).SetPrec(200) }
	z := op().Quo(num(164), num(100))
	zz := op().Mul(z, z)
	s := op().Quo(num(float64(successes)), num(task))
	n := op().Quo(num(float64(successes+failures)), num(task))
	p := op().Quo(s, n)
	variance := op().Quo(op().Mul(p, op().Sub(num(1), p)), n)
	variance.Add(variance, op().Quo(zz, op().Mul(num(4), op().Mul(n, n))))
	top := op().Add(p, op().Quo(zz, op().Mul(num(2), n)))
	top.Sub(top, op().Mul(z, op().Sqrt(variance)))
	top.Quo(top, op().Add(num(1), op().Quo(zz, n)))
	score, _ := top.Float64()
	return score
}

func TestWilsonMatchesReference(t *testing.T) {
	tests := map[string]struct{ successes, failures uint64 }{
		"one success":           {successes: task},
		"one failure":           {failures: task},
		"one of each":           {successes: task, failures: task},
		"a tenth of a success":  {successes: task / 10},
		"the least success":     {successes: 1},
		"the least of each":     {successes: 1, failures: 1},
		"five":                  {successes: 5 * task},
		"nine of ten":           {successes: 9 * task, failures: task},
		"50":                    {successes: 50 * task},
		"95 of 100":             {successes: 95 * task, failures: 5 * task},
		"199 of 200":            {successes: 199 * task, failures: task},
		"half of a thousand":    {successes: 500 * task, failures: 500 * task},
		"one of a thousand":     {successes: task, failures: 999 * task},
		"a million":             {successes: types.MaxWeight},
		"a million each":        {successes: types.MaxWeight, failures: types.MaxWeight},
		"a million and the one": {successes: types.MaxWeight, failures: task},
		"the one of a million":  {successes: task, failures: types.MaxWeight},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := types.Wilson(tc.successes, tc.failures)
			require.InDelta(t, reference(tc.successes, tc.failures)*1e6, float64(got), 2)
		})
	}
	require.Zero(t, types.Wilson(0, 0))
}

func TestWilsonErrorBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, f := weight().Draw(t, "successes"), weight().Draw(t, "failures")
		if s+f == 0 {
			return
		}
		got := types.Wilson(s, f)
		require.LessOrEqual(t, got, uint32(1_000_000))
		require.InDelta(t, reference(s, f)*1e6, float64(got), 2, "%d %d", s, f)
	})
}

// weight draws over all magnitudes.
func weight() *rapid.Generator[uint64] {
	return rapid.Custom(func(t *rapid.T) uint64 {
		top := uint64(1) << rapid.IntRange(0, 40).Draw(t, "bits")
		return min(rapid.Uint64Range(0, top).Draw(t, "weight"), types.MaxWeight)
	})
}

// A success never lowers the score and a failure never raises it, but for the
// last part per million of rounding.
func TestScoreIsMonotone(t *testing.T) {
	params := types.DefaultParams()
	rapid.Check(t, func(t *rapid.T) {
		params.StartScore = rapid.Uint32Range(0, params.CapScore).Draw(t, "start")
		r := types.Record{Successes: weight().Draw(t, "successes"), Failures: weight().Draw(t, "failures")}
		w := rapid.Uint64Range(1, task).Draw(t, "weight")
		score := params.Score(r, 0)
		require.LessOrEqual(t, score, params.Score(r.Succeed(w), 0)+1)
		require.LessOrEqual(t, params.Score(r.Fail(w), 0), score+1)
		if r.Failures == 0 {
			require.LessOrEqual(t, score, params.Score(r.Succeed(w), 0), "exactly so without failures")
		}
	})
}

// Time alone brings every score back to the start, from either side.
func TestScoreDecaysTowardsStart(t *testing.T) {
	params := types.DefaultParams()
	rapid.Check(t, func(t *rapid.T) {
		good := types.Record{Successes: weight().Draw(t, "successes")}
		bad := types.Record{Failures: weight().Draw(t, "failures")}
		lastGood, lastBad := params.Score(good, 0), params.Score(bad, 0)
		for month := uint64(1); month <= 60; month++ {
			now := month * params.HalfLife
			g, b := params.Standing(good, now).Score, params.Standing(bad, now).Score
			require.LessOrEqual(t, g, lastGood)
			require.GreaterOrEqual(t, b, lastBad)
			lastGood, lastBad = g, b
		}
		require.Equal(t, params.StartScore, lastGood)
		require.Equal(t, params.StartScore, lastBad)
	})
}

// Reading a record often or seldom makes no difference worth a part in 10,000.
func TestScoreIsEqualUnderGrouping(t *testing.T) {
	params := types.DefaultParams()
	rapid.Check(t, func(t *rapid.T) {
		r := types.Record{Successes: weight().Draw(t, "successes"), Failures: weight().Draw(t, "failures")}
		grouped, now := r, uint64(0)
		for _, step := range rapid.SliceOfN(rapid.Uint64Range(0, 2*params.HalfLife), 1, 30).Draw(t, "steps") {
			now += step
			grouped = grouped.Decay(now, params.HalfLife)
		}
		require.InDelta(t, float64(params.Standing(r, now).Score), float64(params.Standing(grouped, now).Score), 100)
	})
}

func TestStandingOfAStranger(t *testing.T) {
	params := types.DefaultParams()
	want := types.Standing{Score: 500_000, AuditBps: 10_000, Level: "first"}
	require.Equal(t, want, params.Standing(types.Record{}, 0))
	require.Equal(t, want, params.Standing(types.Record{}, math.MaxUint64))

	// Any start score that validates is met exactly.
	params.CapScore = task
	for start := uint32(0); start <= types.MaxStartScore; start += 1_237 {
		params.StartScore = start
		require.Equal(t, start, params.Standing(types.Record{}, 0).Score)
	}
}

// One success is never worth less than none, whatever it weighs.
func TestFirstSuccess(t *testing.T) {
	params := types.DefaultParams()
	stranger := params.Standing(types.Record{}, 0).Score
	require.Equal(t, stranger, params.Score(types.Record{}.Succeed(0), 0))
	require.Greater(t, params.Score(types.Record{}.Succeed(task/10), 0), stranger)
	require.Greater(t, params.Score(types.Record{}.Succeed(task), 0), params.Score(types.Record{}.Succeed(task/10), 0))
	require.Less(t, params.Score(types.Record{}.Fail(task), 0), stranger)
}

// How far tasks of full weight, all good, carry a provider.
func TestClimb(t *testing.T) {
	params := types.DefaultParams()
	r := types.Record{}
	reached := map[string]uint64{}
	for range 300 {
		r = r.Succeed(task)
		level := params.Standing(r, 0).Level
		if _, ok := reached[level]; !ok {
			reached[level] = r.Counted
		}
	}
	require.Equal(t, map[string]uint64{"first": 1, "new": 5, "established": 50, "trusted": 200}, reached)
}

func TestCap(t *testing.T) {
	params := types.DefaultParams()
	good := types.Record{Successes: 500 * task, Counted: 500, CappedUntil: 100}
	require.Equal(t, types.Standing{Score: 600_000, AuditBps: 2_500, Level: "new", Counted: 500}, params.Standing(good, 99))
	require.Equal(t, "trusted", params.Standing(good, 100).Level)

	bad := types.Record{Failures: 50 * task, CappedUntil: 100}
	require.Less(t, params.Standing(bad, 99).Score, params.CapScore)
}

func TestRecordSaturates(t *testing.T) {
	r := types.Record{Successes: types.MaxWeight - 1, Failures: types.MaxWeight}
	r = r.Succeed(task).Fail(task)
	require.Equal(t, uint64(types.MaxWeight), r.Successes)
	require.Equal(t, uint64(types.MaxWeight), r.Failures)
}

func TestRecordDecay(t *testing.T) {
	r := types.Record{Successes: 8 * task, Failures: 4 * task, Updated: 100, Counted: 9}
	require.Equal(t, r, r.Decay(100, 50))
	require.Equal(t, r, r.Decay(99, 50), "time does not go back")
	require.Equal(t, types.Record{Successes: 2 * task, Failures: task, Updated: 200, Counted: 9}, r.Decay(200, 50))
}

func TestBucket(t *testing.T) {
	for score, want := range map[uint32]uint32{0: 0, 3_906: 0, 3_907: 1, 500_000: 128, 999_999: 255, 1_000_000: types.MaxBucket} {
		require.Equal(t, want, types.Record{Score: score}.Bucket(), "score %d", score)
	}
}
