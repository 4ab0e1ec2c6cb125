// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/cmd/internal/receipt"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// receiptName is the file beside an extracted result that proves its payment.
const receiptName = "receipt.json"

// ReceiptCommand returns the receipt command with all its verbs.
func ReceiptCommand() *cobra.Command { return receiptTree(connect) }

func receiptTree(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "receipt",
		Short: "Prove that a task was settled",
		Long: "Prove that a task was settled.\n\n" +
			"A receipt is a file that says who was paid what for which result, and proves it by the signatures\n" +
			"of the chain's attestors. It is checked without a node, and by mirrors on other chains.\n\n" +
			"Exit codes: 0 ok, 1 error, 2 usage, 3 the task was not paid, 4 there is no receipt yet,\n" +
			"5 a receipt does not prove what it says, 7 network unreachable.",
		Example: "cupeld receipt fetch 7/0\ncupeld receipt verify receipt-28672.json --set 0x…",
		RunE:    client.ValidateCmd,
	}
	cmd.AddCommand(receiptFetchCmd(dial), receiptVerifyCmd(), receiptShowCmd())
	return cmd
}

func receiptFetchCmd(dial connector) *cobra.Command {
	var out string
	var wait bool
	var height int64
	cmd := &cobra.Command{
		Use:   "fetch TASK",
		Short: "Fetch the receipt of a task",
		Long: "Make the receipt of a task out of what a node says, verify it and write it to a file.\n" +
			"There is one as soon as the checkpoint that covers the payment is sealed.",
		Example: "cupeld receipt fetch 7/0\ncupeld receipt fetch 28672 --out - | jq .proofs",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.fetchReceipt(cmd.Context(), args[0], out, height, wait)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	cmd.Flags().StringVar(&out, "out", "", "file for the receipt, - for standard output (default ./receipt-TASK.json)")
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until there is a receipt")
	cmd.Flags().Int64Var(&height, "settled-height", 0, "height at which the task was paid (default: ask the node)")
	return cmd
}

// receiptJSON is what fetch writes as JSON about a file.
type receiptJSON struct {
	Type string `json:"type"`
	Task uint64 `json:"task"`
	File string `json:"file"`
}

func (s *session) fetchReceipt(ctx context.Context, text, out string, height int64, wait bool) error {
	r, err := s.resolveTask(ctx, text)
	if err != nil {
		return err
	}
	made, err := s.awaitReceipt(ctx, s.prover(), r.task(), height, wait)
	if errors.Is(err, errEarly) {
		return failf(exit.WaitTimedOut, "%w\nWait for it with: cupeld receipt fetch %d/%d --wait", err, r.batch, r.index)
	}
	if err != nil {
		return classify(err)
	}
	data, err := made.Encode()
	if err != nil {
		return err
	}
	if out == "-" {
		_, err := s.out.Write(data)
		return err
	}
	if out == "" {
		out = fmt.Sprintf("receipt-%d.json", r.task())
	}
	if err := writeFile(out, data); err != nil {
		return err
	}
	if s.json {
		s.emit(receiptJSON{Type: "receipt", Task: r.task(), File: out})
		return nil
	}
	s.print("receipt in %s", out)
	return nil
}

// awaitReceipt makes a receipt; with wait it polls as long as it is early.
func (s *session) awaitReceipt(ctx context.Context, p *prover, task uint64, height int64, wait bool) (receipt.Receipt, error) {
	said := false
	for {
		made, err := p.prove(ctx, task, height)
		if !wait || !errors.Is(err, errEarly) {
			return made, err
		}
		if !said && !s.json {
			s.say("Waiting: %v", err)
		}
		said = true
		clear(p.unsealed)
		if err := s.pause(ctx); err != nil {
			return receipt.Receipt{}, failf(exit.WaitTimedOut, "stopped waiting for the receipt of task %d\nFetch it later with: cupeld receipt fetch %d", task, task)
		}
	}
}

// writeFile replaces a file in one step.
func writeFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".cupel-receipt-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// readReceipt reads the file that was named; - is standard input.
func readReceipt(cmd *cobra.Command, name string) (receipt.Receipt, error) {
	in := cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return receipt.Receipt{}, exit.Usage(fmt.Errorf("cannot read the receipt: %w", err))
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, receipt.MaxSize+1))
	if err != nil {
		return receipt.Receipt{}, exit.Usage(fmt.Errorf("cannot read the receipt: %w", err))
	}
	r, err := receipt.Parse(data)
	return r, exit.With(exit.VerificationFailed, err)
}

func receiptVerifyCmd() *cobra.Command {
	var set string
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a receipt without a node",
		Long: "Check a receipt without a node: that the leaves are under the root, that more than two thirds of an\n" +
			"attestor set signed it, and that every set of the receipt handed over to the next.\n\n" +
			"That the oldest of these sets is the chain's, no file can prove: name the hash of a set that you know\n" +
			"to be right with --set. A mirror contract was deployed with one, and every node knows them all:\n" +
			"cupeld query oracle attestor-set 1.",
		Example: "cupeld receipt verify receipt.json --set 0x…\ncupeld receipt verify - -o json < receipt.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var trusted checkpoint.Hash
			if set != "" {
				if err := trusted.UnmarshalText([]byte(set)); err != nil || trusted.IsZero() {
					return failf(exit.UsageError, "--set %.80q is not the hash of a set: 0x and 64 hex digits", set)
				}
			}
			s, err := offline(cmd)
			if err != nil {
				return err
			}
			r, err := readReceipt(cmd, args[0])
			if err != nil {
				return err
			}
			anchor, err := r.Verify(trusted)
			if err != nil {
				return exit.With(exit.VerificationFailed, err)
			}
			s.verified(r, anchor, !trusted.IsZero())
			return nil
		},
	}
	cmd.Flags().StringVar(&set, "set", "", "hash of an attestor set that is known to be right")
	cmd.Flags().StringP(flags.FlagOutput, "o", flags.OutputFormatText, "output format (text|json)")
	return cmd
}

func receiptShowCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show FILE",
		Short:   "Print what a receipt says",
		Long:    "Print what a receipt says, without checking any of it.",
		Example: "cupeld receipt show receipt.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := offline(cmd)
			if err != nil {
				return err
			}
			r, err := readReceipt(cmd, args[0])
			if err != nil {
				return err
			}
			s.show(r)
			s.say("Nothing of this was checked. Check it with: cupeld receipt verify %s", args[0])
			return nil
		},
	}
	cmd.Flags().StringP(flags.FlagOutput, "o", flags.OutputFormatText, "output format (text|json)")
	return cmd
}

// offline makes the session of a command that asks no node.
func offline(cmd *cobra.Command) (*session, error) {
	format := outputFormat(cmd)
	if format != flags.OutputFormatText && format != flags.OutputFormatJSON {
		return nil, exit.Usage(fmt.Errorf("--output %q is not text or json", format))
	}
	return &session{out: cmd.OutOrStdout(), err: cmd.ErrOrStderr(), json: format == flags.OutputFormatJSON}, nil
}
