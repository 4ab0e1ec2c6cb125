// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// judge evaluates the audit draw of every agreed task of a lot, with a seed
// that did not exist when its last answer was fixed.
func (k *Keeper) judge(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment) error {
	seed, ok, err := k.judgeSeed(ctx, l.Epoch+1)
	if err != nil {
		return err
	}
	if !ok {
		return k.armLot(ctx, o, lot, l, now, max(o.params.WindowTicks/20, 1))
	}
	first, count := o.LotTasks(lot)
	for i := range count {
		if l.InCase(i) || !oracletypes.Drawn(seed, types.TaskID(o.Id, first+i), o.auditRate(l)) {
			continue
		}
		held, err := o.dueTo(l, i)
		if err != nil {
			return err
		}
		l.Cases |= 1 << i
		l.OpenCases++
		if err := k.openAudit(ctx, o, l, first+i, held, now); err != nil {
			return err
		}
	}
	l.Judged = true
	release := l.AgreedAt + o.params.WindowTicks
	return k.armLot(ctx, o, lot, l, now, max(release, now.tick+1)-now.tick)
}

// judgeSeed returns the seed of an epoch; for one that left state, that of the
// current epoch, which did not exist before either.
func (k *Keeper) judgeSeed(ctx context.Context, epoch uint64) ([]byte, bool, error) {
	seed, ok, err := k.Oracle.Seed(ctx, epoch)
	if err != nil || ok {
		return seed, ok, err
	}
	current, err := k.epoch(ctx)
	if err != nil || current <= epoch {
		return nil, false, err
	}
	return k.Oracle.Seed(ctx, current)
}

// auditRate is the rate at which the tasks of a lot are audited: the floor, or
// that of the only seat; zero in a class in which a difference proves nothing.
func (o *order) auditRate(l *types.Lot) uint32 {
	if !o.audited() {
		return 0
	}
	if o.alone() {
		for _, s := range l.Seats {
			if s.Phase == types.SeatRevealed {
				return s.AuditBps
			}
		}
	}
	return o.params.AuditFloorBps
}

// payee is one right replica of a task.
type payee struct {
	provider uint32
	price    uint64
	assigned uint64
	auditBps uint32
}

// payees lists the replicas of an agreed task.
func payees(l *types.Lot, position uint32) []payee {
	var out []payee
	for _, s := range l.Seats {
		if r, ok := l.Answer(s, position); ok && r.Outcome.Deterministic() {
			out = append(out, payee{s.Provider, s.Price, s.Assigned, s.AuditBps})
		}
	}
	return out
}

// slim drops from a settled lot what only an open one needs.
func slim(l *types.Lot) {
	for i := range l.Seats {
		l.Seats[i].Proofs, l.Seats[i].Commitment = nil, nil
	}
}

// mustWait reports whether a lot cannot be released yet: a case freezes one of
// its replicas, or a withheld answer may still be compared with a case's.
func (k *Keeper) mustWait(ctx context.Context, l *types.Lot) (bool, error) {
	if l.OpenCases > 0 && countSeats(l, types.SeatWithheld) > 0 {
		return true, nil
	}
	for _, s := range l.Seats {
		load, err := k.Registry.Load(ctx, s.Provider)
		if err != nil || load.Freezes > 0 && s.Phase == types.SeatRevealed {
			return err == nil, err
		}
	}
	return false, nil
}

// release pays the agreed tasks of a lot that have no case. While one of the
// providers is frozen by a case, it waits.
func (k *Keeper) release(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment, b *book) error {
	wait, err := k.mustWait(ctx, l)
	if err != nil {
		return err
	}
	if wait {
		return k.armLot(ctx, o, lot, l, now, o.retryTicks())
	}
	first, count := o.LotTasks(lot)
	for i := range count {
		if l.InCase(i) {
			continue
		}
		result, _ := o.agreed(l, i)
		if _, err := k.payTask(ctx, o, types.TaskID(o.Id, first+i), l.Attempt, result, payees(l, i), 0, b); err != nil {
			return err
		}
	}
	if err := k.rewardSeats(ctx, o, l); err != nil {
		return err
	}
	if err := k.punishWithheld(ctx, o, l, now, b); err != nil {
		return err
	}
	l.State, l.Due, l.SettledHeight = types.TaskSettled, 0, sdk.UnwrapSDKContext(ctx).BlockHeight()
	slim(l)
	return k.finishLot(ctx, o, l, now)
}

// retryTicks is the pause before a step that waits for something is tried again.
func (o *order) retryTicks() uint64 { return max(o.params.WindowTicks/20, 1) }

// rewardSeats records one success per seat of a released lot: a lot counts as
// its dearest task.
func (k *Keeper) rewardSeats(ctx context.Context, o *order, l *types.Lot) error {
	for _, s := range l.Seats {
		if s.Phase != types.SeatRevealed {
			continue
		}
		var units uint64
		for i, r := range l.Vectors[s.Vector-1].Results {
			if !l.InCase(uint32(i)) && r.Outcome.Deterministic() {
				units = max(units, o.charged(l, uint32(i)))
			}
		}
		if units == 0 {
			continue
		}
		if err := k.reputation(ctx, o, s.Provider, s.Price, units, true); err != nil {
			return err
		}
	}
	return nil
}

// payTask shares the gross of every right replica of a task, tops up the audit
// pool and makes the leaves. A voided replica's gross is refunded. missing is a
// verification cost that the providers' shares shall cover: what they cover
// stays in escrow and is returned.
func (k *Keeper) payTask(ctx context.Context, o *order, task uint64, attempt uint32, result types.Result, payees []payee, missing uint64, b *book) (covered uint64, err error) {
	var all []types.Shares
	payments := make([]payment, 0, len(payees))
	for i, p := range payees {
		gross, err := o.charge(p.price, result.Units)
		if err != nil {
			return 0, err
		}
		void, err := k.isVoid(ctx, p.provider, p.assigned)
		if err != nil {
			return 0, err
		}
		if void {
			if err := o.refund(b, gross); err != nil {
				return 0, err
			}
			continue
		}
		shares := o.params.Split.Shares(gross, o.burnable())
		all = append(all, shares)
		part := min((missing-covered)/uint64(len(payees)-i), shares.Provider)
		covered += part
		got, err := k.payReplica(ctx, o, p, shares.Provider-part, b)
		if err != nil {
			return 0, err
		}
		payments = append(payments, payment{p.provider, got})
	}
	if err := k.settleTask(ctx, o, task, attempt, result, payments, b); err != nil {
		return 0, err
	}
	return covered, k.shareTreasury(ctx, o, all, b)
}

// payReplica pays a replica. With one replica its share pays the task's share
// of the audit pool.
func (k *Keeper) payReplica(ctx context.Context, o *order, p payee, amount uint64, b *book) (uint64, error) {
	if o.audited() && o.alone() {
		toPool := types.Bps(amount, p.auditBps)
		amount -= toPool
		if err := k.pool(ctx, o, toPool); err != nil {
			return 0, err
		}
	}
	amount, err := o.royalty(b, amount)
	if err != nil {
		return 0, err
	}
	return amount, o.pay(b, p.provider, amount)
}

// shareTreasury sends what the treasury and the burn get for a task. With
// several replicas the treasury pays the task's share of the audit pool.
func (k *Keeper) shareTreasury(ctx context.Context, o *order, shares []types.Shares, b *book) error {
	var treasury, burn, dearest uint64
	for _, s := range shares {
		dearest = max(dearest, s.Provider)
		treasury, burn = treasury+s.Treasury, burn+s.Burn
	}
	if o.audited() && !o.alone() {
		toPool := min(types.Bps(dearest, o.params.AuditFloorBps), treasury)
		treasury -= toPool
		if err := k.pool(ctx, o, toPool); err != nil {
			return err
		}
	}
	return o.share(b, treasury, burn)
}
