// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// voucherOptions are the flags of voucher.
type voucherOptions struct {
	key, receipts           string
	units, amount, sequence uint64
}

func sessionVoucherCmd(dial connector) *cobra.Command {
	var o voucherOptions
	cmd := &cobra.Command{
		Use:   "voucher SESSION",
		Short: "Sign a voucher and print the value of its HTTP header",
		Long: "Sign a voucher and print the value of its HTTP header " + voucher.HeaderName + ".\n\n" +
			"Units and amount are those of the whole session so far, the next call included. The amount follows\n" +
			"from the units at the price of the session. Nothing is sent to the chain.",
		Example: "cupeld session voucher 7 --units 120000\n" +
			`curl -H "` + voucher.HeaderName + `: $(cupeld session voucher 7 --units 120000)" …`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseSession(args[0])
			if err != nil {
				return err
			}
			if o.units == 0 {
				return failf(exit.UsageError, "--units is missing: say how many the session will have used with the next call")
			}
			if o.key, err = keyFile(cmd, o.key); err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.voucher(cmd.Context(), id, o)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	f := cmd.Flags()
	f.Uint64Var(&o.units, "units", 0, "units of the whole session so far")
	f.Uint64Var(&o.amount, "amount", 0, "amount of the whole session so far (0: what the units cost)")
	f.Uint64Var(&o.sequence, "sequence", 0, "number of the voucher, above all before (0: the time in milliseconds)")
	f.StringVar(&o.receipts, "receipts", "", "running hash of the receipts, 64 hex digits (default zeros)")
	f.StringVar(&o.key, "voucher-key", "", "file of the voucher key (default voucher.pem in the home)")
	if f.Lookup(flags.FlagChainID) == nil {
		f.String(flags.FlagChainID, "", "id of the chain (default: what the node says)")
	}
	return cmd
}

// voucherJSON is what voucher writes as JSON.
type voucherJSON struct {
	Type     string `json:"type"`
	ChainID  string `json:"chain_id"`
	Session  uint64 `json:"session"`
	Sequence uint64 `json:"sequence"`
	Amount   uint64 `json:"amount"`
	Units    uint64 `json:"units"`
	Name     string `json:"header_name"`
	Header   string `json:"header"`
}

func (s *session) voucher(ctx context.Context, id uint64, o voucherOptions) error {
	key, err := loadKey(o.key)
	if err != nil {
		return err
	}
	v := voucher.Voucher{Session: id, Sequence: o.sequence, Amount: o.amount, Units: o.units}
	if o.receipts != "" {
		hash, err := hex.DecodeString(o.receipts)
		if err != nil || len(hash) != voucher.HashSize {
			return failf(exit.UsageError, "--receipts has %d characters, must be %d hex digits", len(o.receipts), 2*voucher.HashSize)
		}
		v.Receipts = [voucher.HashSize]byte(hash)
	}
	res, err := s.paySession(ctx, id)
	if err != nil {
		return err
	}
	if !bytes.Equal(publicHalf(key), res.Session.VoucherKey) {
		return failf(exit.UsageError, "the key in %s is not the voucher key of session %d\nName the right file with --voucher-key", o.key, id)
	}
	if v.Sequence == 0 {
		v.Sequence = uint64(s.now().UnixMilli())
	}
	if v.Amount == 0 {
		if v.Amount, err = res.Session.Terms().Amount(v.Units); err != nil {
			return classifySession(err)
		}
	}
	if err := res.Session.Terms().Check(v); err != nil {
		return classifySession(fmt.Errorf("%w\nAdd to the deposit with: cupeld session topup %d AMOUNT", err, id))
	}
	if v.ChainID, err = s.network(ctx); err != nil {
		return classifySession(err)
	}
	signed, err := voucher.Sign(key, v)
	if err != nil {
		return classifySession(err)
	}
	if s.json {
		s.emit(voucherJSON{
			Type: "voucher", ChainID: v.ChainID, Session: id, Sequence: v.Sequence, Amount: v.Amount, Units: v.Units,
			Name: voucher.HeaderName, Header: signed.Header(),
		})
		return nil
	}
	s.print("%s", signed.Header())
	return nil
}

func sessionRedeemCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "redeem VOUCHER...",
		Short: "Redeem vouchers for the providers they pay",
		Long: "Redeem vouchers, given as header values, for the providers they pay; - reads them from standard\n" +
			"input, one a line. Anybody can: the coins go to the payout address of each provider.",
		Example: "cupeld session redeem v1.AAAA… --from alice",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needsFrom(cmd); err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.redeem(cmd.Context(), args)
		},
	}
	addTxFlags(cmd)
	return cmd
}

// headers reads the vouchers of redeem.
func (s *session) headers(args []string) ([]markettypes.SessionVoucher, error) {
	if len(args) == 1 && args[0] == "-" {
		args = nil
		for lines := bufio.NewScanner(s.in); lines.Scan(); {
			if line := strings.TrimSpace(lines.Text()); line != "" {
				args = append(args, line)
			}
		}
	}
	out := make([]markettypes.SessionVoucher, 0, len(args))
	for i, text := range args {
		signed, err := voucher.ParseHeader(text)
		if err != nil {
			return nil, classifySession(fmt.Errorf("voucher %d: %w", i+1, err))
		}
		out = append(out, markettypes.NewSessionVoucher(signed))
	}
	return out, nil
}

// redeemedJSON is what redeem writes as JSON, one object per voucher.
type redeemedJSON struct {
	Type    string `json:"type"`
	Session uint64 `json:"session"`
	Earned  uint64 `json:"earned"`
	Error   string `json:"error,omitempty"`
	TxHash  string `json:"tx_hash"`
}

func (s *session) redeem(ctx context.Context, args []string) error {
	vouchers, err := s.headers(args)
	if err != nil {
		return err
	}
	var answer markettypes.MsgRedeemResponse
	hash, done, err := s.send(ctx, &markettypes.MsgRedeem{Sender: s.chain.From(), Vouchers: vouchers}, &answer)
	if err != nil || done {
		return err
	}
	failed := map[int]string{}
	for _, e := range answer.Errors {
		failed[int(e.Index)] = e.Message
	}
	for i, v := range vouchers {
		var earned uint64
		if i < len(answer.Earned) {
			earned = answer.Earned[i]
		}
		switch {
		case s.json:
			s.emit(redeemedJSON{Type: "redeemed", Session: v.Session, Earned: earned, Error: failed[i], TxHash: hash})
		case failed[i] != "":
			s.print("session %d  refused: %s", v.Session, failed[i])
		default:
			s.print("session %d  earned %d", v.Session, earned)
		}
	}
	if len(failed) > 0 {
		return failf(exit.Failure, "%d of %d vouchers were refused", len(failed), len(vouchers))
	}
	return nil
}
