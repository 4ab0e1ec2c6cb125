// SPDX-License-Identifier: Apache-2.0

// Package cmd is the command line of cupel-worker.
package cmd

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/version"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
)

// envHome stands for --home.
const envHome = "CUPEL_WORKER_HOME"

// Execute runs the command that the process was started with and returns its
// exit code. Options go to the worker that `run` builds.
func Execute(opts ...worker.Option) int {
	configure()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := NewRootCmd(opts...).ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
	}
	return exit.Code(err)
}

// configure sets the address prefix, which the SDK keeps in a global.
func configure() {
	cfg := sdk.GetConfig()
	cfg.SetBech32PrefixForAccount(chain.Prefix, chain.Prefix+"pub")
	cfg.SetBech32PrefixForValidator(chain.Prefix+"valoper", chain.Prefix+"valoperpub")
	cfg.SetBech32PrefixForConsensusNode(chain.Prefix+"valcons", chain.Prefix+"valconspub")
	cfg.SetCoinType(chain.CoinType)
}

// NewRootCmd returns cupel-worker with all its commands.
func NewRootCmd(opts ...worker.Option) *cobra.Command {
	root := &cobra.Command{
		Use:   "cupel-worker",
		Short: "The daemon of a Cupel provider: runs assigned work and is paid for it",
		Long: "cupel-worker runs the work that the chain assigns to a provider, commits to\n" +
			"the results, reveals them and serves them.\n\n" +
			"Setup: init, then register the provider with cupeld, then doctor, then run.\n" +
			"Exit codes: 0 ok, 1 error, 2 usage, 7 network unreachable.",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return exit.CheckRequired(cmd)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().String("home", defaultHome(), "directory of the worker ("+envHome+")")
	root.AddCommand(newInitCmd(), newDoctorCmd(), newInventoryCmd(), newRunCmd(opts), newStatusCmd(), newDrainCmd(), newEarningsCmd(), newPriceCmd(), newKeyCmd(), newSignerCmd(), newExecCmd(), newEncryptionKeyCmd(), newQuoteCmd(), newVersionCmd())
	exit.MarkUsage(root)
	return root
}

func defaultHome() string {
	if home := os.Getenv(envHome); home != "" {
		return home
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		dir = "."
	}
	return filepath.Join(dir, ".cupel-worker")
}

func homeOf(cmd *cobra.Command) (string, error) {
	home, err := cmd.Flags().GetString("home")
	if err != nil {
		return "", err
	}
	return filepath.Abs(home)
}

func loadConfig(cmd *cobra.Command) (worker.Config, error) {
	home, err := homeOf(cmd)
	if err != nil {
		return worker.Config{}, err
	}
	return worker.LoadConfig(home)
}

func newVersionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), buildVersion())
			return err
		},
	}
}

func buildVersion() string {
	if version.Version == "" {
		return "dev"
	}
	return version.Version
}
