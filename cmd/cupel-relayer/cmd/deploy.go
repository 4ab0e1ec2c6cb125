// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"io"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/relayer"
)

func newDeployCmd() *cobra.Command {
	var owner, guardian string
	var d relayer.Deployment
	cmd := &cobra.Command{
		Use:   "deploy NAME",
		Short: "Deploy the mirror's contract to an EVM target",
		Long: "Deploys CupelMirror with the anchor as its first trusted set. The target's key\n" +
			"pays. The owner can install a set only when the current one is stale, after 7\n" +
			"days; the guardian can pause and cancel that. Both should be multisigs.",
		Example: "cupel-relayer deploy base --owner 0x… --guardian 0x…",
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&owner, "owner", "", "account that owns the contract")
	cmd.Flags().StringVar(&guardian, "guardian", "", "account that may pause it")
	cmd.Flags().DurationVar(&d.MaxSetAge, "max-set-age", 252*time.Hour, "age from which a set is refused: at most half of the unbonding time")
	cmd.Flags().DurationVar(&d.OwnerDelay, "owner-delay", 72*time.Hour, "time that a change of owner waits")
	addOutputFlag(cmd)
	for _, name := range []string{"owner", "guardian"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flags are defined above
		}
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for flag, text := range map[string]string{"owner": owner, "guardian": guardian} {
			if !common.IsHexAddress(text) {
				return exit.Usage(fmt.Errorf("flag --%s: %q is not an address", flag, text))
			}
		}
		d.Owner, d.Guardian = common.HexToAddress(owner), common.HexToAddress(guardian)
		home, err := homeOf(cmd)
		if err != nil {
			return err
		}
		// The configuration does not name the contract yet, so it is not valid.
		cfg, err := relayer.ReadConfig(home)
		if err != nil {
			return err
		}
		target, err := cfg.Target(args[0])
		if err != nil {
			return exit.Usage(err)
		}
		made, err := relayer.Deploy(cmd.Context(), cfg, target, d)
		if err != nil {
			return coded(err)
		}
		return output(cmd, made, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "transaction %s used %d gas\nput this into config.yaml, target %s:\n    evm:\n      contract: %s\n      deploy_block: %d\n",
				made.Transaction, made.GasUsed, args[0], made.Contract, made.DeployBlock)
			return err
		})
	}
	return cmd
}
