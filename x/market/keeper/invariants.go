// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
)

// liability is what the ledger says that the module account owes in a denom.
type liability struct {
	denom  string
	amount uint64
}

type liabilities []liability

func (ls *liabilities) add(denom string, amount uint64) {
	for i := range *ls {
		if (*ls)[i].denom == denom {
			(*ls)[i].amount += amount
			return
		}
	}
	*ls = append(*ls, liability{denom, amount})
}

// CheckInvariants reads the whole state and reports the first broken
// invariant: what is owed is held, every tally adds up, every open lot and
// case has a step in the queue, and the work index matches the seats. It is
// for tests, genesis and operators, never for a block.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	owed, err := k.owed(ctx)
	if err != nil {
		return err
	}
	for _, l := range owed {
		held := k.Bank.GetBalance(ctx, k.account, l.denom)
		if !held.Amount.IsUint64() {
			continue // more than any ledger can owe
		}
		if held.Amount.Uint64() < l.amount {
			return types.ErrInvariant.Wrapf("the module account holds %s and owes %d", held, l.amount)
		}
	}
	for _, check := range []func(context.Context) error{k.checkTallies, k.checkLots, k.checkCases, k.checkCommittees, k.checkWork, k.checkQueue, k.checkSessions} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// owed adds up escrows, reserves, sessions, pools and claimables by denom.
func (k *Keeper) owed(ctx context.Context) (liabilities, error) {
	var owed liabilities
	err := k.Batches.Walk(ctx, nil, func(id uint64, b types.Batch) (bool, error) {
		tally, err := k.Tallies.Get(ctx, id)
		owed.add(b.Denom, tally.Escrow)
		return false, err
	})
	if err != nil {
		return nil, err
	}
	err = k.Cases.Walk(ctx, nil, func(task uint64, c types.Case) (bool, error) {
		batch, _ := types.SplitTaskID(task)
		b, err := k.Batches.Get(ctx, batch)
		owed.add(b.Denom, c.Reserve+c.Bond+c.AppealBond)
		owed.add(types.BaseDenom, c.Slashed)
		return false, err
	})
	if err != nil {
		return nil, err
	}
	err = k.Sessions.Walk(ctx, nil, func(_ uint64, s types.Session) (bool, error) {
		owed.add(s.Denom, s.Held())
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Claimables.Walk(ctx, nil, func(key collections.Pair[[]byte, string], amount uint64) (bool, error) {
		owed.add(key.K2(), amount)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Committees.Walk(ctx, nil, func(_ uint64, v types.Committee) (bool, error) {
		owed.add(v.Denom, v.Held)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return owed, k.Pools.Walk(ctx, nil, func(denom string, amount uint64) (bool, error) {
		owed.add(denom, amount)
		return false, nil
	})
}

// checkTallies checks that every coin of every batch is accounted for, and
// that escrow is exactly what its open parts hold.
func (k *Keeper) checkTallies(ctx context.Context) error {
	return k.Batches.Walk(ctx, nil, func(id uint64, _ types.Batch) (bool, error) {
		o, err := k.order(ctx, id)
		if err != nil {
			return true, err
		}
		t := o.tally
		if sum := t.Escrow + t.Paid + t.Treasury + t.Pooled + t.Burned + t.Refunded + t.Royalties; sum != t.Escrowed {
			return true, types.ErrInvariant.Wrapf("batch %d took %d and accounts for %d", id, t.Escrowed, sum)
		}
		held, open, err := k.heldFor(ctx, o)
		if err != nil {
			return true, err
		}
		if held != t.Escrow || open != t.OpenLots {
			return true, types.ErrInvariant.Wrapf("batch %d: escrow is %d, its parts hold %d; %d lots are open, %d counted", id, t.Escrow, held, open, t.OpenLots)
		}
		return false, nil
	})
}

// heldFor derives the escrow and the number of open lots of a batch.
func (k *Keeper) heldFor(ctx context.Context, o *order) (held uint64, open uint32, err error) {
	if n := o.unassigned(); n > 0 {
		held = o.escrow * uint64(o.Count-o.tally.NextLot*o.LotSize)
		open = n
	}
	err = k.Lots.Walk(ctx, collections.NewPrefixedPairRange[uint64, uint32](o.Id), func(key lotKey, l types.Lot) (bool, error) {
		first, count := o.LotTasks(key.K2())
		if !l.State.Final() || l.OpenCases > 0 || l.Due != 0 {
			open++
		}
		for i := range count {
			part, err := k.heldForTask(ctx, o, &l, types.TaskID(o.Id, first+i), i)
			if err != nil {
				return true, err
			}
			held += part
		}
		return false, nil
	})
	return held, open, err
}

func (k *Keeper) heldForTask(ctx context.Context, o *order, l *types.Lot, task uint64, position uint32) (uint64, error) {
	switch {
	case l.InCase(position):
		c, err := k.caseOf(ctx, task)
		return c.Held, err
	case l.State == types.TaskAssigned, l.State == types.TaskCommitted:
		return o.escrow, nil
	case l.State == types.TaskAgreed:
		return o.dueTo(l, position)
	default:
		return 0, nil
	}
}

// queued reports whether a step is in the queue, or parked after failures.
func (k *Keeper) queued(ctx context.Context, kind types.StepKind, ref, at uint64) (bool, error) {
	step := dueStep{at, uint32(kind), ref}
	if ok, err := k.Pending.Has(ctx, step.key()); err != nil || ok {
		return ok, err
	}
	found := false
	err := k.Due.Walk(ctx, collections.NewPrefixedTripleRange[uint64, uint64, uint32](at), func(_ pageKey, page []byte) (bool, error) {
		found = slices.Contains(appendSteps(nil, at, page), step)
		return found, nil
	})
	if err != nil || found {
		return found, err
	}
	return k.Failed.Has(ctx, collections.Join(uint32(kind), ref))
}

func (k *Keeper) checkLots(ctx context.Context) error {
	return k.Lots.Walk(ctx, nil, func(key lotKey, l types.Lot) (bool, error) {
		if l.Due == 0 {
			return false, nil
		}
		ok, err := k.queued(ctx, types.StepLot, types.TaskID(key.K1(), key.K2()), l.Queued)
		if err == nil && !ok {
			err = types.ErrInvariant.Wrapf("batch %d lot %d is %s and in no queue", key.K1(), key.K2(), l.State)
		}
		return err != nil, err
	})
}

func (k *Keeper) checkCases(ctx context.Context) error {
	return k.Cases.Walk(ctx, nil, func(task uint64, c types.Case) (bool, error) {
		if !c.Weighted() {
			return true, types.ErrInvariant.Wrapf("case of task %d is %s: a seat was drawn more often than it can have been", task, c.Kind)
		}
		if c.Phase == types.CasePhaseClosed {
			return false, nil
		}
		if c.Phase == types.CasePhaseVote {
			return k.checkVote(ctx, c)
		}
		ok, err := k.queued(ctx, types.StepCase, task, c.Queued)
		if err == nil && !ok {
			err = types.ErrInvariant.Wrapf("case of task %d is %s and in no queue", task, c.Phase)
		}
		return err != nil, err
	})
}

// checkWork checks that the work index lists exactly the open seats, and that
// the providers' counters are their numbers.
func (k *Keeper) checkWork(ctx context.Context) error {
	var counts []counter
	err := k.Lots.Walk(ctx, nil, func(key lotKey, l types.Lot) (bool, error) {
		for _, s := range l.Seats {
			if s.Phase != types.SeatAssigned && s.Phase != types.SeatCommitted {
				continue
			}
			bump(&counts, s.Provider)
			ok, err := k.Work.Has(ctx, collections.Join(s.Provider, types.TaskID(key.K1(), key.K2())))
			if err != nil || !ok {
				return true, types.ErrInvariant.Wrapf("batch %d lot %d: provider %d is not in the work index (%v)", key.K1(), key.K2(), s.Provider, err)
			}
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	total := 0
	err = k.Work.Walk(ctx, nil, func(workKey) (bool, error) { total++; return false, nil })
	if err != nil {
		return err
	}
	for _, c := range counts {
		load, err := k.Registry.Load(ctx, c.provider)
		if err != nil {
			return err
		}
		if load.InFlight != c.n {
			return types.ErrInvariant.Wrapf("provider %d has %d lots in flight, its load says %d", c.provider, c.n, load.InFlight)
		}
		total -= int(c.n)
	}
	if total != 0 {
		return types.ErrInvariant.Wrapf("the work index holds %d entries without a seat", total)
	}
	return nil
}

// checkQueue checks what idle blocks read against what it stands for.
func (k *Keeper) checkQueue(ctx context.Context) error {
	next, err := k.nextDue(ctx)
	if err != nil {
		return err
	}
	err = k.Due.Walk(ctx, nil, func(key pageKey, _ []byte) (bool, error) {
		if key.K1() < next {
			return true, types.ErrInvariant.Wrapf("a step is due at tick %d, the queue says not before %d", key.K1(), next)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	var ready uint64
	if err := k.Ready.Walk(ctx, nil, func(readyKey) (bool, error) { ready++; return false, nil }); err != nil {
		return err
	}
	if n, err := k.readyCount(ctx); err != nil || n != ready {
		return types.ErrInvariant.Wrapf("%d batches are ready, %d counted (%v)", ready, n, err)
	}
	return nil
}

type counter struct {
	provider uint32
	n        uint32
}

func bump(counts *[]counter, provider uint32) {
	i := slices.IndexFunc(*counts, func(c counter) bool { return c.provider == provider })
	if i < 0 {
		*counts = append(*counts, counter{provider, 1})
		return
	}
	(*counts)[i].n++
}
