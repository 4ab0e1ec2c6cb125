// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"slices"
)

// Answering reports whether a seat belongs to the set that a case compares:
// it neither missed nor ended by its host's fault.
func (s CaseSeat) Answering() bool {
	return s.Phase != SeatMissed && !s.Result.Outcome.HostMade()
}

// Answering counts the seats that answer.
func (c Case) Answering() int {
	n := 0
	for _, s := range c.Seats {
		if s.Answering() {
			n++
		}
	}
	return n
}

// Count counts the seats in a phase.
func (c Case) Count(phase SeatPhase) int {
	n := 0
	for _, s := range c.Seats {
		if s.Phase == phase {
			n++
		}
	}
	return n
}

// Seat returns the seat of a provider, or nil.
func (c *Case) Seat(provider uint32) *CaseSeat {
	for i := range c.Seats {
		if c.Seats[i].Provider == provider {
			return &c.Seats[i]
		}
	}
	return nil
}

// Others lists the operators of the current round but one, ascending: those
// for whom it computes a run proof. What they reveal does not change the set.
func (c Case) Others(provider uint32) []uint32 {
	var ids []uint32
	for _, s := range c.Seats {
		if s.Provider != provider && s.Round == c.Attempt {
			ids = append(ids, s.Provider)
		}
	}
	slices.Sort(ids)
	return ids
}

// crossed returns what a seat computed for another operator, or nil.
func (s CaseSeat) crossed(provider uint32) []byte {
	for _, c := range s.Cross {
		if c.Provider == provider {
			return c.Proof
		}
	}
	return nil
}

// vouches reports whether a computed for b what b itself computed.
func vouches(a, b CaseSeat) bool {
	return len(b.Proof) > 0 && bytes.Equal(a.crossed(b.Provider), b.Proof)
}

// Right returns the indices of the seats that are right if at least need of
// them are, else nil. A seat is right if its result is that of the largest
// group, at least need-1 others of the group vouch for its run proof, and it
// contradicts no such proof of another: somebody who copied the result knows
// no memory hash and can do neither. See ADR-005.
func (c Case) Right(need int) []int {
	group := c.LargestGroup()
	if len(group) < need {
		return nil
	}
	proven := make([]bool, len(c.Seats))
	for _, k := range group {
		n := 0
		for _, j := range group {
			if j != k && vouches(c.Seats[j], c.Seats[k]) {
				n++
			}
		}
		proven[k] = n >= need-1
	}
	var right []int
	for _, j := range group {
		ok := proven[j]
		for _, k := range group {
			if j != k && proven[k] && !vouches(c.Seats[j], c.Seats[k]) {
				ok = false
			}
		}
		if ok {
			right = append(right, j)
		}
	}
	if len(right) < need {
		return nil
	}
	return right
}

// LargestGroup returns the indices of the seats that revealed the most common
// deterministic result; of equal groups, the one that appeared first.
func (c Case) LargestGroup() []int {
	var best []int
	for i, s := range c.Seats {
		if s.Phase != SeatRevealed || !s.Result.Outcome.Deterministic() {
			continue
		}
		var group []int
		for j, other := range c.Seats {
			if other.Phase == SeatRevealed && other.Result.Same(s.Result, c.Measured) {
				group = append(group, j)
			}
		}
		if len(group) > len(best) && group[0] == i {
			best = group
		}
	}
	return best
}

// Fault returns a host-made outcome that two operators report, if any.
func (c Case) Fault() (Outcome, bool) {
	for i, s := range c.Seats {
		for _, other := range c.Seats[:i] {
			if s.Result.Outcome.HostMade() && s.Result.Outcome == other.Result.Outcome {
				return s.Result.Outcome, true
			}
		}
	}
	return OutcomeUnspecified, false
}
