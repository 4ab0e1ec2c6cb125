// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// pausedSession has used up its deposit.
func pausedSession(t *testing.T, c *sim.Chain) {
	_, err := redeem(c, sign(t, "k", 1, 1, 10_000_000))
	require.NoError(t, err)
	require.Equal(t, types.SessionPaused, sessionOf(t, c, 1).State)
}

func closingSession(t *testing.T, c *sim.Chain) {
	_, err := closeSession(c, requester, 1)
	require.NoError(t, err)
}

func closedSession(t *testing.T, c *sim.Chain) {
	_, err := closeSession(c, c.Workers[0].Operator, 1)
	require.NoError(t, err)
}

// expiredSession is over by the clock, and no block has seen it.
func expiredSession(t *testing.T, c *sim.Chain) { later(t, c, 41) }

func endedParams(t *testing.T, c *sim.Chain) {
	_, p, err := c.Market.CurrentParams(c.Ctx)
	require.NoError(t, err)
	_, err = c.Market.AddParams(c.Ctx, p)
	require.NoError(t, err)
	require.NoError(t, c.Market.EndParams(c.Ctx, 1))
}

func TestTopUp(t *testing.T) {
	type message = types.MsgTopUp
	none := func(*message) {}
	tests := map[string]struct {
		given func(*testing.T, *sim.Chain)
		edit  func(*message)
		err   error
	}{
		"valid":            {nil, none, nil},
		"one unit":         {nil, func(m *message) { m.Amount = 1 }, nil},
		"while paused":     {pausedSession, none, nil},
		"while closing":    {closingSession, none, types.ErrSessionClosing},
		"after the close":  {closedSession, none, types.ErrSessionClosing},
		"after expiry":     {expiredSession, none, types.ErrSessionClosing},
		"after the grace":  {func(t *testing.T, c *sim.Chain) { pausedSession(t, c); later(t, c, 5) }, none, types.ErrSessionClosing},
		"of ended params":  {endedParams, none, types.ErrSessionClosing},
		"nothing":          {nil, func(m *message) { m.Amount = 0 }, types.ErrInvalidDeposit},
		"64 bits":          {nil, func(m *message) { m.Amount = 1<<63 - sessions }, types.ErrInvalidDeposit},
		"wraps around":     {nil, func(m *message) { m.Amount = 1<<64 - 1 }, types.ErrInvalidDeposit},
		"more than is had": {nil, func(m *message) { m.Amount = 1 << 60 }, errFunds},
		"no session":       {nil, func(m *message) { m.Session = 0 }, types.ErrSessionNotFound},
		"a later session":  {nil, func(m *message) { m.Session = 2 }, types.ErrSessionNotFound},
		"by the provider":  {nil, func(m *message) { m.Requester = sim.Text(sim.Addr("w0")) }, types.ErrNotRequester},
		"by a stranger":    {nil, func(m *message) { m.Requester = sim.Text(sim.Addr("stranger")) }, types.ErrNotRequester},
	}
	for name, text := range addressCases() {
		tests["requester "+name] = struct {
			given func(*testing.T, *sim.Chain)
			edit  func(*message)
			err   error
		}{nil, func(m *message) { m.Requester = text }, errAddress}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := parlour(t, 1)
			openSession(t, c, opening(c))
			if tc.given != nil {
				tc.given(t, c)
			}
			msg := message{Requester: sim.Text(requester), Session: 1, Amount: 10_000}
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error { _, err := c.Msgs().TopUp(ctx, &msg); return err })
			if tc.err == nil {
				v := sessionOf(t, c, 1)
				require.Equal(t, types.SessionActive, v.State)
				require.Equal(t, sessions+msg.Amount, v.Session.Deposit)
			}
		})
	}
}

func TestCloseSession(t *testing.T) {
	provider := func(c *sim.Chain) sdk.AccAddress { return c.Workers[0].Operator }
	hot := func(c *sim.Chain) sdk.AccAddress { return c.Workers[0].Hot }
	owner := func(*sim.Chain) sdk.AccAddress { return requester }
	tests := map[string]struct {
		given  func(*testing.T, *sim.Chain)
		sender func(*sim.Chain) sdk.AccAddress
		err    error
		state  types.SessionState
		reason types.SessionReason
		refund uint64
	}{
		"by the requester":           {nil, owner, nil, types.SessionClosing, types.SessionReasonRequester, 0},
		"by the operator":            {nil, provider, nil, types.SessionClosed, types.SessionReasonProvider, sessions},
		"by the worker":              {nil, hot, nil, types.SessionClosed, types.SessionReasonProvider, sessions},
		"by the payout address":      {nil, func(c *sim.Chain) sdk.AccAddress { return c.Workers[0].Payout }, types.ErrNotParty, 0, 0, 0},
		"by another provider":        {nil, func(c *sim.Chain) sdk.AccAddress { return c.Workers[1].Operator }, types.ErrNotParty, 0, 0, 0},
		"by a stranger":              {nil, func(*sim.Chain) sdk.AccAddress { return sim.Addr("stranger") }, types.ErrNotParty, 0, 0, 0},
		"twice":                      {closingSession, owner, nil, types.SessionClosing, types.SessionReasonRequester, 0},
		"by both":                    {closingSession, hot, nil, types.SessionClosed, types.SessionReasonProvider, sessions},
		"again by the requester":     {closedSession, owner, nil, types.SessionClosed, types.SessionReasonProvider, 0},
		"again by the provider":      {closedSession, hot, nil, types.SessionClosed, types.SessionReasonProvider, 0},
		"paused, by the requester":   {pausedSession, owner, nil, types.SessionClosed, types.SessionReasonRequester, 0},
		"expired, by the requester":  {expiredSession, owner, nil, types.SessionClosing, types.SessionReasonExpired, 0},
		"expired, by the provider":   {expiredSession, hot, nil, types.SessionClosed, types.SessionReasonProvider, sessions},
		"of ended params, requester": {endedParams, owner, nil, types.SessionClosing, types.SessionReasonParamsEnded, 0},
		"window over, by requester": {func(t *testing.T, c *sim.Chain) {
			closingSession(t, c)
			c.BlockTime = 12 * time.Hour
			later(t, c, 9)
		}, owner, nil, types.SessionClosed, types.SessionReasonRequester, sessions},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := parlour(t, 2)
			openSession(t, c, opening(c))
			if tc.given != nil {
				tc.given(t, c)
			}
			msg := types.MsgCloseSession{Sender: sim.Text(tc.sender(c)), Session: 1}
			attempt(t, c, tc.err, func(ctx context.Context) error {
				res, err := c.Msgs().CloseSession(ctx, &msg)
				if err == nil {
					require.Equal(t, []any{tc.state, tc.refund}, []any{res.State, res.Refund})
					require.Equal(t, tc.state == types.SessionClosing, res.Due != 0)
				}
				return err
			})
			if tc.err == nil {
				require.Equal(t, tc.reason, sessionOf(t, c, 1).Session.Reason)
			}
		})
	}
	c := parlour(t, 1)
	attempt(t, c, types.ErrSessionNotFound, func(context.Context) error { _, err := closeSession(c, requester, 1); return err })
	for _, text := range addressCases() {
		attempt(t, c, errAddress, func(ctx context.Context) error {
			_, err := c.Msgs().CloseSession(ctx, &types.MsgCloseSession{Sender: text, Session: 1})
			return err
		})
	}
}

// TestSessionExpires checks that expiry opens a window of a day in which the
// provider redeems, also if no block and no crank has seen the expiry yet.
func TestSessionExpires(t *testing.T) {
	for name, seen := range map[string]bool{"by a block": true, "by a redeem": false} {
		t.Run(name, func(t *testing.T) {
			c := parlour(t, 1)
			before := c.Balance(requester)
			openSession(t, c, opening(c))
			if seen {
				require.NoError(t, c.Blocks(42))
			} else {
				later(t, c, 5_000) // nobody looked for longer than the window
			}
			require.Equal(t, types.SessionClosing, sessionOf(t, c, 1).State)
			res, err := redeem(c, sign(t, "k", 1, 1, 1_000_000))
			require.NoError(t, err)
			require.Equal(t, []uint64{30_000}, res.Earned)
			aDay(t, c)
			v := sessionOf(t, c, 1)
			require.Equal(t, []any{types.SessionClosed, types.SessionReasonExpired}, []any{v.State, v.Session.Reason})
			require.Equal(t, before-30_000, c.Balance(requester))
			_, err = redeem(c, sign(t, "k", 1, 2, 2_000_000))
			require.ErrorIs(t, err, types.ErrSessionClosed)
		})
	}
}

// TestSessionWindowNeedsTicksAndSeconds checks both floors of the window.
func TestSessionWindowNeedsTicksAndSeconds(t *testing.T) {
	c := parlour(t, 1)
	openSession(t, c, opening(c))
	closingSession(t, c)
	require.NoError(t, c.Blocks(300))
	require.Equal(t, types.SessionClosing, sessionOf(t, c, 1).State, "ticks without time")
	require.ErrorIs(t, crankSession(c, 1), types.ErrNotDue)
	c.BlockTime = 24 * time.Hour
	require.NoError(t, c.Block())
	require.NoError(t, crankSession(c, 1))
	require.Zero(t, c.Balance(marketAccount))

	c = parlour(t, 1)
	openSession(t, c, opening(c))
	closingSession(t, c)
	c.Tripped[sdk.MsgTypeURL(&types.MsgRedeem{})] = true
	c.BlockTime = time.Hour
	require.NoError(t, c.Blocks(100))
	require.Equal(t, types.SessionClosing, sessionOf(t, c, 1).State, "time without ticks")
	c.Tripped[sdk.MsgTypeURL(&types.MsgRedeem{})] = false
	require.NoError(t, c.Blocks(6))
	require.ErrorIs(t, crankSession(c, 1), types.ErrNotDue)
	require.NoError(t, c.Blocks(4))
	require.Zero(t, c.Balance(marketAccount), "a block did it")
	require.NoError(t, c.Check())
}

// TestSessionPause checks the grace of a session without deposit.
func TestSessionPause(t *testing.T) {
	c := parlour(t, 1)
	openSession(t, c, opening(c))
	pausedSession(t, c)
	_, err := c.Msgs().TopUp(c.Ctx, &types.MsgTopUp{Requester: sim.Text(requester), Session: 1, Amount: 50_000})
	require.NoError(t, err)
	require.NoError(t, c.Blocks(8))
	require.Equal(t, types.SessionActive, sessionOf(t, c, 1).State, "the grace was over long ago")

	// The voucher that paused it was worth more than the deposit then.
	res, err := redeem(c, sign(t, "k", 1, 1, 10_000_000))
	require.NoError(t, err)
	require.Equal(t, []uint64{50_000}, res.Earned)
	require.Equal(t, types.SessionPaused, sessionOf(t, c, 1).State)
	require.NoError(t, c.Blocks(6))
	v := sessionOf(t, c, 1)
	require.Equal(t, []any{types.SessionClosed, types.SessionReasonExhausted}, []any{v.State, v.Session.Reason})
	require.Zero(t, c.Balance(marketAccount))
	require.NoError(t, c.Check())
}

// TestSessionLowFunds warns once before the deposit is used up, and again
// after a top-up.
func TestSessionLowFunds(t *testing.T) {
	c := parlour(t, 1)
	openSession(t, c, opening(c))
	require.NoError(t, c.Blocks(5))
	c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
	_, err := redeem(c, sign(t, "k", 1, 1, 1_000_000)) // 30,000 of 100,000 in 5 ticks
	require.NoError(t, err)
	require.Empty(t, c.Events(types.EventFlatSessionLowFunds))
	runway, err := c.Query().Runway(c.Ctx, &types.QueryRunwayRequest{Session: 1})
	require.NoError(t, err)
	require.Equal(t, []uint64{70_000, 2_333_333, 6_000_000_000, 11, 11},
		[]uint64{runway.Remaining, runway.Units, runway.Rate, runway.Ticks, runway.Seconds})
	depleting, err := c.Query().Depleting(c.Ctx, &types.QueryDepletingRequest{})
	require.NoError(t, err)
	require.Equal(t, []types.DepletingSession{{Session: 1, Depletes: runway.Depletes}}, depleting.Sessions)

	warned := 0
	for range 12 { // 5 ticks before the end at this rate
		c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
		manager := c.Ctx.EventManager()
		require.NoError(t, c.Block())
		for _, e := range manager.Events() {
			if e.Type == types.EventFlatSessionLowFunds {
				warned++
			}
		}
	}
	require.Equal(t, 1, warned)
	require.True(t, sessionOf(t, c, 1).Session.Low)
	_, err = c.Msgs().TopUp(c.Ctx, &types.MsgTopUp{Requester: sim.Text(requester), Session: 1, Amount: 900_000})
	require.NoError(t, err)
	require.False(t, sessionOf(t, c, 1).Session.Low)
	_, err = redeem(c, sign(t, "k", 1, 2, 30_000_000)) // 900,000 of 1,000,000
	require.NoError(t, err)
	require.Len(t, c.Events(types.EventFlatSessionLowFunds), 1, "a fifth of the deposit or less is left")
}

// TestSessionCrank does every due step without a block.
func TestSessionCrank(t *testing.T) {
	c := parlour(t, 1)
	openSession(t, c, opening(c))
	require.ErrorIs(t, crankSession(c, 1), types.ErrNotDue)
	later(t, c, 41)
	require.NoError(t, crankSession(c, 1), "expiry")
	require.ErrorIs(t, crankSession(c, 1), types.ErrNotDue)
	c.BlockTime = 3 * time.Hour
	later(t, c, 9)
	require.NoError(t, crankSession(c, 1), "refund")
	require.Zero(t, c.Balance(marketAccount))
	require.ErrorIs(t, crankSession(c, 1), types.ErrNotDue)
	later(t, c, 31)
	require.NoError(t, crankSession(c, 1), "pruning")
	require.ErrorIs(t, crankSession(c, 1), types.ErrSessionNotFound)
	c.BlockTime = time.Second
	require.NoError(t, c.Blocks(3))
	require.NoError(t, c.Check())
	require.Empty(t, exported(t, c).Market.Queue)
}

// TestSessionSurvivesItsProvider pays and refunds after the provider has gone.
func TestSessionSurvivesItsProvider(t *testing.T) {
	c := parlour(t, 1)
	w := c.Workers[0]
	openSession(t, c, opening(c))
	_, err := registrykeeper.NewMsgServer(c.Registry).Deregister(c.Ctx, &registrytypes.MsgDeregister{Operator: sim.Text(w.Operator)})
	require.NoError(t, err)
	require.NoError(t, c.Blocks(39))
	_, err = redeem(c, sign(t, "k", 1, 1, 1_000_000))
	require.NoError(t, err)
	require.EqualValues(t, 13_500, c.Balance(w.Payout))
	require.NoError(t, c.Blocks(4))
	require.Equal(t, types.SessionClosing, sessionOf(t, c, 1).State)
	aDay(t, c)
	require.Equal(t, types.SessionClosed, sessionOf(t, c, 1).State)
	require.Zero(t, c.Balance(marketAccount))
}

// TestSessionQueries pages through the indexes.
func TestSessionQueries(t *testing.T) {
	c := parlour(t, 2)
	for i := range 5 {
		m := opening(c)
		m.Provider = sim.Text(c.Workers[i%2].Operator)
		openSession(t, c, m)
	}
	count := func(req types.QuerySessionsRequest) int {
		res, err := c.Query().Sessions(c.Ctx, &req)
		require.NoError(t, err)
		return len(res.Sessions)
	}
	require.Equal(t, 5, count(types.QuerySessionsRequest{}))
	require.Equal(t, 5, count(types.QuerySessionsRequest{Requester: sim.Text(requester)}))
	require.Zero(t, count(types.QuerySessionsRequest{Requester: sim.Text(sim.Addr("nobody"))}))
	require.Equal(t, 3, count(types.QuerySessionsRequest{Provider: c.Workers[0].ID}))
	require.Equal(t, 2, count(types.QuerySessionsRequest{Provider: c.Workers[1].ID}))
	for name, ask := range map[string]func() error{
		"requester": func() error {
			_, err := c.Query().Sessions(c.Ctx, &types.QuerySessionsRequest{Requester: "x"})
			return err
		},
		"session":       func() error { _, err := c.Query().Session(c.Ctx, &types.QuerySessionRequest{Session: 9}); return err },
		"runway":        func() error { _, err := c.Query().Runway(c.Ctx, &types.QueryRunwayRequest{}); return err },
		"nil session":   func() error { _, err := c.Query().Session(c.Ctx, nil); return err },
		"nil sessions":  func() error { _, err := c.Query().Sessions(c.Ctx, nil); return err },
		"nil runway":    func() error { _, err := c.Query().Runway(c.Ctx, nil); return err },
		"nil depleting": func() error { _, err := c.Query().Depleting(c.Ctx, nil); return err },
	} {
		require.Error(t, ask(), name)
	}
}
