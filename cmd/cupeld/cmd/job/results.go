// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func resultsCmd(dial connector) *cobra.Command {
	var out, name, receipts string
	cmd := &cobra.Command{
		Use:   "results BATCH|TASK",
		Short: "Fetch and verify results",
		Long: "Fetch the results of a batch or of one task from the providers, verify them against the\n" +
			"digests on the chain and unpack them. What is already there is not fetched again, and a download\n" +
			"that was interrupted goes on where it was (encrypted ones begin anew).\n\n" +
			"Beside each result goes receipt.json, which proves who was paid for it, once there is one: after the\n" +
			"window of the task and the next checkpoint. --receipt wait waits for it, none leaves it out.",
		Example: "cupeld job results 7\ncupeld job results 7/3 --out frame3 --receipt wait",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			mode, err := parseReceiptMode(receipts)
			if err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			if err := s.readIdentity(cmd); err != nil {
				return err
			}
			return s.results(cmd.Context(), args[0], name, out, mode)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	addIdentityFlag(cmd)
	cmd.Flags().StringVar(&out, "out", "", "directory for the results (default ./NAME-TASK)")
	cmd.Flags().StringVar(&name, "name", "job", "first part of the default directory")
	cmd.Flags().StringVar(&receipts, "receipt", "now", "write receipts: now (those that there are), wait (for all) or none")
	return cmd
}

func (s *session) results(ctx context.Context, text, name, out string, mode receiptMode) error {
	r, err := s.resolve(ctx, text)
	if err != nil {
		return err
	}
	v, err := s.view(ctx, r)
	if err != nil {
		return err
	}
	dirs, err := s.collect(ctx, v, name, out)
	s.conclude(v, dirs, "")
	if err != nil {
		return classify(err)
	}
	if err := s.writeReceipts(ctx, v, name, out, mode); err != nil {
		return err
	}
	if err := v.verdict(); err != nil {
		return err
	}
	for _, t := range v.tasks {
		if !hasResult(t) {
			return failf(exit.WaitTimedOut, "task %d has no result yet, it is %s\nSee it with: cupeld job describe %d/%d", t.Task, stateName(t.State), t.Batch, t.Index)
		}
	}
	return nil
}

func logsCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logs TASK",
		Short: "Print what a task wrote",
		Long: "Fetch and verify the result of a task and print what the program wrote: its standard output\n" +
			"to standard output and its standard error to standard error.",
		Example: "cupeld job logs 7/0\ncupeld job logs 28672 2>errors.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			if err := s.readIdentity(cmd); err != nil {
				return err
			}
			return s.logs(cmd.Context(), args[0])
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	addIdentityFlag(cmd)
	return cmd
}

// logsJSON is what logs writes as JSON.
type logsJSON struct {
	Type   string `json:"type"`
	Task   uint64 `json:"task"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

func (s *session) logs(ctx context.Context, text string) error {
	r, err := s.resolveTask(ctx, text)
	if err != nil {
		return err
	}
	v, err := s.one(ctx, r)
	if err != nil {
		return err
	}
	t := v.tasks[0]
	if !hasResult(t) {
		if why := failure(t); why != "" {
			return failf(exit.JobFailed, "task %d has no result: %s", t.Task, why)
		}
		return failf(exit.WaitTimedOut, "task %d has no result yet, it is %s\nSee it with: cupeld job describe %d/%d", t.Task, stateName(t.State), t.Batch, t.Index)
	}
	if v.Batch.Policy == markettypes.PolicyProof {
		return failf(exit.Failure, "task %d is proved: its result is on the chain, and what its program wrote is known to its provider alone", t.Task)
	}
	path, err := s.fetch(ctx, v.Batch, t, "")
	if err != nil {
		return classify(err)
	}
	defer os.Remove(path)
	a, err := engine.OpenArtifact(path, artifactLimits(v.Batch))
	if err != nil {
		return failf(exit.VerificationFailed, "the result of task %d has the right sha256 but is not an artifact: %w", t.Task, err)
	}
	defer a.Close()
	return s.printLogs(t.Task, a)
}

func (s *session) printLogs(task uint64, a *engine.Artifact) error {
	stderr, err := a.Open(engine.StderrName)
	if err != nil {
		return err
	}
	stdout, err := a.Open(engine.StdoutName)
	if err != nil {
		return err
	}
	if !s.json {
		if _, err := io.Copy(s.err, stderr); err != nil {
			return err
		}
		_, err = io.Copy(s.out, stdout)
		return err
	}
	errText, err := io.ReadAll(stderr)
	if err != nil {
		return err
	}
	outText, err := io.ReadAll(stdout)
	if err != nil {
		return err
	}
	s.emit(logsJSON{Type: "logs", Task: task, Stdout: string(outText), Stderr: string(errText)})
	return nil
}
