// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io"

	"cosmossdk.io/log"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/cupel-network/cupel/app"
)

// startError carries the error of an application that cannot be built out of
// servertypes.AppCreator, which returns none. run turns it back into an error.
type startError struct{ err error }

// newApp implements servertypes.AppCreator.
func newApp(logger log.Logger, db dbm.DB, trace io.Writer, appOpts servertypes.AppOptions) servertypes.Application {
	node, err := app.New(logger, db, trace, true, appOpts, server.DefaultBaseappOptions(appOpts)...)
	if err != nil {
		panic(startError{fmt.Errorf("start the application: %w", err)})
	}
	return node
}

// exportApp implements servertypes.AppExporter.
func exportApp(
	logger log.Logger, db dbm.DB, trace io.Writer, height int64, forZeroHeight bool,
	jailAllowedAddrs []string, appOpts servertypes.AppOptions, modulesToExport []string,
) (servertypes.ExportedApp, error) {
	if home, ok := appOpts.Get(flags.FlagHome).(string); !ok || home == "" {
		return servertypes.ExportedApp{}, errors.New("the node's folder is not known: set --home")
	}
	latest := height == -1
	node, err := app.New(logger, db, trace, latest, appOpts, server.DefaultBaseappOptions(appOpts)...)
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	if !latest {
		if err := node.LoadHeight(height); err != nil {
			return servertypes.ExportedApp{}, fmt.Errorf("load height %d: %w", height, err)
		}
	}
	return node.ExportAppStateAndValidators(forZeroHeight, jailAllowedAddrs, modulesToExport)
}
