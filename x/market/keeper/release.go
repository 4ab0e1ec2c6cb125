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
	seed, doubled, ok, err := k.Oracle.Judge(ctx, l.Epoch)
	if err != nil {
		return err
	}
	if !ok {
		return k.armLot(ctx, o, lot, l, now, max(o.params.WindowTicks/20, 1))
	}
	first, count := o.LotTasks(lot)
	rate, err := k.rateUnder(ctx, l.Epoch, o.auditRate(l), largestBound(l), doubled)
	if err != nil {
		return err
	}
	for i := range count {
		if l.InCase(i) || !oracletypes.Drawn(seed, types.TaskID(o.Id, first+i), rate) {
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

// rateUnder is a rate under the seed that judges an epoch: doubled if a proposer
// had a choice of the seed, and every time if more stands behind the subject than
// each of those could lose who could withhold a share.
func (k *Keeper) rateUnder(ctx context.Context, epoch uint64, rate uint32, bound uint64, doubled bool) (uint32, error) {
	if rate == 0 || rate >= oracletypes.MaxRateBps {
		return rate, nil
	}
	if doubled {
		return min(2*rate, oracletypes.MaxRateBps), nil
	}
	cover, err := k.Oracle.Cover(ctx, epoch)
	if err != nil || bound <= cover {
		return rate, err
	}
	return oracletypes.MaxRateBps, nil
}

// largestBound is the bond at risk for the dearest seat of a lot that answered.
func largestBound(l *types.Lot) uint64 {
	var bound uint64
	for i := range l.Seats {
		if l.Seats[i].Phase == types.SeatRevealed {
			bound = max(bound, l.Seats[i].Bound)
		}
	}
	return bound
}

// expose tells the oracle what stands behind an answer that may escape its
// audit: to withhold a share of the seed that judges it costs no less.
func (k *Keeper) expose(ctx context.Context, o *order, l *types.Lot, s *types.Seat) error {
	if rate := o.auditRate(l); rate == 0 || rate >= oracletypes.MaxRateBps {
		return nil
	}
	return k.Oracle.Expose(ctx, s.Bound)
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
	// added is set if it stands in for a replica.
	added bool
	// void is set if a final wrong result has voided what it was assigned.
	void bool
}

// voids reports for every seat of a lot whether what it was assigned is void.
func (k *Keeper) voids(ctx context.Context, l *types.Lot) ([]bool, error) {
	out := make([]bool, len(l.Seats))
	for i, s := range l.Seats {
		var err error
		if out[i], err = k.isVoid(ctx, s.Provider, s.Assigned); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// payees lists the replicas of an agreed task; voids is that of its lot.
func payees(l *types.Lot, position uint32, voids []bool) []payee {
	out := make([]payee, 0, len(l.Seats))
	for i, s := range l.Seats {
		if r, ok := l.Answer(s, position); ok && r.Outcome.Deterministic() {
			out = append(out, payee{s.Provider, s.Price, s.Assigned, s.AuditBps, false, voids[i]})
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

// undecided reports whether a withheld answer may still be compared with that
// of a case of the lot, which has none yet.
func (k *Keeper) undecided(ctx context.Context, o *order, lot uint32, l *types.Lot) (bool, error) {
	if l.OpenCases == 0 || countSeats(l, types.SeatWithheld) == 0 {
		return false, nil
	}
	first, count := o.LotTasks(lot)
	for i := range count {
		if !l.InCase(i) {
			continue
		}
		c, err := k.caseOf(ctx, types.TaskID(o.Id, first+i))
		if err != nil || c.State == types.TaskUnspecified {
			return err == nil, err
		}
	}
	return false, nil
}

// frozen reports whether a replica of a lot cannot be paid yet: a case or a
// slash that is not final holds it back.
func (k *Keeper) frozen(ctx context.Context, l *types.Lot) (bool, error) {
	for _, s := range l.Seats {
		if s.Phase != types.SeatRevealed {
			continue
		}
		if ok, err := k.payable(ctx, s.Provider); err != nil || !ok {
			return err == nil, err
		}
	}
	return false, nil
}

// release pays the agreed tasks of a lot that have no case. While one of the
// providers is frozen by a case, the payments wait.
func (k *Keeper) release(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment, b *book) error {
	wait, err := k.frozen(ctx, l)
	if err != nil {
		return err
	}
	compared, err := k.undecided(ctx, o, lot, l)
	if err != nil {
		return err
	}
	if wait && !compared {
		// What is not revealed is lost however long others are held back.
		if err := k.punishWithheld(ctx, o, l, now, b); err != nil {
			return err
		}
	}
	if wait || compared {
		return k.armLot(ctx, o, lot, l, now, o.retryTicks())
	}
	voids, err := k.voids(ctx, l)
	if err != nil {
		return err
	}
	first, count := o.LotTasks(lot)
	for i := range count {
		if l.InCase(i) {
			continue
		}
		result := o.agreed(l, i)
		if _, err := k.payTask(ctx, o, types.TaskID(o.Id, first+i), l.Attempt, result, payees(l, i, voids), 0, b); err != nil {
			return err
		}
		if err := o.refund(b, o.committee); err != nil {
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
	all := make([]types.Shares, 0, len(payees))
	payments := make([]payment, 0, len(payees))
	for i, p := range payees {
		gross, err := o.charge(p.price, result.Units)
		if err != nil {
			return 0, err
		}
		if p.void {
			if err := o.refund(b, gross); err != nil {
				return 0, err
			}
			continue
		}
		shares := o.params.Split.Shares(gross, o.burnable())
		all = append(all, shares)
		part := min((missing-covered)/uint64(len(payees)-i), shares.Provider)
		covered += part
		got, err := o.payReplica(p, shares.Provider-part, b)
		if err != nil {
			return 0, err
		}
		payments = append(payments, payment{p.provider, got})
	}
	if err := k.settleTask(ctx, o, task, attempt, result, payments, b); err != nil {
		return 0, err
	}
	return covered, o.shareTreasury(all, b)
}

// payReplicas is payTask for replicas of which it is not known yet whether what
// they were assigned is void.
func (k *Keeper) payReplicas(ctx context.Context, o *order, task uint64, attempt uint32, result types.Result, payees []payee, missing uint64, b *book) (uint64, error) {
	for i := range payees {
		var err error
		if payees[i].void, err = k.isVoid(ctx, payees[i].provider, payees[i].assigned); err != nil {
			return 0, err
		}
	}
	return k.payTask(ctx, o, task, attempt, result, payees, missing, b)
}

// payReplica pays a replica. With one replica its share pays the task's share
// of the audit pool.
func (o *order) payReplica(p payee, amount uint64, b *book) (uint64, error) {
	if o.audited() && o.alone() {
		toPool := types.Bps(amount, p.auditBps)
		amount -= toPool
		if err := o.pool(toPool); err != nil {
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
func (o *order) shareTreasury(shares []types.Shares, b *book) error {
	var treasury, burn, dearest uint64
	for _, s := range shares {
		dearest = max(dearest, s.Provider)
		treasury, burn = treasury+s.Treasury, burn+s.Burn
	}
	if o.audited() && !o.alone() {
		toPool := min(types.Bps(dearest, o.params.AuditFloorBps), treasury)
		treasury -= toPool
		if err := o.pool(toPool); err != nil {
			return err
		}
	}
	return o.share(b, treasury, burn)
}
