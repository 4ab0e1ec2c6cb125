// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/market/types"
)

func TestLowerMedian(t *testing.T) {
	for name, tc := range map[string]struct {
		units []uint64
		want  uint64
	}{
		"none":       {nil, 0},
		"its own":    {[]uint64{9}, 9},
		"the lower":  {[]uint64{9, 4}, 4},
		"the middle": {[]uint64{1_000_000, 3, 5}, 5},
		"of four":    {[]uint64{8, 1, 5, 6}, 5},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, types.LowerMedian(tc.units)) })
	}
}

// TestOneClaimOfThreeDecidesNothing holds that whatever one of three replicas
// claims, the charge is between what the other two claim.
func TestOneClaimOfThreeDecidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, claim := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b"), rapid.Uint64().Draw(t, "claim")
		got := types.LowerMedian([]uint64{claim, a, b})
		require.GreaterOrEqual(t, got, min(a, b))
		require.LessOrEqual(t, got, max(a, b))
	})
}

// TestMeteredNeverExceedsTheClock holds that the tasks of a lot together are
// charged for no more than all processors for the time the chain saw.
func TestMeteredNeverExceedsTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		elapsed, processors := rapid.Uint32().Draw(t, "elapsed"), rapid.Uint32Range(0, types.MaxProcessors).Draw(t, "processors")
		claims := rapid.SliceOfN(rapid.Uint64(), 1, types.MaxLotTasks).Draw(t, "claims")
		results := make([]types.Result, len(claims))
		for i, units := range claims {
			results[i].Units = units
		}
		var sum uint64
		for i, r := range types.Metered(results, elapsed, processors) {
			require.LessOrEqual(t, r.Units, claims[i])
			require.Equal(t, claims[i], results[i].Units, "what was given is not changed")
			sum += r.Units
		}
		require.LessOrEqual(t, sum, uint64(max(elapsed, 1))*uint64(max(processors, 1)))
	})
}

func TestSame(t *testing.T) {
	a := types.Result{Outcome: types.OutcomeOK, Digest: []byte{1}, Units: 5}
	b := a
	b.Units = 6
	require.True(t, a.Same(b, true))
	require.False(t, a.Same(b, false))
	b.Digest = []byte{2}
	require.False(t, a.Same(b, true))
	b = a
	b.Outcome = types.OutcomeExit
	require.False(t, a.Same(b, true))
}

// committee builds a round from one vote per member; nil withholds it.
func committee(kind types.CommitteeKind, rounds ...[][]byte) types.Committee {
	v := types.Committee{Kind: kind, Round: uint32(len(rounds)), Seats: []uint32{1, 2, 3}}
	id := uint32(10)
	for r, votes := range rounds {
		for _, vote := range votes {
			m := types.Member{Provider: id, Round: uint32(r) + 1, Phase: types.MemberWithheld}
			if vote != nil {
				m.Phase, m.Vote = types.MemberVoted, vote
			}
			v.Members = append(v.Members, m)
			id++
		}
	}
	return v
}

func TestWinner(t *testing.T) {
	a, b := []byte{1}, []byte{2}
	for name, tc := range map[string]struct {
		votes [][]byte
		want  []byte
	}{
		"all":                     {[][]byte{a, a, a, a, a}, a},
		"four of five":            {[][]byte{b, a, a, a, a}, a},
		"three of five":           {[][]byte{b, b, a, a, a}, nil},
		"withheld is against":     {[][]byte{nil, nil, a, a, a}, nil},
		"four and one withheld":   {[][]byte{nil, a, a, a, a}, a},
		"nobody":                  {[][]byte{nil, nil, nil, nil, nil}, nil},
		"thin: a majority":        {[][]byte{b, a, a}, a},
		"thin: a tie":             {[][]byte{b, b, a, a}, nil},
		"thin: one":               {[][]byte{a}, a},
		"thin: withheld is half":  {[][]byte{nil, a}, nil},
		"no members":              {nil, nil},
		"six of eight is no size": {[][]byte{a, a, a, a, a, a, b, b}, a},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := committee(types.CommitteeScore, tc.votes).Winner(1, 5)
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.want != nil, ok)
		})
	}
}

func TestQuotesAreComparedWithoutTheirReason(t *testing.T) {
	no := func(reason uint8) []byte { return types.QuoteVote(false, reason) }
	got, ok := committee(types.CommitteeQuote, [][]byte{no(1), no(2), no(3), no(4), types.QuoteVote(true, 0)}).Winner(1, 5)
	require.True(t, ok)
	require.Zero(t, got[0])
}

// TestFate holds that whoever voted what became final is paid, that a slash
// needs two thirds of a full committee against it or a withheld vote, and that
// in an undecided round nobody loses for its opinion.
func TestFate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opinion := rapid.SampledFrom([][]byte{nil, {1}, {2}, {3}})
		rounds := [][][]byte{rapid.SliceOfN(opinion, 1, 5).Draw(t, "first")}
		second := rapid.Bool().Draw(t, "second round")
		if second {
			rounds = append(rounds, rapid.SliceOfN(opinion, 0, 5).Draw(t, "second"))
		}
		v := committee(types.CommitteeScore, rounds...)
		first, ok := v.Winner(1, 5)
		v.Vote, v.Second = first, second && ok
		switch {
		case v.Overturned(5), second && !ok:
			v.Vote, _ = v.Winner(2, 5)
		}
		for _, m := range v.Members {
			paid, slashed := v.Fate(m, 5)
			require.False(t, paid && slashed)
			require.Equal(t, m.Phase == types.MemberVoted && len(v.Vote) > 0 && bytes.Equal(m.Vote, v.Vote), paid)
			if !slashed || m.Phase == types.MemberWithheld {
				continue
			}
			require.Equal(t, 5, v.Seated(m.Round), "a thin round slashes nobody")
			against := 0
			for _, other := range v.Members {
				if other.Phase == types.MemberVoted && !bytes.Equal(other.Vote, m.Vote) {
					against++
				}
			}
			require.GreaterOrEqual(t, against, 4)
		}
	})
}

func TestValidateVote(t *testing.T) {
	compare := types.Committee{Kind: types.CommitteeCompare, Seats: []uint32{1, 2, 3}}
	full := types.Committee{Kind: types.CommitteeCompare, Seats: make([]uint32, types.MaxCompared)}
	score, quote := types.Committee{Kind: types.CommitteeScore}, types.Committee{Kind: types.CommitteeQuote}
	for name, tc := range map[string]struct {
		v    types.Committee
		vote []byte
		ok   bool
	}{
		"all equal":              {compare, types.CompareVote(7, 0), true},
		"none equal":             {compare, types.CompareVote(0, 0), true},
		"two and one not served": {compare, types.CompareVote(3, 4), true},
		"none served":            {compare, types.CompareVote(0, 7), true},
		"a group of one":         {compare, types.CompareVote(1, 0), false},
		"equal and not served":   {compare, types.CompareVote(3, 1), false},
		"a fourth answer":        {compare, types.CompareVote(9, 0), false},
		"a fourth not served":    {compare, types.CompareVote(3, 8), false},
		"32 answers":             {full, types.CompareVote(math.MaxUint32, 0), true},
		"seven bytes":            {compare, make([]byte, 7), false},
		"nine bytes":             {compare, make([]byte, 9), false},
		"no bytes":               {compare, nil, false},
		"six bits":               {score, []byte{63}, true},
		"seven bits":             {score, []byte{64}, false},
		"two scores":             {score, []byte{1, 1}, false},
		"no score":               {score, nil, false},
		"genuine":                {quote, types.QuoteVote(true, 9), true},
		"forged":                 {quote, types.QuoteVote(false, 9), true},
		"genuine with a reason":  {quote, []byte{1, 1}, false},
		"neither":                {quote, []byte{2, 0}, false},
		"one byte":               {quote, []byte{1}, false},
		"no kind":                {types.Committee{}, []byte{1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.v.ValidateVote(tc.vote)
			require.Equal(t, tc.ok, err == nil, "%v", err)
			if err != nil {
				require.ErrorIs(t, err, types.ErrInvalidVote)
			}
		})
	}
}

func TestScore(t *testing.T) {
	p := types.DefaultParams().Scored
	require.EqualValues(t, 1_000, p.Score([]byte{63}))
	require.EqualValues(t, 250, p.Score([]byte{8}), "the completion marker")
	require.Zero(t, p.Score([]byte{0}))
	require.Zero(t, p.Score(nil))
}

// TestCommitVoteBindsEverything changes one field after the other.
func TestCommitVoteBindsEverything(t *testing.T) {
	base := types.VoteReveal{Verdict: 1, Round: 1, Vote: []byte{1}, Salt: make([]byte, 32)}
	want := types.CommitVote("chain", []byte("op"), base)
	require.Len(t, want, types.HashSize)
	for name, edit := range map[string]func(*types.VoteReveal){
		"verdict": func(r *types.VoteReveal) { r.Verdict = 2 },
		"round":   func(r *types.VoteReveal) { r.Round = 2 },
		"vote":    func(r *types.VoteReveal) { r.Vote = []byte{2} },
		"salt":    func(r *types.VoteReveal) { r.Salt = append(make([]byte, 31), 1) },
		"shifted": func(r *types.VoteReveal) { r.Vote, r.Salt = []byte{1, 0}, make([]byte, 31) },
	} {
		r := base
		edit(&r)
		require.NotEqual(t, want, types.CommitVote("chain", []byte("op"), r), name)
	}
	require.NotEqual(t, want, types.CommitVote("chai", []byte("nop"), base))
	require.NotEqual(t, types.QuoteData("c", []byte("a"), []byte("b"), 1), types.QuoteData("c", []byte("ab"), nil, 1))
}
