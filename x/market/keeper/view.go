// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// viewTask resolves a task from its batch, lot and case.
func (k *Keeper) viewTask(ctx context.Context, o *order, index uint32) (types.TaskView, error) {
	lot, position := o.LotOf(index)
	v := types.TaskView{
		Task: types.TaskID(o.Id, index), Batch: o.Id, Index: index, Lot: lot,
		State: types.TaskOpen, Due: o.Deadline,
	}
	if lot >= o.tally.NextLot {
		if o.tally.Ended != types.TaskUnspecified {
			v.State, v.Reason, v.Due = o.tally.Ended, o.tally.Reason, 0
		}
		return v, nil
	}
	l, err := k.lot(ctx, o.Id, lot)
	if err != nil {
		return v, err
	}
	v.State, v.Reason, v.Due, v.SettledHeight = l.State, l.Reason, l.Due, l.SettledHeight
	v.Result = o.agreed(&l, position)
	for _, s := range l.Seats {
		viewSeat(&v, &l, s, position)
	}
	if !l.InCase(position) {
		return v, nil
	}
	c, err := k.caseOf(ctx, v.Task)
	if err != nil {
		return v, err
	}
	viewCase(&v, c)
	return v, nil
}

func viewSeat(v *types.TaskView, l *types.Lot, s types.Seat, position uint32) {
	v.Providers = append(v.Providers, s.Provider)
	switch s.Phase {
	case types.SeatCommitted, types.SeatWithheld, types.SeatLate:
		v.Committed++
	case types.SeatRevealed:
		v.Committed++
		v.Revealed++
		if r, ok := l.Answer(s, position); ok && r.Outcome.Deterministic() && !l.InCase(position) && l.State != types.TaskFailed {
			v.Right = append(v.Right, s.Provider)
		}
	default: // has not committed
	}
}

func viewCase(v *types.TaskView, c types.Case) {
	v.Disputed, v.State, v.Due, v.SettledHeight = true, types.TaskDisputed, c.Due, c.SettledHeight
	v.Right = nil
	if c.Phase != types.CasePhaseDecided && c.Phase != types.CasePhaseClosed {
		return
	}
	v.State, v.Reason, v.Result = c.State, c.Reason, c.Result
	for _, s := range c.Seats {
		if s.Verdict == types.VerdictRight {
			v.Right = append(v.Right, s.Provider)
		}
	}
	if c.Phase == types.CasePhaseClosed && c.State == types.TaskAgreed {
		v.State = types.TaskSettled
	}
}

// viewBatch resolves a batch for people.
func (k *Keeper) viewBatch(ctx context.Context, o *order) (types.QueryBatchResponse, error) {
	requester, err := k.addresses.BytesToString(o.Requester)
	if err != nil {
		return types.QueryBatchResponse{}, err
	}
	tick, err := k.Registry.Tick(ctx)
	return types.QueryBatchResponse{Batch: o.Batch, Tally: o.tally, Requester: requester, Class: o.class.Name, Tick: tick}, err
}
