// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// fireLot does the due step of a lot and stores it.
func (k *Keeper) fireLot(ctx context.Context, o *order, lot uint32, now moment, b *book, crank bool) error {
	l, err := k.lot(ctx, o.Id, lot)
	if !crank && (errors.Is(err, types.ErrLotNotFound) || err == nil && stale(l.Queued, now)) {
		return nil
	}
	if err != nil {
		return err
	}
	if l.Due == 0 {
		return types.ErrNotDue.Wrapf("batch %d lot %d is %s", o.Id, lot, l.State)
	}
	due := now.passed(l.Due, l.DueTime)
	if crank && !due {
		return types.ErrNotDue.Wrapf("batch %d lot %d is due at tick %d, now is %d", o.Id, lot, l.Due, now.tick)
	}
	if err := k.unschedule(ctx, types.StepLot, types.TaskID(o.Id, lot), &l.Queued); err != nil {
		return err
	}
	if due {
		err = k.stepLot(ctx, o, lot, &l, now, b)
	} else {
		err = k.schedule(ctx, types.StepLot, types.TaskID(o.Id, lot), now.retry(l.Due, l.DueTime, o.params), &l.Queued)
	}
	if err != nil {
		return err
	}
	return k.Lots.Set(ctx, collections.Join(o.Id, lot), l)
}

func (k *Keeper) stepLot(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment, b *book) error {
	ended, err := k.ended(ctx, o)
	if err != nil {
		return err
	}
	switch l.State {
	case types.TaskAssigned, types.TaskCommitted:
		if ended {
			return k.failLot(ctx, o, lot, l, types.ReasonParamsEnded, now, b)
		}
		if l.State == types.TaskAssigned {
			return k.commitDeadline(ctx, o, lot, l, now, b)
		}
		return k.revealDeadline(ctx, o, lot, l, now, b)
	case types.TaskAgreed:
		if !l.Judged {
			return k.judge(ctx, o, lot, l, now)
		}
		return k.release(ctx, o, lot, l, now, b)
	case types.TaskFailed:
		return k.finishWithheld(ctx, o, l, now, b)
	default:
		return nil
	}
}

// commitDeadline fines the seats that did not commit and draws them again;
// after the last re-draw it goes on with the commits that exist.
func (k *Keeper) commitDeadline(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment, b *book) error {
	for i := range l.Seats {
		if s := &l.Seats[i]; s.Phase == types.SeatAssigned {
			if err := k.missCommit(ctx, o, lot, s, b); err != nil {
				return err
			}
		}
	}
	wanted := int(o.Replicas) - countSeats(l, types.SeatCommitted)
	if l.Redraws < o.params.MaxRedraws && o.Hire == 0 {
		seats, err := k.redraw(ctx, o, lot, l, wanted, now)
		if err != nil {
			return err
		}
		if seats != nil {
			l.Redraws, l.Tries = l.Redraws+1, 0
			return k.seat(ctx, o, lot, l, seats, now)
		}
		if l.Tries < o.params.MaxTries {
			l.Tries++
			return k.armLot(ctx, o, lot, l, now, types.BackoffTicks(l.Tries))
		}
	}
	if countSeats(l, types.SeatCommitted) >= 2 {
		return k.openReveals(ctx, o, lot, l, now)
	}
	return k.failLot(ctx, o, lot, l, types.ReasonNoShow, now, b)
}

// redraw finds seats for those that were missed, or nil.
func (k *Keeper) redraw(ctx context.Context, o *order, lot uint32, l *types.Lot, n int, now moment) ([]types.Seat, error) {
	f, err := k.field(ctx, o.Class, now, o.params.Candidates, types.TaskID(o.Id, lot)+1)
	if err != nil {
		return nil, err
	}
	taken, err := k.entriesOf(ctx, o.Class, seatProviders(l))
	if err != nil {
		return nil, err
	}
	seats := f.pick(o, n, taken)
	return seats, k.storeLoads(ctx, f)
}

// seatProviders lists everybody who holds or held a seat of the lot.
func seatProviders(l *types.Lot) []uint32 {
	ids := make([]uint32, len(l.Seats))
	for i, s := range l.Seats {
		ids[i] = s.Provider
	}
	return ids
}

// entriesOf returns the roster entries of providers, with the id alone for
// those that have left the roster.
func (k *Keeper) entriesOf(ctx context.Context, class uint32, providers []uint32) ([]registrytypes.RosterEntry, error) {
	roster, err := k.Registry.Roster(ctx, class)
	if err != nil {
		return nil, err
	}
	out := make([]registrytypes.RosterEntry, 0, len(providers))
	for _, id := range providers {
		entry := registrytypes.RosterEntry{Provider: id}
		for _, e := range roster {
			if e.Provider == id {
				entry = e
			}
		}
		out = append(out, entry)
	}
	return out, nil
}

// missCommit takes a lot off a seat that did not commit, and its no-show fee.
func (k *Keeper) missCommit(ctx context.Context, o *order, lot uint32, s *types.Seat, b *book) error {
	s.Phase = types.SeatMissed
	if err := k.dropWork(ctx, o, lot, s.Provider, true); err != nil {
		return err
	}
	if void, err := k.isVoid(ctx, s.Provider, s.Assigned); err != nil || void {
		return err // it was not allowed to commit
	}
	if err := k.fineNoShow(ctx, o, s.Provider, s.Price, b); err != nil {
		return err
	}
	if err := k.reputation(ctx, o, s.Provider, s.Price, o.Limits.Units, false); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventSeatMissed{Batch: o.Id, Lot: lot, Provider: s.Provider, Phase: "commit"})
}

// fineNoShow burns the no-show fee of a provider.
func (k *Keeper) fineNoShow(ctx context.Context, o *order, provider uint32, price uint64, b *book) error {
	fee, err := o.noShowFee(price)
	if err != nil {
		return err
	}
	taken, err := k.Registry.Slash(ctx, provider, fee, types.ModuleName, "missed a commit")
	b.add(transfer{target: toBurn, denom: types.BaseDenom, amount: taken})
	return err
}

// dropWork takes a lot off a provider that has not answered it.
func (k *Keeper) dropWork(ctx context.Context, o *order, lot, provider uint32, missed bool) error {
	if err := k.Work.Remove(ctx, collections.Join(provider, types.TaskID(o.Id, lot))); err != nil {
		return err
	}
	return k.withLoad(ctx, provider, func(l *registrytypes.Load) {
		l.InFlight -= min(l.InFlight, 1)
		if missed {
			l.Missed++
		}
	})
}

// reputation records how one replica of the order ended.
func (k *Keeper) reputation(ctx context.Context, o *order, provider uint32, price, units uint64, success bool) error {
	gross, err := o.charge(price, units)
	if err != nil {
		return err
	}
	if o.Denom != types.BaseDenom {
		if gross, err = types.MulDivCeil(gross, o.Rate, types.RateUnit); err != nil {
			return err
		}
	}
	epoch, err := k.epoch(ctx)
	if err != nil {
		return err
	}
	return k.Reputation.RecordOutcome(ctx, reputationtypes.Outcome{
		Provider: provider, Class: o.Class, Requester: o.Requester, Epoch: epoch,
		Price: gross, Drawn: o.Hire == 0, Success: success,
	})
}

// revealDeadline marks the seats that did not reveal as wrong, and goes on
// with the others.
func (k *Keeper) revealDeadline(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment, b *book) error {
	for i := range l.Seats {
		s := &l.Seats[i]
		if s.Phase != types.SeatCommitted {
			continue
		}
		s.Phase = types.SeatWithheld
		if err := k.dropWork(ctx, o, lot, s.Provider, true); err != nil {
			return err
		}
		void, err := k.isVoid(ctx, s.Provider, s.Assigned)
		if err != nil {
			return err
		}
		if void { // it was not allowed to reveal
			s.Phase = types.SeatMissed
			continue
		}
		if err := k.addPendingSlash(ctx, s.Provider, s.Bound); err != nil {
			return err
		}
		if err := k.events.EventManager(ctx).Emit(ctx, &types.EventSeatMissed{Batch: o.Id, Lot: lot, Provider: s.Provider, Phase: "reveal"}); err != nil {
			return err
		}
	}
	if countSeats(l, types.SeatRevealed) >= o.enough() {
		return k.conclude(ctx, o, lot, l, now, b)
	}
	return k.failLot(ctx, o, lot, l, types.ReasonNoReveal, now, b)
}

// failLot ends a lot without results. Seats that hold it when governance ends
// the params, and those that revealed, get the runtime fee; the rest is refunded.
func (k *Keeper) failLot(ctx context.Context, o *order, lot uint32, l *types.Lot, reason types.Reason, now moment, b *book) error {
	first, count := o.LotTasks(lot)
	held := o.escrow * uint64(count)
	fee := o.runtimeFee() * uint64(count)
	for i := range l.Seats {
		s := &l.Seats[i]
		working := s.Phase == types.SeatAssigned || s.Phase == types.SeatCommitted
		if working {
			if err := k.dropWork(ctx, o, lot, s.Provider, false); err != nil {
				return err
			}
			s.Phase = types.SeatMissed
		}
		if s.Phase == types.SeatRevealed && o.proved() {
			part, err := o.faultFee(l, s, reason, fee)
			if err != nil {
				return err
			}
			held -= part
			continue
		}
		if s.Phase != types.SeatRevealed && (!working || reason != types.ReasonParamsEnded) {
			continue
		}
		if err := o.pay(b, s.Provider, fee); err != nil {
			return err
		}
		held -= fee
	}
	if err := o.refund(b, held); err != nil {
		return err
	}
	l.State, l.Reason, l.Due = types.TaskFailed, reason, 0
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.LotEvent(types.EventTaskEnded, o.Batch, lot,
		sdk.NewAttribute(types.AttrState, types.TaskFailed.String()), sdk.NewAttribute(types.AttrReason, reason.String()),
		types.Attr(types.AttrTaskID, types.TaskID(o.Id, first))))
	if countSeats(l, types.SeatWithheld) > 0 {
		if err := k.armLot(ctx, o, lot, l, now, o.params.WindowTicks); err != nil {
			return err
		}
		return k.save(ctx, o)
	}
	return k.finishLot(ctx, o, l, now)
}

// finishLot counts a lot as final once it is settled or failed and none of its
// cases is open.
func (k *Keeper) finishLot(ctx context.Context, o *order, l *types.Lot, now moment) error {
	if l.OpenCases > 0 || !l.State.Final() || l.Due != 0 {
		return k.save(ctx, o)
	}
	o.tally.OpenLots--
	return k.closeBatch(ctx, o, now)
}
