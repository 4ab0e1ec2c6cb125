// SPDX-License-Identifier: Apache-2.0

package app

import (
	"testing"

	"cosmossdk.io/core/appmodule"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/module"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

func TestProducesBlocks(t *testing.T) {
	c := newChain(t)
	for range 5 {
		c.block()
	}
	require.EqualValues(t, 5, c.app.LastBlockHeight())
}

func TestCloseTwice(t *testing.T) {
	app := newApp(t)
	require.NoError(t, app.Close())
	require.NoError(t, app.Close())
}

// TestModuleOrders asserts that each order names exactly the modules that have
// its hook, so that a new module can neither be forgotten nor misspelt.
func TestModuleOrders(t *testing.T) {
	modules := newApp(t).ModuleManager.Modules
	tests := map[string]struct {
		order []string
		has   func(any) bool
	}{
		"pre block":   {preBlockers(), is[appmodule.HasPreBlocker]},
		"begin block": {beginBlockers(), is[appmodule.HasBeginBlocker]},
		"end block": {endBlockers(), func(m any) bool {
			return is[appmodule.HasEndBlocker](m) || is[module.HasABCIEndBlock](m)
		}},
		"genesis": {genesisOrder(), func(m any) bool {
			return is[module.HasGenesis](m) || is[module.HasABCIGenesis](m) || is[appmodule.HasGenesis](m)
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var want []string
			for name, m := range modules {
				if tc.has(m) {
					want = append(want, name)
				}
			}
			require.ElementsMatch(t, want, tc.order)
		})
	}
}

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

func TestDefaultGenesis(t *testing.T) {
	app := newApp(t)
	genesis := app.DefaultGenesis()

	var bank banktypes.GenesisState
	app.AppCodec().MustUnmarshalJSON(genesis[banktypes.ModuleName], &bank)
	require.Len(t, bank.DenomMetadata, 1)
	own := DenomMetadata()
	require.Equal(t, own.String(), bank.DenomMetadata[0].String())
	require.NoError(t, DenomMetadata().Validate())
	for _, name := range []string{"staking", "mint", "gov"} {
		require.Contains(t, string(genesis[name]), BaseDenom)
		require.NotContains(t, string(genesis[name]), `"stake"`)
	}
}

func TestModuleAccountsAreBlocked(t *testing.T) {
	app := newApp(t)
	for _, account := range moduleAccounts() {
		address := app.AccountKeeper.GetModuleAddress(account.GetAccount())
		require.NotNil(t, address, account.GetAccount())
		require.Equal(t, account.GetAccount() != "gov", app.BankKeeper.BlockedAddr(address), account.GetAccount())
	}
}
