// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
)

func newDrainCmd() *cobra.Command {
	var undo bool
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "drain",
		Short: "Take no new work; with --undo take work again",
		Long: "Tells the chain that the provider takes no new work and waits until the chain\n" +
			"says so. Work that is assigned goes on: keep the worker running until\n" +
			"cupel-worker status shows none.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			ring, err := openRing(cfg, cmd.InOrStdin())
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), wait)
			defer cancel()
			status, err := worker.Drain(ctx, cfg, ring, !undo)
			if errors.Is(err, chain.ErrUnknown) {
				return exit.With(exit.NetworkUnreachable, err)
			}
			if err != nil {
				return err
			}
			if err := worker.ForgetPolicyDrain(cfg); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "the provider is %s\n", status)
			return err
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "take work again")
	cmd.Flags().DurationVar(&wait, "timeout", time.Minute, "how long to wait for the chain")
	return cmd
}
