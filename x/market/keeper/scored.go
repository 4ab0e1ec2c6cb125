// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// scored reports whether the order is under SCORED: a rule for disputes, not a
// proof. See ADR-010.
func (o *order) scored() bool { return o.Policy == types.PolicyScored }

// worth is the maximal gross of a number of tasks in ucupel.
func (o *order) worth(tasks uint32) (uint64, error) {
	gross, err := types.MulDivCeil(o.gross, uint64(tasks), 1)
	if err != nil || o.burnable() {
		return gross, err
	}
	return types.MulDivCeil(gross, o.Rate, types.RateUnit)
}

// checkScored applies the caps of SCORED to a submit. A lot above the cap of an
// epoch would never be assigned.
func (o *order) checkScored() error {
	if !o.scored() {
		return nil
	}
	p := o.params.Scored
	one, err := o.worth(1)
	if err != nil {
		return err
	}
	lot, err := o.worth(o.LotSize)
	if err == nil && (one > p.MaxTask || lot > p.MaxEpoch) {
		err = types.ErrScoredCap.Wrapf("a task may cost %d ucupel, at most %d; a lot %d, at most %d", one, p.MaxTask, lot, p.MaxEpoch)
	}
	return err
}

// useScored counts the next lot of an order against what its provider may be
// assigned under SCORED in this epoch, and reports whether it fits.
func (k *Keeper) useScored(ctx context.Context, o *order, commit bool) (bool, error) {
	if !o.scored() {
		return true, nil
	}
	_, count := o.LotTasks(o.tally.NextLot)
	worth, err := o.worth(count)
	if err != nil {
		return false, err
	}
	epoch, err := k.epoch(ctx)
	if err != nil {
		return false, err
	}
	use, err := k.Scored.Get(ctx, o.Hire)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return false, err
	}
	if use.Epoch != epoch {
		use = types.ScoredUse{Provider: o.Hire, Epoch: epoch}
	}
	if use.Amount+worth > o.params.Scored.MaxEpoch {
		return false, nil
	}
	if !commit {
		return true, nil
	}
	use.Amount += worth
	return true, k.Scored.Set(ctx, o.Hire, use)
}

// scoredLot loads a lot of a SCORED batch of the requester that is agreed and
// unpaid.
func (k *Keeper) scoredLot(ctx context.Context, requester sdk.AccAddress, batch uint64, lot uint32) (*order, types.Lot, error) {
	o, err := k.order(ctx, batch)
	if err != nil {
		return nil, types.Lot{}, err
	}
	if !requester.Equals(sdk.AccAddress(o.Requester)) {
		return nil, types.Lot{}, types.ErrNotRequester.Wrapf("batch %d", batch)
	}
	if !o.scored() {
		return nil, types.Lot{}, types.ErrNotScored.Wrapf("batch %d is %s", batch, o.Policy)
	}
	l, err := k.lot(ctx, batch, lot)
	if err == nil && l.State != types.TaskAgreed {
		err = types.ErrNotScored.Wrapf("batch %d lot %d is %s", batch, lot, l.State)
	}
	return o, l, err
}

// Accept pays the tasks of a lot at once, but those that were rejected.
func (k *Keeper) Accept(ctx context.Context, requester sdk.AccAddress, ref types.LotRef, b *book) error {
	o, l, err := k.scoredLot(ctx, requester, ref.Batch, ref.Lot)
	if err != nil {
		return err
	}
	now, err := k.now(ctx)
	if err != nil {
		return err
	}
	wait, err := k.frozen(ctx, &l)
	if err != nil {
		return err
	}
	if wait {
		return types.ErrNotDue.Wrapf("a case holds back the provider of batch %d lot %d: it is paid after it", ref.Batch, ref.Lot)
	}
	if err := k.unschedule(ctx, types.StepLot, types.TaskID(ref.Batch, ref.Lot), &l.Queued); err != nil {
		return err
	}
	if err := k.release(ctx, o, ref.Lot, &l, now, b); err != nil {
		return err
	}
	return k.Lots.Set(ctx, collections.Join(ref.Batch, ref.Lot), l)
}

// Reject has a committee score the evidence of a task, within the window. The
// requester has escrowed what it costs.
func (k *Keeper) Reject(ctx context.Context, requester sdk.AccAddress, task uint64) (uint64, error) {
	batch, index := types.SplitTaskID(task)
	b, err := k.Batches.Get(ctx, batch)
	if err != nil || index >= b.Count {
		return 0, types.ErrBatchNotFound.Wrapf("task %d", task)
	}
	id, position := b.LotOf(index)
	o, l, err := k.scoredLot(ctx, requester, batch, id)
	if err != nil {
		return 0, err
	}
	now, err := k.now(ctx)
	if err != nil {
		return 0, err
	}
	switch {
	case l.InCase(position):
		return 0, types.ErrNotScored.Wrapf("task %d has been rejected already", task)
	case now.tick >= l.AgreedAt+o.params.WindowTicks:
		return 0, types.ErrTooLate.Wrapf("the window ended at tick %d, now is %d", l.AgreedAt+o.params.WindowTicks, now.tick)
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(o.params.StepGas*voteSteps, "queued steps")
	held, err := o.dueTo(&l, position)
	if err != nil {
		return 0, err
	}
	c, err := k.newCase(ctx, o, &l, index, types.CaseScore, held, now)
	if err != nil {
		return 0, err
	}
	if err := k.openVote(ctx, o, &c, types.CommitteeScore, now); err != nil {
		return 0, err
	}
	l.Cases |= 1 << position
	l.OpenCases++
	if err := k.Cases.Set(ctx, task, c); err != nil {
		return 0, err
	}
	return c.Verdict, k.Lots.Set(ctx, collections.Join(batch, id), l)
}

// decideScored acts on the vote of a committee on a rejected task.
func (k *Keeper) decideScored(ctx context.Context, o *order, c *types.Case, vote []byte, now moment) error {
	if len(vote) == 0 {
		return k.decideFailed(ctx, o, c, types.ReasonUnresolved, now)
	}
	c.Score = o.params.Scored.Score(vote)
	if c.Score >= o.params.Scored.Threshold {
		return k.decideAgreed(ctx, o, c, []int{0}, false, now)
	}
	c.State, c.Reason = types.TaskFailed, types.ReasonRejected
	c.Seats[0].Verdict = types.VerdictUnpaid
	return k.decided(ctx, o, c, now)
}

// payScored pays half of the gross of a task whose evidence holds; the rest of
// its escrow is refunded.
func (k *Keeper) payScored(ctx context.Context, o *order, c *types.Case, b *book) error {
	s := c.Seats[0]
	gross, err := o.charge(s.Price, c.Result.Units)
	if err != nil {
		return err
	}
	void, err := k.isVoid(ctx, s.Provider, s.Assigned)
	if err != nil {
		return err
	}
	held := c.Held
	var payments []payment
	if half := gross / 2; !void {
		shares := o.params.Split.Shares(half, o.burnable())
		paid, err := o.payReplica(payee{provider: s.Provider, price: s.Price, assigned: s.Assigned}, shares.Provider, b)
		if err != nil {
			return err
		}
		if err := o.share(b, shares.Treasury, shares.Burn); err != nil {
			return err
		}
		payments = []payment{{s.Provider, paid}}
		held -= half
	}
	_, index := types.SplitTaskID(c.Task)
	id, _ := o.LotOf(index)
	l, err := k.lot(ctx, o.Id, id)
	if err != nil {
		return err
	}
	if err := k.settleTask(ctx, o, c.Task, l.Attempt, c.Result, payments, b); err != nil {
		return err
	}
	return o.refund(b, held)
}
