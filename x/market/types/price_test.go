// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

func TestMulDivCeil(t *testing.T) {
	large := types.ErrAmountTooLarge
	tests := map[string]struct {
		a, b, c, want uint64
		err           error
	}{
		"zero":                   {0, 5, 7, 0, nil},
		"exact":                  {6, 7, 2, 21, nil},
		"rounds up":              {1, 1, 1_000_000_000, 1, nil},
		"rounds up by one":       {10, 1, 3, 4, nil},
		"by zero":                {1, 1, 0, 0, large},
		"zero by zero":           {0, 0, 0, 0, large},
		"63 bits":                {math.MaxInt64, 1, 1, math.MaxInt64, nil},
		"64 bits":                {math.MaxInt64 + 1, 1, 1, 0, large},
		"rounds up over 63 bits": {math.MaxUint64, 1, 2, 0, large},
		"128-bit product":        {math.MaxUint64, math.MaxUint64, math.MaxUint64, 0, large},
		"128-bit product, fits":  {1 << 62, 1 << 62, 1 << 62, 1 << 62, nil},
		"quotient over 64 bits":  {1 << 63, 1 << 63, 2, 0, large},
		"divisor over product":   {3, 5, math.MaxUint64, 1, nil},
		"high word equals c":     {1 << 32, 1 << 32, 1, 0, large},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := types.MulDivCeil(tc.a, tc.b, tc.c)
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.want, got)
		})
	}
}

// TestMulDivCeilIsExact compares with arithmetic of any precision.
func TestMulDivCeilIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b"), rapid.Uint64Min(1).Draw(t, "c")
		want := new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
		want.Add(want, new(big.Int).SetUint64(c-1))
		want.Div(want, new(big.Int).SetUint64(c))
		got, err := types.MulDivCeil(a, b, c)
		if !want.IsInt64() {
			require.ErrorIs(t, err, types.ErrAmountTooLarge)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want.Uint64(), got)
	})
}

func TestGross(t *testing.T) {
	fuel, second := types.Scale(registrytypes.UnitFuel), types.Scale(registrytypes.UnitSecond)
	tests := map[string]struct{ price, units, scale, want uint64 }{
		"a price unit":        {800, 1_000_000_000, fuel, 800},
		"half of it":          {800, 500_000_000, fuel, 400},
		"a unit of fuel":      {800, 1, fuel, 1},
		"nothing used":        {800, 0, fuel, 0},
		"just over":           {800, 1_000_000_001, fuel, 801},
		"seconds":             {800, 90, second, 72_000},
		"dearest and longest": {types.MaxPrice, 1_000_000_000_000, fuel, types.MaxPrice * 1_000},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := types.Gross(tc.price, tc.units, tc.scale)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	_, err := types.Gross(types.MaxPrice, types.MaxUnits, fuel)
	require.ErrorIs(t, err, types.ErrAmountTooLarge)
}

func TestBps(t *testing.T) {
	tests := map[string]struct {
		amount uint64
		bps    uint32
		want   uint64
	}{
		"none":       {1_000, 0, 0},
		"5 %":        {1_000, 500, 50},
		"all":        {1_000, 10_000, 1_000},
		"over all":   {1_000, 10_001, 1_000},
		"greatest":   {1_000, math.MaxUint32, 1_000},
		"rounds":     {19, 500, 0},
		"rounds too": {39, 500, 1},
		"64 bits":    {math.MaxUint64, 10_000, math.MaxUint64},
		"half":       {math.MaxUint64, 5_000, math.MaxUint64 / 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, types.Bps(tc.amount, tc.bps)) })
	}
}

// TestBound is the table of bonds: 1, 7, 19 and 39 times the value at stake.
func TestBound(t *testing.T) {
	tests := map[string]struct {
		value uint64
		bps   uint32
		want  uint64
		err   error
	}{
		"100 %":          {1_000_000, 10_000, 1_000_000, nil},
		"25 %":           {1_000_000, 2_500, 7_000_000, nil},
		"10 %":           {1_000_000, 1_000, 19_000_000, nil},
		"5 %":            {1_000_000, 500, 39_000_000, nil},
		"1 %":            {1_000_000, 100, 199_000_000, nil},
		"rounds up":      {1, 3_000, 6, nil},
		"nothing":        {0, 500, 0, nil},
		"never audited":  {1, 0, 0, types.ErrInvalidParams},
		"over all":       {1, 10_001, 0, types.ErrInvalidParams},
		"does not fit":   {math.MaxInt64, 9_999, 0, types.ErrAmountTooLarge},
		"fits 63 bits":   {math.MaxInt64, 10_000, math.MaxInt64, nil},
		"far over 64":    {math.MaxUint64, 1, 0, types.ErrAmountTooLarge},
		"39 times fits":  {math.MaxInt64 / 39, 500, math.MaxInt64 / 39 * 39, nil},
		"39 does not":    {math.MaxInt64/39 + 1, 500, 0, types.ErrAmountTooLarge},
		"smallest value": {1, 500, 39, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := types.Bound(tc.value, tc.bps)
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.want, got)
		})
	}
}

func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := types.Split{TreasuryBps: rapid.Uint32Range(0, 5_000).Draw(t, "treasury"), BurnBps: rapid.Uint32Range(0, 5_000).Draw(t, "burn")}
		gross := rapid.Uint64Max(math.MaxInt64).Draw(t, "gross")
		burnable := rapid.Bool().Draw(t, "burnable")
		got := s.Shares(gross, burnable)
		require.Equal(t, gross, got.Provider+got.Treasury+got.Burn)
		require.LessOrEqual(t, got.Provider, gross)
		if !burnable {
			require.Zero(t, got.Burn)
		}
	})
}

func TestBatchValue(t *testing.T) {
	p := types.DefaultParams()
	p.MinValue = 5_000
	base := types.Batch{Denom: types.BaseDenom, Limits: types.Limits{Units: 2_000_000_000}, Replicas: 3, MaxPrice: 900, Tip: 100}
	other := base
	other.Denom, other.Rate = "ibc/usdc", 2_500_000
	stake := base
	stake.ValueAtStake = 1_000_000
	for name, tc := range map[string]struct {
		batch types.Batch
		want  uint64
	}{"floor": {base, 5_000}, "at 2.5 and 1.5": {other, 7_500}, "at stake": {stake, 1_000_000}} {
		got, err := tc.batch.Value(p, 1_000, 1_000_000_000)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, got, name)
	}
	escrow, err := base.Escrow(registrytypes.UnitFuel, 5)
	require.NoError(t, err)
	require.EqualValues(t, 2_000*3*5, escrow)
	_, err = base.Escrow(registrytypes.UnitSecond, 4_096)
	require.NoError(t, err)
	base.Limits.Units = 1e15
	_, err = base.Escrow(registrytypes.UnitSecond, 4_096)
	require.ErrorIs(t, err, types.ErrAmountTooLarge)
	other.Rate = math.MaxInt64
	_, err = other.Value(p, types.MaxPrice, 1)
	require.ErrorIs(t, err, types.ErrAmountTooLarge)
}
