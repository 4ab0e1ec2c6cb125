// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func cancelCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "cancel BATCH",
		Short:   "Cancel the tasks of a batch that nobody has taken yet",
		Long:    "Cancel the tasks of a batch that nobody has taken yet. Their escrow comes back at once;\ntasks that were assigned run to their end.",
		Example: "cupeld job cancel 7 --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			batch, err := parseBatch(args[0])
			if err != nil {
				return err
			}
			if from, err := cmd.Flags().GetString(flags.FlagFrom); err != nil || from == "" {
				return failf(exit.UsageError, "--from is missing: name the key that submitted the batch")
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.cancel(cmd.Context(), batch)
		},
	}
	addTxFlags(cmd)
	return cmd
}

// cancelJSON is what cancel writes as JSON.
type cancelJSON struct {
	Type   string `json:"type"`
	Batch  uint64 `json:"batch"`
	Tasks  uint32 `json:"tasks"`
	Refund uint64 `json:"refund"`
	TxHash string `json:"tx_hash"`
}

func (s *session) cancel(ctx context.Context, batch uint64) error {
	msg := &markettypes.MsgCancel{Requester: s.chain.From(), Batch: batch}
	if done, err := s.chain.Unsigned(msg); done {
		return classify(err)
	}
	hash, err := s.chain.Send(ctx, msg)
	if err != nil {
		return classify(err)
	}
	var answer markettypes.MsgCancelResponse
	if err := s.chain.Await(ctx, hash, &answer); err != nil {
		return classify(err)
	}
	if s.json {
		s.emit(cancelJSON{Type: "cancelled", Batch: batch, Tasks: answer.Tasks, Refund: answer.Refund, TxHash: hash})
		return nil
	}
	s.print("cancelled %s of batch %d, %d refunded", count(int(answer.Tasks), "task"), batch, answer.Refund)
	return nil
}
