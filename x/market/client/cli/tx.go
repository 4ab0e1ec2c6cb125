// SPDX-License-Identifier: Apache-2.0

// Package cli holds the transaction commands of x/market whose messages nest,
// which autocli cannot turn into flags. Each takes a file.
package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/x/market/types"
)

// NewTxCmd returns the commands that take a message from a file.
func NewTxCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        types.ModuleName,
		Short:                      "Transactions of the market",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(
		command("submit", "Submit a batch of tasks",
			func() (*types.MsgSubmit, *string) { m := &types.MsgSubmit{}; return m, &m.Requester }),
		command("commit", "Commit to the results of lots",
			func() (*types.MsgCommit, *string) { m := &types.MsgCommit{}; return m, &m.Worker }),
		command("reveal", "Reveal the results of lots",
			func() (*types.MsgReveal, *string) { m := &types.MsgReveal{}; return m, &m.Worker }),
		command("commit-case", "Commit to the results of cases",
			func() (*types.MsgCommitCase, *string) { m := &types.MsgCommitCase{}; return m, &m.Worker }),
		command("reveal-case", "Reveal the results of cases",
			func() (*types.MsgRevealCase, *string) { m := &types.MsgRevealCase{}; return m, &m.Worker }),
		command("open-session", "Open a session with a provider",
			func() (*types.MsgOpenSession, *string) { m := &types.MsgOpenSession{}; return m, &m.Requester }),
		command("redeem", "Redeem vouchers of sessions",
			func() (*types.MsgRedeem, *string) { m := &types.MsgRedeem{}; return m, &m.Sender }),
		command("crank", "Do due steps for your own gas",
			func() (*types.MsgCrank, *string) { m := &types.MsgCrank{}; return m, &m.Sender }),
	)
	return cmd
}

// message is what a command sends.
type message interface {
	sdk.Msg
	proto.Message
}

// command returns a command that sends the message in a file. empty returns a
// new message and its signer, which the key of --from fills.
func command[M message](name, short string, empty func() (M, *string)) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name + " FILE",
		Short: short,
		Long: short + ".\n\nFILE holds the message as YAML or JSON, - reads standard input. Unknown fields are refused,\n" +
			"bytes are base64, the signer may be left out.",
		Example: fmt.Sprintf("cupeld tx market %s msg.yaml --from alice", name),
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			msg, signer := empty()
			if err := readMessage(args[0], cmd.InOrStdin(), msg); err != nil {
				return err
			}
			ctx, err := client.GetClientTxContext(cmd)
			if err != nil {
				return err
			}
			from := ctx.GetFromAddress().String()
			if *signer == "" {
				*signer = from
			}
			if *signer != from {
				return fmt.Errorf("%s: the message is signed by %s, --from is %s", args[0], *signer, from)
			}
			return tx.GenerateOrBroadcastTxCLI(ctx, cmd.Flags(), msg)
		},
	}
	flags.AddTxFlagsToCmd(cmd)
	return cmd
}
