// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func challengeCmd(dial connector) *cobra.Command {
	var wrong, unavailable bool
	cmd := &cobra.Command{
		Use:   "challenge TASK",
		Short: "Have a task run again before it is paid",
		Long: "Have a task run again before it is paid, because its result is wrong or cannot be fetched.\n" +
			"It holds a bond of twice the price of one replica, at least 1 CUPEL. The bond returns if\n" +
			"the result, or somebody who was to be paid for it, does not stand.",
		Example: "cupeld job challenge 7/0 --wrong --from alice\ncupeld job challenge 7/0 --unavailable --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if wrong == unavailable {
				return failf(exit.UsageError, "say what is the matter: --wrong or --unavailable")
			}
			kind := markettypes.ChallengeWrong
			if unavailable {
				kind = markettypes.ChallengeUnavailable
			}
			return dispute(cmd, dial, args[0], func(sender string, task uint64) sdk.Msg {
				return &markettypes.MsgChallenge{Sender: sender, Task: task, Kind: kind}
			})
		},
	}
	cmd.Flags().BoolVar(&wrong, "wrong", false, "the result is not what the work gives")
	cmd.Flags().BoolVar(&unavailable, "unavailable", false, "the artifact cannot be fetched")
	addTxFlags(cmd)
	return cmd
}

func appealCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "appeal TASK",
		Short: "Have a jury hear the decided dispute of a task",
		Long: "Have a jury of 21 operators hear the decided dispute of a task, once and for good. The\n" +
			"requester, who was judged wrong and who lost the challenge may appeal, while its window\n" +
			"is open. It holds a bond of 14 times the price of one replica, at least 1 CUPEL.",
		Example: "cupeld job appeal 7/0 --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return dispute(cmd, dial, args[0], func(sender string, task uint64) sdk.Msg {
				return &markettypes.MsgAppeal{Sender: sender, Task: task}
			})
		},
	}
	addTxFlags(cmd)
	return cmd
}

// dispute sends the message of a challenge or an appeal.
func dispute(cmd *cobra.Command, dial connector, ref string, build func(sender string, task uint64) sdk.Msg) error {
	if from, err := cmd.Flags().GetString(flags.FlagFrom); err != nil || from == "" {
		return failf(exit.UsageError, "--from is missing: name the key that pays the bond")
	}
	s, err := dial(cmd)
	if err != nil {
		return err
	}
	r, err := s.resolveTask(cmd.Context(), ref)
	if err != nil {
		return err
	}
	return s.dispute(cmd.Context(), r.task(), build(s.chain.From(), r.task()))
}

// disputeJSON is what challenge and appeal write as JSON.
type disputeJSON struct {
	Type   string `json:"type"`
	Task   uint64 `json:"task"`
	Bond   uint64 `json:"bond"`
	TxHash string `json:"tx_hash"`
}

func (s *session) dispute(ctx context.Context, task uint64, msg sdk.Msg) error {
	if done, err := s.chain.Unsigned(msg); done {
		return classify(err)
	}
	hash, err := s.chain.Send(ctx, msg)
	if err != nil {
		return classify(err)
	}
	what, bond := "challenged", uint64(0)
	if _, ok := msg.(*markettypes.MsgAppeal); ok {
		var answer markettypes.MsgAppealResponse
		err = s.chain.Await(ctx, hash, &answer)
		what, bond = "appealed", answer.Bond
	} else {
		var answer markettypes.MsgChallengeResponse
		err = s.chain.Await(ctx, hash, &answer)
		bond = answer.Bond
	}
	if err != nil {
		return classify(err)
	}
	if s.json {
		s.emit(disputeJSON{Type: what, Task: task, Bond: bond, TxHash: hash})
		return nil
	}
	s.print("%s task %d, %d held as a bond: follow it with 'cupeld query market case %d'", what, task, bond, task)
	return nil
}
