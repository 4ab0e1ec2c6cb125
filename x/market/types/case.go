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

// Owed reports whether a case waits for its provider to commit or to reveal.
func (w CaseWork) Owed() bool {
	return w.CasePhase == CasePhaseCommit && w.Phase == SeatAssigned || w.CasePhase == CasePhaseReveal && w.Phase == SeatCommitted
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

// ByTicket reports whether the set that decides the case is drawn with
// replacement, so that its votes are in proportion to tickets.
func (c Case) ByTicket() bool { return c.Kind.Grown() && !c.Thin }

// mostVotes is the size of the largest set that params allow.
const mostVotes = 101

// mostWeight is how often a seat can have been drawn.
func (c Case) mostWeight(s CaseSeat) uint32 {
	switch {
	case s.Original:
		return 0
	case c.Kind.Grown():
		return mostVotes
	default:
		return 1
	}
}

// Weighted reports whether no seat was drawn more often than it can have been:
// a replica was not drawn, and only a set that grew draws an operator twice.
func (c Case) Weighted() bool {
	for _, s := range c.Seats {
		if s.Weight > c.mostWeight(s) {
			return false
		}
	}
	return true
}

// Votes is how much a seat counts. An added seat counts as often as it was
// drawn. A replica was drawn before its answer, which can be biased: it counts
// once, and before a jury, where it is a party, not at all. In a class too thin
// for that every seat counts once. See ADR-013.
func (c Case) Votes(s CaseSeat) int {
	switch {
	case !c.ByTicket():
		return 1
	case s.Original && c.Kind == CaseAppeal:
		return 0
	case s.Original:
		return 1
	default:
		return int(max(s.Weight, 1))
	}
}

// VotesOf adds up the votes of seats by index.
func (c Case) VotesOf(seats []int) int {
	n := 0
	for _, i := range seats {
		n += c.Votes(c.Seats[i])
	}
	return n
}

// Weight adds up the votes of the seats that answer.
func (c Case) Weight() int {
	n := 0
	for _, s := range c.Seats {
		if s.Answering() {
			n += c.Votes(s)
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

// Right returns the indices of the seats that are right if they have at least
// need votes, else nil. A seat is right if its result is that of the largest
// group, seats of the group with at least need votes, its own among them, vouch
// for its run proof, and it contradicts no such proof of another: somebody who
// copied the result knows no memory hash and can do neither. See ADR-005.
func (c Case) Right(need int) []int {
	group := c.LargestGroup()
	if len(group) == 0 || c.VotesOf(group) < need {
		return nil
	}
	proven := make([]bool, len(c.Seats))
	for _, k := range group {
		n := c.Votes(c.Seats[k])
		for _, j := range group {
			if j != k && vouches(c.Seats[j], c.Seats[k]) {
				n += c.Votes(c.Seats[j])
			}
		}
		proven[k] = n >= need
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
	if len(right) == 0 || c.VotesOf(right) < need {
		return nil
	}
	return right
}

// LargestGroup returns the indices of the seats that revealed the deterministic
// result with the most votes; of equal groups, the one that appeared first.
func (c Case) LargestGroup() []int {
	var best []int
	most := -1
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
		if votes := c.VotesOf(group); votes > most && group[0] == i {
			best, most = group, votes
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
