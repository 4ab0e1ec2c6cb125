// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// opinion is what the seats of a lot say of one task.
type opinion struct {
	// right counts deterministic answers if all of them are equal.
	right int
	// differ is set if two deterministic answers are not equal.
	differ bool
	// fault is a host-made outcome that two operators report, if any.
	fault types.Outcome
	// faults counts host-made outcomes.
	faults int
	// units of the first deterministic answer.
	first types.Result
}

// opinionOf compares what the seats that revealed say of one task.
func opinionOf(results []types.Result, measured bool) opinion {
	var op opinion
	for i, r := range results {
		if r.Outcome.HostMade() {
			op.faults++
			for _, other := range results[:i] {
				if other.Outcome == r.Outcome {
					op.fault = r.Outcome
				}
			}
			continue
		}
		if op.right == 0 {
			op.first = r
		}
		op.right++
		op.differ = op.differ || !op.first.Same(r, measured)
	}
	return op
}

// enough is the number of equal answers that agree without a case.
func (o *order) enough() int {
	if o.Replicas == 1 {
		return 1
	}
	return 2
}

// conclude closes the first round of a lot once every seat that can reveal has
// done so: tasks on which all agree are AGREED, the others get a case. Unused
// escrow goes back at once.
func (k *Keeper) conclude(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment, b *book) error {
	first, count := o.LotTasks(lot)
	held := o.escrow
	var unused uint64
	l.State, l.AgreedAt = types.TaskAgreed, now.tick
	for i := range count {
		op := opinionOf(l.Answers(i), o.measured())
		if op.differ || op.right < o.enough() {
			l.Cases |= 1 << i
			l.OpenCases++
			if err := k.openDispute(ctx, o, l, first+i, op, held, now); err != nil {
				return err
			}
			continue
		}
		due, err := o.dueTo(l, i)
		if err != nil {
			return err
		}
		if due > held {
			return types.ErrInvariant.Wrapf("task %d costs %d, escrow is %d", types.TaskID(o.Id, first+i), due, held)
		}
		unused += held - due
	}
	if err := o.refund(b, unused); err != nil {
		return err
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.LotEvent(types.EventTaskAgreed, o.Batch, lot,
		types.Attr("disputed", uint64(l.OpenCases))))
	if err := k.armLot(ctx, o, lot, l, now, o.judgeTicks()); err != nil {
		return err
	}
	return k.save(ctx, o)
}

// judgeTicks is when the audit draw of a lot is looked at first. The seed of
// the next epoch exists by then with the default params; else it is looked at again.
func (o *order) judgeTicks() uint64 { return max(o.params.WindowTicks/4, 1) }

// dueTo is the escrow that the seats of an agreed task will share.
func (o *order) dueTo(l *types.Lot, position uint32) (uint64, error) {
	sum := o.committee
	units := o.charged(l, position)
	for _, s := range l.Seats {
		r, ok := l.Answer(s, position)
		if !ok || !r.Outcome.Deterministic() {
			continue
		}
		gross, err := o.charge(s.Price, units)
		if err != nil {
			return 0, err
		}
		sum += gross
	}
	return sum, nil
}
