// SPDX-License-Identifier: Apache-2.0

package types

// defaultChallenge returns the terms of design §2.1.
func defaultChallenge() ChallengeParams {
	return ChallengeParams{BondTimes: 2, AppealTimes: 14, MinBond: 1_000_000, UnavailableSeats: 3, Jury: 21, JurySlash: 14}
}

func (p ChallengeParams) spans() []span {
	return []span{
		{"challenge.bond_times", uint64(p.BondTimes), 1, 1_000},
		{"challenge.appeal_times", uint64(p.AppealTimes), 1, 1_000},
		{"challenge.min_bond", p.MinBond, 1, MaxPrice},
		{"challenge.unavailable_seats", uint64(p.UnavailableSeats), 2, 21},
		{"challenge.jury", uint64(p.Jury), 3, mostVotes},
		{"challenge.jury_slash", uint64(p.JurySlash), uint64(p.Jury)/2 + 1, uint64(p.Jury)},
	}
}

// validate checks that a committee can compare the answers of a jury, each of
// its votes by another operator, and of all replicas.
func (p ChallengeParams) validate() error {
	if p.Jury+MaxTolerantReplicas > MaxCompared {
		return ErrInvalidParams.Wrapf("challenge.jury is %d: with %d replicas that are more answers than the %d that a committee can compare",
			p.Jury, MaxTolerantReplicas, MaxCompared)
	}
	return nil
}

// Case is the kind of the case that a challenge opens.
func (k ChallengeKind) Case() CaseKind {
	switch k {
	case ChallengeWrong:
		return CaseChallengeWrong
	case ChallengeUnavailable:
		return CaseChallengeUnavailable
	default:
		return CaseUnspecified
	}
}

// Grown reports whether a case of this kind is decided by a majority of a set
// that grew, not by all its seats.
func (k CaseKind) Grown() bool { return k == CaseGrowth || k == CaseAppeal }

// Known reports whether a case can be of this kind.
func (k CaseKind) known() bool { return k >= CaseAudit && k <= CaseScore }

// MarkMissing takes the pay from the replicas whose artifact a strict majority
// of the votes of the right added seats, at least two seats, could not fetch,
// and lists them, also those that stayed away from the case. One report proves
// nothing: whoever makes it may want the place.
func (c *Case) MarkMissing() {
	c.Missing = nil
	added := c.addedRight()
	for i := range c.Seats {
		s := &c.Seats[i]
		if !s.Original || s.Verdict == VerdictWrong || !s.Result.Outcome.Deterministic() {
			continue
		}
		var reports []int
		for _, by := range added {
			if c.Seats[by].misses(s.Provider) {
				reports = append(reports, by)
			}
		}
		if len(reports) >= 2 && 2*c.VotesOf(reports) > c.VotesOf(added) {
			s.Verdict = VerdictUnpaid
			c.Missing = append(c.Missing, s.Provider)
		}
	}
	if len(c.Missing) > 0 {
		c.Result = c.served()
	}
}

// served is the result that those who are right can deliver: the decided one,
// unless nobody of them has it, as may be where a difference proves nothing;
// then the most common one of theirs.
func (c *Case) served() Result {
	best, most := c.Result, 0
	for _, s := range c.Seats {
		if s.Verdict != VerdictRight {
			continue
		}
		if s.Result.Same(c.Result, c.Measured) {
			return c.Result
		}
		n := 0
		for _, other := range c.Seats {
			if other.Verdict == VerdictRight && other.Result.Same(s.Result, c.Measured) {
				n++
			}
		}
		if n > most {
			best, most = s.Result, n
		}
	}
	return best
}

// addedRight lists the added seats that are right.
func (c *Case) addedRight() []int {
	var added []int
	for i, s := range c.Seats {
		if !s.Original && s.Verdict == VerdictRight {
			added = append(added, i)
		}
	}
	return added
}

// misses reports whether the seat could not fetch the artifact of a provider.
func (s CaseSeat) misses(provider uint32) bool {
	for _, id := range s.Unavailable {
		if id == provider {
			return true
		}
	}
	return false
}

// Servers lists the providers that serve the artifact of a decided case: those
// that are right.
func (c Case) Servers() []uint32 {
	var ids []uint32
	for _, s := range c.Seats {
		if s.Verdict == VerdictRight {
			ids = append(ids, s.Provider)
		}
	}
	return ids
}

// WrongSeats lists the providers of the seats that are judged wrong.
func (c Case) WrongSeats() []uint32 {
	var ids []uint32
	for _, s := range c.Seats {
		if s.Verdict == VerdictWrong {
			ids = append(ids, s.Provider)
		}
	}
	return ids
}

// RuleChallenge says how the challenge of a decided case ended: won if what was
// agreed first, or somebody who was to be paid for it, does not stand.
func (c Case) RuleChallenge() Ruling {
	if c.Claim == ChallengeNone {
		return RulingNone
	}
	if c.State != TaskAgreed || c.Unfilled {
		return RulingOpen
	}
	if len(c.Missing) > 0 {
		return RulingWon
	}
	for _, s := range c.Seats {
		if !s.Original || !s.Result.Outcome.Deterministic() {
			continue
		}
		// A withheld reveal says nothing of the result.
		if !s.Result.Same(c.Result, c.Measured) || s.Verdict == VerdictWrong && s.Phase != SeatWithheld {
			return RulingWon
		}
	}
	return RulingLost
}

// LostBonds is what the bonds of a decided case leave to its added seats.
func (c Case) LostBonds() uint64 {
	var lost uint64
	if c.Challenge == RulingLost {
		lost += c.Bond
	}
	if c.Appeal == RulingLost {
		lost += c.AppealBond
	}
	return lost
}
