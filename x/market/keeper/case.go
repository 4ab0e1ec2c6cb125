// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// caseOf loads the case of a task.
func (k *Keeper) caseOf(ctx context.Context, task uint64) (types.Case, error) {
	c, err := k.Cases.Get(ctx, task)
	if errors.Is(err, collections.ErrNotFound) {
		return c, types.ErrCaseNotFound.Wrapf("task %d", task)
	}
	return c, err
}

// newCase opens the record of a task with the replicas that revealed it.
func (k *Keeper) newCase(ctx context.Context, o *order, l *types.Lot, index uint32, kind types.CaseKind, held uint64, now moment) (types.Case, error) {
	epoch, err := k.epoch(ctx)
	if err != nil {
		return types.Case{}, err
	}
	c := types.Case{
		Task: types.TaskID(o.Id, index), Kind: kind, Opened: now.tick, OpenedEpoch: epoch,
		Held: held, Release: l.AgreedAt + o.params.WindowTicks, Measured: o.measured(),
		Committee: o.committee,
	}
	_, position := o.LotOf(index)
	for _, s := range l.Seats {
		r, ok := l.Answer(s, position)
		if !ok {
			if s.Phase == types.SeatWithheld || s.Phase == types.SeatLate { // a party, not a judge
				c.Excluded = append(c.Excluded, s.Provider)
			}
			continue
		}
		seat := types.CaseSeat{
			Provider: s.Provider, Original: true, Phase: types.SeatRevealed,
			Assigned: s.Assigned, Price: s.Price, Bound: s.Bound, Result: r, Elapsed: s.Elapsed, Tolerant: s.Tolerant,
		}
		if c.Measured && kind.Agreed() && r.Outcome.Deterministic() {
			seat.Result.Units = o.charged(l, position)
		}
		if r.Outcome.Deterministic() {
			seat.Proof = s.Proof(position)
		}
		c.Seats = append(c.Seats, seat)
	}
	return c, k.events.EventManager(ctx).Emit(ctx, &types.EventCaseOpened{Task: c.Task, Kind: kind.String()})
}

// openDispute opens the case of a task on which the first round did not agree.
func (k *Keeper) openDispute(ctx context.Context, o *order, l *types.Lot, index uint32, op opinion, held uint64, now moment) error {
	kind := types.CaseReplace
	if op.differ {
		kind = types.CaseGrowth
	}
	if op.differ && o.tolerant() {
		kind = types.CaseCompare
	}
	c, err := k.newCase(ctx, o, l, index, kind, held, now)
	if err != nil {
		return err
	}
	switch {
	case op.differ && o.tolerant():
		err = k.openVote(ctx, o, &c, types.CommitteeCompare, now)
	case op.differ && !o.class.Sound:
		err = k.decideUnsound(ctx, o, &c, now)
	case op.differ:
		err = k.grow(ctx, o, &c, now)
	case op.fault != types.OutcomeUnspecified && op.right == 0:
		err = k.decideFailed(ctx, o, &c, op.fault.Reason(), now)
	default:
		c.Target = 2
		err = k.startDraw(ctx, o, &c, now)
	}
	if err != nil {
		return err
	}
	return k.Cases.Set(ctx, c.Task, c)
}

// openAudit opens the case of a task that the seed drew.
func (k *Keeper) openAudit(ctx context.Context, o *order, l *types.Lot, index uint32, held uint64, now moment) error {
	c, err := k.newCase(ctx, o, l, index, types.CaseAudit, held, now)
	if err != nil {
		return err
	}
	c.Target = uint32(c.Weight()) + 1
	if c.Reserve, err = k.reserveFees(ctx, o, &c, 1); err != nil {
		return err
	}
	if err := k.startDraw(ctx, o, &c, now); err != nil {
		return err
	}
	return k.Cases.Set(ctx, c.Task, c)
}

// grow freezes everybody who took part and raises the set to grow_to.
func (k *Keeper) grow(ctx context.Context, o *order, c *types.Case, now moment) error {
	c.Kind = types.CaseGrowth
	return k.growTo(ctx, o, c, int(o.params.GrowTo), now)
}

// growTo freezes everybody who took part, reserves the fees of the seats that
// may be added and draws them. Target is in votes.
func (k *Keeper) growTo(ctx context.Context, o *order, c *types.Case, target int, now moment) error {
	epoch, err := k.epoch(ctx)
	if err != nil {
		return err
	}
	c.Target, c.OpenedEpoch, c.Thin = uint32(target), epoch, false
	for i := range c.Seats {
		if s := &c.Seats[i]; s.Answering() && !s.Frozen {
			s.Frozen = true
			if err := k.freeze(ctx, s.Provider, 1); err != nil {
				return err
			}
		}
	}
	got, err := k.reserveFees(ctx, o, c, int(c.Target)-c.Weight())
	if err != nil {
		return err
	}
	c.Reserve += got
	return k.startDraw(ctx, o, c, now)
}

// freeze adds to (or with a negative number takes from) the cases that hold
// back the releases of a provider.
func (k *Keeper) freeze(ctx context.Context, provider uint32, delta int) error {
	return k.withLoad(ctx, provider, func(l *registrytypes.Load) {
		l.Freezes = uint32(max(int(l.Freezes)+delta, 0))
	})
}

// reserveFees takes the fees of n added seats out of the audit pool, or what
// the pool has, for the units of the first deterministic answer.
func (k *Keeper) reserveFees(ctx context.Context, o *order, c *types.Case, n int) (uint64, error) {
	var units uint64
	for _, s := range c.Seats {
		if s.Result.Outcome.Deterministic() {
			units = s.Result.Units
			break
		}
	}
	fee, err := o.verifierFee(c, units)
	if err != nil || n <= 0 {
		return 0, err
	}
	return k.reserve(ctx, o.Denom, fee*uint64(n))
}

// verifierFee is what an added seat earns: the provider's share at the dearest
// price of the task for a number of units.
func (o *order) verifierFee(c *types.Case, units uint64) (uint64, error) {
	gross, err := o.charge(o.dearest(c), units)
	if err != nil {
		return 0, err
	}
	return o.params.Split.Shares(gross, o.burnable()).Provider, nil
}

// dearest is the highest price among the replicas of a task.
func (o *order) dearest(c *types.Case) uint64 {
	var price uint64
	for _, s := range c.Seats {
		if s.Original {
			price = max(price, s.Price)
		}
	}
	return price
}

// armCase sets the next deadline of a case.
func (k *Keeper) armCase(ctx context.Context, o *order, c *types.Case, now moment, ticks uint64) error {
	due := now.after(ticks, o.params)
	c.Due, c.DueTime = due.tick, due.time
	return k.schedule(ctx, types.StepCase, c.Task, c.Due, &c.Queued)
}

// fireCase does the due step of a case and stores it.
func (k *Keeper) fireCase(ctx context.Context, o *order, index uint32, now moment, b *book, crank bool) error {
	c, err := k.caseOf(ctx, types.TaskID(o.Id, index))
	if !crank && (errors.Is(err, types.ErrCaseNotFound) || err == nil && stale(c.Queued, now)) {
		return nil
	}
	if err != nil {
		return err
	}
	waits := c.Phase == types.CasePhaseClosed || c.Phase == types.CasePhaseVote
	due := !waits && now.passed(c.Due, c.DueTime)
	if crank && !due {
		return types.ErrNotDue.Wrapf("case of task %d is %s and due at tick %d, now is %d", c.Task, c.Phase, c.Due, now.tick)
	}
	if err := k.unschedule(ctx, types.StepCase, c.Task, &c.Queued); err != nil {
		return err
	}
	switch {
	case due:
		err = k.stepCase(ctx, o, &c, now, b)
	case !waits:
		err = k.schedule(ctx, types.StepCase, c.Task, now.retry(c.Due, c.DueTime, o.params), &c.Queued)
	}
	if err != nil {
		return err
	}
	return k.Cases.Set(ctx, c.Task, c)
}

func (k *Keeper) stepCase(ctx context.Context, o *order, c *types.Case, now moment, b *book) error {
	switch c.Phase {
	case types.CasePhaseDraw:
		return k.fillCase(ctx, o, c, now)
	case types.CasePhaseCommit:
		return k.caseCommitDeadline(ctx, o, c, now, b)
	case types.CasePhaseReveal:
		return k.caseRevealDeadline(ctx, o, c, now, b)
	case types.CasePhaseDecided:
		if again, err := k.judgeCompared(ctx, o, c, now); err != nil || again {
			return err
		}
		return k.closeCase(ctx, o, c, now, b)
	default:
		return nil
	}
}
