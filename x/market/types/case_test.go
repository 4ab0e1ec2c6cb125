// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/market/types"
)

const caseTask = 4_096

// actor is a seat of a case: what it answers and which memory it knows.
type actor struct {
	result types.Result
	// memory is what it computes proofs from; a copier has a guess.
	memory string
	// copies is the index + 1 of the operator whose published proof it repeats
	// as its own.
	copies int
	// corrupts is the index + 1 of the operator whose proof it states wrongly.
	corrupts int
	phase    types.SeatPhase
}

func result(name string) types.Result {
	return types.Result{Outcome: types.OutcomeOK, Digest: types.ManifestHash([]byte(name)), Units: 5}
}

func honest() actor { return actor{result: result("right"), memory: "right"} }

// copier knows the result and not the memory.
func copier(i int) actor {
	return actor{result: result("right"), memory: fmt.Sprint("guess ", i)}
}

func liar(name string) actor { return actor{result: result(name), memory: name} }

func host() actor { return actor{result: types.Result{Outcome: types.OutcomeHostError}} }

func silent() actor { return actor{phase: types.SeatWithheld} }

func operator(i int) []byte { return bytes.Repeat([]byte{byte(i + 1)}, 20) }

// caseWith builds the record of a case after its reveals.
func caseWith(actors []actor) types.Case {
	c := types.Case{Task: caseTask}
	for i, a := range actors {
		s := types.CaseSeat{Provider: uint32(i + 1), Phase: types.SeatRevealed, Result: a.result}
		if a.phase != types.SeatUnspecified {
			s.Phase, s.Result = a.phase, types.Result{}
		}
		if s.Phase == types.SeatRevealed && !a.result.Outcome.HostMade() {
			a.prove(&s, i, actors)
		}
		c.Seats = append(c.Seats, s)
	}
	return c
}

func (a actor) prove(s *types.CaseSeat, i int, actors []actor) {
	s.Proof = types.RunProof(caseTask, operator(i), []byte(a.memory))
	if a.copies > 0 {
		s.Proof = types.RunProof(caseTask, operator(a.copies-1), []byte(actors[a.copies-1].memory))
	}
	for j, other := range actors {
		if j == i || other.result.Outcome.HostMade() {
			continue
		}
		proof := types.RunProof(caseTask, operator(j), []byte(a.memory))
		if a.corrupts == j+1 {
			proof[0] ^= 1
		}
		s.Cross = append(s.Cross, types.CrossProof{Provider: uint32(j + 1), Proof: proof})
	}
}

func TestRight(t *testing.T) {
	corrupt := honest()
	corrupt.corrupts = 1
	thief := copier(1)
	thief.copies = 1
	h, w := honest(), liar("wrong")
	tests := map[string]struct {
		actors []actor
		need   int
		want   []int
	}{
		"seven honest":               {[]actor{h, h, h, h, h, h, h}, 4, []int{0, 1, 2, 3, 4, 5, 6}},
		"four of seven":              {[]actor{h, w, h, w, h, w, h}, 4, []int{0, 2, 4, 6}},
		"three of seven":             {[]actor{h, w, h, w, h, w, liar("other")}, 4, nil},
		"3-3-1":                      {[]actor{h, h, h, w, w, w, liar("other")}, 4, nil},
		"liars are the quorum":       {[]actor{h, w, w, w, w, h, h}, 4, []int{1, 2, 3, 4}},
		"four honest, three copiers": {[]actor{h, copier(1), h, copier(2), h, copier(3), h}, 4, []int{0, 2, 4, 6}},
		"three honest, four copiers": {[]actor{h, copier(1), h, copier(2), h, copier(3), copier(4)}, 4, nil},
		"copiers that share a guess": {[]actor{h, copier(1), h, copier(1), h, copier(1), h}, 4, []int{0, 2, 4, 6}},
		"thief of a public proof":    {[]actor{h, thief, h, h, h}, 4, []int{0, 2, 3, 4}},
		"one corrupted cross proof":  {[]actor{h, h, h, h, corrupt, w, w}, 4, []int{0, 1, 2, 3}},
		"corruption against four":    {[]actor{h, h, h, corrupt, w, w, w}, 4, nil},
		"hosts that failed":          {[]actor{host(), h, host(), h, h, h, host()}, 4, []int{1, 3, 4, 5}},
		"all hosts failed":           {[]actor{host(), host(), host()}, 1, nil},
		"withheld":                   {[]actor{silent(), h, silent(), h, h, h, w}, 4, []int{1, 3, 4, 5}},
		"too many withheld":          {[]actor{silent(), h, silent(), h, h, silent(), w}, 4, nil},
		"pair":                       {[]actor{h, h}, 2, []int{0, 1}},
		"pair with a copier":         {[]actor{h, copier(1)}, 2, nil},
		"pair that differs":          {[]actor{h, w}, 2, nil},
		"alone":                      {[]actor{h}, 1, []int{0}},
		"nobody":                     {nil, 1, nil},
		"two groups of two":          {[]actor{w, h, w, h}, 2, []int{0, 2}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseWith(tc.actors)
			require.Equal(t, tc.want, c.Right(tc.need))
		})
	}
}

// TestHonestMajorityIsRight checks that with at least four honest seats of
// seven each of them is right, and that nobody is who lacks the memory hash,
// whatever the others state.
func TestHonestMajorityIsRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		actors := make([]actor, 7)
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6}).Draw(t, "order")
		n := rapid.IntRange(4, 7).Draw(t, "honest")
		for at, i := range order {
			actors[i] = honest()
			if at >= n {
				actors[i] = anyActor(t)
			}
		}
		c := caseWith(actors)
		right := c.Right(4)
		for at, i := range order {
			if at < n {
				require.Contains(t, right, i)
			} else if actors[i].memory != "right" {
				require.NotContains(t, right, i)
			}
		}
	})
}

func anyActor(t *rapid.T) actor {
	a := rapid.SampledFrom([]actor{
		honest(), copier(1), copier(2), liar("wrong"), liar("other"), host(), silent(),
		{phase: types.SeatMissed},
		{result: result("right"), memory: ""},
	}).Draw(t, "actor")
	a.copies, a.corrupts = rapid.IntRange(0, 7).Draw(t, "copies"), rapid.IntRange(0, 7).Draw(t, "corrupts")
	return a
}

// TestRightIsNeverBelowNeed checks the two bounds of an answer for any seats.
func TestRightIsNeverBelowNeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		actors := make([]actor, rapid.IntRange(0, 9).Draw(t, "seats"))
		for i := range actors {
			actors[i] = anyActor(t)
			actors[i].copies = min(actors[i].copies, len(actors))
		}
		need := rapid.IntRange(1, 7).Draw(t, "need")
		c := caseWith(actors)
		right := c.Right(need)
		if right == nil {
			return
		}
		require.GreaterOrEqual(t, len(right), need)
		for _, i := range right {
			require.True(t, c.Seats[i].Result.Equal(c.Seats[right[0]].Result))
			require.Equal(t, types.SeatRevealed, c.Seats[i].Phase)
		}
	})
}

func TestFault(t *testing.T) {
	stack := actor{result: types.Result{Outcome: types.OutcomeStack}}
	tests := map[string]struct {
		actors []actor
		want   types.Outcome
	}{
		"none":          {[]actor{honest(), honest()}, types.OutcomeUnspecified},
		"one":           {[]actor{honest(), host()}, types.OutcomeUnspecified},
		"two alike":     {[]actor{host(), honest(), host()}, types.OutcomeHostError},
		"two different": {[]actor{host(), stack}, types.OutcomeUnspecified},
		"two of three":  {[]actor{host(), stack, stack}, types.OutcomeStack},
		"equal answers": {[]actor{liar("a"), liar("a")}, types.OutcomeUnspecified},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := caseWith(tc.actors).Fault()
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.want != types.OutcomeUnspecified, ok)
		})
	}
}

func TestCaseSets(t *testing.T) {
	c := caseWith([]actor{honest(), host(), silent(), {phase: types.SeatMissed}, honest()})
	require.Equal(t, 3, c.Answering())
	c.Attempt = 2
	for _, i := range []int{0, 2, 4} {
		c.Seats[i].Round = 2
	}
	require.Equal(t, []uint32{3, 5}, c.Others(1))
	require.Equal(t, []uint32{1, 3, 5}, c.Others(2))
	require.Equal(t, 1, c.Count(types.SeatMissed))
	require.Nil(t, c.Seat(9))
	require.EqualValues(t, 2, c.Seat(2).Provider)
}
