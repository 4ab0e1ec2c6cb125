// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"math"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const example = `
classes:
  wasm/v1-amd64:
    ask: 40
    floor: 20
    ceiling: 100
    surge:
      - {percent: 150, busy: 80}
      - {percent: 200, from: "18:00", to: "22:00", days: [mon, fri]}
      - {percent: 400, from: "23:00", to: "01:00", days: [sat]}
max_at_risk: 1000000
over_limit: decline
drain_below_floor: true
`

func TestAsk(t *testing.T) {
	f, err := Parse([]byte(example))
	require.NoError(t, err)
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		busy uint32
		at   time.Time
		want uint64
	}{
		"quiet":                     {0, monday.Add(12 * time.Hour), 40},
		"busy below the rule":       {79, monday.Add(12 * time.Hour), 40},
		"busy":                      {80, monday.Add(12 * time.Hour), 60},
		"evening begins":            {0, monday.Add(18 * time.Hour), 80},
		"evening one minute before": {0, monday.Add(18*time.Hour - time.Minute), 40},
		"evening is over":           {0, monday.Add(22 * time.Hour), 40},
		"the highest rule counts":   {100, monday.Add(19 * time.Hour), 80},
		"tuesday evening":           {0, monday.Add(43 * time.Hour), 40},
		"in another zone":           {0, monday.Add(18 * time.Hour).In(time.FixedZone("", 5*3600)), 80},
		"saturday night, capped":    {0, monday.Add(5*24*time.Hour + 23*time.Hour + 30*time.Minute), 100},
		"and after midnight":        {0, monday.Add(6*24*time.Hour + 30*time.Minute), 100},
		"saturday after midnight":   {0, monday.Add(5*24*time.Hour + 30*time.Minute), 40},
	} {
		got, ok := f.Ask("wasm/v1-amd64", tc.busy, tc.at)
		require.True(t, ok)
		require.Equal(t, tc.want, got, name)
	}
	_, ok := f.Ask("other/v1", 0, monday)
	require.False(t, ok)
	require.Equal(t, []string{"wasm/v1-amd64"}, f.Names())
}

func TestPolicyFilesThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"wat: 1":                                                              "wat",
		"over_limit: maybe":                                                   "over_limit",
		"classes: {c: {ask: 0}}":                                              "ask is 0",
		"classes: {c: {ask: -1}}":                                             "uint64",
		"classes: {c: {ask: 1, floor: 2}}":                                    "below the floor",
		"classes: {c: {ask: 2, ceiling: 1}}":                                  "below the ask",
		"classes: {c: {ask: 2, surge: [{percent: 99}]}}":                      "percent",
		"classes: {c: {ask: 2, surge: [{percent: 10001}]}}":                   "percent",
		"classes: {c: {ask: 2, surge: [{percent: 100, busy: 101}]}}":          "busy",
		`classes: {c: {ask: 2, surge: [{percent: 100, from: "1:00"}]}}`:       "belong together",
		`classes: {c: {ask: 2, surge: [{percent: 100, from: "x", to: "y"}]}}`: "HH:MM",
		"classes: {c: {ask: 2, surge: [{percent: 100, days: [monday]}]}}":     "monday",
	} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
	f, err := Parse(nil)
	require.NoError(t, err)
	require.Equal(t, File{OverLimit: OverDrain}, f)
	path := filepath.Join(t.TempDir(), "policy.yaml")
	_, err = Load(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte(example), 0o600))
	_, err = Load(path)
	require.NoError(t, err)
}

// TestAskStaysInBounds holds for any numbers: never below the floor, never
// above the ceiling, and never less than without the surge.
func TestAskStaysInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		floor := rapid.Uint64().Draw(t, "floor")
		ask := rapid.Uint64Range(max(floor, 1), math.MaxUint64).Draw(t, "ask")
		c := Class{Ask: ask, Floor: floor}
		if rapid.Bool().Draw(t, "capped") {
			c.Ceiling = rapid.Uint64Range(ask, math.MaxUint64).Draw(t, "ceiling")
		}
		c.Surge = []Surge{{Percent: rapid.Uint32Range(100, 10_000).Draw(t, "percent"), Busy: rapid.Uint32Range(0, 100).Draw(t, "busy")}}
		f := File{Classes: map[string]Class{"c": c}, OverLimit: OverDrain}
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		got, _ := f.Ask("c", rapid.Uint32Range(0, 100).Draw(t, "load"), time.Unix(rapid.Int64Range(0, 1<<35).Draw(t, "at"), 0))
		if got < floor || got < ask || c.Ceiling != 0 && got > c.Ceiling {
			t.Fatalf("ask %d for %+v", got, c)
		}
	})
}

// TestArithmeticSaturates compares with numbers of any size.
func TestArithmeticSaturates(t *testing.T) {
	most := new(big.Int).SetUint64(math.MaxUint64)
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		c := rapid.Uint64Range(1, math.MaxUint64).Draw(t, "c")
		same := func(what string, got uint64, want *big.Int) {
			if want.Cmp(most) > 0 {
				want = most
			}
			if new(big.Int).SetUint64(got).Cmp(want) != 0 {
				t.Fatalf("%s of %d, %d, %d is %d, not %s", what, a, b, c, got, want)
			}
		}
		x, y, z := new(big.Int).SetUint64(a), new(big.Int).SetUint64(b), new(big.Int).SetUint64(c)
		same("sum", add(a, b), new(big.Int).Add(x, y))
		same("quotient", mulDiv(a, b, c), new(big.Int).Div(new(big.Int).Mul(x, y), z))
	})
}

// TestWorth says the rule with numbers of any size: serving is worth it iff it
// loses no more than not serving does.
func TestWorth(t *testing.T) {
	require.True(t, Terms{}.Worth())
	require.True(t, Terms{Fees: 10, NoShow: 10}.Worth(), "the no-show fee costs as much")
	require.False(t, Terms{Fees: 11, NoShow: 10}.Worth())
	require.True(t, Terms{Pay: 1, Fees: 11, NoShow: 10}.Worth())
	require.False(t, Terms{Pay: 5, Cost: 6}.Worth())
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Uint64Range(0, math.MaxUint64/2)
		terms := Terms{Pay: small.Draw(t, "pay"), Fees: small.Draw(t, "fees"), Cost: small.Draw(t, "cost"), NoShow: small.Draw(t, "no show")}
		sum := func(a, b uint64) *big.Int {
			return new(big.Int).Add(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
		}
		if want := sum(terms.Pay, terms.NoShow).Cmp(sum(terms.Fees, terms.Cost)) >= 0; terms.Worth() != want {
			t.Fatalf("%+v", terms)
		}
	})
}

// TestPayFollowsTheChain computes the pay as x/market settles it.
func TestPayFollowsTheChain(t *testing.T) {
	s := seatTerms{
		batch:  markettypes.Batch{Denom: markettypes.BaseDenom, Limits: markettypes.Limits{Units: 4_000_000_000}},
		params: markettypes.DefaultParams(), scale: 1_000_000_000, price: 50,
	}
	require.Equal(t, uint64(85), s.pay(2_000_000_000), "85 % of 100")
	require.Equal(t, uint64(170), s.pay(2_000_000_000, 2_000_000_000))
	require.Zero(t, s.pay())
	require.Equal(t, uint64(80), s.cost(10, 2), "10 a unit, 4 units, 2 tasks")
	require.Equal(t, markettypes.Bps(markettypes.DefaultParams().MinValue, markettypes.DefaultParams().NoShowBps), s.noShow())

	s.batch.Denom, s.batch.Rate = "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", 2*markettypes.RateUnit
	require.Equal(t, uint64(85), s.share(2_000_000_000), "what would be burned goes to the treasury")
	require.Equal(t, uint64(170), s.pay(2_000_000_000), "at two ucupel for one")
	s.price = math.MaxUint64
	require.Equal(t, uint64(math.MaxUint64), s.pay(math.MaxUint64), "saturates")
	require.Equal(t, uint64(math.MaxUint64), s.noShow())
}
