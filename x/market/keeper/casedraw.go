// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"slices"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// startDraw has the queue draw the seats that a case lacks in this block or the
// next. A draw reads the roster: it must not cost whoever happens to reveal last
// its gas, nor all the tasks of a lot that of one step.
func (k *Keeper) startDraw(ctx context.Context, o *order, c *types.Case, now moment) error {
	if c.Answering() >= int(c.Target) {
		return k.openCommits(ctx, o, c, now)
	}
	c.Phase = types.CasePhaseDraw
	return k.armCase(ctx, o, c, now, 0)
}

// fillCase draws the seats that a case lacks and opens its commit phase. If
// they cannot be found it tries again for unfilled_epochs, then goes on
// without them.
func (k *Keeper) fillCase(ctx context.Context, o *order, c *types.Case, now moment) error {
	if want := int(c.Target) - c.Answering(); want > 0 {
		if err := k.drawSeats(ctx, o, c, want, now); err != nil {
			return err
		}
	}
	if c.Answering() >= int(c.Target) {
		return k.openCommits(ctx, o, c, now)
	}
	epoch, err := k.epoch(ctx)
	if err != nil {
		return err
	}
	if epoch < c.OpenedEpoch+uint64(o.params.UnfilledEpochs) {
		c.Phase = types.CasePhaseDraw
		return k.armCase(ctx, o, c, now, o.retryTicks())
	}
	c.Target = uint32(c.Answering())
	switch {
	case c.Count(types.SeatAssigned) > 0, c.Kind == types.CaseGrowth && c.Attempt == 0:
		return k.openCommits(ctx, o, c, now) // the replicas alone still prove that they ran it
	case c.Kind.Grown() && c.Count(types.SeatCommitted) > 0:
		return k.openCaseReveals(ctx, o, c, now) // who stayed away leaves the round
	default:
		return k.decide(ctx, o, c, now)
	}
}

// drawSeats adds up to n operators of the class, by ticket. Verification
// depends on the bond alone: price, slots and score are not asked.
func (k *Keeper) drawSeats(ctx context.Context, o *order, c *types.Case, n int, now moment) error {
	roster, err := k.Registry.Roster(ctx, o.Class)
	if err != nil {
		return err
	}
	bound, err := o.bound(o.dearest(c), o.params.AuditFloorBps)
	if err != nil {
		return err
	}
	taken, free := splitRoster(roster, c, bound)
	urn := newLottery(free)
	seed, err := k.caseSeed(ctx)
	if err != nil {
		return err
	}
	h, err := k.Registry.Horizon(ctx)
	if err != nil {
		return err
	}
	rand := oracletypes.NewRand(seed, "market/case", c.Task, uint64(c.Attempt), uint64(c.Redraws), now.tick)
	for n > 0 {
		i, ok := urn.next(rand)
		if !ok {
			return nil
		}
		ok, err := k.mayVerify(ctx, o, free[i], taken, bound, h)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := k.addSeat(ctx, o, c, free[i].Provider, bound, h, now); err != nil {
			return err
		}
		c.Seats[len(c.Seats)-1].Tolerant = free[i].Tolerances
		taken = append(taken, free[i])
		n--
	}
	return nil
}

// splitRoster parts the entries that hold or held a seat from the others whose
// bond covers the bound.
func splitRoster(roster []registrytypes.RosterEntry, c *types.Case, bound uint64) (taken, free []registrytypes.RosterEntry) {
	for _, e := range roster {
		switch {
		case c.Seat(e.Provider) != nil || slices.Contains(c.Excluded, e.Provider):
			taken = append(taken, e)
		case e.FreeBond >= bound:
			free = append(free, e)
		}
	}
	return taken, free
}

// lottery draws entries one by one without replacement, each time in
// proportion to the tickets of those left.
type lottery struct {
	tickets []uint64
	total   uint64
}

func newLottery(entries []registrytypes.RosterEntry) *lottery {
	l := &lottery{tickets: make([]uint64, len(entries))}
	for i, e := range entries {
		l.tickets[i] = uint64(e.Tickets)
		l.total += l.tickets[i]
	}
	return l
}

// next returns the index of the next entry, and false once all were drawn.
func (l *lottery) next(rand *oracletypes.Rand) (int, bool) {
	if l.total == 0 {
		return 0, false
	}
	point := rand.Uint64n(l.total)
	for i, n := range l.tickets {
		if point < n {
			l.tickets[i], l.total = 0, l.total-n
			return i, true
		}
		point -= n
	}
	return 0, false // impossible: the tickets add up to the total
}

// mayVerify reports whether an entry may hold a verification seat: eligible,
// of another operator group than the other seats, and not the requester.
func (k *Keeper) mayVerify(ctx context.Context, o *order, e registrytypes.RosterEntry, taken []registrytypes.RosterEntry, bound uint64, h registrytypes.Horizon) (bool, error) {
	if clashesAny(e, taken) {
		return false, nil
	}
	if ok, err := k.Eligible(ctx, e, bound, h); err != nil || !ok {
		return false, err
	}
	p, err := k.Registry.Provider(ctx, e.Provider)
	if err != nil {
		return false, err
	}
	operator, err := k.addresses.StringToBytes(p.Operator)
	return !bytes.Equal(operator, o.Requester), err
}

func (k *Keeper) addSeat(ctx context.Context, o *order, c *types.Case, provider uint32, bound uint64, h registrytypes.Horizon, now moment) error {
	c.Seats = append(c.Seats, types.CaseSeat{
		Provider: provider, Phase: types.SeatAssigned, Assigned: now.tick, AssignedTime: o.startClock(now),
		Price: o.dearest(c), Bound: bound,
	})
	return k.withLoad(ctx, provider, func(l *registrytypes.Load) {
		l.Verifying++
		l.RaiseBound(bound, h)
	})
}

// openCommits starts a round: every seat that answers commits anew, because
// it must compute run proofs for exactly this set.
func (k *Keeper) openCommits(ctx context.Context, o *order, c *types.Case, now moment) error {
	c.Attempt++
	c.Phase = types.CasePhaseCommit
	var busiest uint32
	for i := range c.Seats {
		s := &c.Seats[i]
		if !s.Answering() {
			continue
		}
		answered := s.Phase == types.SeatRevealed || s.Phase == types.SeatWithheld
		s.Phase, s.Round, s.Commitment, s.Cross, s.Unavailable = types.SeatAssigned, c.Attempt, nil, nil, nil
		if err := k.CaseWork.Set(ctx, collections.Join(s.Provider, c.Task)); err != nil {
			return err
		}
		load, err := k.Registry.Load(ctx, s.Provider)
		if err != nil {
			return err
		}
		if answered && !s.Original {
			load.Verifying++
			if err := k.Registry.SetLoad(ctx, s.Provider, load); err != nil {
				return err
			}
		}
		busiest = max(busiest, load.Verifying)
	}
	return k.armCase(ctx, o, c, now, o.commitTicks(max(busiest, 1)))
}

// dropSeat takes a case off a seat, which then holds the given phase.
func (k *Keeper) dropSeat(ctx context.Context, c *types.Case, s *types.CaseSeat, phase types.SeatPhase) error {
	s.Phase = phase
	if err := k.CaseWork.Remove(ctx, collections.Join(s.Provider, c.Task)); err != nil {
		return err
	}
	if s.Original {
		return nil
	}
	return k.withLoad(ctx, s.Provider, func(l *registrytypes.Load) { l.Verifying -= min(l.Verifying, 1) })
}
