// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"cosmossdk.io/log"
	"github.com/spf13/cobra"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/cupel-network/cupel/app"
)

// debugCmd is the SDK's with our verbs.
func debugCmd() *cobra.Command {
	cmd := debug.Cmd()
	cmd.AddCommand(invariantsCmd())
	return cmd
}

func invariantsCmd() *cobra.Command {
	var height int64
	cmd := &cobra.Command{
		Use:   "invariants",
		Short: "Check the invariants of a stopped node's state",
		Long: "Check every invariant of the last committed state of a stopped node, or of the state at\n" +
			"a height that the node has not pruned. It reads the whole state and changes nothing.\n" +
			"The first broken invariant is named and ends the command with exit code 1.",
		Example: "cupeld debug invariants\ncupeld debug invariants --height 120000",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return checkInvariants(cmd, height) },
	}
	cmd.Flags().Int64Var(&height, "height", 0, "check the state at this height; 0 means the last one")
	cmd.Flags().String(flags.FlagHome, app.DefaultHome(), "the node's folder")
	return cmd
}

func checkInvariants(cmd *cobra.Command, height int64) (err error) {
	sc := server.GetServerContextFromCmd(cmd)
	folder := filepath.Join(sc.Config.RootDir, "data")
	if _, err := os.Stat(filepath.Join(folder, "application.db")); err != nil {
		return fmt.Errorf("no state of a node: %w; set --home", err)
	}
	db, err := dbm.NewDB("application", server.GetAppDBBackend(sc.Viper), folder)
	if err != nil {
		return fmt.Errorf("open the state: %w; stop the node first", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	node, err := app.New(log.NewNopLogger(), db, nil, height == 0, sc.Viper, server.DefaultBaseappOptions(sc.Viper)...)
	if err != nil {
		return err
	}
	if height != 0 {
		if err := node.LoadHeight(height); err != nil {
			return fmt.Errorf("load height %d: %w", height, err)
		}
	}
	ctx := node.NewContext(true)
	for _, invariant := range node.Invariants() {
		if err := invariant.Check(ctx); err != nil {
			return fmt.Errorf("invariant %s is broken at height %d: %w", invariant.Name, node.LastBlockHeight(), err)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "ok", invariant.Name)
	}
	fmt.Fprintln(cmd.OutOrStdout(), "all invariants hold at height", node.LastBlockHeight())
	return nil
}
