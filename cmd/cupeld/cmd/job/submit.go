// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/jobfile"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// submitted is what the chain answered to a submit.
type submitted struct {
	hash          string
	batch, escrow uint64
}

// submittedJSON is the first object of a job that was submitted.
type submittedJSON struct {
	Type   string `json:"type"`
	Batch  uint64 `json:"batch"`
	Task   uint64 `json:"task"`
	Tasks  uint32 `json:"tasks"`
	Denom  string `json:"denom"`
	Escrow uint64 `json:"escrow"`
	TxHash string `json:"tx_hash"`
}

func (r submitted) json(job *jobfile.Job) submittedJSON {
	return submittedJSON{
		Type: "submitted", Batch: r.batch, Task: markettypes.TaskID(r.batch, 0), Tasks: job.Msg.Count,
		Denom: job.Msg.Denom, Escrow: r.escrow, TxHash: r.hash,
	}
}

// prepare estimates, checks the balance and asks. It reports whether the job
// is to be submitted.
func (s *session) prepare(ctx context.Context, job *jobfile.Job, o runOptions) (bool, error) {
	e, err := s.estimate(ctx, job.Msg)
	if err != nil {
		return false, err
	}
	if !s.json && !o.idOnly {
		e.show(s.say, job.Msg)
	}
	if w := e.warning(); w != "" {
		s.say("Warning: %s", w)
	}
	escrow := sdk.NewCoins(sdk.NewCoin(e.Denom, sdkmath.NewIntFromUint64(e.Escrow)))
	if err := s.affordable(ctx, escrow); err != nil {
		return false, err
	}
	// The document has to be where its URI says before anybody looks.
	if !o.dryRun {
		if _, err := job.WriteDocument(); err != nil {
			return false, failf(exit.Failure, "cannot store the manifest: %w", err)
		}
	}
	gas, fees, err := s.chain.Estimate(ctx, &job.Msg)
	if err != nil {
		return false, classify(err)
	}
	if err := s.affordable(ctx, escrow.Add(fees...)); err != nil {
		return false, err
	}
	if o.dryRun {
		if s.json {
			s.emit(e)
		}
		s.say("Dry run: the transaction would take %d gas and %s in fees; nothing was sent", gas, orNone(fees))
		return false, nil
	}
	if !s.asks || o.yes {
		return true, nil
	}
	return s.confirm(fmt.Sprintf("Put %s in escrow and pay %s in fees?", escrow, orNone(fees)))
}

func orNone(coins sdk.Coins) string {
	if coins.IsZero() {
		return "nothing"
	}
	return coins.String()
}

// affordable compares the balances of the signer with what is needed.
func (s *session) affordable(ctx context.Context, need sdk.Coins) error {
	from := s.chain.From()
	for _, coin := range need {
		res, err := s.bank.Balance(ctx, &banktypes.QueryBalanceRequest{Address: from, Denom: coin.Denom})
		if err != nil {
			return classify(err)
		}
		have := sdk.NewCoin(coin.Denom, sdkmath.ZeroInt())
		if res.Balance != nil {
			have = *res.Balance
		}
		if have.Amount.LT(coin.Amount) {
			return errFunds(from, coin.String(), have.String())
		}
	}
	return nil
}

// confirm asks a person.
func (s *session) confirm(question string) (bool, error) {
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	line, err := bufio.NewReader(s.in).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	if answer == "y" || answer == "yes" {
		return true, nil
	}
	if err != nil {
		s.say("")
	}
	return false, failf(exit.Failure, "not submitted; nothing was spent")
}

// submit sends the job and waits until it is in a block.
func (s *session) submit(ctx context.Context, job *jobfile.Job) (submitted, error) {
	hash, err := s.chain.Send(ctx, &job.Msg)
	if err != nil {
		return submitted{}, interrupted(ctx, classify(err))
	}
	var answer markettypes.MsgSubmitResponse
	if err := s.chain.Await(ctx, hash, &answer); err != nil {
		if ctx.Err() != nil {
			return submitted{}, failf(exit.WaitTimedOut, "the job was sent in transaction %s and goes on without you\nFind it with: cupeld job list --requester %s", hash, s.chain.From())
		}
		return submitted{}, classify(err)
	}
	return submitted{hash: hash, batch: answer.Batch, escrow: answer.Escrow}, nil
}
