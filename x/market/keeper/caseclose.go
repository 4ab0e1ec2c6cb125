// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"strconv"
	"strings"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// closeCase moves the coins of a decided case: it slashes the wrong, pays the
// right, and counts the lot as final if this was its last open case.
func (k *Keeper) closeCase(ctx context.Context, o *order, c *types.Case, now moment, b *book) error {
	if err := k.punishCase(ctx, o, c, now, b); err != nil {
		return err
	}
	wait, err := k.frozenRight(ctx, c)
	if err != nil {
		return err
	}
	if wait {
		return k.armCase(ctx, o, c, now, o.retryTicks())
	}
	if err := o.refund(b, c.Committee); err != nil {
		return err
	}
	c.Held, c.Committee = c.Held-c.Committee, 0
	switch {
	case c.State == types.TaskAgreed && c.Kind == types.CaseScore:
		c.SettledHeight = sdk.UnwrapSDKContext(ctx).BlockHeight()
		err = k.payScored(ctx, o, c, b)
	case c.State == types.TaskAgreed:
		c.SettledHeight = sdk.UnwrapSDKContext(ctx).BlockHeight()
		err = k.payCase(ctx, o, c, c.Slashed, b)
	default:
		err = k.failCase(ctx, o, c, c.Slashed, b)
	}
	if err != nil {
		return err
	}
	if err := k.addPool(ctx, o.Denom, c.Reserve); err != nil {
		return err
	}
	c.Reserve, c.Slashed, c.Held, c.Phase, c.Due = 0, 0, 0, types.CasePhaseClosed, 0
	if err := k.events.EventManager(ctx).Emit(ctx, &types.EventCaseClosed{Task: c.Task, State: c.State.String(), Unfilled: c.Unfilled}); err != nil {
		return err
	}
	return k.leaveLot(ctx, o, c, now)
}

// leaveLot takes a closed case off its lot.
func (k *Keeper) leaveLot(ctx context.Context, o *order, c *types.Case, now moment) error {
	_, index := types.SplitTaskID(c.Task)
	id, _ := o.LotOf(index)
	l, err := k.lot(ctx, o.Id, id)
	if err != nil {
		return err
	}
	l.OpenCases--
	if err := k.finishLot(ctx, o, &l, now); err != nil {
		return err
	}
	return k.Lots.Set(ctx, collections.Join(o.Id, id), l)
}

// frozenRight reports whether somebody to be paid is held back by another case
// or by a slash that is not final.
func (k *Keeper) frozenRight(ctx context.Context, c *types.Case) (bool, error) {
	for _, s := range c.Seats {
		if s.Verdict != types.VerdictRight {
			continue
		}
		if ok, err := k.payable(ctx, s.Provider); err != nil || !ok {
			return err == nil, err
		}
	}
	return false, nil
}

// punishCase slashes the wrong seats by their bounds and fines the late ones,
// once. It waits for no other case: so no two cases wait for each other, and
// no bond unbonds meanwhile. The case holds the coins until it pays.
func (k *Keeper) punishCase(ctx context.Context, o *order, c *types.Case, now moment, b *book) error {
	if c.Punished {
		return nil
	}
	c.Punished = true
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Phase == types.SeatLate {
			if err := k.fineNoShow(ctx, o, s.Provider, s.Price, b); err != nil {
				return err
			}
		}
		if s.Verdict != types.VerdictWrong {
			continue
		}
		taken, err := k.punish(ctx, o, s.Provider, s.Bound, now, "wrong result")
		if err != nil {
			return err
		}
		c.Slashed += taken
		if err := k.unfreeze(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// fund is where the fees of added seats come from, in this order.
type fund struct{ slashed, bonds, reserve, held uint64 }

// payCase pays the right replicas from escrow and the right added seats from
// the slash, the reserve, what the replicas left of the escrow, and at last
// from the replicas' own shares.
func (k *Keeper) payCase(ctx context.Context, o *order, c *types.Case, slashed uint64, b *book) error {
	_, index := types.SplitTaskID(c.Task)
	id, _ := o.LotOf(index)
	l, err := k.lot(ctx, o.Id, id)
	if err != nil {
		return err
	}
	replicas, verifiers, err := k.split(ctx, o, &l, c)
	if err != nil {
		return err
	}
	if err := k.failMissing(ctx, o, c); err != nil {
		return err
	}
	f := fund{bonds: c.LostBonds(), reserve: c.Reserve, held: c.Held}
	if o.burnable() {
		f.slashed, slashed = slashed, 0
	}
	if replicas, verifiers, err = o.cover(c, &f, replicas, verifiers); err != nil {
		return err
	}
	fee, err := o.verifierFee(c, c.Result.Units)
	if err != nil {
		return err
	}
	want := fee * uint64(len(verifiers))
	missing := want - min(want, f.slashed+f.bonds+f.reserve+f.held)
	if c.Kind == types.CaseReplace {
		// A host that failed must not cost the pool: those who stood in share.
		part := missing / uint64(max(len(replicas)+len(verifiers), 1))
		short := missing - part*uint64(len(replicas))
		fee -= min(fee, types.CeilDiv(short, uint64(max(len(verifiers), 1))))
		missing -= short
	} else {
		late, err := k.reserve(ctx, o.Denom, missing) // the pool may have more than at the draw
		if err != nil {
			return err
		}
		f.reserve, missing = f.reserve+late, missing-late
	}
	covered, err := k.payReplicas(ctx, o, c.Task, l.Attempt, c.Result, replicas, missing, b)
	if err != nil {
		return err
	}
	f.held += covered
	fees := make([]payment, len(verifiers))
	for i, v := range verifiers {
		if fees[i], err = o.payVerifier(b, &f, v, fee); err != nil {
			return err
		}
	}
	k.emitCasePaid(ctx, o, c, fees)
	c.Reserve = f.reserve
	b.add(transfer{target: toBurn, denom: types.BaseDenom, amount: f.slashed + slashed})
	if err := k.releaseBonds(ctx, o, c, f.bonds, b); err != nil {
		return err
	}
	return o.refund(b, f.held)
}

// cover takes the gross of the replicas out of the escrow of a task. Who stands
// in for one that claimed less than the task costs is paid as a verifier.
func (o *order) cover(c *types.Case, f *fund, replicas []payee, verifiers []uint32) ([]payee, []uint32, error) {
	covered := make([]payee, 0, len(replicas))
	for _, p := range replicas {
		gross, err := o.charge(p.price, c.Result.Units)
		switch {
		case err != nil:
			return nil, nil, err
		case gross <= f.held:
			f.held -= gross
			covered = append(covered, p)
		case p.added:
			verifiers = append(verifiers, p.provider)
		default:
			return nil, nil, types.ErrInvariant.Wrapf("task %d costs more than its escrow of %d", c.Task, c.Held)
		}
	}
	return covered, verifiers, nil
}

// split parts the right seats into those paid as replicas and those paid as
// verifiers: an added seat takes the place of a replica that has no result, or
// that does not serve it.
func (k *Keeper) split(ctx context.Context, o *order, l *types.Lot, c *types.Case) (replicas []payee, verifiers []uint32, err error) {
	places := o.places(c)
	for _, s := range c.Seats {
		if s.Verdict != types.VerdictRight {
			continue
		}
		if err := k.reputation(ctx, o, s.Provider, s.Price, c.Result.Units, true); err != nil {
			return nil, nil, err
		}
		switch {
		case s.Original:
			replicas = append(replicas, payee{s.Provider, s.Price, s.Assigned, o.auditRate(l), false, false})
		case len(places) > 0 && s.Result.Same(c.Result, c.Measured):
			replicas = append(replicas, payee{s.Provider, min(s.Price, places[0]), s.Assigned, o.params.AuditFloorBps, true, false})
			places = places[1:]
		default:
			void, err := k.isVoid(ctx, s.Provider, s.Assigned)
			if err != nil {
				return nil, nil, err
			}
			if !void {
				verifiers = append(verifiers, s.Provider)
			}
		}
	}
	return replicas, verifiers, nil
}

// places lists the prices at which added seats stand in for replicas.
func (o *order) places(c *types.Case) []uint64 {
	var prices []uint64
	if c.Kind == types.CaseReplace {
		vacant := int(o.Replicas)
		for _, s := range c.Seats {
			if s.Original && s.Verdict == types.VerdictRight {
				vacant--
			}
		}
		for range vacant {
			prices = append(prices, o.MaxPrice+o.Tip)
		}
		return prices
	}
	for _, id := range c.Missing {
		prices = append(prices, c.Seat(id).Price)
	}
	return prices
}

// failMissing records that replicas did not serve what they were to be paid for.
func (k *Keeper) failMissing(ctx context.Context, o *order, c *types.Case) error {
	for _, id := range c.Missing {
		if err := k.reputation(ctx, o, id, c.Seat(id).Price, c.Result.Units, false); err != nil {
			return err
		}
	}
	return nil
}

// payVerifier pays an added seat out of a fund, up to what is there.
func (o *order) payVerifier(b *book, f *fund, provider uint32, fee uint64) (payment, error) {
	want := fee
	for _, source := range []*uint64{&f.slashed, &f.bonds, &f.reserve} {
		part := min(fee, *source)
		*source -= part
		fee -= part
		b.add(transfer{target: toProvider, provider: provider, denom: o.Denom, amount: part})
	}
	part := min(fee, f.held)
	f.held -= part
	return payment{provider, want - fee + part}, o.pay(b, provider, part)
}

// failCase refunds a task without a result, less the runtime fees. The fee of
// a host-made outcome goes to the audit pool: two who report one would else
// earn it without a run. See ADR-005.
func (k *Keeper) failCase(ctx context.Context, o *order, c *types.Case, slashed uint64, b *book) error {
	held := c.Held
	var fees []payment
	for _, s := range c.Seats {
		if s.Verdict != types.VerdictFee {
			continue
		}
		fee := min(o.runtimeFee(), held)
		held -= fee
		if s.Result.Outcome.HostMade() { // nobody can check that it ran
			if err := o.pool(fee); err != nil {
				return err
			}
			continue
		}
		if err := o.pay(b, s.Provider, fee); err != nil {
			return err
		}
		fees = append(fees, payment{s.Provider, fee})
	}
	k.emitCasePaid(ctx, o, c, fees)
	b.add(transfer{target: toBurn, denom: types.BaseDenom, amount: slashed})
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(sdk.NewEvent(types.EventTaskEnded,
		types.Attr(types.AttrTaskID, c.Task), sdk.NewAttribute(types.AttrState, c.State.String()),
		sdk.NewAttribute(types.AttrReason, c.Reason.String())))
	if err := k.releaseBonds(ctx, o, c, 0, b); err != nil {
		return err
	}
	return o.refund(b, held)
}

// emitCasePaid says what a closed case paid besides the result: the fees of
// verification, or the runtime fees of a task without a result. No leaf holds
// them.
func (k *Keeper) emitCasePaid(ctx context.Context, o *order, c *types.Case, fees []payment) {
	var sum uint64
	ids, amounts := make([]string, 0, len(fees)), make([]string, 0, len(fees))
	for _, f := range fees {
		if f.amount == 0 {
			continue
		}
		sum += f.amount
		ids = append(ids, strconv.FormatUint(uint64(f.provider), 10))
		amounts = append(amounts, strconv.FormatUint(f.amount, 10))
	}
	if sum == 0 {
		return
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(sdk.NewEvent(types.EventCasePaid,
		types.Attr(types.AttrTaskID, c.Task), types.Attr(types.AttrAttempt, uint64(c.Attempt)),
		sdk.NewAttribute(types.AttrDenom, o.Denom), types.Attr(types.AttrAmount, sum),
		sdk.NewAttribute(types.AttrProviders, strings.Join(ids, ",")),
		sdk.NewAttribute(types.AttrAmounts, strings.Join(amounts, ","))))
}
