// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"

	storetypes "cosmossdk.io/store/types"
	upgradetypes "cosmossdk.io/x/upgrade/types"

	"github.com/cosmos/cosmos-sdk/types/module"
)

// Upgrade is what a binary does when the chain reaches a plan of its name.
type Upgrade struct {
	// Name is the name of the plan that governance passed.
	Name string
	// Stores are the module stores that the upgrade adds, renames or deletes.
	Stores storetypes.StoreUpgrades
	// Migrate runs after the modules' own migrations. It may be nil.
	Migrate func(ctx context.Context, app *App) error
}

// upgrades lists every plan that this binary can execute, oldest first.
func upgrades() []Upgrade {
	return nil
}

// registerUpgrades sets the handlers of all upgrades and, if the chain stopped
// for one of them, prepares its store changes for Load.
func (app *App) registerUpgrades() error {
	for _, u := range upgrades() {
		app.registerUpgrade(u)
	}
	info, err := app.UpgradeKeeper.ReadUpgradeInfoFromDisk()
	if err != nil {
		return fmt.Errorf("read upgrade-info.json in the data folder: %w", err)
	}
	if app.UpgradeKeeper.IsSkipHeight(info.Height) {
		return nil
	}
	for _, u := range upgrades() {
		if u.Name == info.Name {
			app.SetStoreLoader(upgradetypes.UpgradeStoreLoader(info.Height, &u.Stores))
		}
	}
	return nil
}

func (app *App) registerUpgrade(u Upgrade) {
	app.UpgradeKeeper.SetUpgradeHandler(u.Name, func(ctx context.Context, _ upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
		to, err := app.ModuleManager.RunMigrations(ctx, app.Configurator(), from)
		if err != nil {
			return nil, fmt.Errorf("upgrade %s: migrate modules: %w", u.Name, err)
		}
		if u.Migrate == nil {
			return to, nil
		}
		if err := u.Migrate(ctx, app); err != nil {
			return nil, fmt.Errorf("upgrade %s: %w", u.Name, err)
		}
		return to, nil
	})
}
