// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// chat is a class that is metered in tokens; the workers of a parlour ask 30
// per 1,000.
const (
	chat     = "llm/v1"
	chatAsk  = 30
	sessions = 100_000 // deposit of a session of the tests
)

// voucherKey returns a key of a requester.
func voucherKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicKey(name string) []byte { return voucherKey(name).Public().(ed25519.PublicKey) }

// parlour is a chain whose workers sell tokens.
func parlour(t testing.TB, workers int, edits ...func(sim.Genesis)) *sim.Chain {
	c := newMarket(t, workers, append([]func(sim.Genesis){shortWindows, func(g sim.Genesis) {
		g.Registry.Classes = append(g.Registry.Classes, registrytypes.Class{Id: 3, Name: chat, Unit: registrytypes.UnitToken})
	}}, edits...)...)
	require.NoError(t, c.Bank.Mint(c.Ctx, requester, otherDenom, sim.CUPEL))
	for _, w := range c.Workers {
		w.Silent = true
		_, err := registrykeeper.NewMsgServer(c.Registry).UpdateProvider(c.Ctx, &registrytypes.MsgUpdateProvider{
			Operator: sim.Text(w.Operator), Payout: sim.Text(w.Payout), Endpoint: "http://" + string(w.Operator[:2]),
			Resources: []registrytypes.Resource{{Class: sim.Class, Count: 8, Price: 800}, {Class: chat, Count: 8, Price: chatAsk}},
		})
		require.NoError(t, err)
	}
	return c
}

// opening is a valid MsgOpenSession with the first worker.
func opening(c *sim.Chain) types.MsgOpenSession {
	return types.MsgOpenSession{
		Requester: sim.Text(requester), Provider: sim.Text(c.Workers[0].Operator), Class: chat,
		Denom: sim.Denom, Deposit: sessions, MaxPrice: chatAsk, VoucherKey: publicKey("k"), Duration: 40,
	}
}

func openSession(t testing.TB, c *sim.Chain, m types.MsgOpenSession) uint64 {
	res, err := c.Msgs().OpenSession(c.Ctx, &m)
	require.NoError(t, err)
	return res.Session
}

// sign signs a voucher for so many tokens at the price of the tests.
func sign(t require.TestingT, key string, session, sequence, units uint64) types.SessionVoucher {
	return signOn(t, sim.ChainID, key, voucher.Voucher{
		Session: session, Sequence: sequence, Units: units, Amount: (units*chatAsk + 999) / 1_000,
		Receipts: sha256.Sum256([]byte{byte(sequence)}),
	})
}

func signOn(t require.TestingT, chain, key string, v voucher.Voucher) types.SessionVoucher {
	v.ChainID = chain
	s, err := voucher.Sign(voucherKey(key), v)
	require.NoError(t, err)
	return types.NewSessionVoucher(s)
}

func redeem(c *sim.Chain, vouchers ...types.SessionVoucher) (*types.MsgRedeemResponse, error) {
	return c.Msgs().Redeem(c.Ctx, &types.MsgRedeem{Sender: sim.Text(sim.Addr("anybody")), Vouchers: vouchers})
}

func sessionOf(t testing.TB, c *sim.Chain, id uint64) types.QuerySessionResponse {
	res, err := c.Query().Session(c.Ctx, &types.QuerySessionRequest{Session: id})
	require.NoError(t, err)
	return *res
}

// aDay runs a block that lasts a day, and more than the ticks of a dispute window.
func aDay(t testing.TB, c *sim.Chain) {
	c.BlockTime = 25 * time.Hour
	require.NoError(t, c.Block())
	c.BlockTime = time.Second
	require.NoError(t, c.Blocks(9))
}

// crankSession does the due step of a session.
func crankSession(c *sim.Chain, id uint64) error {
	_, err := c.Msgs().Crank(c.Ctx, &types.MsgCrank{Sender: sim.Text(requester), Steps: []types.Step{{Kind: types.StepSession, Batch: id}}})
	return err
}

func closeSession(c *sim.Chain, sender sdk.AccAddress, id uint64) (*types.MsgCloseSessionResponse, error) {
	return c.Msgs().CloseSession(c.Ctx, &types.MsgCloseSession{Sender: sim.Text(sender), Session: id})
}

// TestSession follows a session from its deposit to its pruning.
func TestSession(t *testing.T) {
	c := parlour(t, 1)
	w := c.Workers[0]
	before, paid := c.Balance(requester), c.Balance(w.Payout)
	id := openSession(t, c, opening(c))
	require.Equal(t, before-sessions, c.Balance(requester))
	v := sessionOf(t, c, id)
	require.Equal(t, []any{types.SessionActive, uint64(sessions), uint64(chatAsk), uint64(1_000), chat},
		[]any{v.State, v.Remaining, v.Session.Price, v.Session.Scale, v.Class})
	require.Equal(t, []string{sim.Text(requester), sim.Text(w.Operator)}, []string{v.Requester, v.Operator})

	require.NoError(t, c.Blocks(3))
	res, err := redeem(c, sign(t, "k", id, 9, 1_000_000))
	require.NoError(t, err)
	require.Equal(t, []uint64{30_000}, res.Earned)
	require.Equal(t, paid+13_500, c.Balance(w.Payout), "50 %% treasury and 5 %% burn here")

	closing, err := closeSession(c, requester, id)
	require.NoError(t, err)
	require.Equal(t, types.SessionClosing, closing.State)
	require.Equal(t, before-sessions, c.Balance(requester), "the deposit stays whole")
	res, err = redeem(c, sign(t, "k", id, 10, 2_000_000))
	require.NoError(t, err, "the window is for that")
	require.Equal(t, []uint64{30_000}, res.Earned)

	require.NoError(t, c.Blocks(3))
	require.Equal(t, types.SessionClosing, sessionOf(t, c, id).State)
	aDay(t, c)
	v = sessionOf(t, c, id)
	require.Equal(t, types.SessionClosed, v.State)
	require.Equal(t, types.SessionReasonRequester, v.Session.Reason)
	require.Equal(t, before-60_000, c.Balance(requester))
	require.Equal(t, paid+27_000, c.Balance(w.Payout))
	require.Zero(t, c.Balance(marketAccount))
	require.NoError(t, c.Check())

	c.BlockTime = time.Minute
	require.NoError(t, c.Blocks(31))
	_, err = c.Query().Session(c.Ctx, &types.QuerySessionRequest{Session: id})
	require.Error(t, err, "pruned after the retention")
	require.Empty(t, exported(t, c).Market.Sessions)
}

func TestOpenSession(t *testing.T) {
	type message = types.MsgOpenSession
	tests := map[string]struct {
		edit func(*message)
		err  error
	}{
		"valid":                   {func(*message) {}, nil},
		"in another denom":        {func(m *message) { m.Denom = otherDenom }, nil},
		"least deposit":           {func(m *message) { m.Deposit = 100 }, nil},
		"least, by its rate":      {func(m *message) { m.Deposit, m.Denom = 40, otherDenom }, nil},
		"of fuel":                 {func(m *message) { m.Class, m.MaxPrice = sim.Class, 800 }, nil},
		"with a higher ceiling":   {func(m *message) { m.MaxPrice = types.MaxPrice }, nil},
		"longest":                 {func(m *message) { m.Duration = 60 }, nil},
		"shortest":                {func(m *message) { m.Duration = 1 }, nil},
		"no key":                  {func(m *message) { m.VoucherKey = nil }, types.ErrInvalidVoucherKey},
		"short key":               {func(m *message) { m.VoucherKey = m.VoucherKey[1:] }, types.ErrInvalidVoucherKey},
		"private key":             {func(m *message) { m.VoucherKey = voucherKey("k") }, types.ErrInvalidVoucherKey},
		"key of low order":        {func(m *message) { m.VoucherKey = make([]byte, 32) }, types.ErrInvalidVoucherKey},
		"no deposit":              {func(m *message) { m.Deposit = 0 }, types.ErrInvalidDeposit},
		"dust":                    {func(m *message) { m.Deposit = 99 }, types.ErrInvalidDeposit},
		"dust, by its rate":       {func(m *message) { m.Deposit, m.Denom = 39, otherDenom }, types.ErrInvalidDeposit},
		"64-bit deposit":          {func(m *message) { m.Deposit = 1 << 63 }, types.ErrInvalidDeposit},
		"deposit beyond its rate": {func(m *message) { m.Deposit, m.Denom = 1<<62, otherDenom }, types.ErrAmountTooLarge},
		"no ceiling":              {func(m *message) { m.MaxPrice = 0 }, types.ErrInvalidPrice},
		"ceiling at the rate":     {func(m *message) { m.Denom, m.MaxPrice = otherDenom, 12 }, nil},
		"ceiling below the rate":  {func(m *message) { m.Denom, m.MaxPrice = otherDenom, 11 }, types.ErrInvalidPrice},
		"ceiling below the ask":   {func(m *message) { m.MaxPrice = chatAsk - 1 }, types.ErrInvalidPrice},
		"ceiling too high":        {func(m *message) { m.MaxPrice = types.MaxPrice + 1 }, types.ErrInvalidPrice},
		"no duration":             {func(m *message) { m.Duration = 0 }, types.ErrInvalidDuration},
		"too long":                {func(m *message) { m.Duration = 61 }, types.ErrInvalidDuration},
		"no denom":                {func(m *message) { m.Denom = "" }, types.ErrInvalidDenom},
		"denom not accepted":      {func(m *message) { m.Denom = "ibc/none" }, types.ErrInvalidDenom},
		"no class":                {func(m *message) { m.Class = "" }, types.ErrInvalidClass},
		"unknown class":           {func(m *message) { m.Class = "llm/v2" }, types.ErrInvalidClass},
		"class nobody offers":     {func(m *message) { m.Class = unsound }, types.ErrInvalidHire},
		"no provider":             {func(m *message) { m.Provider = "" }, types.ErrInvalidHire},
		"unknown provider":        {func(m *message) { m.Provider = sim.Text(requester) }, types.ErrInvalidHire},
		"provider by its worker":  {func(m *message) { m.Provider = sim.Text(sim.Addr("hot")) }, types.ErrInvalidHire},
		"malformed provider":      {func(m *message) { m.Provider = "w0" }, types.ErrInvalidHire},
		"more than is there":      {func(m *message) { m.Deposit = 1 << 60 }, errFunds},
		"requester without coins": {func(m *message) { m.Requester = sim.Text(sim.Addr("poor")) }, errFunds},
	}
	for name, text := range addressCases() {
		tests["requester "+name] = struct {
			edit func(*message)
			err  error
		}{func(m *message) { m.Requester = text }, errAddress}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := parlour(t, 1)
			msg := opening(c)
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error { _, err := c.Msgs().OpenSession(ctx, &msg); return err })
		})
	}
}

// TestOpenSessionNeedsAnActiveProvider checks every way to be no provider.
func TestOpenSessionNeedsAnActiveProvider(t *testing.T) {
	msgs := func(c *sim.Chain) registrytypes.MsgServer { return registrykeeper.NewMsgServer(c.Registry) }
	tests := map[string]func(*sim.Chain) error{
		"jailed": func(c *sim.Chain) error { return c.Registry.Jail(c.Ctx, c.Workers[0].ID, "test") },
		"draining": func(c *sim.Chain) error {
			_, err := msgs(c).Drain(c.Ctx, &registrytypes.MsgDrain{Signer: sim.Text(c.Workers[0].Operator), Drain: true})
			return err
		},
		"leaving": func(c *sim.Chain) error {
			_, err := msgs(c).Deregister(c.Ctx, &registrytypes.MsgDeregister{Operator: sim.Text(c.Workers[0].Operator)})
			return err
		},
	}
	for name, given := range tests {
		t.Run(name, func(t *testing.T) {
			c := parlour(t, 1)
			old := openSession(t, c, opening(c))
			require.NoError(t, given(c))
			msg := opening(c)
			attempt(t, c, types.ErrInvalidHire, func(ctx context.Context) error { _, err := c.Msgs().OpenSession(ctx, &msg); return err })
			_, err := redeem(c, sign(t, "k", old, 1, 1_000))
			require.NoError(t, err, "what was earned is paid whatever became of the provider")
		})
	}
}

// TestTokensAreSoldInSessionsOnly checks that no batch is metered in tokens.
func TestTokensAreSoldInSessionsOnly(t *testing.T) {
	c := parlour(t, 1)
	m := sim.Submit(requester)
	m.Class, m.Deadline = chat, 10
	_, err := c.Buy(m)
	require.ErrorIs(t, err, types.ErrInvalidClass)
	require.ErrorContains(t, err, "sessions")
}
