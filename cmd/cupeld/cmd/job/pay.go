// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// SessionCommand returns the session command with all its verbs: what a
// requester types to pay a provider as it goes.
func SessionCommand() *cobra.Command { return sessionTree(connect) }

func sessionTree(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "session",
		Short: "Pay a provider as you go, against one deposit",
		Long: "Pay a provider as you go, against one deposit.\n\n" +
			"A session holds a deposit for one provider. Every call to it carries a voucher, signed by the\n" +
			"session's voucher key, for everything the session has cost so far; the provider redeems the highest.\n\n" +
			"Exit codes: 0 ok, 1 error, 2 usage, 4 a transaction is in no block yet,\n" +
			"6 insufficient funds, 7 network unreachable.",
		Example: "cupeld session open cupel1… --class llm/v1 --deposit 5000000ucupel --from alice\n" +
			"cupeld session serve 7 --url https://provider.example.com/v1\ncupeld session status 7",
		RunE: client.ValidateCmd,
	}
	cmd.AddCommand(
		sessionOpenCmd(dial), sessionStatusCmd(dial), sessionListCmd(dial), sessionVoucherCmd(dial), sessionServeCmd(dial),
		sessionTopUpCmd(dial), sessionCloseCmd(dial), sessionRedeemCmd(dial),
	)
	return cmd
}

// sessionErrors are refusals that another command line would avoid.
var sessionErrors = []error{
	markettypes.ErrInvalidDeposit, markettypes.ErrInvalidDuration, markettypes.ErrInvalidVoucherKey,
	markettypes.ErrInvalidVoucher, markettypes.ErrVoucherSignature,
	voucher.ErrMalformed, voucher.ErrKey, voucher.ErrTerms,
}

// classifySession is classify for errors about sessions.
func classifySession(err error) error {
	var coded *exit.ExitError
	if err == nil || errors.As(err, &coded) {
		return err
	}
	if isNotFound(err) || errors.Is(err, markettypes.ErrSessionNotFound) {
		return failf(exit.Failure, "%w\nSee what there is with: cupeld session list", plain(err))
	}
	for _, refused := range sessionErrors {
		if errors.Is(err, refused) {
			return exit.With(exit.UsageError, err)
		}
	}
	return classify(err)
}

// parseSession reads the number of a session.
func parseSession(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 || n > markettypes.MaxBatchID {
		return 0, failf(exit.UsageError, "%.64q is not the number of a session", text)
	}
	return n, nil
}

// parseCoin reads an amount with its denom.
func parseCoin(flag, text string) (denom string, amount uint64, err error) {
	coin, err := sdk.ParseCoinNormalized(text)
	if err != nil || !coin.IsPositive() || !coin.Amount.IsUint64() {
		return "", 0, failf(exit.UsageError, "%s %.64q is not an amount: write it with its denom, such as 5000000ucupel", flag, text)
	}
	return coin.Denom, coin.Amount.Uint64(), nil
}

// needsFrom refuses a command that signs without a key.
func needsFrom(cmd *cobra.Command) error {
	if from, err := cmd.Flags().GetString(flags.FlagFrom); err != nil || from == "" {
		return failf(exit.UsageError, "--from is missing: name the key that signs\nList your keys with: cupeld keys list")
	}
	return nil
}

// send delivers a message and decodes the answer; done is true if the flags
// asked for the transaction only.
func (s *session) send(ctx context.Context, msg, answer sdk.Msg) (hash string, done bool, err error) {
	if done, err := s.chain.Unsigned(msg); done {
		return "", true, classifySession(err)
	}
	if hash, err = s.chain.Send(ctx, msg); err != nil {
		return "", false, classifySession(err)
	}
	return hash, false, classifySession(s.chain.Await(ctx, hash, answer))
}

// paySession reads a session.
func (s *session) paySession(ctx context.Context, id uint64) (*markettypes.QuerySessionResponse, error) {
	res, err := s.market.Session(ctx, &markettypes.QuerySessionRequest{Session: id})
	if err != nil {
		return nil, classifySession(err)
	}
	return res, nil
}

// chainID is the id of the chain by the flags or the configuration, else by
// the node.
func chainID(ctx context.Context, c client.Context) (string, error) {
	if c.ChainID != "" {
		return c.ChainID, nil
	}
	res, err := cmtservice.NewServiceClient(c).GetNodeInfo(ctx, &cmtservice.GetNodeInfoRequest{})
	if err != nil {
		return "", err
	}
	return res.DefaultNodeInfo.Network, nil
}

// sessionState is the state without the prefix of the enum: ACTIVE.
func sessionState(state markettypes.SessionState) string {
	return strings.TrimPrefix(markettypes.SessionState_name[int32(state)], "SESSION_STATE_")
}

// sessionReason is empty where there is no reason.
func sessionReason(r markettypes.SessionReason) string {
	if r == markettypes.SessionReasonNone {
		return ""
	}
	return strings.TrimPrefix(markettypes.SessionReason_name[int32(r)], "SESSION_REASON_")
}

// per is what a price is for, by its scale.
func per(scale uint64) string {
	if scale == 1 {
		return "per unit"
	}
	return fmt.Sprintf("per %d units", scale)
}
