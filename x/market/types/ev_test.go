// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// TestNoCoalitionGains is the bond rule: whatever standing a provider has and
// whatever share of the tickets is its coalition's, a wrong answer loses.
func TestNoCoalitionGains(t *testing.T) {
	p := types.DefaultParams()
	panel := types.Panel{Seats: p.GrowTo, Need: p.Quorum}
	rates := []uint32{p.AuditFloorBps}
	for _, level := range reputationtypes.DefaultParams().Levels {
		rates = append(rates, level.AuditBps)
	}
	for _, f := range []uint32{0, 100_000, 200_000, 300_000} {
		for _, rate := range rates {
			for _, value := range []uint64{1, p.MinValue, 123_456_789, 1 << 50} {
				name := fmt.Sprintf("f=%d rate=%d value=%d", f, rate, value)
				bound, err := types.Bound(value, rate)
				require.NoError(t, err, name)
				caught := panel.Caught(f, 1)
				single := types.EV(value, bound, rate, caught)
				require.LessOrEqual(t, single, int64(0), name)
				require.LessOrEqual(t, types.EV(value, bound, min(2*rate, types.BasisPoints), caught), single, "%s doubled", name)
			}
		}
	}
}

// TestCaught compares the chance with one counted in another way.
func TestCaught(t *testing.T) {
	tests := []struct {
		seats, need, share, first uint32
		want                      float64
	}{
		{7, 4, 0, 1, 1},
		{7, 4, 300_000, 1, 0.7 * 0.83692}, // 3 of 5 are honest
		{7, 4, 300_000, 2, 0.7 * 0.6517},  // 3 of 4
		{7, 4, 300_000, 3, 0.7 * 0.343},   // 3 of 3
		{7, 4, 300_000, 4, 0},             // the coalition is the quorum
		{3, 2, 300_000, 1, 0.7 * 0.7},
		{21, 11, 300_000, 3, 0.7 * 0.8954},
		{21, 14, 300_000, 0, 0.540590},
		{2, 1, 300_000, 1, 0.7}, // the auditor alone decides
		{7, 4, 1_000_000, 1, 0},
	}
	for _, tc := range tests {
		got := types.Panel{Seats: tc.seats, Need: tc.need}.Caught(tc.share, tc.first)
		require.InDelta(t, tc.want*1e6, float64(got), 100, "%+v", tc)
	}
}

// TestCaughtSimulated draws panels at random.
func TestCaughtSimulated(t *testing.T) {
	for _, f := range []uint32{0, 50_000, 300_000, 600_000} {
		for need := uint32(2); need <= 7; need++ {
			exact := new(big.Rat)
			for draw := range 1 << 6 { // the auditor and five more
				chance, honest := big.NewRat(1, 1), uint32(0)
				for seat := range 6 {
					p := big.NewRat(int64(f), 1_000_000)
					if draw>>seat&1 == 1 {
						p, honest = big.NewRat(1_000_000-int64(f), 1_000_000), honest+1
					}
					chance.Mul(chance, p)
				}
				if draw&1 == 1 && honest >= need {
					exact.Add(exact, chance)
				}
			}
			want, _ := new(big.Rat).Mul(exact, big.NewRat(1_000_000, 1)).Float64()
			require.InDelta(t, want, float64(types.Panel{Seats: 7, Need: need}.Caught(f, 1)), 1, "f=%d need=%d", f, need)
		}
	}
}

// TestJuryOutvotesWhoHoldsAllFirstSeats: three captured seats out of seven need
// one more to win; in a jury they have no vote.
func TestJuryOutvotesWhoHoldsAllFirstSeats(t *testing.T) {
	p := types.DefaultParams()
	for rate := range uint32(types.BasisPoints) {
		bound, err := types.Bound(p.MinValue, rate+1)
		require.NoError(t, err)
		jury := types.Panel{Seats: p.Challenge.Jury, Need: p.Challenge.JurySlash}
		require.LessOrEqual(t, types.EV(p.MinValue, bound, rate+1, jury.Caught(300_000, 0)), int64(0))
		if rate < 5_000 {
			grown := types.Panel{Seats: p.GrowTo, Need: p.Quorum}
			require.Positive(t, types.EV(p.MinValue, bound, rate+1, grown.Caught(300_000, 3)), "the appeal is not needed at %d", rate+1)
		}
	}
	for _, tc := range []struct {
		jury, slash uint32
		ok          bool
	}{{3, 2, false}, {11, 9, false}, {15, 11, false}, {19, 13, true}, {21, 14, true}, {101, 51, true}, {101, 70, false}} {
		p.Challenge.Jury, p.Challenge.JurySlash = tc.jury, tc.slash
		require.Equal(t, tc.ok, p.ValidateEV() == nil, "%d of a jury of %d: %v", tc.slash, tc.jury, p.ValidateEV())
	}
}

// TestJurySlash: of 21 votes drawn by ticket 14 are the fewest that a third of
// the tickets has less than once in 1,000 juries, and so the most that can be
// asked of the honest.
func TestJurySlash(t *testing.T) {
	p := types.DefaultParams()
	require.EqualValues(t, 567, types.Panel{Seats: 21, Need: 14}.Captured(300_000))
	require.EqualValues(t, 2_437, types.Panel{Seats: 21, Need: 13}.Captured(300_000))
	for need := uint32(11); need <= 21; need++ {
		p.Challenge.JurySlash = need
		captured, caught := need < 14, types.Panel{Seats: 21, Need: need}.Caught(300_000, 0) < 500_000
		require.Equal(t, captured || caught, p.ValidateEV() != nil, "%d of 21", need)
		if need == p.Challenge.Jury/2+1 || need == 13 {
			require.ErrorContains(t, p.Validate(), "which slash")
		}
	}
	p = types.DefaultParams()
	for _, need := range []uint32{0, 10, 22} {
		p.Challenge.JurySlash = need
		require.ErrorContains(t, p.Validate(), "challenge.jury_slash")
	}
}

// TestJuryThatCannotBeCompared: a mask has 32 bits.
func TestJuryThatCannotBeCompared(t *testing.T) {
	p := types.DefaultParams()
	p.Challenge.Jury, p.Challenge.JurySlash = 22, 14
	require.ErrorIs(t, p.Validate(), types.ErrInvalidParams)
	require.ErrorContains(t, p.Validate(), "can compare")
}

func TestEV(t *testing.T) {
	tests := map[string]struct {
		value, slash uint64
		rate         uint32
		caught       uint64
		want         int64
	}{
		"never audited":      {100, 1_000, 0, 1_000_000, 100},
		"never caught":       {100, 1_000, 10_000, 0, 100},
		"always caught":      {100, 1_000, 10_000, 1_000_000, -1_000},
		"break even":         {100, 1_900, 500, 1_000_000, 0},
		"one less of a bond": {100, 1_899, 500, 1_000_000, 1}, // 0.05 rounded up
		"one more of a bond": {100, 1_901, 500, 1_000_000, 0}, // -0.05 rounded up
		"rate over all":      {100, 1_000, 20_000, 1_000_000, -1_000},
		"largest":            {math.MaxInt64, math.MaxInt64, 10_000, 1_000_000, -math.MaxInt64},
		"largest gain":       {math.MaxInt64, math.MaxInt64, 0, 1_000_000, math.MaxInt64},
	}
	for name, tc := range tests {
		require.Equal(t, tc.want, types.EV(tc.value, tc.slash, tc.rate, tc.caught), name)
	}
}

// TestParamsUnderWhichCheatingPaysAreRefused: a set that a third of the tickets
// decides, or keeps from deciding, makes every bound too low.
func TestParamsUnderWhichCheatingPaysAreRefused(t *testing.T) {
	tests := map[string]struct {
		grow, quorum uint32
		ok           bool
	}{
		"default":             {7, 4, true},
		"three of five":       {5, 3, true},
		"five of nine":        {9, 5, true},
		"eleven of 21":        {21, 11, true},
		"two of three":        {3, 2, false},
		"five of seven":       {7, 5, false},
		"all of seven":        {7, 7, false},
		"thirteen of 21":      {21, 13, true},
		"fifteen of 21":       {21, 15, false},
		"three of four":       {4, 3, false},
		"four of six":         {6, 4, false},
		"six of ten":          {10, 6, true},
		"quorum with a third": {3, 3, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := types.DefaultParams()
			p.GrowTo, p.Quorum = tc.grow, tc.quorum
			if tc.ok {
				require.NoError(t, p.Validate())
				require.NoError(t, p.ValidateEV(1, 500, 2_500, 10_000))
			} else {
				require.ErrorIs(t, p.Validate(), types.ErrInvalidParams)
				require.ErrorContains(t, p.Validate(), "gains")
			}
		})
	}
}
