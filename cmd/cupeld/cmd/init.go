// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/types/module"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/cupel-network/cupel/app"
)

// initCmd is the SDK's init with our block limits in the genesis it writes.
func initCmd(basics module.BasicManager) *cobra.Command {
	cmd := genutilcli.InitCmd(basics, app.DefaultHome())
	cmd.Example = "cupeld init my-node --chain-id cupel-local-1"
	initFiles := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := initFiles(cmd, args); err != nil {
			return err
		}
		file := server.GetServerContextFromCmd(cmd).Config.GenesisFile()
		genesis, err := genutiltypes.AppGenesisFromFile(file)
		if err != nil {
			return fmt.Errorf("read the new genesis: %w", err)
		}
		genesis.Consensus.Params.Block = app.ConsensusParams().Block
		return genesis.SaveAs(file)
	}
	return cmd
}
