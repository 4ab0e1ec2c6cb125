// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/market/types"
)

// WhyNoMatch implements types.QueryServer.
func (s queryServer) WhyNoMatch(ctx context.Context, req *types.QueryWhyNoMatchRequest) (*types.QueryWhyNoMatchResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	o, err := s.k.order(ctx, req.Batch)
	if err != nil {
		return nil, queryError(err)
	}
	now, err := s.k.now(ctx)
	if err != nil {
		return nil, err
	}
	res := &types.QueryWhyNoMatchResponse{Batch: o.Id, Class: o.class.Name, Unassigned: o.unassigned(), Tries: o.tally.Tries, Tick: now.tick}
	if res.Unassigned == 0 {
		res.Advice = "nothing waits: every lot was assigned or has ended"
		return res, nil
	}
	return res, s.k.whyNoMatch(ctx, o, now, res)
}

func (k *Keeper) whyNoMatch(ctx context.Context, o *order, now moment, res *types.QueryWhyNoMatchResponse) error {
	v, err := k.survey(ctx, o, now)
	if err != nil {
		return err
	}
	ready, err := k.Ready.Has(ctx, o.readyKey())
	if err != nil {
		return err
	}
	passing := v.without(0)
	res.Roster, res.Surveyed = uint32(v.roster), uint32(len(v.all))
	res.Admitted, res.Together, res.Needed = uint32(len(passing)), uint32(together(passing)), uint32(v.operators())
	res.Verifiers, res.VerifiersNeeded = uint32(v.f.verifiers(o)), uint32(v.verifiers())
	res.Filters, res.Parked = v.counts(), !ready
	res.Binding, res.Relaxation, res.Advice = v.verdict()
	if res.Binding == "" {
		res.Advice = o.outlook(ready)
	}
	return nil
}

// outlook is the advice for a batch that lacks nothing.
func (o *order) outlook(ready bool) string {
	switch {
	case ready:
		return "enough providers pass: the batch is matched in one of the next blocks"
	case o.tally.Tries < o.params.MaxTries:
		return "enough providers pass: the batch is matched at its next try"
	default:
		return fmt.Sprintf("enough providers pass, but after %d tries only MsgCrank with step MATCH tries again", o.tally.Tries)
	}
}

// Estimate implements types.QueryServer.
func (s queryServer) Estimate(ctx context.Context, req *types.QueryEstimateRequest) (*types.QueryEstimateResponse, error) {
	if req == nil || req.Submit == nil {
		return nil, errEmptyRequest
	}
	var requester []byte
	var err error
	if req.Submit.Requester != "" {
		if requester, err = s.k.addresses.StringToBytes(req.Submit.Requester); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "requester: %s", err)
		}
	}
	o, err := s.k.newBatch(ctx, requester, req.Submit.WithDefaults())
	if err != nil {
		return nil, err
	}
	return s.k.estimate(ctx, o)
}

func (k *Keeper) estimate(ctx context.Context, o *order) (*types.QueryEstimateResponse, error) {
	now, err := k.now(ctx)
	if err != nil {
		return nil, err
	}
	s, err := k.survey(ctx, o, now)
	if err != nil {
		return nil, err
	}
	passing := s.without(0)
	e := &types.QueryEstimateResponse{
		Denom: o.Denom, Tick: now.tick, Roster: uint32(s.roster),
		Eligible: uint32(len(passing)), Together: uint32(together(passing)), Needed: uint32(s.operators()),
	}
	if e.Escrow, err = types.MulDivCeil(o.escrow, uint64(o.Count), 1); err != nil {
		return nil, err
	}
	if err := s.price(e, passing); err != nil {
		return nil, err
	}
	var binding string
	if binding, _, e.Advice = s.verdict(); binding == "" {
		e.Agreed = s.agreed(passing)
		e.Settled = e.Agreed + o.window()
	}
	return e, nil
}

// price sets what depends on who would be drawn, weighed as the draw does.
func (s *survey) price(e *types.QueryEstimateResponse, passing []surveyed) error {
	if len(passing) == 0 {
		return s.ceiling(e)
	}
	total, prices, rates := math.ZeroInt(), math.ZeroInt(), math.ZeroInt()
	for _, c := range passing {
		w := math.NewIntFromUint64(s.f.weight(s.o, &c.candidate))
		total = total.Add(w)
		prices = prices.Add(w.Mul(math.NewIntFromUint64(c.seat.Price)))
		rates = rates.Add(w.MulRaw(int64(c.seat.AuditBps)))
		e.Highest, e.Bond = max(e.Highest, c.seat.Price), max(e.Bond, c.seat.Bound)
		if e.Lowest == 0 || c.seat.Price < e.Lowest {
			e.Lowest = c.seat.Price
		}
	}
	e.Price = prices.Add(total).SubRaw(1).Quo(total).Uint64()
	if s.o.audited() {
		e.AuditBps = uint32(rates.Quo(total).Uint64())
	}
	gross, err := s.o.charge(e.Price, s.o.Limits.Units)
	if err != nil {
		return err
	}
	e.Expected, err = types.MulDivCeil(gross, uint64(s.o.Replicas)*uint64(s.o.Count), 1)
	e.Expected = min(e.Expected, e.Escrow)
	return err
}

// ceiling sets what is asked of a provider at the ceiling.
func (s *survey) ceiling(e *types.QueryEstimateResponse) error {
	if s.o.audited() {
		e.AuditBps = s.o.params.AuditFloorBps
	}
	var err error
	switch {
	case s.o.proved(): // nothing is at stake
	case s.o.scored():
		e.Bond, err = s.o.value(s.o.MaxPrice + s.o.Tip)
	default:
		e.Bond, err = s.o.bound(s.o.MaxPrice+s.o.Tip, s.o.params.AuditFloorBps)
	}
	return err
}

// agreed is the most ticks until every lot has its result if nobody misses a
// seat and the free slots serve nobody else.
func (s *survey) agreed(passing []surveyed) uint64 {
	var free uint64
	for _, c := range passing {
		free += uint64(c.Slots - c.load.InFlight)
	}
	lots, seats := uint64(s.o.Lots()), uint64(s.o.Replicas)
	rounds := types.CeilDiv(lots, max(free/max(seats, 1), 1))
	phases := s.o.commitTicks(s.o.LotSize)
	if s.o.Replicas > 1 {
		phases += s.o.params.RevealTicks
	}
	return rounds*phases + types.CeilDiv(lots, uint64(max(s.o.params.MaxLots, 1)))
}

// window is how long an agreed task waits for its payment.
func (o *order) window() uint64 {
	if o.proved() {
		return 0
	}
	return o.params.WindowTicks
}

// Earnings implements types.QueryServer.
func (s queryServer) Earnings(ctx context.Context, req *types.QueryEarningsRequest) (*types.QueryEarningsResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	tick, err := s.k.Registry.Tick(ctx)
	if err != nil {
		return nil, err
	}
	res := &types.QueryEarningsResponse{Day: types.EarningDay(tick), DayTicks: types.EarningDayTicks}
	res.Earnings, res.Pagination, err = query.CollectionFilteredPaginate(ctx, s.k.Earnings, req.Pagination,
		func(key earningKey, _ uint64) (bool, error) { return key.K2() >= req.From, nil },
		func(key earningKey, amount uint64) (types.Earning, error) {
			return types.Earning{Provider: key.K1(), Day: key.K2(), Denom: key.K3(), Amount: amount}, nil
		},
		func(opts *query.CollectionsPaginateOptions[earningKey]) {
			prefix := collections.TriplePrefix[uint32, uint64, string](req.Provider)
			opts.Prefix = &prefix
		})
	return res, err
}
