// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func sessionTopUpCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "topup SESSION AMOUNT",
		Short:   "Add to the deposit of a session",
		Example: "cupeld session topup 7 5000000ucupel --from alice",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseSession(args[0])
			if err != nil {
				return err
			}
			denom, amount, err := parseCoin("the amount", args[1])
			if err != nil {
				return err
			}
			if err := needsFrom(cmd); err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.topUp(cmd.Context(), id, denom, amount)
		},
	}
	addTxFlags(cmd)
	return cmd
}

// toppedUpJSON is what topup writes as JSON.
type toppedUpJSON struct {
	Type    string `json:"type"`
	Session uint64 `json:"session"`
	Denom   string `json:"denom"`
	Deposit uint64 `json:"deposit"`
	TxHash  string `json:"tx_hash"`
}

func (s *session) topUp(ctx context.Context, id uint64, denom string, amount uint64) error {
	v, err := s.paySession(ctx, id)
	if err != nil {
		return err
	}
	if v.Session.Denom != denom {
		return failf(exit.UsageError, "session %d is paid in %s, not in %s", id, v.Session.Denom, denom)
	}
	var answer markettypes.MsgTopUpResponse
	hash, done, err := s.send(ctx, &markettypes.MsgTopUp{Requester: s.chain.From(), Session: id, Amount: amount}, &answer)
	if err != nil || done {
		return err
	}
	if s.json {
		s.emit(toppedUpJSON{Type: "session_topped_up", Session: id, Denom: denom, Deposit: answer.Deposit, TxHash: hash})
		return nil
	}
	s.print("session %d has a deposit of %d%s", id, answer.Deposit, denom)
	return nil
}

func sessionCloseCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "close SESSION",
		Short: "Close a session",
		Long: "Close a session. The provider has a dispute window of at least a day to redeem its last voucher; then\n" +
			"the rest of the deposit comes back. If the provider closes it, the rest goes back at once.",
		Example: "cupeld session close 7 --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseSession(args[0])
			if err != nil {
				return err
			}
			if err := needsFrom(cmd); err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.closeSession(cmd.Context(), id)
		},
	}
	addTxFlags(cmd)
	return cmd
}

// closedJSON is what close writes as JSON.
type closedJSON struct {
	Type    string `json:"type"`
	Session uint64 `json:"session"`
	State   string `json:"state"`
	Due     uint64 `json:"due"`
	Refund  uint64 `json:"refund"`
	TxHash  string `json:"tx_hash"`
}

func (s *session) closeSession(ctx context.Context, id uint64) error {
	var answer markettypes.MsgCloseSessionResponse
	hash, done, err := s.send(ctx, &markettypes.MsgCloseSession{Sender: s.chain.From(), Session: id}, &answer)
	if err != nil || done {
		return err
	}
	if s.json {
		s.emit(closedJSON{Type: "session_closed", Session: id, State: sessionState(answer.State), Due: answer.Due, Refund: answer.Refund, TxHash: hash})
		return nil
	}
	if answer.State == markettypes.SessionClosing {
		s.print("session %d is closing: the rest comes back at tick %d, and not before a day", id, answer.Due)
		return nil
	}
	s.print("session %d is closed, %d refunded", id, answer.Refund)
	return nil
}
