// SPDX-License-Identifier: Apache-2.0

package fixed

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSqrt(t *testing.T) {
	for v := range uint64(70_000) {
		requireRoot(t, v)
	}
	for _, v := range []uint64{math.MaxUint64, math.MaxUint64 - 1, math.MaxUint32, 1 << 63, 1<<62 - 1, math.MaxUint32 * math.MaxUint32, math.MaxUint32*math.MaxUint32 - 1} {
		requireRoot(t, v)
	}
	rapid.Check(t, func(t *rapid.T) { requireRoot(t, rapid.Uint64().Draw(t, "v")) })
}

func requireRoot(t require.TestingT, v uint64) {
	want := new(big.Int).Sqrt(new(big.Int).SetUint64(v))
	require.Equal(t, want.Uint64(), Sqrt(v), "v = %d", v)
}

func TestMulDiv(t *testing.T) {
	tests := map[string]struct {
		a, b, c, want uint64
		ok            bool
	}{
		"small":             {a: 7, b: 3, c: 2, want: 10, ok: true},
		"zero product":      {a: 0, b: 3, c: 2, want: 0, ok: true},
		"by zero":           {a: 7, b: 3, c: 0},
		"wide product":      {a: math.MaxUint64, b: math.MaxUint64, c: math.MaxUint64, want: math.MaxUint64, ok: true},
		"wide quotient":     {a: math.MaxUint64, b: 2, c: 1},
		"one above 64 bits": {a: 1 << 63, b: 2, c: 1},
		"just 64 bits":      {a: 1 << 63, b: 2, c: 2, want: 1 << 63, ok: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := MulDiv(tc.a, tc.b, tc.c)
			require.Equal(t, tc.ok, ok)
			require.Equal(t, tc.want, got)
		})
	}
}

func TestMulDivMatchesBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b"), rapid.Uint64Min(1).Draw(t, "c")
		want := new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
		want.Div(want, new(big.Int).SetUint64(c))
		got, ok := MulDiv(a, b, c)
		require.Equal(t, want.IsUint64(), ok)
		if ok {
			require.Equal(t, want.Uint64(), got)
		}
	})
}

// Each root is the floor of the square root of the one before, of 1/2 the first;
// the table is checked with wider integers than it is written in.
func TestRootsOfHalf(t *testing.T) {
	const bits = 256
	root := new(big.Int).Lsh(big.NewInt(1), bits-1)
	for i, got := range rootsOfHalf {
		root.Sqrt(root.Lsh(root, bits))
		require.Equal(t, new(big.Int).Rsh(root, bits-64).Uint64(), got, "root %d", i)
	}
}

func TestDecay(t *testing.T) {
	tests := map[string]struct{ v, elapsed, halfLife, want uint64 }{
		"no time":               {v: 1_000_000, elapsed: 0, halfLife: 100, want: 1_000_000},
		"no time, no half-life": {v: 1_000_000, elapsed: 0, halfLife: 0, want: 1_000_000},
		"no half-life":          {v: 1_000_000, elapsed: 1, halfLife: 0, want: 0},
		"one half-life":         {v: 1_000_000, elapsed: 100, halfLife: 100, want: 500_000},
		"three":                 {v: 1_000_000, elapsed: 300, halfLife: 100, want: 125_000},
		"half of one":           {v: 1_000_000, elapsed: 50, halfLife: 100, want: 707_106},
		"one and a half":        {v: 1_000_000, elapsed: 150, halfLife: 100, want: 353_553},
		"a quarter":             {v: 1_000_000, elapsed: 25, halfLife: 100, want: 840_896},
		"63 half-lives":         {v: 1 << 63, elapsed: 6300, halfLife: 100, want: 1},
		"64 half-lives":         {v: math.MaxUint64, elapsed: 6400, halfLife: 100, want: 0},
		"for ever":              {v: math.MaxUint64, elapsed: math.MaxUint64, halfLife: 1, want: 0},
		"nothing":               {v: 0, elapsed: 7, halfLife: 100, want: 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, Decay(tc.v, tc.elapsed, tc.halfLife))
		})
	}
}

func TestDecayErrorBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint64Range(0, 1<<52).Draw(t, "v")
		half := rapid.Uint64Range(1, 1<<32).Draw(t, "half")
		elapsed := rapid.Uint64Range(0, half*8).Draw(t, "elapsed")
		exact := float64(v) * math.Exp2(-float64(elapsed)/float64(half))
		got := Decay(v, elapsed, half)
		require.LessOrEqual(t, got, v)
		require.InDelta(t, exact, float64(got), 1+float64(v)/(1<<32)+exact*1e-14)
	})
}

// Any grouping of the same time gives the same value, within one bound per step.
func TestDecayGrouping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const half = 30 * 24 * 3600
		v := rapid.Uint64Range(0, 1<<40).Draw(t, "v")
		steps := rapid.SliceOfN(rapid.Uint64Range(0, half), 1, 40).Draw(t, "steps")
		total, grouped := uint64(0), v
		for _, step := range steps {
			total += step
			grouped = Decay(grouped, step, half)
		}
		bound := float64(len(steps)+1) * (1 + float64(v)/(1<<32))
		require.InDelta(t, float64(Decay(v, total, half)), float64(grouped), bound)
	})
}

func TestDecayFallsWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		half := rapid.Uint64Range(1, 1<<30).Draw(t, "half")
		v := rapid.Uint64Range(0, 1<<40).Draw(t, "v")
		a := rapid.Uint64Range(0, half*4).Draw(t, "a")
		b := rapid.Uint64Range(a, half*5).Draw(t, "b")
		require.LessOrEqual(t, Decay(v, b, half), Decay(v, a, half))
	})
}
