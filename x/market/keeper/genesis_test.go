// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// states are chains in the middle of something.
func states() map[string]func(*testing.T) *sim.Chain {
	return map[string]func(*testing.T) *sim.Chain{
		"empty":      func(t *testing.T) *sim.Chain { return newMarket(t, 0, shortWindows) },
		"open":       func(t *testing.T) *sim.Chain { return running(t, 0, 1) },
		"assigned":   func(t *testing.T) *sim.Chain { return running(t, 5, 1) },
		"committed":  func(t *testing.T) *sim.Chain { return running(t, 5, 2) },
		"agreed":     func(t *testing.T) *sim.Chain { return running(t, 5, 4) },
		"mid-case":   func(t *testing.T) *sim.Chain { return disputed(t, 9) },
		"drawing":    func(t *testing.T) *sim.Chain { return disputed(t, 5) },
		"settled":    func(t *testing.T) *sim.Chain { return running(t, 5, 45) },
		"pruned":     func(t *testing.T) *sim.Chain { return running(t, 0, 70) },
		"everything": everything,
		"sessions":   inSession,
		"votes":      func(t *testing.T) *sim.Chain { c, _ := polled(t, types.CommitteePhaseReveal); return c },
		"quotes":     quoting,
	}
}

// running has two batches, submitted some blocks ago.
func running(t *testing.T, workers, blocks int) *sim.Chain {
	c := newMarket(t, workers, shortWindows)
	submit(t, c, lotOrder())
	m := sim.Optimistic(lotOrder())
	m.Deadline = 30
	submit(t, c, m)
	require.NoError(t, c.Blocks(blocks))
	return c
}

// disputed has a case of a set that grows.
func disputed(t *testing.T, workers int) *sim.Chain {
	c := newMarket(t, workers, shortWindows)
	for i := range 3 {
		c.Workers[i].Run = sim.Wrong
	}
	for range 3 {
		submit(t, c, lotOrder())
	}
	found, err := c.Until(20, func() (bool, error) {
		g, err := c.Market.ExportGenesis(c.Ctx)
		return err == nil && len(g.Cases) > 0, err
	})
	require.NoError(t, err)
	require.True(t, found)
	return c
}

// everything has pending payouts, cases, unbonding coins, claimables, a parked
// batch, an ended version and a jailed provider.
func everything(t *testing.T) *sim.Chain {
	c := disputed(t, 9)
	m := lotOrder()
	m.MaxPrice, m.Deadline = 1, 60
	batch := submit(t, c, m)
	m.ManifestInline, m.ManifestUri = nil, "https://example.com/m.json"
	submit(t, c, m)
	require.NoError(t, c.Blocks(3))
	c.Bank.Blocked[string(requester)] = true
	_, err := c.Msgs().Cancel(c.Ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: batch})
	require.NoError(t, err)
	for range 2 {
		_, p, err := c.Market.CurrentParams(c.Ctx)
		require.NoError(t, err)
		_, err = c.Market.AddParams(c.Ctx, p)
		require.NoError(t, err)
	}
	require.NoError(t, c.Market.EndParams(c.Ctx, 2))
	_, err = registrykeeper.NewMsgServer(c.Registry).Unbond(c.Ctx, &registrytypes.MsgUnbond{
		Operator: sim.Text(c.Workers[8].Operator), Amount: sdk.NewInt64Coin(sim.Denom, 100*int64(sim.CUPEL)),
	})
	require.NoError(t, err)
	require.NoError(t, c.Registry.Jail(c.Ctx, c.Workers[7].ID, "test"))
	return c
}

// inSession has a session in every state.
func inSession(t *testing.T) *sim.Chain {
	c := parlour(t, 2)
	for range 5 {
		openSession(t, c, opening(c))
	}
	require.NoError(t, c.Blocks(4))
	_, err := redeem(c, sign(t, "k", 1, 1, 1_000_000), sign(t, "k", 2, 1, 9_000_000), sign(t, "k", 3, 1, 3_000_000))
	require.NoError(t, err)
	_, err = closeSession(c, requester, 4)
	require.NoError(t, err)
	_, err = closeSession(c, c.Workers[0].Hot, 5)
	require.NoError(t, err)
	require.NoError(t, c.Blocks(2))
	return c
}

// TestGenesisRoundTrip checks that an exported state validates, that its copy
// exports the same, and that both chains go on alike to their end.
func TestGenesisRoundTrip(t *testing.T) {
	for name, state := range states() {
		t.Run(name, func(t *testing.T) {
			c := state(t)
			require.NoError(t, exported(t, c).Market.Validate())

			other, err := c.Fork()
			require.NoError(t, err)
			require.NoError(t, other.Check())
			require.Equal(t, exported(t, c), exported(t, other))

			require.Equal(t, ending(t, c), ending(t, other))
			require.Equal(t, exported(t, c), exported(t, other))
		})
	}
}

// ending runs a chain for 80 blocks and lists its events and balances.
func ending(t *testing.T, c *sim.Chain) []string {
	var out []string
	for range 80 {
		require.NoError(t, c.Blocks(1))
		for _, e := range c.Ctx.EventManager().Events() {
			out = append(out, fmt.Sprint(e))
		}
	}
	return append(out, balances(t, c)...)
}

// TestGenesisJSON checks that a state survives its file.
func TestGenesisJSON(t *testing.T) {
	cdc := codec.NewProtoCodec(codectestutil.CodecOptions{AccAddressPrefix: "cupel"}.NewInterfaceRegistry())
	g := exported(t, everything(t)).Market
	bz, err := cdc.MarshalJSON(g)
	require.NoError(t, err)
	var back types.GenesisState
	require.NoError(t, cdc.UnmarshalJSON(bz, &back))
	require.NoError(t, back.Validate())
	again, err := cdc.MarshalJSON(&back)
	require.NoError(t, err)
	require.Equal(t, string(bz), string(again))
}

// TestGenesisNeedsItsCoins checks that a ledger is only loaded with the coins,
// the records and the counters that it stands on.
func TestGenesisNeedsItsCoins(t *testing.T) {
	tests := map[string]func(*types.GenesisState){
		"escrow and refund shifted": func(g *types.GenesisState) {
			g.Batches[0].Tally.Escrow++
			g.Batches[0].Tally.Escrowed++
		},
		"a pool without coins":      func(g *types.GenesisState) { g.Pools = []types.Pool{{Denom: sim.Denom, Amount: 1 << 60}} },
		"a pool of another denom":   func(g *types.GenesisState) { g.Pools = append(g.Pools, types.Pool{Denom: "uatom", Amount: 1}) },
		"a claim without coins":     func(g *types.GenesisState) { g.Claimables[0].Amount++ },
		"a slash without coins":     func(g *types.GenesisState) { g.Cases[0].Slashed += 1 << 40 },
		"a reserve without coins":   func(g *types.GenesisState) { g.Cases[0].Reserve += 1 << 40 },
		"case that holds more":      func(g *types.GenesisState) { g.Cases[0].Held++ },
		"case that is missing":      func(g *types.GenesisState) { g.Cases = g.Cases[1:] },
		"lot that is missing":       func(g *types.GenesisState) { g.Lots = g.Lots[1:] },
		"queue that is missing":     func(g *types.GenesisState) { g.Queue = nil },
		"open lots miscounted":      func(g *types.GenesisState) { g.Batches[0].Tally.OpenLots++ },
		"seat of an idle provider":  func(g *types.GenesisState) { unreveal(g) },
		"next lot behind its lots":  func(g *types.GenesisState) { g.Batches[0].Tally.NextLot = 0 },
		"invalid in itself":         func(g *types.GenesisState) { g.NextBatch = 0 },
		"class that does not exist": func(g *types.GenesisState) { g.Batches[0].Batch.Class = 77; g.Ready = nil },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			c := everything(t)
			g := exported(t, c)
			edit(g.Market)
			require.Error(t, reload(t, c, g))
		})
	}
}

// TestGenesisOfSessions checks what a ledger with sessions is not loaded with.
func TestGenesisOfSessions(t *testing.T) {
	tests := map[string]func(*types.GenesisState){
		"deposit without coins":  func(g *types.GenesisState) { g.Sessions[3].Deposit += 1 << 40 },
		"redeemed by nobody":     func(g *types.GenesisState) { g.Sessions[0].Redeemed++ },
		"paid too much":          func(g *types.GenesisState) { g.Sessions[0].Paid++ },
		"more than the deposit":  func(g *types.GenesisState) { g.Sessions[0].Refunded = sessions },
		"sum that wraps around":  func(g *types.GenesisState) { g.Sessions[0].Paid -= 1 << 63; g.Sessions[0].Treasury += 1 << 63 },
		"closed and held":        func(g *types.GenesisState) { g.Sessions[4].Refunded-- },
		"open for a reason":      func(g *types.GenesisState) { g.Sessions[0].Reason = types.SessionReasonExpired },
		"closing for no reason":  func(g *types.GenesisState) { g.Sessions[3].Reason = types.SessionReasonNone },
		"no state":               func(g *types.GenesisState) { g.Sessions[0].State = types.SessionUnspecified },
		"another depletion":      func(g *types.GenesisState) { g.Sessions[0].Depletes++ },
		"key of low order":       func(g *types.GenesisState) { g.Sessions[0].VoucherKey = make([]byte, 32) },
		"no price":               func(g *types.GenesisState) { g.Sessions[0].Price = 0 },
		"no provider":            func(g *types.GenesisState) { g.Sessions[0].Provider = 0 },
		"no denom":               func(g *types.GenesisState) { g.Sessions[0].Denom = "" },
		"unknown params":         func(g *types.GenesisState) { g.Sessions[0].ParamsVersion = 2 },
		"twice":                  func(g *types.GenesisState) { g.Sessions[1] = g.Sessions[0] },
		"next session too low":   func(g *types.GenesisState) { g.NextSession = 5 },
		"next session too high":  func(g *types.GenesisState) { g.NextSession = types.MaxBatchID + 1 },
		"no queue":               func(g *types.GenesisState) { g.Queue = nil },
		"step of no session":     func(g *types.GenesisState) { g.Queue[0].Step.Batch = 9 },
		"step of a part":         func(g *types.GenesisState) { g.Queue[0].Step.Sub = 1 },
		"step of another moment": func(g *types.GenesisState) { g.Sessions[0].Queued++ },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			c := inSession(t)
			g := exported(t, c)
			edit(g.Market)
			require.Error(t, reload(t, c, g))
		})
	}
	c := inSession(t)
	require.NoError(t, reload(t, c, exported(t, c)))
}

// unreveal turns the first answer of an open lot back into a seat at work.
func unreveal(g *types.GenesisState) {
	for i := range g.Lots {
		if l := &g.Lots[i].Value; l.State == types.TaskAgreed && len(l.Seats) > 0 {
			l.Seats[0].Phase, l.Seats[0].Vector = types.SeatAssigned, 0
			return
		}
	}
}

// reload starts a chain with the balances of c from a genesis.
func reload(t *testing.T, c *sim.Chain, g sim.Genesis) error {
	t.Helper()
	f, err := c.Clone()
	require.NoError(t, err)
	return f.Init(g)
}
