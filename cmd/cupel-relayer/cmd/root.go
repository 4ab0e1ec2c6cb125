// SPDX-License-Identifier: Apache-2.0

// Package cmd is the command line of cupel-relayer.
package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/version"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/relayer"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// envHome stands for --home.
const envHome = "CUPEL_RELAYER_HOME"

// Execute runs the command that the process was started with and returns its
// exit code.
func Execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := NewRootCmd().ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", brief(err))
	}
	return exit.Code(err)
}

// brief makes at most three lines of an error: joined ones have one each.
func brief(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	if len(lines) > 3 {
		lines = append(lines[:2], fmt.Sprintf("… and %d more", len(lines)-2))
	}
	return strings.Join(lines, "\n")
}

// NewRootCmd returns cupel-relayer with all its commands.
func NewRootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:   "cupel-relayer",
		Short: "Mirrors the sealed headers of a Cupel chain to other chains",
		Long: "cupel-relayer carries checkpoints that the attestors of a Cupel chain signed to\n" +
			"mirrors on EVM chains and on Solana. It can delay a mirror, never forge one.\n\n" +
			"Setup: init, anchor, keys add, edit config.yaml, doctor, start.\n" +
			"Exit codes: 0 ok, 1 error, 2 usage, 5 verification failed, 6 insufficient funds,\n" +
			"7 network unreachable.",
		Example:       "cupel-relayer init --chain-id cupel-1 --node http://127.0.0.1:26657 --target base",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return exit.CheckRequired(cmd)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().String("home", defaultHome(), "directory of the relayer ("+envHome+")")
	root.AddCommand(newInitCmd(), newAnchorCmd(), newDeployCmd(), newKeysCmd(), newConfigCmd(), newDoctorCmd(), newStartCmd(), newStatusCmd(),
		newPendingCmd(), newVerifyCmd(), newPauseCmd(), newResumeCmd(), newVersionCmd())
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
	return filepath.Join(dir, ".cupel-relayer")
}

func homeOf(cmd *cobra.Command) (string, error) {
	home, err := cmd.Flags().GetString("home")
	if err != nil {
		return "", err
	}
	return filepath.Abs(home)
}

func loadConfig(cmd *cobra.Command) (relayer.Config, error) {
	home, err := homeOf(cmd)
	if err != nil {
		return relayer.Config{}, err
	}
	return relayer.LoadConfig(home)
}

// coded gives an error the exit code of its class.
func coded(err error) error {
	switch {
	case errors.Is(err, mirror.ErrForged), errors.Is(err, mirror.ErrDisagreement):
		return exit.With(exit.VerificationFailed, err)
	case errors.Is(err, mirror.ErrLowBalance):
		return exit.With(exit.InsufficientFunds, err)
	case errors.Is(err, mirror.ErrUnknown):
		return exit.With(exit.NetworkUnreachable, err)
	}
	return err
}

func addOutputFlag(cmd *cobra.Command) {
	cmd.Flags().StringP("output", "o", "text", "text or json")
}

// output writes v as JSON or calls text, as --output says.
func output(cmd *cobra.Command, v any, text func(io.Writer) error) error {
	format, err := cmd.Flags().GetString("output")
	if err != nil {
		return err
	}
	switch format {
	case "json":
		enc := json.NewEncoder(cmd.OutOrStdout())
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	case "text":
		return text(cmd.OutOrStdout())
	default:
		return exit.Usage(fmt.Errorf("flag --output is %q, known are text and json", format))
	}
}

func newVersionCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version", Example: "cupel-relayer version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return output(cmd, map[string]string{"version": buildVersion()}, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, buildVersion())
				return err
			})
		},
	}
	addOutputFlag(cmd)
	return cmd
}

func buildVersion() string {
	if version.Version == "" {
		return "dev"
	}
	return version.Version
}
