// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// machine is a provider of the survey tests.
type machine struct {
	ask    uint64
	vram   uint32
	region string
	payout string
	bond   uint64
}

func plain(ask uint64) machine { return machine{ask: ask, vram: 1_000, region: "eu-west", bond: 1_000} }

// fleet is a chain with machines that never answer.
func fleet(t require.TestingT, machines []machine, edits ...func(sim.Genesis)) *sim.Chain {
	small := func(g sim.Genesis) { g.Params().MinValue = 1 }
	c, err := sim.New(append([]func(sim.Genesis){small}, edits...)...)
	require.NoError(t, err)
	require.NoError(t, c.Fund(requester, 1_000*sim.CUPEL))
	for i, m := range machines {
		name := fmt.Sprintf("m%d", i)
		require.NoError(t, c.Fund(sim.Addr(name), m.bond*sim.CUPEL))
		if m.payout == "" {
			m.payout = name + "-pay"
		}
		_, err := registrykeeper.NewMsgServer(c.Registry).Register(c.Ctx, &registrytypes.MsgRegister{
			Operator: sim.Text(sim.Addr(name)), Worker: sim.Text(sim.Addr(name + "-hot")), Payout: sim.Text(sim.Addr(m.payout)),
			Bond: sdk.NewInt64Coin(sim.Denom, int64(m.bond*sim.CUPEL)), Region: m.region, Endpoint: "http://" + name,
			Resources: []registrytypes.Resource{{Class: sim.Class, Count: 1, Price: m.ask, VramMib: m.vram}},
		})
		require.NoError(t, err)
	}
	return c
}

func why(t require.TestingT, c *sim.Chain, batch uint64) *types.QueryWhyNoMatchResponse {
	res, err := c.Query().WhyNoMatch(c.Ctx, &types.QueryWhyNoMatchRequest{Batch: batch})
	require.NoError(t, err)
	return res
}

func TestWhyNoMatch(t *testing.T) {
	five := []machine{plain(500), plain(600), plain(700), plain(800), plain(900)}
	hired := func(m *types.MsgSubmit) {
		*m = sim.Optimistic(*m)
		m.Hire = sim.Text(sim.Addr("m0"))
	}
	tests := map[string]struct {
		machines []machine
		edit     func(*types.MsgSubmit)
		binding  string
		advice   string
		fix      *types.Relaxation
	}{
		"enough":     {machines: five, edit: func(*types.MsgSubmit) {}, advice: "enough providers pass: the batch is matched in one of the next blocks"},
		"no class":   {edit: func(*types.MsgSubmit) {}, binding: "class", advice: "only 0 of the class could sit on one task, 3 are needed: lower replicas or wait for more"},
		"small":      {machines: five[:2], edit: func(*types.MsgSubmit) {}, binding: "class", advice: "only 2 of the class could sit on one task, 3 are needed: lower replicas or wait for more"},
		"price":      {machines: five, edit: func(m *types.MsgSubmit) { m.MaxPrice = 600 }, binding: "price", advice: "raise max_price to 700 to reach 3 providers", fix: &types.Relaxation{Filter: "price", Value: 700, Providers: 3}},
		"price, tip": {machines: five, edit: func(m *types.MsgSubmit) { m.MaxPrice, m.Tip, m.Replicas = 600, 9, 5 }, binding: "price", advice: "raise max_price to 900 to reach 5 providers", fix: &types.Relaxation{Filter: "price", Value: 900, Providers: 5}},
		"region":     {machines: five, edit: func(m *types.MsgSubmit) { m.Requirements.Region = "us" }, binding: "region", advice: "drop requirements.region to reach 5 providers", fix: &types.Relaxation{Filter: "region", Providers: 5}},
		"vram": {
			machines: []machine{plain(1), {ask: 1, vram: 8_000, region: "eu", bond: 1_000}, {ask: 1, vram: 6_000, region: "eu", bond: 1_000}, {ask: 1, vram: 4_000, region: "eu", bond: 1_000}},
			edit:     func(m *types.MsgSubmit) { m.Requirements.VramMib = 7_000 }, binding: "vram_mib",
			advice: "lower requirements.vram_mib to 4000 to reach 3 providers", fix: &types.Relaxation{Filter: "vram_mib", Value: 4_000, Providers: 3},
		},
		"score":      {machines: five, edit: func(m *types.MsgSubmit) { m.Requirements.MinScore = 900_000 }, binding: "min_score", advice: "lower requirements.min_score to 500000 to reach 5 providers", fix: &types.Relaxation{Filter: "min_score", Value: 500_000, Providers: 5}},
		"capability": {machines: five, edit: func(m *types.MsgSubmit) { m.Requirements.ComputeCapability = 90 }, binding: "compute_capability", advice: "lower requirements.compute_capability to 0 to reach 5 providers", fix: &types.Relaxation{Filter: "compute_capability", Providers: 5}},
		"bond":       {machines: five, edit: func(m *types.MsgSubmit) { m.ValueAtStake = 1_000_000 * sim.CUPEL }, binding: "bond", advice: "lower value_at_stake or limits.units: with those that only lack the bond 5 providers fit", fix: &types.Relaxation{Filter: "bond", Providers: 5}},
		"two filters": {
			machines: five, edit: func(m *types.MsgSubmit) { m.MaxPrice, m.Requirements.Region = 600, "us" },
			binding: "filters", advice: "no single change is enough: 0 of 5 providers pass, 3 are needed; relax several filters",
		},
		"one owner": {
			machines: []machine{{ask: 1, region: "eu", payout: "p", bond: 1_000}, {ask: 1, region: "eu", payout: "p", bond: 1_000}, {ask: 1, region: "eu", payout: "p", bond: 1_000}, plain(2_000), plain(2_000)},
			edit:     func(m *types.MsgSubmit) { m.Requirements.Region = "eu" }, binding: "group",
			advice: "3 providers pass, but only 1 share neither payout address nor endpoint, 3 are needed: lower replicas",
		},
		"few operators": {
			machines: append(five[:3:3], machine{ask: 5_000, region: "us", bond: 1_000}),
			edit:     func(m *types.MsgSubmit) { *m = sim.Optimistic(*m); m.Requirements.Region = "eu-west" },
			binding:  "min_operators", advice: "3 providers pass, OPTIMISTIC needs 4: relax several filters, or use REDUNDANT",
		},
		"hired one elsewhere": {
			machines: five, edit: func(m *types.MsgSubmit) { hired(m); m.Requirements.Region = "us" },
			binding: "region", advice: "drop requirements.region to reach 1 providers", fix: &types.Relaxation{Filter: "region", Providers: 1},
		},
		"hired one fails twice": {
			machines: five, edit: func(m *types.MsgSubmit) { hired(m); m.Requirements.Region, m.MaxPrice = "us", 1 },
			binding: "filters", advice: "the hired provider fails several filters: change them all, or cancel and hire another one",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := fleet(t, tc.machines)
			if len(tc.machines) == 0 {
				c = fleet(t, nil)
			}
			m := sim.Submit(requester)
			tc.edit(&m)
			batch := submit(t, c, m)

			res := why(t, c, batch)

			require.Equal(t, tc.binding, res.Binding)
			require.Equal(t, tc.advice, res.Advice)
			require.Equal(t, tc.fix, res.Relaxation)
			require.EqualValues(t, len(tc.machines), res.Roster)
			require.Equal(t, res.Roster, res.Surveyed)
			require.NoError(t, c.Blocks(2))
			after := why(t, c, batch)
			require.Equal(t, tc.binding != "", after.Unassigned > 0, "%+v", after)
			require.Equal(t, tc.binding != "", after.Parked)
		})
	}
}

func TestWhyNoMatchOfTheHired(t *testing.T) {
	c := fleet(t, []machine{plain(1), plain(1), plain(1), plain(1)})
	_, err := registrykeeper.NewMsgServer(c.Registry).Drain(c.Ctx, &registrytypes.MsgDrain{Signer: sim.Text(sim.Addr("m0")), Drain: true})
	require.NoError(t, err)
	m := sim.Optimistic(sim.Submit(requester))
	m.Hire = sim.Text(sim.Addr("m0"))
	res := why(t, c, submit(t, c, m))
	require.Equal(t, "hire", res.Binding)

	c = fleet(t, []machine{plain(1), {ask: 1, region: "eu", bond: 100}, {ask: 1, region: "eu", bond: 100}})
	m.ValueAtStake = 20 * sim.CUPEL
	res = why(t, c, submit(t, c, m))
	require.Equal(t, "verifiers", res.Binding)
	require.Contains(t, res.Advice, "have the bond to audit")
}

func TestWhyNoMatchBusyAndParked(t *testing.T) {
	c := fleet(t, []machine{plain(1), plain(1), plain(1)}, func(g sim.Genesis) { g.Params().MaxTries = 2 })
	submit(t, c, sim.Submit(requester))
	batch := submit(t, c, sim.Submit(requester))
	require.NoError(t, c.Blocks(1))
	res := why(t, c, batch)
	require.Equal(t, "slots", res.Binding)
	require.Equal(t, "wait: with those that are busy now 3 providers fit", res.Advice)
	require.True(t, res.Parked)
	require.EqualValues(t, 1, res.Tries)
	for _, f := range res.Filters {
		if f.Filter == "slots" {
			require.Equal(t, types.FilterCount{Filter: "slots", Refused: 3, Alone: 3}, f)
		} else {
			require.Zero(t, f.Refused, f.Filter)
		}
	}
	require.NoError(t, c.Blocks(8))
	load, err := c.Registry.Load(c.Ctx, 1)
	require.NoError(t, err)
	for id := range uint32(3) {
		load.InFlight = 0
		require.NoError(t, c.Registry.SetLoad(c.Ctx, id+1, load))
	}
	require.Contains(t, why(t, c, batch).Advice, "only MsgCrank with step MATCH tries again")

	_, err = c.Msgs().Cancel(c.Ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: batch})
	require.NoError(t, err)
	res = why(t, c, batch)
	require.Zero(t, res.Unassigned)
	require.Equal(t, "nothing waits: every lot was assigned or has ended", res.Advice)
}

// randomFleet is up to eight machines, several of one owner.
func randomFleet(t *rapid.T) []machine {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) machine {
		return machine{
			ask: rapid.Uint64Range(1, 5).Draw(t, "ask") * 100, vram: rapid.Uint32Range(0, 3).Draw(t, "vram") * 1_000,
			region: rapid.SampledFrom([]string{"eu", "us"}).Draw(t, "region"),
			payout: rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "payout"),
			bond:   rapid.SampledFrom([]uint64{100, 1_000}).Draw(t, "bond"),
		}
	}), 0, 8).Draw(t, "machines")
}

func randomWish(t *rapid.T) types.MsgSubmit {
	m := sim.Submit(requester)
	m.Replicas = rapid.Uint32Range(2, 4).Draw(t, "replicas")
	m.MaxPrice = rapid.Uint64Range(1, 5).Draw(t, "ceiling") * 100
	m.Requirements.VramMib = rapid.Uint32Range(0, 3).Draw(t, "needs") * 1_000
	m.Requirements.Region = rapid.SampledFrom([]string{"", "", "eu", "asia"}).Draw(t, "in")
	m.Requirements.MinScore = rapid.SampledFrom([]uint32{0, 0, 500_000, 500_001}).Draw(t, "score")
	m.ValueAtStake = rapid.SampledFrom([]uint64{0, 0, 5 * sim.CUPEL, 500 * sim.CUPEL}).Draw(t, "stake")
	if rapid.IntRange(0, 3).Draw(t, "optimistic") == 0 {
		m = sim.Optimistic(m)
	}
	return m
}

// relaxed is an order with the change that was proposed, if it is one of a number.
func relaxed(m types.MsgSubmit, r *types.Relaxation) (types.MsgSubmit, bool) {
	switch r.Filter {
	case "price":
		m.MaxPrice = r.Value
	case "vram_mib":
		m.Requirements.VramMib = uint32(r.Value)
	case "min_score":
		m.Requirements.MinScore = uint32(r.Value)
	case "region":
		m.Requirements.Region = ""
	default:
		return m, false
	}
	return m, true
}

// TestWhyNoMatchIsWhatMatchingDoes: a batch is matched if and only if nothing
// is short, and the proposed change lets it be matched, by the least number.
func TestWhyNoMatchIsWhatMatchingDoes(t *testing.T) {
	sized(t, 3_000)
	rapid.Check(t, func(t *rapid.T) {
		machines, m := randomFleet(t), randomWish(t)
		matched := func(m types.MsgSubmit) (*types.QueryWhyNoMatchResponse, bool) {
			c := fleet(t, machines, func(g sim.Genesis) { g.Params().Candidates = 32 })
			estimate, err := c.Query().Estimate(c.Ctx, &types.QueryEstimateRequest{Submit: &m})
			require.NoError(t, err)
			batch, err := c.Buy(m)
			require.NoError(t, err)
			before := why(t, c, batch)
			require.Equal(t, before.Binding == "", estimate.Agreed > 0)
			require.Equal(t, []uint32{before.Admitted, before.Together, before.Needed}, []uint32{estimate.Eligible, estimate.Together, estimate.Needed})
			require.NoError(t, c.Blocks(1))
			after := why(t, c, batch)
			return before, after.Unassigned == 0
		}
		res, ok := matched(m)
		require.Equal(t, res.Binding == "", ok, "%+v", res)
		if res.Relaxation == nil {
			return
		}
		other, numeric := relaxed(m, res.Relaxation)
		if !numeric {
			return
		}
		eased, ok := matched(other)
		// More for a task asks for more bond of those who audit it.
		require.True(t, ok || eased.Binding == "verifiers", "%+v, then %+v", res, eased)
		require.Equal(t, res.Relaxation.Providers, eased.Together)
		if res.Relaxation.Filter == "price" {
			other.MaxPrice--
			_, ok = matched(other)
			require.False(t, ok, "a lower price is enough")
		}
	})
}

func TestEstimate(t *testing.T) {
	c := fleet(t, []machine{plain(500), plain(600), plain(700), plain(800)})
	m := sim.Submit(requester)
	m.Count, m.LotSize, m.Tip, m.Limits.WallSeconds = 4, 2, 10, 3

	e, err := c.Query().Estimate(c.Ctx, &types.QueryEstimateRequest{Submit: &m})

	require.NoError(t, err)
	require.Equal(t, []uint64{4 * 3 * 1_010, 510, 810}, []uint64{e.Escrow, e.Lowest, e.Highest})
	require.Greater(t, e.Price, e.Lowest)
	require.Less(t, e.Price, uint64(660), "cheap ones are drawn more often")
	require.Equal(t, e.Price*12, e.Expected)
	require.Equal(t, []uint32{4, 4, 4, 3}, []uint32{e.Roster, e.Eligible, e.Together, e.Needed})
	p := types.DefaultParams()
	require.Equal(t, p.AuditFloorBps, e.AuditBps)
	bound, err := types.Bound(810, p.AuditFloorBps)
	require.NoError(t, err)
	require.Equal(t, bound, e.Bond)
	// One slot each: the two lots run one after the other.
	require.Equal(t, 2*(p.CommitTicks+p.WallTicks(6)+p.RevealTicks)+1, e.Agreed)
	require.Equal(t, e.Agreed+p.WindowTicks, e.Settled)
	batch := submit(t, c, m)
	tally, err := c.Tally(batch)
	require.NoError(t, err)
	require.Equal(t, e.Escrow, tally.Escrow)

	m.MaxPrice = 1
	e, err = c.Query().Estimate(c.Ctx, &types.QueryEstimateRequest{Submit: &m})
	require.NoError(t, err)
	require.Zero(t, e.Expected+e.Agreed+e.Settled)
	require.NotZero(t, e.Bond)
	require.Contains(t, e.Advice, "raise max_price to 700 to reach 3 providers")

	m = sim.Optimistic(m)
	m.MaxPrice = 1_000
	e, err = c.Query().Estimate(c.Ctx, &types.QueryEstimateRequest{Submit: &m})
	require.NoError(t, err)
	require.EqualValues(t, 10_000, e.AuditBps, "strangers are always audited")
}

func TestEarnings(t *testing.T) {
	c := newMarket(t, 5, auditRate(2_000))
	for range 6 {
		submit(t, c, sim.Submit(requester))
	}
	require.NoError(t, c.Blocks(700))
	total := uint64(0)
	for _, w := range c.Workers {
		res, err := c.Query().Earnings(c.Ctx, &types.QueryEarningsRequest{Provider: w.ID})
		require.NoError(t, err)
		require.LessOrEqual(t, len(res.Earnings), 1)
		var sum uint64
		for _, e := range res.Earnings {
			require.Equal(t, types.Earning{Provider: w.ID, Day: 1, Denom: sim.Denom, Amount: e.Amount}, e)
			sum += e.Amount
		}
		require.Equal(t, c.Balance(w.Payout), sum, "shares and fees of verifiers")
		total += sum
	}
	require.NotZero(t, total)
}

// TestOldEarningsAreFolded pays a provider on many days, by two denoms.
func TestOldEarningsAreFolded(t *testing.T) {
	c := parlour(t, 1)
	w := c.Workers[0]
	const days = types.EarningDays + 12
	for day := range uint64(days) {
		require.NoError(t, c.Registry.Ticks.Set(c.Ctx, day*types.EarningDayTicks))
		for _, denom := range []string{sim.Denom, otherDenom} {
			m := opening(c)
			m.Denom, m.Deposit = denom, 10_000
			_, err := redeem(c, signOn(t, sim.ChainID, "k", voucher.Voucher{
				Session: openSession(t, c, m), Sequence: 1, Units: 100_000, Amount: 1_000, Receipts: sha256.Sum256(nil),
			}))
			require.NoError(t, err)
		}
		require.NoError(t, c.Check())
	}
	every := &query.PageRequest{Limit: 500}
	res, err := c.Query().Earnings(c.Ctx, &types.QueryEarningsRequest{Provider: w.ID, Pagination: every})
	require.NoError(t, err)
	require.Len(t, res.Earnings, 2*(types.EarningDays+1))
	require.Equal(t, uint64(days), res.Day)
	sums := map[string]uint64{}
	for i, e := range res.Earnings {
		require.Equal(t, i < 2, e.Day == 0)
		sums[e.Denom] += e.Amount
	}
	require.NotZero(t, sums[sim.Denom])
	for denom, sum := range sums {
		require.Equal(t, c.Bank.GetBalance(c.Ctx, w.Payout, denom).Amount.Uint64(), sum, "nothing is forgotten")
	}
	res, err = c.Query().Earnings(c.Ctx, &types.QueryEarningsRequest{Provider: w.ID, From: res.Day, Pagination: every})
	require.NoError(t, err)
	require.Len(t, res.Earnings, 2)

	f, err := c.Fork()
	require.NoError(t, err)
	want, err := c.Export()
	require.NoError(t, err)
	got, err := f.Export()
	require.NoError(t, err)
	require.Equal(t, want.Market.Earnings, got.Market.Earnings)
}

func TestBadSurveyQueries(t *testing.T) {
	c := fleet(t, []machine{plain(1)})
	q := c.Query()
	_, err := q.WhyNoMatch(c.Ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	for _, batch := range []uint64{0, 1, 1 << 63} {
		_, err = q.WhyNoMatch(c.Ctx, &types.QueryWhyNoMatchRequest{Batch: batch})
		require.Equal(t, codes.NotFound, status.Code(err), batch)
	}
	_, err = q.Estimate(c.Ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = q.Estimate(c.Ctx, &types.QueryEstimateRequest{})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	for name, tc := range map[string]struct {
		edit func(*types.MsgSubmit)
		err  error
	}{
		"empty":         {func(m *types.MsgSubmit) { *m = types.MsgSubmit{} }, types.ErrInvalidManifest},
		"class":         {func(m *types.MsgSubmit) { m.Class = "none" }, types.ErrInvalidClass},
		"huge class":    {func(m *types.MsgSubmit) { m.Class = string(make([]byte, 1<<16)) }, types.ErrInvalidClass},
		"price":         {func(m *types.MsgSubmit) { m.MaxPrice = 1 << 63 }, types.ErrInvalidPrice},
		"count":         {func(m *types.MsgSubmit) { m.Count = 4_097 }, types.ErrInvalidCount},
		"hire":          {func(m *types.MsgSubmit) { m.Replicas, m.Policy, m.Hire = 1, types.PolicyOptimistic, "nobody" }, types.ErrInvalidHire},
		"policy":        {func(m *types.MsgSubmit) { m.Policy = 99 }, types.ErrInvalidPolicy},
		"denom":         {func(m *types.MsgSubmit) { m.Denom = "ibc/none" }, types.ErrInvalidDenom},
		"units":         {func(m *types.MsgSubmit) { m.Limits.Units = 0 }, types.ErrInvalidLimits},
		"deadline":      {func(m *types.MsgSubmit) { m.Deadline = 0 }, types.ErrInvalidDeadline},
		"region":        {func(m *types.MsgSubmit) { m.Requirements.Region = string(make([]byte, 33)) }, types.ErrInvalidFilter},
		"bound too big": {func(m *types.MsgSubmit) { m.ValueAtStake = 1<<64 - 1 }, nil},
	} {
		m := sim.Submit(requester)
		tc.edit(&m)
		_, err := q.Estimate(c.Ctx, &types.QueryEstimateRequest{Submit: &m})
		require.Error(t, err, name)
		if tc.err != nil {
			require.ErrorIs(t, err, tc.err, name)
		}
	}
	m := sim.Submit(requester)
	m.Requester = "nobody"
	_, err = q.Estimate(c.Ctx, &types.QueryEstimateRequest{Submit: &m})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	m.Requester = ""
	_, err = q.Estimate(c.Ctx, &types.QueryEstimateRequest{Submit: &m})
	require.NoError(t, err, "anybody may ask")

	_, err = q.Earnings(c.Ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = q.Earnings(c.Ctx, &types.QueryEarningsRequest{Pagination: &query.PageRequest{Key: []byte{1}, Offset: 1}})
	require.Error(t, err)
	for _, req := range []types.QueryEarningsRequest{{}, {Provider: 1 << 31}, {Provider: 1, From: 1 << 63}, {Provider: 1, Pagination: &query.PageRequest{Limit: 1 << 62}}} {
		res, err := q.Earnings(c.Ctx, &req)
		require.NoError(t, err)
		require.Empty(t, res.Earnings)
	}
}
