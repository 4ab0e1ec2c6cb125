// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"context"
	"log/slog"
	"time"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// provider is a simulated provider: a worker's sender, no runs.
type provider struct {
	sim.Worker
	operator, hot *account
	client        *chain.Client
	outbox        *sender.Sender
}

// senderConfig is that of a worker with the default configuration, but without
// a limit of its fees.
func (c Config) senderConfig() sender.Config {
	maxGas := uint64(20_000_000)
	if c.MaxGas > 0 {
		maxGas = min(maxGas, c.MaxGas)
	}
	return sender.Config{
		Flush: 50 * time.Millisecond, Tick: 300 * time.Millisecond, MaxItems: 100, TTL: time.Minute, Resend: 3 * time.Second,
		GasPrice: sdk.NewDecCoinFromDec(net.Denom, sdkmath.LegacyNewDecWithPrec(leastPrice, 3)), MaxTxGas: maxGas,
	}
}

// open gives every provider a client and a sender of its own.
func (d *driver) open() (err error) {
	for _, p := range d.providers {
		if p.client, err = d.connect(); err != nil {
			return err
		}
		line := &line{p.client, d}
		p.outbox = sender.New(d.senderConfig(), line, p.hot, line, slog.New(slog.DiscardHandler))
	}
	return nil
}

// line is a sender's way to its node, on which the driver listens.
type line struct {
	*chain.Client
	d *driver
}

// Broadcast notes the transaction of an answer.
func (l *line) Broadcast(ctx context.Context, tx []byte) error {
	return l.d.send(ctx, l.Client, kindAnswer, tx)
}

// TxSent does nothing: Broadcast has the bytes.
func (l *line) TxSent(sender.Kind, int) {}

// FeePaid does nothing.
func (l *line) FeePaid(sender.Kind, uint64) {}

// TxDone notes what went wrong without a refusal, which send and landed see.
func (l *line) TxDone(kind sender.Kind, result string) {
	if result == "ok" || result == "refused" {
		return
	}
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.d.fail(kind.String() + ": " + result)
}

// work lets a provider answer after every block, or after the last of those
// that were made since it asked.
func (d *driver) work(ctx context.Context, p *provider) error {
	var seen int64
	return d.behind(ctx, func() int64 { return seen }, func(tip int64) error {
		seen = tip
		return d.answer(ctx, p)
	})
}

// answer offers what the chain awaits of a provider.
func (d *driver) answer(ctx context.Context, p *provider) error {
	work, err := p.client.Work(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, c := range work.Cases {
		d.sayCase(p, c, work.Height)
	}
	for _, l := range work.Lots {
		d.sayLot(p, l, work.Height)
	}
	return nil
}

// sayLot offers a commit or a reveal as a worker does that has run the lot.
func (d *driver) sayLot(p *provider, l markettypes.LotWork, height int64) {
	reveal := p.Reveal(l.Batch, l)
	switch {
	case l.Phase == markettypes.SeatAssigned && l.Replicas == 1,
		l.Phase == markettypes.SeatCommitted && l.State == markettypes.TaskCommitted,
		l.Phase == markettypes.SeatWithheld:
		p.outbox.Offer(sender.RevealLot(reveal), height)
	case l.Phase == markettypes.SeatAssigned:
		p.outbox.Offer(sender.CommitLot(markettypes.LotCommit{
			Batch: l.Batch, Lot: l.Lot, Attempt: l.Attempt, Commitment: markettypes.CommitLot(d.chainID, p.Operator, reveal),
		}), height)
	}
}

// sayCase offers a commit or a reveal of a case.
func (d *driver) sayCase(p *provider, c markettypes.CaseWork, height int64) {
	reveal := d.caseReveal(p, c)
	switch {
	case c.CasePhase == markettypes.CasePhaseReveal && c.Phase == markettypes.SeatCommitted, c.Phase == markettypes.SeatWithheld:
		p.outbox.Offer(sender.RevealCase(reveal), height)
	case c.CasePhase == markettypes.CasePhaseCommit && c.Phase == markettypes.SeatAssigned:
		p.outbox.Offer(sender.CommitCase(markettypes.CaseCommit{
			Task: c.Task, Attempt: c.Attempt, Commitment: markettypes.CommitCaseAnswer(d.chainID, p.Operator, reveal),
		}), height)
	}
}

func (d *driver) caseReveal(p *provider, c markettypes.CaseWork) markettypes.CaseReveal {
	return sim.HonestCase(c.Task, c.Attempt, make([]byte, markettypes.HashSize), p.Operator, c.Others, func(id uint32) []byte {
		for _, other := range d.providers {
			if other.ID == id {
				return other.Operator
			}
		}
		return nil // somebody else's, on a network that ran already
	})
}
