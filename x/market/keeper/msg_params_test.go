// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// badParams edits the default params so that they do not validate.
func badParams() map[string]func(*types.Params) {
	return map[string]func(*types.Params){
		"treasury over half":       func(p *types.Params) { p.Split.TreasuryBps = 5_001 },
		"burn over half":           func(p *types.Params) { p.Split.BurnBps = 5_001 },
		"treasury too low":         func(p *types.Params) { p.Split.TreasuryBps = 249 },
		"audit floor under 1 %":    func(p *types.Params) { p.AuditFloorBps = 99 },
		"audit floor zero":         func(p *types.Params) { p.AuditFloorBps = 0 },
		"audit floor over all":     func(p *types.Params) { p.AuditFloorBps = 10_001 },
		"window of one tick":       func(p *types.Params) { p.WindowTicks = 1 },
		"window too long":          func(p *types.Params) { p.WindowTicks = 1_000_001 },
		"commit of one tick":       func(p *types.Params) { p.CommitTicks = 1 },
		"commit too long":          func(p *types.Params) { p.CommitTicks = 100_001 },
		"reveal of one tick":       func(p *types.Params) { p.RevealTicks = 1 },
		"reveal too long":          func(p *types.Params) { p.RevealTicks = 100_001 },
		"tick of no time":          func(p *types.Params) { p.MinTickMs = 0 },
		"tick over a minute":       func(p *types.Params) { p.MinTickMs = 60_001 },
		"grow to two":              func(p *types.Params) { p.GrowTo, p.Quorum = 2, 2 },
		"grow to 22":               func(p *types.Params) { p.GrowTo, p.Quorum = 22, 12 },
		"two of three":             func(p *types.Params) { p.GrowTo, p.Quorum = 3, 2 }, // a coalition of 30 % gains
		"five of seven":            func(p *types.Params) { p.Quorum = 5 },
		"quorum of half":           func(p *types.Params) { p.GrowTo, p.Quorum = 8, 4 },
		"quorum under half":        func(p *types.Params) { p.Quorum = 3 },
		"quorum over the set":      func(p *types.Params) { p.Quorum = 8 },
		"quorum zero":              func(p *types.Params) { p.Quorum = 0 },
		"no re-draws":              func(p *types.Params) { p.MaxRedraws = 0 },
		"11 re-draws":              func(p *types.Params) { p.MaxRedraws = 11 },
		"runtime fee too high":     func(p *types.Params) { p.RuntimeFeeBps = 1_401 },
		"no-show free":             func(p *types.Params) { p.NoShowBps = 0 },
		"no-show over all":         func(p *types.Params) { p.NoShowBps = 10_001 },
		"no tries":                 func(p *types.Params) { p.MaxTries = 0 },
		"101 tries":                func(p *types.Params) { p.MaxTries = 101 },
		"no retention":             func(p *types.Params) { p.RetentionTicks = 0 },
		"retention too long":       func(p *types.Params) { p.RetentionTicks = 100_000_001 },
		"no deadlines":             func(p *types.Params) { p.MaxDeadlineTicks = 0 },
		"no items":                 func(p *types.Params) { p.MaxItems = 0 },
		"too many items":           func(p *types.Params) { p.MaxItems = 100_001 },
		"no lots":                  func(p *types.Params) { p.MaxLots = 0 },
		"steps are free":           func(p *types.Params) { p.StepGas = 0 },
		"no block gas":             func(p *types.Params) { p.BlockGas = 999_999 },
		"one operator":             func(p *types.Params) { p.MinOperators = 1 },
		"two candidates":           func(p *types.Params) { p.Candidates = 2 },
		"weights under one":        func(p *types.Params) { p.Weights.Price-- },
		"weights over one":         func(p *types.Params) { p.Weights.Stake++ },
		"weights that wrap around": func(p *types.Params) { p.Weights.Stake, p.Weights.Price = 1<<32-1, 550_001 },
		"no epochs":                func(p *types.Params) { p.UnfilledEpochs = 0 },
		"value under itself":       func(p *types.Params) { p.ValueBps = 9_999 },
		"two replicas at most":     func(p *types.Params) { p.MaxReplicas = 2 },
		"101 replicas":             func(p *types.Params) { p.MaxReplicas = 101 },
		"no denoms":                func(p *types.Params) { p.Denoms = nil },
		"33 denoms":                func(p *types.Params) { p.Denoms = make([]types.Denom, 33) },
		"malformed denom":          func(p *types.Params) { p.Denoms = []types.Denom{{Denom: "!", Rate: 1}} },
		"denom without a rate":     func(p *types.Params) { p.Denoms = []types.Denom{{Denom: "ibc/x"}} },
		"rate too high":            func(p *types.Params) { p.Denoms = []types.Denom{{Denom: "ibc/x", Rate: 1<<40 + 1}} },
		"expires before 1970":      func(p *types.Params) { p.Denoms = []types.Denom{{Denom: "ibc/x", Rate: 1, Expires: -1}} },
		"base denom at a discount": func(p *types.Params) { p.Denoms[0].Rate-- },
		"base denom that expires":  func(p *types.Params) { p.Denoms[0].Expires = 1 },
		"denom listed twice":       func(p *types.Params) { p.Denoms = append(p.Denoms, p.Denoms[0]) },
		"sessions for nothing":     func(p *types.Params) { p.Session.MinDeposit = 0 },
		"sessions too dear":        func(p *types.Params) { p.Session.MinDeposit = types.MaxPrice + 1 },
		"sessions of no time":      func(p *types.Params) { p.Session.MaxTicks = 0 },
		"sessions without end":     func(p *types.Params) { p.Session.MaxTicks = 100_000_001 },
		"dispute of one tick":      func(p *types.Params) { p.Session.DisputeTicks = 1 },
		"dispute too long":         func(p *types.Params) { p.Session.DisputeTicks = 100_000_001 },
		"dispute under a day":      func(p *types.Params) { p.Session.DisputeSeconds = 86_399 },
		"dispute over a year":      func(p *types.Params) { p.Session.DisputeSeconds = 365*86_400 + 1 },
		"no grace":                 func(p *types.Params) { p.Session.GraceTicks = 0 },
		"grace too long":           func(p *types.Params) { p.Session.GraceTicks = 1_000_001 },
		"no notice":                func(p *types.Params) { p.Session.NoticeTicks = 0 },
		"notice too long":          func(p *types.Params) { p.Session.NoticeTicks = 1_000_001 },
		"low over all":             func(p *types.Params) { p.Session.LowBps = 10_001 },
	}
}

// goodParams are on the right side of the same bounds.
func goodParams() map[string]func(*types.Params) {
	return map[string]func(*types.Params){
		"default":              func(*types.Params) {},
		"all is shared":        func(p *types.Params) { p.Split = types.Split{TreasuryBps: 5_000, BurnBps: 5_000} },
		"treasury just enough": func(p *types.Params) { p.Split.TreasuryBps = 250 },
		"least floor":          func(p *types.Params) { p.AuditFloorBps = 100 },
		"all audited":          func(p *types.Params) { p.AuditFloorBps, p.Split.TreasuryBps = 10_000, 5_000 },
		"least phases":         func(p *types.Params) { p.WindowTicks, p.CommitTicks, p.RevealTicks = 2, 2, 2 },
		"three of five":        func(p *types.Params) { p.GrowTo, p.Quorum = 5, 3 },
		"thirteen of 21":       func(p *types.Params) { p.GrowTo, p.Quorum = 21, 13 },
		"highest rate":         func(p *types.Params) { p.Denoms = []types.Denom{{Denom: "ibc/x", Rate: 1 << 40}} },
		"fee of 14 %":          func(p *types.Params) { p.RuntimeFeeBps = 1_400 },
	}
}

func TestUpdateParams(t *testing.T) {
	type message = types.MsgUpdateParams
	tests := map[string]struct {
		edit func(*message)
		err  error
	}{
		"requester signs": {func(m *message) { m.Authority = sim.Text(requester) }, types.ErrInvalidAuthority},
		"module signs":    {func(m *message) { m.Authority = sim.Text(marketAccount) }, types.ErrInvalidAuthority},
		"nobody signs":    {func(m *message) { m.Authority = "" }, sdkerrors.ErrInvalidAddress},
		"other network":   {func(m *message) { m.Authority = "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a" }, sdkerrors.ErrInvalidAddress},
		"no params":       {func(m *message) { m.Params = types.Params{} }, types.ErrInvalidParams},
	}
	for name, edit := range badParams() {
		tests[name] = struct {
			edit func(*message)
			err  error
		}{func(m *message) { edit(&m.Params) }, types.ErrInvalidParams}
	}
	for name, edit := range goodParams() {
		tests[name] = struct {
			edit func(*message)
			err  error
		}{func(m *message) { edit(&m.Params) }, nil}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 0) // default windows: the bonds outlast them
			msg := message{Authority: sim.Text(sim.Gov), Params: types.DefaultParams()}
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error {
				_, err := c.Msgs().UpdateParams(ctx, &msg)
				return err
			})
			version, params, err := c.Market.CurrentParams(c.Ctx)
			require.NoError(t, err)
			if tc.err == nil {
				require.EqualValues(t, 2, version)
				require.Equal(t, msg.Params, params)
			} else {
				require.EqualValues(t, 1, version)
			}
		})
	}
}

func TestEndParams(t *testing.T) {
	type message = types.MsgEndParams
	version := func(n uint32) func(*message) { return func(m *message) { m.Version = n } }
	tests := map[string]struct {
		edit func(*message)
		err  error
	}{
		"the one before":     {version(2), nil},
		"the first":          {version(1), nil},
		"the current one":    {version(3), types.ErrUnknownVersion},
		"the next one":       {version(4), types.ErrUnknownVersion},
		"none":               {version(0), types.ErrUnknownVersion},
		"the greatest":       {version(1<<32 - 1), types.ErrUnknownVersion},
		"requester signs":    {func(m *message) { m.Authority = sim.Text(requester) }, types.ErrInvalidAuthority},
		"nobody signs":       {func(m *message) { m.Authority = "" }, sdkerrors.ErrInvalidAddress},
		"signer is no text":  {func(m *message) { m.Authority = "\x00" }, sdkerrors.ErrInvalidAddress},
		"of another network": {func(m *message) { m.Authority = "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a" }, sdkerrors.ErrInvalidAddress},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 0) // default windows: the bonds outlast them
			for range 2 {
				_, err := c.Market.AddParams(c.Ctx, types.DefaultParams())
				require.NoError(t, err)
			}
			msg := message{Authority: sim.Text(sim.Gov), Version: 1}
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error {
				_, err := c.Msgs().EndParams(ctx, &msg)
				return err
			})
			if tc.err == nil {
				res, err := c.Query().Params(c.Ctx, &types.QueryParamsRequest{Version: msg.Version})
				require.NoError(t, err)
				require.True(t, res.Ended)
			}
		})
	}
}
