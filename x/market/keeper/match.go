// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// matchReady assigns lots to candidates, class by class and best rank first,
// at most max_lots in a block. A batch that finds nobody is parked, so that it
// never blocks the others.
func (k *Keeper) matchReady(ctx context.Context, now moment, p types.Params) error {
	if n, err := k.readyCount(ctx); err != nil || n == 0 {
		return err
	}
	var ready []readyKey
	err := k.Ready.Walk(ctx, nil, func(key readyKey) (bool, error) {
		ready = append(ready, key)
		return len(ready) >= int(p.MaxLots), nil
	})
	if err != nil {
		return err
	}
	budget := int(p.MaxLots)
	var f *field
	for i, key := range ready {
		if budget <= 0 {
			break
		}
		if i == 0 || key.K1() != ready[i-1].K1() {
			if f, err = k.field(ctx, key.K1(), now, p.Candidates, 0); err != nil {
				return err
			}
		}
		n, err := k.matchBatch(ctx, f, key, now, budget)
		if err != nil {
			return err
		}
		budget -= max(n, 1)
	}
	return nil
}

// matchBatch assigns up to budget lots of a batch in a context of its own: a
// failing batch is logged and parked, and leaves no trace.
func (k *Keeper) matchBatch(ctx context.Context, f *field, key readyKey, now moment, budget int) (int, error) {
	before := slices.Clone(f.candidates)
	var n int
	err := k.isolated(ctx, func(ctx context.Context) (err error) {
		if n, err = k.assignLots(ctx, f, key.K3(), now, budget); err != nil {
			return err
		}
		return k.storeLoads(ctx, f)
	})
	if err == nil {
		return n, nil
	}
	f.candidates = before
	if err := k.dropReady(ctx, key); err != nil {
		return 0, err
	}
	return 0, k.fail(ctx, types.StepMatch, types.TaskID(key.K3(), 0), now, err)
}

// assignLots assigns lots of a batch until the budget, the lots or the
// candidates run out.
func (k *Keeper) assignLots(ctx context.Context, f *field, batch uint64, now moment, budget int) (int, error) {
	o, err := k.order(ctx, batch)
	if err != nil {
		return 0, err
	}
	ended, err := k.ended(ctx, o)
	if err != nil {
		return 0, err
	}
	if ended || now.passed(o.Deadline, o.DeadlineTime) {
		return 0, k.expireNext(ctx, o, now)
	}
	n := 0
	for n < budget && o.unassigned() > 0 {
		seats, err := k.seats(ctx, f, o, now)
		if err != nil {
			return n, err
		}
		if seats == nil {
			return n, k.park(ctx, o, now, n > 0)
		}
		if err := k.assign(ctx, o, o.tally.NextLot, seats, now); err != nil {
			return n, err
		}
		o.tally.NextLot++
		n++
	}
	o.tally.Tries = 0
	if o.unassigned() == 0 {
		if err := k.dropReady(ctx, o.readyKey()); err != nil {
			return n, err
		}
	}
	return n, k.save(ctx, o)
}

// expireNext takes a batch that may not be matched any more out of matching;
// its deadline step, due at the next tick, refunds it.
func (k *Keeper) expireNext(ctx context.Context, o *order, now moment) error {
	if err := k.dropReady(ctx, o.readyKey()); err != nil {
		return err
	}
	return k.enqueue(ctx, types.StepDeadline, types.TaskID(o.Id, 0), now.tick+1)
}

// seats finds the seats of a lot, or nil.
func (k *Keeper) seats(ctx context.Context, f *field, o *order, now moment) ([]types.Seat, error) {
	if o.Hire == 0 {
		return f.pick(o, int(o.Replicas), nil), nil
	}
	if fits, err := k.useScored(ctx, o, false); err != nil || !fits {
		return nil, err
	}
	seats, err := k.hireSeat(ctx, f, o, now)
	if err != nil || seats == nil {
		return nil, err
	}
	_, err = k.useScored(ctx, o, true)
	return seats, err
}

// hireSeat seats the provider of a direct hire if it is free and eligible.
// Its result must be open to an audit like any other.
func (k *Keeper) hireSeat(ctx context.Context, f *field, o *order, now moment) ([]types.Seat, error) {
	if o.audited() && f.verifiers(o) < int(o.params.MinOperators)-1 {
		return nil, nil
	}
	for i := range f.candidates {
		c := &f.candidates[i]
		if c.Provider == o.Hire {
			seat, ok := o.admits(c, f.horizon)
			if !ok {
				return nil, nil
			}
			c.take(seat, f.horizon)
			return []types.Seat{seat}, nil
		}
	}
	// It was not among the candidates of this block: add it to them.
	entries, err := k.Registry.Roster(ctx, o.Class)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(entries, func(e registrytypes.RosterEntry) bool { return e.Provider == o.Hire })
	if at < 0 {
		return nil, nil
	}
	c, err := k.candidate(ctx, entries[at], o.Class, now)
	if err != nil {
		return nil, err
	}
	seat, ok := o.admits(&c, f.horizon)
	if !ok {
		return nil, nil
	}
	c.take(seat, f.horizon)
	if err := k.Registry.SetLoad(ctx, o.Hire, c.load); err != nil {
		return nil, err
	}
	return []types.Seat{seat}, nil
}

// assign gives a lot to its seats.
func (k *Keeper) assign(ctx context.Context, o *order, lot uint32, seats []types.Seat, now moment) error {
	l := types.Lot{State: types.TaskAssigned}
	if err := k.seat(ctx, o, lot, &l, seats, now); err != nil {
		return err
	}
	return k.Lots.Set(ctx, collections.Join(o.Id, lot), l)
}

// seat adds drawn seats to a lot and opens its commit phase.
func (k *Keeper) seat(ctx context.Context, o *order, lot uint32, l *types.Lot, seats []types.Seat, now moment) error {
	manager := sdk.UnwrapSDKContext(ctx).EventManager()
	for _, s := range seats {
		l.Attempt++
		s.Attempt, s.Assigned, s.AssignedTime = l.Attempt, now.tick, o.startClock(now)
		l.Seats = append(l.Seats, s)
		if err := k.Work.Set(ctx, collections.Join(s.Provider, types.TaskID(o.Id, lot))); err != nil {
			return err
		}
		manager.EmitEvent(types.LotEvent(types.EventTaskAssigned, o.Batch, lot,
			types.Attr(types.AttrProvider, uint64(s.Provider)), types.Attr(types.AttrAttempt, uint64(s.Attempt))))
	}
	_, count := o.LotTasks(lot)
	return k.armLot(ctx, o, lot, l, now, o.commitTicks(count))
}

// park takes a batch out of matching for 1, 2, 4 … 64 ticks. After max_tries
// in a row only its deadline or MsgCrank wakes it.
func (k *Keeper) park(ctx context.Context, o *order, now moment, progress bool) error {
	if progress {
		o.tally.Tries = 0
	}
	if err := k.dropReady(ctx, o.readyKey()); err != nil {
		return err
	}
	if o.tally.Tries < o.params.MaxTries {
		if err := k.enqueue(ctx, types.StepMatch, types.TaskID(o.Id, 0), now.tick+types.BackoffTicks(o.tally.Tries)); err != nil {
			return err
		}
		o.tally.Tries++
	}
	return k.save(ctx, o)
}

// wake makes a parked batch ready again.
func (k *Keeper) wake(ctx context.Context, o *order) error {
	if o.unassigned() == 0 {
		return nil
	}
	return k.addReady(ctx, o.readyKey())
}
