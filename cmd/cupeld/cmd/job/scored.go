// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func acceptCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "accept BATCH|TASK",
		Short: "Pay the tasks of a SCORED job at once",
		Long: "Pay the tasks of a SCORED job at once, without waiting for the end of their window. What is\n" +
			"accepted cannot be rejected. A task that is named is accepted with all the tasks of its lot.",
		Example: "cupeld job accept 7 --from alice\ncupeld job accept 7/0 --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := paying(cmd, dial)
			if err != nil {
				return err
			}
			return s.accept(cmd.Context(), args[0])
		},
	}
	addTxFlags(cmd)
	return cmd
}

func rejectCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reject TASK",
		Short: "Have a committee score the evidence of a SCORED task",
		Long: "Have a committee score the evidence of a SCORED task, within its window. It is paid from the\n" +
			"escrow. If at least 80 % of the evidence holds, half is paid and half refunded; else all of\n" +
			"it is refunded. A score shows that a job left traces, not that its result is right.",
		Example: "cupeld job reject 7/0 --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := paying(cmd, dial)
			if err != nil {
				return err
			}
			r, err := s.resolveTask(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return s.reject(cmd.Context(), r.task())
		},
	}
	addTxFlags(cmd)
	return cmd
}

// paying returns the session of the requester who pays for a job.
func paying(cmd *cobra.Command, dial connector) (*session, error) {
	if from, err := cmd.Flags().GetString(flags.FlagFrom); err != nil || from == "" {
		return nil, failf(exit.UsageError, "--from is missing: name the key that submitted the job")
	}
	return dial(cmd)
}

// acceptJSON is what accept writes as JSON.
type acceptJSON struct {
	Type   string `json:"type"`
	Batch  uint64 `json:"batch"`
	Lots   int    `json:"lots"`
	TxHash string `json:"tx_hash"`
}

func (s *session) accept(ctx context.Context, text string) error {
	r, err := s.resolve(ctx, text)
	if err != nil {
		return err
	}
	lots, err := s.agreedLots(ctx, r)
	if err != nil {
		return err
	}
	msg := &markettypes.MsgAccept{Requester: s.chain.From(), Lots: lots}
	if done, err := s.chain.Unsigned(msg); done {
		return classify(err)
	}
	hash, err := s.chain.Send(ctx, msg)
	if err != nil {
		return classify(err)
	}
	var answer markettypes.MsgAcceptResponse
	if err := s.chain.Await(ctx, hash, &answer); err != nil {
		return classify(err)
	}
	if n := len(answer.Errors); n > 0 {
		return failf(exit.Failure, "%d of %d lots were not accepted, the first: %s", n, len(lots), answer.Errors[0].Message)
	}
	if s.json {
		s.emit(acceptJSON{Type: "accepted", Batch: r.batch, Lots: len(lots), TxHash: hash})
		return nil
	}
	s.print("accepted and paid %s of batch %d", count(len(lots), "lot"), r.batch)
	return nil
}

// agreedLots are the lots of a batch, or the one of a task, that can be accepted.
func (s *session) agreedLots(ctx context.Context, r ref) ([]markettypes.LotRef, error) {
	v, err := s.snapshot(ctx, r.batch)
	if err != nil {
		return nil, err
	}
	if v.Batch.Policy != markettypes.PolicyScored {
		return nil, failf(exit.UsageError, "batch %d is not SCORED: it is paid by itself once its window is over", r.batch)
	}
	seen := make(map[uint32]bool)
	var lots []markettypes.LotRef
	for _, t := range v.tasks {
		id, _ := v.Batch.LotOf(t.Index)
		if named, _ := v.Batch.LotOf(r.index); !r.whole && id != named {
			continue
		}
		if t.State == markettypes.TaskAgreed && !seen[id] {
			seen[id] = true
			lots = append(lots, markettypes.LotRef{Batch: r.batch, Lot: id})
		}
	}
	if len(lots) == 0 {
		return nil, failf(exit.Failure, "nothing of batch %d waits to be accepted: see cupeld job describe %d", r.batch, r.batch)
	}
	return lots, nil
}

// rejectJSON is what reject writes as JSON.
type rejectJSON struct {
	Type    string `json:"type"`
	Task    uint64 `json:"task"`
	Verdict uint64 `json:"verdict"`
	TxHash  string `json:"tx_hash"`
}

func (s *session) reject(ctx context.Context, task uint64) error {
	msg := &markettypes.MsgReject{Requester: s.chain.From(), Task: task}
	if done, err := s.chain.Unsigned(msg); done {
		return classify(err)
	}
	hash, err := s.chain.Send(ctx, msg)
	if err != nil {
		return classify(err)
	}
	var answer markettypes.MsgRejectResponse
	if err := s.chain.Await(ctx, hash, &answer); err != nil {
		return classify(err)
	}
	if s.json {
		s.emit(rejectJSON{Type: "rejected", Task: task, Verdict: answer.Verdict, TxHash: hash})
		return nil
	}
	s.print("rejected task %d, a committee scores its evidence: follow it with 'cupeld query market verdict %d'", task, answer.Verdict)
	return nil
}
