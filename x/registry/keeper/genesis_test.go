// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// lived returns a registry with a provider in every status and unbondings.
func lived(t *testing.T) *fixture {
	f := newFixture(t)
	many(f, 3)
	f.register(alice, aliceHot, 1_000*cupel)
	f.register(bob, bobHot, 1_000*cupel)
	_, err := f.k.Deregister(f.ctx, addr("operator 0"))
	require.NoError(t, err)
	f.skip(types.DefaultParams().UnbondingTicks) // 1 is retired, the others jailed
	_, err = f.k.Deregister(f.ctx, addr("operator 1"))
	require.NoError(t, err)
	f.skip(types.DefaultParams().JailTicks)
	require.NoError(t, f.k.Unjail(f.ctx, alice))
	require.NoError(t, f.k.Unjail(f.ctx, bob))
	require.NoError(t, f.k.Drain(f.ctx, bobHot))
	for range 3 {
		_, err = f.k.Unbond(f.ctx, alice, 7*cupel)
		require.NoError(t, err)
		f.skip(1)
	}
	f.setLoad(4, func(l *types.Load) {
		l.InFlight = 2
		l.VoidClock = 5
		l.RaiseBound(9, types.Horizon{Tick: 3, Reach: 2})
	})
	require.NoError(t, f.k.CheckInvariants(f.ctx))
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := lived(t)
	exported, err := f.k.ExportGenesis(f.ctx)
	require.NoError(t, err)
	statuses := map[types.ProviderStatus]bool{}
	for _, provider := range exported.Providers {
		statuses[provider.Status] = true
	}
	require.Len(t, statuses, 5, "one of every status")

	g := emptyFixture(t)
	g.fund(authtypes.NewModuleAddress(types.ModuleName), f.bonded())
	require.NoError(t, g.k.InitGenesis(g.ctx, exported))
	require.NoError(t, g.k.CheckInvariants(g.ctx))
	again, err := g.k.ExportGenesis(g.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)

	// Both go on alike.
	for _, chain := range []*fixture{f, g} {
		chain.skip(types.DefaultParams().UnbondingTicks)
	}
	exported, err = f.k.ExportGenesis(f.ctx)
	require.NoError(t, err)
	again, err = g.k.ExportGenesis(g.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)
	require.Equal(t, f.bonded(), g.bonded())
}

func TestGenesisNeedsItsCoins(t *testing.T) {
	f := lived(t)
	exported, err := f.k.ExportGenesis(f.ctx)
	require.NoError(t, err)
	g := emptyFixture(t)
	g.fund(authtypes.NewModuleAddress(types.ModuleName), f.bonded()-1)
	require.ErrorIs(t, g.k.InitGenesis(g.ctx, exported), types.ErrInvalidGenesis)
}

func TestBadGenesis(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.GenesisState)
		err  error
	}{
		"valid":                     {func(*types.GenesisState) {}, nil},
		"no params":                 {func(g *types.GenesisState) { g.Params = types.Params{} }, types.ErrInvalidParams},
		"tick out of range":         {func(g *types.GenesisState) { g.Tick = 1 << 63 }, types.ErrInvalidGenesis},
		"class twice":               {func(g *types.GenesisState) { g.Classes[1].Name = g.Classes[0].Name }, types.ErrInvalidGenesis},
		"class zero":                {func(g *types.GenesisState) { g.Classes[0].Id = 0 }, types.ErrInvalidGenesis},
		"class id twice":            {func(g *types.GenesisState) { g.Classes[1].Id = 1 }, types.ErrInvalidGenesis},
		"class without unit":        {func(g *types.GenesisState) { g.Classes[0].Unit = 0 }, types.ErrInvalidClass},
		"class unknown":             {func(g *types.GenesisState) { g.Classes = g.Classes[:1] }, types.ErrInvalidGenesis},
		"provider zero":             {func(g *types.GenesisState) { g.Providers[0].Id = 0 }, types.ErrInvalidGenesis},
		"provider twice":            {func(g *types.GenesisState) { g.Providers[1].Id = 1 }, types.ErrInvalidGenesis},
		"provider without operator": {func(g *types.GenesisState) { g.Providers[3].Operator = "" }, types.ErrInvalidGenesis},
		"provider of another chain": {func(g *types.GenesisState) { g.Providers[3].Worker = otherChain }, types.ErrInvalidGenesis},
		"operator twice":            {func(g *types.GenesisState) { g.Providers[3].Operator = g.Providers[4].Operator }, types.ErrInvalidGenesis},
		"worker twice":              {func(g *types.GenesisState) { g.Providers[3].Worker = g.Providers[4].Worker }, types.ErrInvalidGenesis},
		"worker is an operator":     {func(g *types.GenesisState) { g.Providers[3].Worker = g.Providers[4].Operator }, types.ErrInvalidGenesis},
		"retired shares an address": {func(g *types.GenesisState) { g.Providers[0].Worker = g.Providers[4].Worker }, nil},
		"status unset":              {func(g *types.GenesisState) { g.Providers[3].Status = 0 }, types.ErrInvalidGenesis},
		"status unknown":            {func(g *types.GenesisState) { g.Providers[3].Status = 9 }, types.ErrInvalidGenesis},
		"retired with a bond":       {func(g *types.GenesisState) { g.Providers[4].Status = types.ProviderRetired }, types.ErrInvalidGenesis},
		"unbonding with free bond":  {func(g *types.GenesisState) { g.Providers[4].Status = types.ProviderUnbonding }, types.ErrInvalidGenesis},
		"unbonding beyond bond":     {func(g *types.GenesisState) { g.Providers[3].Bond = 1 }, types.ErrInvalidGenesis},
		"bond of 64 bits":           {func(g *types.GenesisState) { g.Providers[3].Bond = 1 << 63 }, types.ErrInvalidGenesis},
		"joined in the future":      {func(g *types.GenesisState) { g.Providers[3].Joined = g.Tick + 1 }, types.ErrInvalidGenesis},
		"no resources":              {func(g *types.GenesisState) { g.Providers[3].Resources = nil }, types.ErrInvalidResource},
		"bad endpoint":              {func(g *types.GenesisState) { g.Providers[3].Endpoint = "x" }, types.ErrInvalidEndpoint},
		"load missing":              {func(g *types.GenesisState) { g.Loads = g.Loads[1:] }, types.ErrInvalidGenesis},
		"load beyond":               {func(g *types.GenesisState) { g.Loads = append(g.Loads, types.Load{}) }, types.ErrInvalidGenesis},
		"seen in the future":        {func(g *types.GenesisState) { g.Loads[3].LastSeen = g.Tick + 1 }, types.ErrInvalidGenesis},
		"void in the future":        {func(g *types.GenesisState) { g.Loads[3].VoidClock = g.Tick + 1 }, types.ErrInvalidGenesis},
		"unbonding of nobody":       {func(g *types.GenesisState) { g.Unbondings[0].Provider = 99 }, types.ErrInvalidGenesis},
		"unbonding of zero":         {func(g *types.GenesisState) { g.Unbondings[0].Provider = 0 }, types.ErrInvalidGenesis},
		"unbonding of nothing":      {func(g *types.GenesisState) { g.Unbondings[0].Amount = 0 }, types.ErrInvalidGenesis},
		"unbonding never":           {func(g *types.GenesisState) { g.Unbondings[0].Release = 0 }, types.ErrInvalidGenesis},
		"unbonding twice":           {func(g *types.GenesisState) { g.Unbondings = append(g.Unbondings, g.Unbondings[3]) }, types.ErrInvalidGenesis},
		"unbonding out of order":    {func(g *types.GenesisState) { g.Unbondings[0], g.Unbondings[1] = g.Unbondings[1], g.Unbondings[0] }, types.ErrInvalidGenesis},
		"unbonding missing":         {func(g *types.GenesisState) { g.Unbondings = g.Unbondings[1:] }, types.ErrInvalidGenesis},
		"unbonding too large":       {func(g *types.GenesisState) { g.Unbondings[0].Amount++ }, types.ErrInvalidGenesis},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := lived(t)
			genesis, err := f.k.ExportGenesis(f.ctx)
			require.NoError(t, err)
			tc.edit(genesis)
			err = genesis.Validate(addresses)
			if tc.err == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tc.err)
			require.ErrorIs(t, f.k.InitGenesis(f.ctx, genesis), tc.err)
		})
	}
}
