// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// caseSeed is the randomness of added seats: the newest seed and the block in
// which they are drawn, which no answer of the task could know.
func (k *Keeper) caseSeed(ctx context.Context) ([]byte, error) {
	return k.Oracle.DrawSeed(ctx)
}

// decide reads the answers of a round. See ADR-005.
func (k *Keeper) decide(ctx context.Context, o *order, c *types.Case, now moment) error {
	if o.tolerant() {
		return k.decideTolerant(ctx, o, c, now)
	}
	switch c.Kind {
	case types.CaseAudit, types.CaseChallengeWrong, types.CaseChallengeUnavailable:
		return k.decideAudit(ctx, o, c, now)
	case types.CaseAppeal:
		return k.decideJury(ctx, o, c, now)
	case types.CaseReplace:
		return k.decideReplace(ctx, o, c, now)
	default:
		return k.decideGrowth(ctx, o, c, now)
	}
}

// unanimous returns the seats that revealed if none withheld and all agree.
func unanimous(c *types.Case) []int {
	if c.Count(types.SeatWithheld) > 0 {
		return nil
	}
	revealed := c.Revealed()
	right := c.Right(max(c.VotesOf(revealed), 1))
	if len(right) != len(revealed) {
		return nil
	}
	return right
}

// disputed reports whether two answers of a case contradict each other.
func disputed(c *types.Case) bool {
	return unanimous(c) == nil
}

// decideAudit confirms a task, grows the set on any inequality, and draws
// again if the auditor's host failed.
func (k *Keeper) decideAudit(ctx context.Context, o *order, c *types.Case, now moment) error {
	if c.Count(types.SeatWithheld) == 0 && added(c) == 0 {
		if c.Redraws < o.params.MaxRedraws && int(c.Target) > c.Weight() {
			return k.refill(ctx, o, c, now)
		}
		return k.decideUnfilled(ctx, o, c, now)
	}
	if !o.class.Sound {
		return k.decideDelivery(ctx, o, c, now)
	}
	if disputed(c) || !agreesWithMissing(c) {
		return k.grow(ctx, o, c, now)
	}
	return k.decideAgreed(ctx, o, c, unanimous(c), false, now)
}

// agreesWithMissing reports whether replicas that missed the round had
// answered the same before.
func agreesWithMissing(c *types.Case) bool {
	var first *types.Result
	for i := range c.Seats {
		r := &c.Seats[i].Result
		if !r.Outcome.Deterministic() {
			continue
		}
		if first == nil {
			first = r
		}
		if !first.Same(*r, c.Measured) {
			return false
		}
	}
	return true
}

// decideUnfilled gives up an audit that nobody runs: a task with several equal
// replicas is paid as it is, one with a single replica fails with the runtime fee.
func (k *Keeper) decideUnfilled(ctx context.Context, o *order, c *types.Case, now moment) error {
	c.Unfilled = true
	if o.alone() && o.class.Sound {
		return k.decideFailed(ctx, o, c, types.ReasonAuditUnfilled, now)
	}
	var right []int
	for i, s := range c.Seats {
		if s.Original && s.Result.Outcome.Deterministic() {
			right = append(right, i)
		}
	}
	return k.decideAgreed(ctx, o, c, right, false, now)
}

// decideReplace agrees as soon as two operators are equal. Two faults of hosts
// end a task only while nobody has a result: whoever reports one shows nothing.
func (k *Keeper) decideReplace(ctx context.Context, o *order, c *types.Case, now moment) error {
	right := unanimous(c)
	if !o.class.Sound {
		right = c.LargestGroup() // equal work may leave another memory
	}
	switch fault, twice := c.Fault(); {
	case len(right) >= 2:
		return k.decideAgreed(ctx, o, c, right, false, now)
	case c.Answering() >= 2 && !o.class.Sound:
		return k.decideUnsound(ctx, o, c, now)
	case c.Answering() >= 2:
		return k.grow(ctx, o, c, now)
	case twice && c.Answering() == 0:
		return k.decideFailed(ctx, o, c, fault.Reason(), now)
	case c.Redraws < o.params.MaxRedraws:
		return k.refill(ctx, o, c, now)
	case twice:
		return k.decideFailed(ctx, o, c, fault.Reason(), now)
	default:
		return k.decideFailed(ctx, o, c, types.ReasonNoQuorum, now)
	}
}

// decideGrowth needs quorum equal votes of a full set, which slash the
// others; a set that could not be filled decides by strict majority and
// slashes nobody. If nobody has them a jury decides.
func (k *Keeper) decideGrowth(ctx context.Context, o *order, c *types.Case, now moment) error {
	if o.shortOf(c, o.params.GrowTo) {
		return k.refill(ctx, o, c, now)
	}
	need, full := c.Weight()/2+1, o.grown(c)
	if full {
		need = max(need, int(o.params.Quorum))
	}
	if right := c.Right(need); right != nil {
		return k.decideAgreed(ctx, o, c, right, o.slashes(c, right), now)
	}
	if fault, twice := c.Fault(); twice && c.Answering() < 2 {
		return k.decideFailed(ctx, o, c, fault.Reason(), now)
	}
	return k.callJury(ctx, o, c, now)
}

// stayedAway adds up the votes of the replicas that answered first and not in
// the case: a liar must not make a set too small to slash it.
func stayedAway(c *types.Case) int {
	n := 0
	for _, s := range c.Seats {
		if s.Original && s.Phase == types.SeatMissed && s.Result.Outcome.Deterministic() {
			n += c.Votes(s)
		}
	}
	return n
}

// decideUnsound ends a dispute in a class in which a difference proves
// nothing: the largest group of at least two is paid, else the gross is split
// over all that revealed; nobody is slashed.
func (k *Keeper) decideUnsound(ctx context.Context, o *order, c *types.Case, now moment) error {
	if group := c.LargestGroup(); len(group) >= 2 {
		return k.decideAgreed(ctx, o, c, group, false, now)
	}
	var all []int
	for i, s := range c.Seats {
		if s.Phase == types.SeatRevealed && s.Result.Outcome.Deterministic() {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return k.decideFailed(ctx, o, c, types.ReasonNoQuorum, now)
	}
	return k.decideAgreed(ctx, o, c, all, false, now)
}

// decideAgreed fixes a result. With slash, every other deterministic answer is
// wrong and loses its bound once the window has passed; withheld ones always do.
func (k *Keeper) decideAgreed(ctx context.Context, o *order, c *types.Case, right []int, slash bool, now moment) error {
	c.State, c.Reason = types.TaskAgreed, types.ReasonNone
	c.Result = c.Seats[right[0]].Result
	c.SetUnits(right)
	for _, i := range right {
		c.Seats[i].Verdict = types.VerdictRight
	}
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Verdict == types.VerdictRight {
			continue
		}
		s.Verdict = types.VerdictUnpaid
		if s.Phase == types.SeatWithheld || slash && o.mayBlame(c, s) {
			s.Verdict = types.VerdictWrong
		}
	}
	if err := k.moveDelivery(ctx, o, c); err != nil {
		return err
	}
	return k.decided(ctx, o, c, now)
}

// contradicts reports whether a seat that is not right is wrong: it answered in
// the case, or had answered otherwise before and stayed away from it.
func contradicts(c *types.Case, s *types.CaseSeat) bool {
	if !s.Result.Outcome.Deterministic() {
		return false
	}
	return s.Phase == types.SeatRevealed || s.Phase == types.SeatMissed && !s.Result.Same(c.Result, c.Measured)
}

// decideFailed ends a task without a result: every run costs the runtime fee.
func (k *Keeper) decideFailed(ctx context.Context, o *order, c *types.Case, reason types.Reason, now moment) error {
	c.State, c.Reason = types.TaskFailed, reason
	for i := range c.Seats {
		switch s := &c.Seats[i]; s.Phase {
		case types.SeatRevealed:
			s.Verdict = types.VerdictFee
		case types.SeatWithheld:
			s.Verdict = types.VerdictWrong
		default:
			s.Verdict = types.VerdictUnpaid
		}
	}
	return k.decided(ctx, o, c, now)
}

// decided unfreezes everybody but the wrong, whose slash waits for the window.
func (k *Keeper) decided(ctx context.Context, o *order, c *types.Case, now moment) error {
	event := types.EventCaseDecided{Task: c.Task, State: c.State.String(), Reason: c.Reason.String()}
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Phase == types.SeatAssigned || s.Phase == types.SeatCommitted {
			if err := k.dropSeat(ctx, c, s, types.SeatMissed); err != nil {
				return err
			}
		}
		var err error
		switch s.Verdict {
		case types.VerdictWrong:
			event.Wrong++
			err = k.addPendingSlash(ctx, s.Provider, s.Bound)
		case types.VerdictRight:
			event.Right++
			err = k.unfreeze(ctx, s)
		default:
			event.Unpaid++
			err = k.unfreeze(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	c.Phase, c.Challenge = types.CasePhaseDecided, c.RuleChallenge()
	ticks := max(c.Release, now.tick+1) - now.tick
	if o.awaitsMore(c) {
		ticks = max(ticks, o.params.WindowTicks)
	}
	if err := k.events.EventManager(ctx).Emit(ctx, &event); err != nil {
		return err
	}
	return k.armCase(ctx, o, c, now, ticks)
}

// awaitsMore reports whether a decision may still change within the window: by
// an appeal, or by the late reveal of a seat that withheld.
func (o *order) awaitsMore(c *types.Case) bool {
	if c.Appealed {
		return c.Count(types.SeatWithheld) > 0
	}
	return len(c.WrongSeats()) > 0 || o.appealable(c)
}

func (k *Keeper) unfreeze(ctx context.Context, s *types.CaseSeat) error {
	if !s.Frozen {
		return nil
	}
	s.Frozen = false
	return k.freeze(ctx, s.Provider, -1)
}
