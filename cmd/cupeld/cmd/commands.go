// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	confixcmd "cosmossdk.io/tools/confix/cmd"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"

	"github.com/cupel-network/cupel/app"
	"github.com/cupel-network/cupel/cmd/cupeld/cmd/attest"
	"github.com/cupel-network/cupel/cmd/cupeld/cmd/job"
)

// addCommands adds everything that autocli does not make from the modules.
func addCommands(root *cobra.Command, w *wiring) {
	home := app.DefaultHome()
	root.AddCommand(
		initCmd(w.basics),
		genutilcli.Commands(w.txConfig, w.basics, home),
		testnetCmd(w),
		keys.Commands(),
		txCmd(),
		queryCmd(),
		confixcmd.ConfigCommand(),
		pruning.Cmd(newApp, home),
		snapshot.Cmd(newApp),
		server.StatusCommand(),
		debugCmd(),
		job.Command(),
		job.ReceiptCommand(),
		job.SessionCommand(),
		attest.Command(),
	)
	server.AddCommandsWithStartCmdOptions(root, home, newApp, exportApp, server.StartCmdOptions{DBOpener: app.OpenDB})
	root.AddCommand(server.ModuleHashByHeightQuery(newApp)) // the SDK's other way of adding them has it
	server.AddTestnetCreatorCommand(root, newInPlaceTestnet, addInPlaceHelp)
}

func queryCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "query",
		Aliases:                    []string{"q"},
		Short:                      "Querying subcommands",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(
		rpc.WaitTxCmd(),
		rpc.ValidatorCommand(),
		server.QueryBlockCmd(),
		server.QueryBlocksCmd(),
		server.QueryBlockResultsCmd(),
		authcmd.QueryTxsByEventsCmd(),
		authcmd.QueryTxCmd(),
	)
	return cmd
}

func txCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "tx",
		Short:                      "Transactions subcommands",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(
		authcmd.GetSignCommand(),
		authcmd.GetSignBatchCommand(),
		authcmd.GetMultiSignCommand(),
		authcmd.GetMultiSignBatchCmd(),
		authcmd.GetValidateSignaturesCommand(),
		authcmd.GetBroadcastCommand(),
		authcmd.GetEncodeCommand(),
		authcmd.GetDecodeCommand(),
		authcmd.GetSimulateCmd(),
	)
	return cmd
}
