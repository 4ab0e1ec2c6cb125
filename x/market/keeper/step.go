// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/internal/branch"
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// maxFailures of a step before it is parked for MsgCrank.
const maxFailures = 3

// EndBlock does the due steps and matches lots, both within the budget of the
// params. It is halt-proof: every step runs in a context of its own with
// recover, and only a broken store returns an error. See ADR-004.
func (k *Keeper) EndBlock(ctx context.Context) error {
	ctx = registrytypes.WithRosterCache(withTerms(ctx))
	now, err := k.now(ctx)
	if err != nil {
		return err
	}
	_, params, err := k.CurrentParams(ctx)
	if err != nil {
		return err
	}
	b := newBook()
	if err := k.runDue(ctx, now, params, b); err != nil {
		return err
	}
	if err := k.matchReady(ctx, now, params); err != nil {
		return err
	}
	if err := k.flushBlock(ctx, b); err != nil {
		return err
	}
	return k.flushQueue(ctx)
}

// runDue does the steps that are due, oldest first, within the budgets.
func (k *Keeper) runDue(ctx context.Context, now moment, p types.Params, b *book) error {
	due, err := k.takeDue(ctx, now, int(p.MaxItems))
	if err != nil || len(due) == 0 {
		return err
	}
	return k.runSteps(ctx, due, now, p, b)
}

// runSteps does the given steps until the gas of a block is used up; the others
// go back into the queue.
func (k *Keeper) runSteps(ctx context.Context, due []dueStep, now moment, p types.Params, b *book) error {
	// Almost always nothing has failed, which one look says for all steps.
	failures, err := k.anyFailed(ctx)
	if err != nil {
		return err
	}
	budget := storetypes.NewGasMeter(p.BlockGas)
	for _, step := range due {
		if budget.GasRemaining() == 0 {
			if err := k.Pending.Set(ctx, step.key()); err != nil {
				return err
			}
			continue
		}
		failed, err := k.runStep(ctx, types.StepKind(step.kind), step.ref, now, b, budget)
		if err != nil {
			return err
		}
		if failures && !failed {
			if err := k.forgive(ctx, types.StepKind(step.kind), step.ref); err != nil {
				return err
			}
		}
		failures = failures || failed
	}
	return nil
}

// anyFailed reports whether a failure of any step is on record.
func (k *Keeper) anyFailed(ctx context.Context) (found bool, err error) {
	err = k.Failed.Walk(ctx, nil, func(stepKey, types.FailedStep) (bool, error) {
		found = true
		return true, nil
	})
	return found, err
}

// runStep does one step in isolation and reports whether it failed. It may use
// the gas of a whole block, so that a step never fails because it came last;
// the block ends with the step that exceeds the budget.
func (k *Keeper) runStep(ctx context.Context, kind types.StepKind, ref uint64, now moment, b *book, budget storetypes.GasMeter) (failed bool, err error) {
	own := b.page()
	meter := storetypes.NewGasMeter(budget.Limit())
	metered := sdk.UnwrapSDKContext(ctx).WithGasMeter(meter)
	err = k.isolated(metered, func(ctx context.Context) error { //nolint:contextcheck // metered is made of ctx
		return k.step(ctx, kind, ref, now, own, false)
	})
	budget.ConsumeGas(min(meter.GasConsumedToLimit(), budget.GasRemaining()), "due step")
	if err != nil {
		return true, k.fail(ctx, kind, ref, now, err)
	}
	b.take(own)
	return false, nil
}

// isolated runs f on a branch of the state that is written only if f neither
// fails nor panics.
func (k *Keeper) isolated(ctx context.Context, f func(context.Context) error) (err error) {
	cached, write := branch.Context(sdk.UnwrapSDKContext(ctx))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if err := f(cached); err != nil { //nolint:contextcheck // the branch is made of ctx
		return err
	}
	write()
	return nil
}

// fail counts a failure of a step, and queues it again or parks it.
func (k *Keeper) fail(ctx context.Context, kind types.StepKind, ref uint64, now moment, cause error) error {
	key := collections.Join(uint32(kind), ref)
	batch, sub := types.SplitTaskID(ref)
	failed, err := k.Failed.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	failed.Step = types.Step{Kind: kind, Batch: batch, Sub: sub}
	failed.Failures++
	failed.Error = cause.Error()
	failed.Error = failed.Error[:min(len(failed.Error), 200)]
	sdk.UnwrapSDKContext(ctx).Logger().Error("market step failed", "kind", kind.String(), "batch", batch, "sub", sub, "failures", failed.Failures, "err", cause)
	if err := k.Failed.Set(ctx, key, failed); err != nil {
		return err
	}
	if failed.Failures < maxFailures {
		return k.enqueue(ctx, kind, ref, now.tick+10*uint64(failed.Failures))
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventStepParked{Kind: kind.String(), Batch: batch, Sub: sub, Error: failed.Error})
}

// forgive forgets the failures of a step that went well.
func (k *Keeper) forgive(ctx context.Context, kind types.StepKind, ref uint64) error {
	key := collections.Join(uint32(kind), ref)
	if ok, err := k.Failed.Has(ctx, key); err != nil || !ok {
		return err
	}
	return k.Failed.Remove(ctx, key)
}

// Crank does a step that is due for the caller's gas, whatever the queue says.
func (k *Keeper) Crank(ctx context.Context, s types.Step, b *book) error {
	if s.Sub >= types.MaxBatchTasks || s.Batch > types.MaxBatchID {
		return types.ErrInvalidStep.Wrapf("batch %d sub %d", s.Batch, s.Sub)
	}
	now, err := k.now(ctx)
	if err != nil {
		return err
	}
	ref := types.TaskID(s.Batch, s.Sub)
	if err := k.step(ctx, s.Kind, ref, now, b, true); err != nil {
		return err
	}
	return k.forgive(ctx, s.Kind, ref)
}

// step does what is due for a reference. In a crank a step that is not due is
// an error; in the queue it is put back.
func (k *Keeper) step(ctx context.Context, kind types.StepKind, ref uint64, now moment, b *book, crank bool) error {
	batch, sub := types.SplitTaskID(ref)
	if kind == types.StepSession {
		return k.fireSession(ctx, batch, sub, now, b, crank)
	}
	if kind == types.StepVerdict {
		return k.fireCommittee(ctx, batch, sub, now, b, crank)
	}
	o, err := k.order(ctx, batch)
	if !crank && errors.Is(err, types.ErrBatchNotFound) {
		return nil // pruned: entries are removed lazily
	}
	if err != nil {
		return err
	}
	switch kind {
	case types.StepLot:
		return k.fireLot(ctx, o, sub, now, b, crank)
	case types.StepCase:
		return k.fireCase(ctx, o, sub, now, b, crank)
	case types.StepDeadline:
		return k.fireDeadline(ctx, o, now, b, crank)
	case types.StepMatch:
		return k.wake(ctx, o)
	case types.StepPrune:
		return k.prune(ctx, o, now, crank)
	default:
		return types.ErrInvalidStep.Wrapf("kind %d", kind)
	}
}

// fireDeadline expires the open lots of a batch, or of an ended version.
func (k *Keeper) fireDeadline(ctx context.Context, o *order, now moment, b *book, crank bool) error {
	ended, err := k.ended(ctx, o)
	if err != nil {
		return err
	}
	if ended && o.unassigned() > 0 {
		_, _, err := k.endOpen(ctx, o, types.TaskFailed, types.ReasonParamsEnded, now, b)
		return err
	}
	if now.passed(o.Deadline, o.DeadlineTime) {
		return k.deadline(ctx, o, now, b)
	}
	if crank {
		return types.ErrNotDue.Wrapf("deadline of batch %d is tick %d, now is %d", o.Id, o.Deadline, now.tick)
	}
	return k.enqueue(ctx, types.StepDeadline, types.TaskID(o.Id, 0), now.retry(o.Deadline, o.DeadlineTime, o.params))
}

// armLot sets the next deadline of a lot.
func (k *Keeper) armLot(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment, ticks uint64) error {
	due := now.after(ticks, o.params)
	l.Due, l.DueTime = due.tick, due.time
	return k.schedule(ctx, types.StepLot, types.TaskID(o.Id, lot), l.Due, &l.Queued)
}
