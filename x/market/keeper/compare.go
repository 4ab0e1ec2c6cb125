// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"slices"

	"github.com/cupel-network/cupel/x/market/types"
)

// tolerant reports whether a committee compares different results of the order.
func (o *order) tolerant() bool { return o.Comparator.Tolerant() }

// openVote has a committee decide about a case. Its step does what the case
// waits for: until then the case has none of its own.
func (k *Keeper) openVote(ctx context.Context, o *order, c *types.Case, kind types.CommitteeKind, now moment) error {
	fee, err := o.CommitteeFee(o.params, o.gross)
	if err != nil {
		return err
	}
	value, err := o.value(o.dearest(c))
	if err != nil {
		return err
	}
	v := types.Committee{
		Kind: kind, Task: c.Task, Class: o.Class, ParamsVersion: o.ParamsVersion, Subject: o.Manifest,
		Denom: o.Denom, Fee: fee, Value: value, Payer: o.Requester,
	}
	v.Seats = judged(c)
	c.Phase, c.Due, c.DueTime = types.CasePhaseVote, 0, 0
	c.Verdict, err = k.openCommittee(ctx, v, o.params, now)
	return err
}

// judged lists the providers of a case in order of the bits of a vote: those
// that revealed, then the others, who may not vote either.
func judged(c *types.Case) []uint32 {
	revealed := c.Revealed()
	ids := make([]uint32, 0, len(c.Seats))
	for _, i := range revealed {
		ids = append(ids, c.Seats[i].Provider)
	}
	for i, s := range c.Seats {
		if !slices.Contains(revealed, i) && len(ids) < types.MaxCompared {
			ids = append(ids, s.Provider)
		}
	}
	return ids
}

// decideTolerant reads the answers of a round whose differences prove nothing
// by themselves. Run proofs are not looked at: equal enough results come from
// different memories.
func (k *Keeper) decideTolerant(ctx context.Context, o *order, c *types.Case, now moment) error {
	switch c.Kind {
	case types.CaseAudit, types.CaseChallengeWrong, types.CaseChallengeUnavailable:
		if !o.class.Sound || added(c) == 0 && c.Count(types.SeatWithheld) == 0 {
			return k.decideAudit(ctx, o, c, now)
		}
	case types.CaseReplace:
		if c.Answering() < 2 {
			return k.decideReplace(ctx, o, c, now)
		}
	case types.CaseGrowth:
		if o.shortOf(c, o.params.GrowTo) {
			return k.refill(ctx, o, c, now)
		}
	case types.CaseAppeal:
		if o.shortOf(c, o.params.Challenge.Jury) {
			return k.refill(ctx, o, c, now)
		}
	default: // the first round is compared as it is
	}
	if len(c.Revealed()) > len(c.LargestGroup()) {
		return k.openVote(ctx, o, c, types.CommitteeCompare, now)
	}
	return k.concludeCompared(ctx, o, c, c.LargestGroup(), now)
}

// decideCompared acts on the vote of a committee on a case: nothing if it could
// not decide, which refunds less the runtime fees.
func (k *Keeper) decideCompared(ctx context.Context, o *order, c *types.Case, vote []byte, now moment) error {
	switch {
	case len(vote) == 0 && c.Kind == types.CaseAppeal:
		return k.ruleAppeal(ctx, o, c, nil, false, types.ReasonUnresolved, now)
	case len(vote) == 0:
		return k.decideFailed(ctx, o, c, types.ReasonUnresolved, now)
	}
	right, unavailable := types.SplitCompareVote(vote)
	c.Missing = nil
	var group []int
	for bit, i := range c.Revealed() {
		s := &c.Seats[i]
		switch {
		case unavailable&(1<<bit) != 0:
			s.Tolerant = false // nobody is slashed for what could not be compared
			c.Missing = append(c.Missing, s.Provider)
		case right&(1<<bit) != 0 && (len(group) == 0 || c.Seats[group[0]].Result.Outcome == s.Result.Outcome):
			group = append(group, i)
		}
	}
	return k.concludeCompared(ctx, o, c, group, now)
}

// concludeCompared decides a case by the group of answers that are equal. Who
// is outside of it loses its bound only on the word of a quorum, in a sound
// class, and if it opted into the comparison. See ADR-009.
func (k *Keeper) concludeCompared(ctx context.Context, o *order, c *types.Case, group []int, now moment) error {
	quorum := int(o.params.Quorum)
	switch c.Kind {
	case types.CaseCompare, types.CaseReplace:
		if len(group) >= 2 {
			return k.decideAgreed(ctx, o, c, group, c.VotesOf(group) >= quorum, now)
		}
		return k.decideSplit(ctx, o, c, now)
	case types.CaseAudit, types.CaseChallengeWrong, types.CaseChallengeUnavailable:
		if len(group) >= 2 && c.Count(types.SeatWithheld) == 0 && len(group) == len(c.Revealed()) {
			return k.decideAgreed(ctx, o, c, group, false, now)
		}
		return k.grow(ctx, o, c, now)
	case types.CaseAppeal:
		if 2*c.VotesOf(group) <= c.Weight() {
			group = nil
		}
		return k.ruleAppeal(ctx, o, c, group, o.jurySlashes(c, group) && c.VotesOf(group) >= quorum, types.ReasonNoQuorum, now)
	default:
		need, full := c.Weight()/2+1, o.grown(c)
		if full {
			need = max(need, quorum)
		}
		if c.VotesOf(group) >= need {
			return k.decideAgreed(ctx, o, c, group, o.slashes(c, group), now)
		}
		return k.callJury(ctx, o, c, now)
	}
}

// decideSplit ends a first round in which no two answers are equal: the gross
// is split over all that serve theirs, as in a class that proves nothing.
func (k *Keeper) decideSplit(ctx context.Context, o *order, c *types.Case, now moment) error {
	var all []int
	for _, i := range c.Revealed() {
		if !c.IsMissing(c.Seats[i].Provider) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return k.decideFailed(ctx, o, c, types.ReasonUnavailable, now)
	}
	return k.decideAgreed(ctx, o, c, all, false, now)
}

// mayBlame reports whether the decided result makes a seat wrong.
func (o *order) mayBlame(c *types.Case, s *types.CaseSeat) bool {
	if !o.tolerant() {
		return contradicts(c, s)
	}
	return o.class.Sound && s.Tolerant && s.Phase == types.SeatRevealed && s.Result.Outcome.Deterministic()
}

// escapes reports whether a decided case was no audit: it compared the answers of
// the first round, or its added seats were drawn in a block that a challenger
// chose. A grown set is more than an audit.
func escapes(c *types.Case) bool {
	switch c.Kind {
	case types.CaseCompare, types.CaseChallengeWrong, types.CaseChallengeUnavailable:
		return !c.Judged && !c.Unfilled && c.State == types.TaskAgreed && !c.HasVerdict(types.VerdictWrong)
	default:
		return false
	}
}

// judgeCompared evaluates the audit draw of a task that was compared in its
// first round or challenged, once, as judge does for those that agreed by
// themselves. It reports whether the case goes on: drawn, or the seed is not
// there yet.
func (k *Keeper) judgeCompared(ctx context.Context, o *order, c *types.Case, now moment) (bool, error) {
	if !escapes(c) {
		return false, nil
	}
	_, index := types.SplitTaskID(c.Task)
	id, _ := o.LotOf(index)
	l, err := k.lot(ctx, o.Id, id)
	if err != nil {
		return false, err
	}
	rate := o.auditRate(&l)
	drawn, ok, err := k.drawnBy(ctx, l.Epoch, c.Task, rate, largestBound(&l))
	switch {
	case err != nil:
		return false, err
	case rate > 0 && !ok:
		return true, k.armCase(ctx, o, c, now, o.retryTicks())
	}
	c.Judged = true
	if !drawn {
		return false, nil
	}
	return true, k.auditCompared(ctx, o, c, now)
}

// auditCompared adds an operator that runs a decided task again. Who was not
// paid is out of the set.
func (k *Keeper) auditCompared(ctx context.Context, o *order, c *types.Case, now moment) (err error) {
	c.Kind, c.State, c.Reason, c.Result = types.CaseAudit, types.TaskUnspecified, types.ReasonNone, types.Result{}
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Verdict != types.VerdictRight {
			s.Phase = types.SeatMissed
		}
		s.Verdict = types.VerdictUnspecified
	}
	if c.OpenedEpoch, err = k.epoch(ctx); err != nil {
		return err
	}
	c.Target = uint32(c.Weight()) + 1
	got, err := k.reserveFees(ctx, o, c, 1)
	if err != nil {
		return err
	}
	c.Reserve += got
	return k.startDraw(ctx, o, c, now)
}
