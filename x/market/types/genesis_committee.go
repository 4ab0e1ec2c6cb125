// SPDX-License-Identifier: Apache-2.0

package types

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Awaits reports whether the committee waits for a member, so that it is listed
// in the work of its provider.
func (v Committee) Awaits(m Member) bool {
	open := v.Phase == CommitteePhaseCommit || v.Phase == CommitteePhaseReveal
	return open && m.Round == v.Round && (m.Phase == MemberAssigned || m.Phase == MemberCommitted)
}

func (g GenesisState) validateCommittees() error {
	var last uint64
	for _, v := range g.Committees {
		if v.Id <= last || v.Id >= max(g.NextVerdict, 1) {
			return ErrInvariant.Wrapf("committee ids must ascend below %d; %d follows %d", g.NextVerdict, v.Id, last)
		}
		last = v.Id
		if err := g.validateCommittee(v); err != nil {
			return err
		}
	}
	for i, use := range g.Scored {
		if use.Provider == 0 || i > 0 && g.Scored[i-1].Provider >= use.Provider {
			return ErrInvariant.Wrapf("scored[%d] of provider %d is listed twice or out of order", i, use.Provider)
		}
	}
	return nil
}

func (g GenesisState) validateCommittee(v Committee) error {
	if v.ParamsVersion == 0 || int(v.ParamsVersion) > len(g.Params) {
		return ErrUnknownVersion.Wrapf("committee %d: %d", v.Id, v.ParamsVersion)
	}
	quote := v.Kind == CommitteeQuote
	if v.Kind < CommitteeCompare || v.Kind > CommitteeQuote || v.Phase < CommitteePhaseDraw || v.Phase > CommitteePhaseFinal ||
		v.Round == 0 || v.Round > VoteRounds || quote != (v.Quote != nil) || quote != (v.Provider != 0) || len(v.Seats) > MaxCompared {
		return ErrInvariant.Wrapf("committee %d is a %s in %s, round %d", v.Id, v.Kind, v.Phase, v.Round)
	}
	if err := sdk.ValidateDenom(v.Denom); err != nil {
		return ErrInvalidDenom.Wrapf("committee %d: %s", v.Id, err)
	}
	for i, m := range v.Members {
		twice := slices.ContainsFunc(v.Members[:i], func(other Member) bool { return other.Provider == m.Provider })
		if m.Provider == 0 || m.Round == 0 || m.Round > v.Round || m.Phase < MemberAssigned || m.Phase > MemberWithheld || twice {
			return ErrInvariant.Wrapf("committee %d has no such member %d: provider %d, round %d, %s", v.Id, i, m.Provider, m.Round, m.Phase)
		}
		if m.Phase == MemberVoted && v.ValidateVote(m.Vote) != nil {
			return ErrInvalidVote.Wrapf("committee %d member %d", v.Id, i)
		}
	}
	return nil
}

// validateCommitteeStep checks that a step of the queue is about a committee.
func (g GenesisState) validateCommitteeStep(s Step) error {
	known := slices.ContainsFunc(g.Committees, func(v Committee) bool { return v.Id == s.Batch })
	if !known || s.Sub != 0 {
		return ErrInvalidStep.Wrapf("%s of verdict %d sub %d", s.Kind, s.Batch, s.Sub)
	}
	return nil
}
