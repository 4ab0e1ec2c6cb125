// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// caseSeat loads a case and the seat of an actor in its current round.
func (k *Keeper) caseSeat(ctx context.Context, a *actor, task uint64, attempt uint32) (*order, types.Case, *types.CaseSeat, error) {
	c, err := k.caseOf(ctx, task)
	if err != nil {
		return nil, c, nil, err
	}
	batch, _ := types.SplitTaskID(task)
	o, err := k.order(ctx, batch)
	if err != nil {
		return nil, c, nil, err
	}
	s := c.Seat(a.Id)
	if s == nil || attempt != c.Attempt {
		return nil, c, nil, types.ErrNotSeated.Wrapf("task %d attempt %d, the case is at %d", task, attempt, c.Attempt)
	}
	return o, c, s, nil
}

// CommitCase stores the commitment of a seat of a case. The same commitment
// again is a successful no-op.
func (k *Keeper) CommitCase(ctx context.Context, a *actor, m types.CaseCommit) error {
	if len(m.Commitment) != types.HashSize {
		return types.ErrInvalidCommitment.Wrapf("%d bytes", len(m.Commitment))
	}
	o, c, s, err := k.caseSeat(ctx, a, m.Task, m.Attempt)
	if err != nil {
		return err
	}
	switch {
	case s.Phase == types.SeatCommitted && bytes.Equal(s.Commitment, m.Commitment):
		return nil
	case s.Phase == types.SeatCommitted:
		return types.ErrCommitmentChanged.Wrapf("task %d attempt %d", m.Task, m.Attempt)
	case c.Phase != types.CasePhaseCommit || s.Phase != types.SeatAssigned:
		return types.ErrWrongPhase.Wrapf("case is %s, seat is %s", c.Phase, s.Phase)
	case voided(a.void, s.Assigned):
		return types.ErrVoided.Wrapf("assigned at %d, void up to %d", s.Assigned, a.void)
	case a.now.passed(c.Due, c.DueTime):
		return types.ErrTooLate.Wrapf("commits ended at tick %d, now is %d", c.Due, a.now.tick)
	}
	s.Phase, s.Commitment = types.SeatCommitted, m.Commitment
	if s.Elapsed == 0 {
		s.Elapsed = o.stopClock(s.AssignedTime, a.now)
	}
	if c.Count(types.SeatAssigned) == 0 {
		if err := k.openCaseReveals(ctx, o, &c, a.now); err != nil {
			return err
		}
	}
	return k.Cases.Set(ctx, c.Task, c)
}

func (k *Keeper) openCaseReveals(ctx context.Context, o *order, c *types.Case, now moment) error {
	c.Phase = types.CasePhaseReveal
	return k.armCase(ctx, o, c, now, o.params.RevealTicks)
}

// RevealCase opens the commitment of a seat of a case. The same reveal again
// is a successful no-op.
func (k *Keeper) RevealCase(ctx context.Context, a *actor, m types.CaseReveal) error {
	o, c, s, err := k.caseSeat(ctx, a, m.Task, m.Attempt)
	if err != nil {
		return err
	}
	if s.Phase == types.SeatRevealed && s.Result.Same(m.Result, c.Measured) && bytes.Equal(s.Proof, m.Proof) && slices.EqualFunc(s.Cross, m.Cross, sameCross) && slices.Equal(s.Unavailable, m.Unavailable) {
		return nil
	}
	if err := o.validateCaseReveal(&c, s, m); err != nil {
		return err
	}
	opens := bytes.Equal(s.Commitment, types.CommitCaseAnswer(sdk.UnwrapSDKContext(ctx).ChainID(), a.operator, m))
	if s.Phase == types.SeatWithheld && c.Phase == types.CasePhaseDecided && opens {
		return k.revealCaseLate(ctx, &c, s, m)
	}
	switch {
	case c.Phase != types.CasePhaseReveal || s.Phase != types.SeatCommitted:
		return types.ErrWrongPhase.Wrapf("case is %s, seat is %s", c.Phase, s.Phase)
	case voided(a.void, s.Assigned):
		return types.ErrVoided.Wrapf("assigned at %d, void up to %d", s.Assigned, a.void)
	case a.now.passed(c.Due, c.DueTime):
		return types.ErrTooLate.Wrapf("reveals ended at tick %d, now is %d", c.Due, a.now.tick)
	case !opens:
		return types.ErrCommitmentMismatch.Wrapf("task %d attempt %d", m.Task, m.Attempt)
	}
	s.Result, s.Proof, s.Cross, s.Commitment = o.meteredCase(s, m.Result), m.Proof, m.Cross, nil
	s.Unavailable = m.Unavailable
	if err := k.dropSeat(ctx, &c, s, types.SeatRevealed); err != nil {
		return err
	}
	if c.Count(types.SeatCommitted) == 0 {
		if err := k.decide(ctx, o, &c, a.now); err != nil {
			return err
		}
	}
	return k.Cases.Set(ctx, c.Task, c)
}

func sameCross(a, b types.CrossProof) bool {
	return a.Provider == b.Provider && bytes.Equal(a.Proof, b.Proof)
}

// validateCaseReveal checks the shape of a reveal, and that a seat that has
// answered before says the same again.
func (o *order) validateCaseReveal(c *types.Case, s *types.CaseSeat, m types.CaseReveal) error {
	if err := o.validateResult(m.Result); err != nil {
		return err
	}
	if len(m.Salt) != types.HashSize {
		return types.ErrInvalidReveal.Wrapf("salt has %d bytes, must be %d", len(m.Salt), types.HashSize)
	}
	if m.Result.Outcome.HostMade() {
		if len(m.Proof) != 0 || len(m.Cross) != 0 {
			return types.ErrInvalidReveal.Wrapf("%s has no run proofs", m.Result.Outcome)
		}
	} else if len(m.Proof) != types.HashSize {
		return types.ErrInvalidReveal.Wrapf("run proof has %d bytes, must be %d", len(m.Proof), types.HashSize)
	}
	if len(s.Proof) > 0 && (!s.Result.Same(m.Result, c.Measured) || !bytes.Equal(s.Proof, m.Proof)) {
		return types.ErrInvalidReveal.Wrap("not what this operator revealed before")
	}
	if err := validateUnavailable(c, s, m); err != nil {
		return err
	}
	if m.Result.Outcome.HostMade() {
		return nil
	}
	others := c.Others(s.Provider)
	if len(others) != len(m.Cross) {
		return types.ErrInvalidReveal.Wrapf("%d run proofs for %d other operators", len(m.Cross), len(others))
	}
	for i, cross := range m.Cross {
		if cross.Provider != others[i] || len(cross.Proof) != types.HashSize {
			return types.ErrInvalidReveal.Wrapf("run proof %d is for provider %d with %d bytes, must be for %d with %d",
				i, cross.Provider, len(cross.Proof), others[i], types.HashSize)
		}
	}
	return nil
}

// validateUnavailable checks what an added seat reports of the replicas.
func validateUnavailable(c *types.Case, s *types.CaseSeat, m types.CaseReveal) error {
	if len(m.Unavailable) > 0 && (s.Original || m.Result.Outcome.HostMade()) {
		return types.ErrInvalidReveal.Wrap("only an added seat with a result reports artifacts that it could not fetch")
	}
	for i, id := range m.Unavailable {
		replica := c.Seat(id)
		if replica == nil || !replica.Original || i > 0 && id <= m.Unavailable[i-1] {
			return types.ErrInvalidReveal.Wrapf("unavailable: provider %d is no replica, or out of order", id)
		}
	}
	return nil
}

// revealCaseLate lowers the loss of a withheld seat to the no-show fee if its
// result is the decided one.
func (k *Keeper) revealCaseLate(ctx context.Context, c *types.Case, s *types.CaseSeat, m types.CaseReveal) error {
	if c.Punished {
		return types.ErrTooLate.Wrap("the loss of the seat is final")
	}
	if c.State == types.TaskAgreed && !c.Result.Same(m.Result, c.Measured) {
		return types.ErrInvalidReveal.Wrap("late and not equal to the decided result")
	}
	s.Phase, s.Verdict = types.SeatLate, types.VerdictUnpaid
	if err := k.dropPendingSlash(ctx, s.Provider, s.Bound); err != nil {
		return err
	}
	if err := k.unfreeze(ctx, s); err != nil {
		return err
	}
	return k.Cases.Set(ctx, c.Task, *c)
}

// caseCommitDeadline fines the seats that did not commit, replaces added ones
// while re-draws are left, and starts a round with the set that remains.
func (k *Keeper) caseCommitDeadline(ctx context.Context, o *order, c *types.Case, now moment, b *book) error {
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Phase != types.SeatAssigned {
			continue
		}
		if err := k.dropSeat(ctx, c, s, types.SeatMissed); err != nil {
			return err
		}
		void, err := k.isVoid(ctx, s.Provider, s.Assigned)
		if err != nil {
			return err
		}
		if !void { // else it was not allowed to commit
			if err := k.fineNoShow(ctx, o, s.Provider, s.Price, b); err != nil {
				return err
			}
		}
		if !s.Original {
			c.Excluded = append(c.Excluded, s.Provider)
		}
	}
	return k.refill(ctx, o, c, now)
}

// refill goes on after seats left the set: with new ones if re-draws are left,
// else with those that have committed. Their run proofs for the ones that left
// are not looked at, so no other round is needed.
func (k *Keeper) refill(ctx context.Context, o *order, c *types.Case, now moment) error {
	if c.Redraws < o.params.MaxRedraws {
		c.Redraws++
		return k.startDraw(ctx, o, c, now)
	}
	c.Target = uint32(c.Weight())
	if c.Count(types.SeatCommitted) == 0 || added(c) == 0 && !c.Kind.Grown() {
		return k.decide(ctx, o, c, now)
	}
	return k.openCaseReveals(ctx, o, c, now)
}

// added counts the answering seats that are not replicas of the lot.
func added(c *types.Case) int {
	n := 0
	for _, s := range c.Seats {
		if !s.Original && s.Answering() {
			n++
		}
	}
	return n
}

// caseRevealDeadline marks the seats that did not reveal and decides. If another
// round follows, which they may answer, they pay the no-show fee for this one.
func (k *Keeper) caseRevealDeadline(ctx context.Context, o *order, c *types.Case, now moment, b *book) error {
	var withheld []types.CaseSeat
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Phase != types.SeatCommitted {
			continue
		}
		void, err := k.isVoid(ctx, s.Provider, s.Assigned)
		if err != nil {
			return err
		}
		if void { // it was not allowed to reveal
			if err := k.dropSeat(ctx, c, s, types.SeatMissed); err != nil {
				return err
			}
			continue
		}
		if err := k.dropSeat(ctx, c, s, types.SeatWithheld); err != nil {
			return err
		}
		withheld = append(withheld, *s)
	}
	if err := k.decide(ctx, o, c, now); err != nil || c.Phase == types.CasePhaseDecided {
		return err
	}
	for _, s := range withheld {
		if err := k.fineNoShow(ctx, o, s.Provider, s.Price, b); err != nil {
			return err
		}
	}
	return nil
}
