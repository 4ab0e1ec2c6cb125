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

// drawTries is how many tickets a step looks at most: each costs reads, and a
// class may be full of operators that may not sit. The next tick goes on.
const drawTries = 64

// startDraw has the queue draw the seats that a case lacks in this block or the
// next. A draw reads the roster: it must not cost whoever happens to reveal last
// its gas, nor all the tasks of a lot that of one step.
func (k *Keeper) startDraw(ctx context.Context, o *order, c *types.Case, now moment) error {
	if c.Weight() >= int(c.Target) {
		return k.openCommits(ctx, o, c, now)
	}
	c.Phase = types.CasePhaseDraw
	return k.armCase(ctx, o, c, now, 0)
}

// fillCase draws the seats that a case lacks and opens its commit phase. If
// they cannot be found it tries again for unfilled_epochs, then goes on
// without them.
func (k *Keeper) fillCase(ctx context.Context, o *order, c *types.Case, now moment) error {
	pause := o.retryTicks()
	if c.Weight() < int(c.Target) {
		more, err := k.drawSeats(ctx, o, c, now)
		if err != nil {
			return err
		}
		if more {
			pause = 1
		}
	}
	if c.Weight() >= int(c.Target) {
		return k.openCommits(ctx, o, c, now)
	}
	epoch, err := k.epoch(ctx)
	if err != nil {
		return err
	}
	if epoch < c.OpenedEpoch+uint64(o.params.UnfilledEpochs) {
		c.Phase = types.CasePhaseDraw
		return k.armCase(ctx, o, c, now, pause)
	}
	c.Target = uint32(c.Weight())
	switch {
	case c.Count(types.SeatAssigned) > 0, c.Kind == types.CaseGrowth && c.Attempt == 0:
		return k.openCommits(ctx, o, c, now) // the replicas alone still prove that they ran it
	case c.Kind.Grown() && c.Count(types.SeatCommitted) > 0:
		return k.openCaseReveals(ctx, o, c, now) // who stayed away leaves the round
	default:
		return k.decide(ctx, o, c, now)
	}
}

// drawSeats adds the operators of the class that a case lacks, by ticket.
// Verification depends on the bond alone: price, slots and score are not asked.
// A set that grew is drawn with replacement: whose ticket comes again has one
// vote more. It reports whether tickets are left that it did not look at.
func (k *Keeper) drawSeats(ctx context.Context, o *order, c *types.Case, now moment) (more bool, err error) {
	roster, err := k.Registry.Roster(ctx, o.Class)
	if err != nil {
		return false, err
	}
	bound, err := o.bound(o.dearest(c), o.params.AuditFloorBps)
	if err != nil {
		return false, err
	}
	taken, free := splitRoster(roster, c, bound)
	c.Thin = c.Kind.Grown() && !many(c, taken, free, int(o.params.GrowTo))
	urn := newLottery(c, free)
	seed, err := k.caseSeed(ctx)
	if err != nil {
		return false, err
	}
	h, err := k.Registry.Horizon(ctx)
	if err != nil {
		return false, err
	}
	rand := oracletypes.NewRand(seed, "market/case", c.Task, uint64(c.Attempt), uint64(c.Redraws), now.tick)
	for tries := drawTries; c.Weight() < int(c.Target); tries-- {
		i, ok := urn.next(rand)
		if !ok || tries == 0 {
			return ok, nil
		}
		e := free[i]
		if s := c.Seat(e.Provider); s != nil {
			s.Weight = uint32(c.Votes(*s)) + 1
			continue
		}
		ok, err := k.mayVerify(ctx, o, e, taken, bound, h)
		if err != nil {
			return false, err
		}
		if !ok {
			urn.drop(i)
			continue
		}
		if err := k.addSeat(ctx, o, c, e.Provider, bound, h, now); err != nil {
			return false, err
		}
		c.Seats[len(c.Seats)-1].Tolerant = e.Tolerances
		taken = append(taken, e)
		if !c.ByTicket() {
			urn.drop(i)
		}
	}
	return false, nil
}

// splitRoster parts the entries that hold or held a seat from those that a
// ticket may seat: the others whose bond covers the bound, and the added seats
// of a set that is drawn with replacement.
func splitRoster(roster []registrytypes.RosterEntry, c *types.Case, bound uint64) (taken, free []registrytypes.RosterEntry) {
	for _, e := range roster {
		s := c.Seat(e.Provider)
		if s != nil || slices.Contains(c.Excluded, e.Provider) {
			taken = append(taken, e)
		}
		switch {
		case s != nil && !s.Original && s.Answering() && c.Kind.Grown():
			free = append(free, e)
		case s == nil && e.FreeBond >= bound && !slices.Contains(c.Excluded, e.Provider):
			free = append(free, e)
		}
	}
	return taken, free
}

// many reports whether a class has a number of operators for a set, so that
// it can be drawn with replacement: fewer would decide by one voice what many
// should. Replicas have no vote before a jury and do not count there.
func many(c *types.Case, taken, free []registrytypes.RosterEntry, need int) bool {
	n := 0
	for i := range c.Seats {
		if s := &c.Seats[i]; s.Answering() && (!s.Original || c.Kind != types.CaseAppeal) {
			n++
		}
	}
	return reaches(n, taken, free, need)
}

// reaches reports whether n operators and those of entries that belong neither
// together nor to somebody taken are as many as needed.
func reaches(n int, taken, free []registrytypes.RosterEntry, need int) bool {
	others := slices.Clone(taken)
	for _, e := range free {
		if n >= need {
			break
		}
		if !clashesAny(e, others) {
			others = append(others, e)
			n++
		}
	}
	return n >= need
}

// lottery draws entries in proportion to their tickets, with replacement.
type lottery struct {
	tickets []uint64
	total   uint64
}

// newLottery holds the tickets of entries. Where every seat counts once, those
// that sit already have none.
func newLottery(c *types.Case, entries []registrytypes.RosterEntry) *lottery {
	l := ticketsOf(entries)
	for i, e := range entries {
		if !c.ByTicket() && c.Seat(e.Provider) != nil {
			l.drop(i)
		}
	}
	return l
}

func ticketsOf(entries []registrytypes.RosterEntry) *lottery {
	l := &lottery{tickets: make([]uint64, len(entries))}
	for i, e := range entries {
		l.tickets[i] = uint64(e.Tickets)
		l.total += l.tickets[i]
	}
	return l
}

// next returns the index of the entry that a ticket falls on, and false if
// there are no tickets.
func (l *lottery) next(rand *oracletypes.Rand) (int, bool) {
	if l.total == 0 {
		return 0, false
	}
	point := rand.Uint64n(l.total)
	for i, n := range l.tickets {
		if point < n {
			return i, true
		}
		point -= n
	}
	return 0, false // impossible: the tickets add up to the total
}

// drop takes the tickets of an entry out.
func (l *lottery) drop(i int) { l.total, l.tickets[i] = l.total-l.tickets[i], 0 }

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
		Price: o.dearest(c), Bound: bound, Weight: 1,
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
