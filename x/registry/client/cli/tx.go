// SPDX-License-Identifier: Apache-2.0

// Package cli holds the commands of x/registry that autocli cannot generate,
// because a flag cannot hold a list of resources.
package cli

import (
	"cosmossdk.io/core/address"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

const fileHelp = `FILE is YAML or JSON:

  worker: cupel1…                    # the worker's hot key
  payout: cupel1…                    # default: the operator
  bond: 100000000ucupel
  region: eu-west
  endpoint: https://worker.example.com
  encryption_key: age1…              # optional
  resources:
    - class: wasm/v1-amd64
      count: 4
      price: 1000                    # ucupel per price unit of the class
`

// NewTxCmd returns the transaction commands; autocli adds the others to it.
func NewTxCmd(addresses address.Codec) *cobra.Command {
	cmd := &cobra.Command{
		Use:                        types.ModuleName,
		Short:                      "Transactions of providers",
		DisableFlagParsing:         true,
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(newRegisterCmd(addresses), newUpdateCmd(addresses))
	return cmd
}

func newRegisterCmd(addresses address.Codec) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "register FILE",
		Short:   "Become a provider: bond coins and declare what you offer",
		Long:    "Registers the account of --from as the operator of a new provider.\n\n" + fileHelp,
		Example: "cupeld tx registry register provider.yaml --from operator",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return send(cmd, addresses, args[0], func(p Profile, operator string) (sdk.Msg, error) { return p.register(operator) })
		},
	}
	flags.AddTxFlagsToCmd(cmd)
	return cmd
}

func newUpdateCmd(addresses address.Codec) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "update-provider FILE",
		Short:   "Replace the profile and the resources of your provider",
		Long:    "Replaces all that FILE declares; worker and bond have commands of their own and are refused here.\n\n" + fileHelp,
		Example: "cupeld tx registry update-provider provider.yaml --from operator",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return send(cmd, addresses, args[0], func(p Profile, operator string) (sdk.Msg, error) { return p.update(operator) })
		},
	}
	flags.AddTxFlagsToCmd(cmd)
	return cmd
}

// send reads a profile, makes the message of it and broadcasts it.
func send(cmd *cobra.Command, addresses address.Codec, path string, message func(Profile, string) (sdk.Msg, error)) error {
	ctx, err := client.GetClientTxContext(cmd)
	if err != nil {
		return err
	}
	profile, err := ReadProfile(path)
	if err != nil {
		return err
	}
	operator, err := addresses.BytesToString(ctx.GetFromAddress())
	if err != nil {
		return err
	}
	msg, err := message(profile, operator)
	if err != nil {
		return err
	}
	return tx.GenerateOrBroadcastTxCLI(ctx, cmd.Flags(), msg)
}
