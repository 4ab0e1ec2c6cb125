// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Invariant is a condition of the whole state. Check reads all of it: it is
// for tests and operators, never for a block.
type Invariant struct {
	Name  string
	Check func(context.Context) error
}

// Invariants lists what holds after every block. See app/README.md.
func (app *App) Invariants() []Invariant {
	return []Invariant{
		{"registry", app.RegistryKeeper.CheckInvariants},
		{"oracle", app.OracleKeeper.CheckInvariants},
		{"reputation", app.ReputationKeeper.CheckInvariants},
		{"market", app.MarketKeeper.CheckInvariants},
		{"supply", app.checkSupply},
		{"denoms", app.checkDenoms},
		{"params", app.checkParams},
		{"accounts", app.checkAccounts},
	}
}

// CheckInvariants returns the first broken invariant with its name.
func (app *App) CheckInvariants(ctx context.Context) error {
	for _, invariant := range app.Invariants() {
		if err := invariant.Check(ctx); err != nil {
			return fmt.Errorf("invariant %s is broken: %w", invariant.Name, err)
		}
	}
	return nil
}

// checkSupply adds up all balances: no coin exists that nobody holds, none is
// held that does not exist.
func (app *App) checkSupply(ctx context.Context) error {
	var held sdk.Coins
	app.BankKeeper.IterateAllBalances(ctx, func(_ sdk.AccAddress, coin sdk.Coin) bool {
		held = held.Add(coin)
		return false
	})
	var supply sdk.Coins
	app.BankKeeper.IterateTotalSupply(ctx, func(coin sdk.Coin) bool {
		supply = supply.Add(coin)
		return false
	})
	if !held.Equal(supply) {
		return fmt.Errorf("accounts hold %s, the supply is %s", held, supply)
	}
	return nil
}

// checkDenoms: a batch is paid in a denom that its version of the params allows.
func (app *App) checkDenoms(ctx context.Context) error {
	return app.MarketKeeper.Batches.Walk(ctx, nil, func(id uint64, b markettypes.Batch) (bool, error) {
		params, err := app.MarketKeeper.Params.Get(ctx, b.ParamsVersion)
		if err != nil {
			return true, fmt.Errorf("batch %d: params %d: %w", id, b.ParamsVersion, err)
		}
		for _, d := range params.Denoms {
			if d.Denom == b.Denom {
				return false, nil
			}
		}
		if b.Denom == markettypes.BaseDenom {
			return false, nil
		}
		return true, fmt.Errorf("batch %d holds %s, which params %d do not allow", id, b.Denom, b.ParamsVersion)
	})
}

// checkParams: every module has params that validate.
func (app *App) checkParams(ctx context.Context) error {
	registry, err := app.RegistryKeeper.Params.Get(ctx)
	if err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	oracle, err := app.OracleKeeper.Params.Get(ctx)
	if err != nil {
		return fmt.Errorf("oracle: %w", err)
	}
	reputation, err := app.ReputationKeeper.Params.Get(ctx)
	if err != nil {
		return fmt.Errorf("reputation: %w", err)
	}
	_, market, err := app.MarketKeeper.CurrentParams(ctx)
	if err != nil {
		return fmt.Errorf("market: %w", err)
	}
	for _, params := range []interface{ Validate() error }{registry, oracle, reputation, market} {
		if err := params.Validate(); err != nil {
			return fmt.Errorf("%T: %w", params, err)
		}
	}
	return nil
}

// checkAccounts: nobody can send coins to an account that holds others' coins,
// neither from here nor from another chain.
func (app *App) checkAccounts(context.Context) error {
	permissions := app.AccountKeeper.GetModulePermissions()
	for _, name := range []string{markettypes.ModuleName, registrytypes.ModuleName, oracletypes.ModuleName} {
		if _, has := permissions[name]; has && !app.BankKeeper.BlockedAddr(authtypes.NewModuleAddress(name)) {
			return fmt.Errorf("the account of x/%s takes coins from anybody", name)
		}
	}
	return nil
}
