// SPDX-License-Identifier: Apache-2.0

// Package job is the job command of cupeld: what a requester types to have a
// job run, to watch it and to fetch its results.
package job

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// connector returns the session of a command. Tests replace it.
type connector func(cmd *cobra.Command) (*session, error)

// Command returns the job command with all its verbs.
func Command() *cobra.Command { return tree(connect) }

func tree(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "job",
		Short: "Run jobs on the network and fetch their results",
		Long: "Run jobs on the network and fetch their results.\n\n" +
			"A job is described by a job file; 'cupeld job init' writes one to start from.\n" +
			"A job file with a sweep makes one task per element; all tasks of a job are a batch.\n" +
			"A task is named by its number, or as BATCH/INDEX.\n\n" +
			"Exit codes: 0 ok, 1 error, 2 usage or a bad job file, 3 the job failed,\n" +
			"4 waiting ended while the job goes on, 5 a result is not what the chain says,\n" +
			"6 insufficient funds, 7 network unreachable.",
		Example: "cupeld job init render\ncupeld job run job.yaml --from alice",
		RunE:    client.ValidateCmd,
	}
	cmd.AddCommand(
		initCmd(), validateCmd(dial), estimateCmd(dial), runCmd(dial), listCmd(dial),
		describeCmd(dial), whyCmd(dial), logsCmd(dial), resultsCmd(dial), cancelCmd(dial), challengeCmd(dial), appealCmd(dial),
		acceptCmd(dial), rejectCmd(dial), identityCmd(), progressCmd(dial),
	)
	return cmd
}

// connect makes the session from the flags of the command.
func connect(cmd *cobra.Command) (*session, error) {
	get := client.GetClientQueryContext
	sends := cmd.Flags().Lookup(flags.FlagFrom) != nil
	if sends {
		get = client.GetClientTxContext
	}
	ctx, err := get(cmd)
	if err != nil {
		return nil, classify(err)
	}
	if format := outputFormat(cmd); format != flags.OutputFormatText && format != flags.OutputFormatJSON {
		return nil, exit.Usage(fmt.Errorf("--output %q is not text or json", format))
	}
	s := newSession(ctx)
	s.out, s.err = cmd.OutOrStdout(), cmd.ErrOrStderr()
	s.in = cmd.InOrStdin()
	s.json = outputFormat(cmd) == flags.OutputFormatJSON
	s.live = isTerminal(s.err) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	s.width = func() int { return columns(s.err) }
	s.asks = isTerminal(s.in)
	if sends {
		s.chain = &broadcaster{ctx: ctx, flags: cmd.Flags()}
	}
	return s, nil
}

func outputFormat(cmd *cobra.Command) string {
	if f := cmd.Flags().Lookup(flags.FlagOutput); f != nil {
		return f.Value.String()
	}
	return flags.OutputFormatText
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func columns(stream any) int {
	if f, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// addTxFlags adds the SDK's transaction flags with defaults that need no
// knowledge of gas, and text as the output.
func addTxFlags(cmd *cobra.Command) {
	flags.AddTxFlagsToCmd(cmd)
	setDefault(cmd, flags.FlagGas, flags.GasFlagAuto)
	// What others send between the simulation and the block changes what a step costs.
	setDefault(cmd, flags.FlagGasAdjustment, "1.5")
	setDefault(cmd, flags.FlagOutput, flags.OutputFormatText)
}

// setDefault changes the default of a flag that the SDK has added.
func setDefault(cmd *cobra.Command, name, value string) {
	if f := cmd.Flags().Lookup(name); f != nil && f.Value.Set(value) == nil {
		f.DefValue = value
	}
}
