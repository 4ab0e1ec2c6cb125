// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"fmt"
	"log/slog"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// Sender is the transaction manager of one account, which nobody else may use.
// It has one transaction in flight: the one with the account's lowest unused
// nonce. Every attempt is in the journal, as the bytes that are sent, before
// it is sent.
type Sender struct {
	cfg    SenderConfig
	pool   *Pool
	signer Signer
	book   *journal.Book
	log    *slog.Logger
	clock  clock

	mu       sync.Mutex
	spent    *big.Int
	refusals int
	resume   time.Time // nothing is sent before, after a refusal
	lastErr  error     // that refusal
}

// clock is the machine's time. Tests replace it, because the simulated chain
// runs in goroutines of its own, which testing/synctest does not take.
type clock struct {
	now   func() time.Time
	sleep func(ctx context.Context, d time.Duration) error
}

func systemClock() clock {
	return clock{now: time.Now, sleep: func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	}}
}

// NewSender returns the sender of the signer's account, which writes to book.
func NewSender(cfg SenderConfig, pool *Pool, signer Signer, book *journal.Book, log *slog.Logger) (*Sender, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Sender{
		cfg: cfg, pool: pool, signer: signer, book: book, log: log, clock: systemClock(), spent: new(big.Int),
	}, nil
}

// Spent is the sum in wei of the fees of transactions that this process saw
// mined.
func (s *Sender) Spent() *big.Int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return new(big.Int).Set(s.spent)
}

// Balance returns what the account holds in the newest block, in wei.
func (s *Sender) Balance(ctx context.Context) (*big.Int, error) {
	return ask(ctx, s.pool, func(ctx context.Context, c Client, head *types.Header) (*big.Int, error) {
		return c.BalanceAt(ctx, s.signer.Address(), head.Number)
	})
}

// Call is what a transaction does.
type Call struct {
	// Key is the nonce of the entry under which attempts are in the journal.
	Key  uint64
	To   common.Address
	Data []byte
	// Done reports whether what the call is for is in the newest block, by
	// whomever.
	Done func(ctx context.Context) (bool, error)
}

// Send returns nil once Done reports true. It re-sends what the journal holds
// for the call if that can still be mined, else signs a new transaction. When
// it fails, what is in flight stays in the journal for the next call.
func (s *Sender) Send(ctx context.Context, call Call) error {
	run := &run{Sender: s, call: call, started: s.clock.now(), taken: map[string]time.Time{}, paid: map[string]bool{}}
	for first := true; ; first = false {
		done, err := call.Done(ctx)
		if err != nil {
			return err
		}
		if done {
			return run.finish(ctx)
		}
		if first {
			if err := s.ready(ctx); err != nil {
				return err
			}
		}
		if err := run.step(ctx); err != nil {
			return run.failed(err)
		}
		if err := s.clock.sleep(ctx, s.cfg.PollInterval); err != nil {
			return fmt.Errorf("%w: the transaction stays in the journal: %w", mirror.ErrUnknown, err)
		}
	}
}

// ready refuses to send during the back-off and below the balance floor.
func (s *Sender) ready(ctx context.Context) error {
	s.mu.Lock()
	resume, last := s.resume, s.lastErr
	s.mu.Unlock()
	if wait := resume.Sub(s.clock.now()); wait > 0 {
		return fmt.Errorf("nothing is sent for %s: %w", wait.Round(time.Second), last)
	}
	balance, err := s.Balance(ctx)
	if err != nil {
		return fmt.Errorf("balance: %w", err)
	}
	if balance.Cmp(s.cfg.BalanceFloor) < 0 {
		return fmt.Errorf("%w: %s has %s wei, the floor is %s: fund it", mirror.ErrLowBalance, s.signer.Address(), balance, s.cfg.BalanceFloor)
	}
	return nil
}

// refuse notes a refusal and starts or doubles the back-off.
func (s *Sender) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := s.cfg.RefusedBackoff
	for range s.refusals {
		if wait >= s.cfg.MaxRefusedBackoff/2 {
			wait = s.cfg.MaxRefusedBackoff
			break
		}
		wait *= 2
	}
	s.refusals++
	wait -= rand.N(wait/4 + 1) //nolint:gosec // spreads load, guards no secret
	s.resume, s.lastErr = s.clock.now().Add(wait), err
}

// accepted ends the back-off.
func (s *Sender) accepted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals, s.resume, s.lastErr = 0, time.Time{}, nil
}

// nonce returns the account's lowest nonce that is not used in the newest block.
func (s *Sender) nonce(ctx context.Context) (uint64, error) {
	return ask(ctx, s.pool, func(ctx context.Context, c Client, head *types.Header) (uint64, error) {
		return c.NonceAt(ctx, s.signer.Address(), head.Number)
	})
}

// market returns what the chain asks for now. The tip is the lowest that an
// endpoint suggests, so that one of them cannot make the account overpay, and at
// least MinTip.
func (s *Sender) market(ctx context.Context) (market, error) {
	baseFee, err := ask(ctx, s.pool, func(_ context.Context, _ Client, head *types.Header) (*big.Int, error) {
		if head.BaseFee == nil {
			return nil, fmt.Errorf("block %s has no base fee: the chain has no EIP-1559", head.Number)
		}
		return head.BaseFee, nil
	})
	if err != nil {
		return market{}, err
	}
	tips, err := all(ctx, s.pool, func(ctx context.Context, c Client) (*big.Int, error) { return c.SuggestGasTipCap(ctx) })
	if err != nil {
		return market{}, err
	}
	return market{baseFee: baseFee, tip: most(slices.MinFunc(tips, (*big.Int).Cmp), s.cfg.MinTip)}, nil
}

// gas returns the gas limit of a call: the estimate and a margin. A revert goes
// up as it is.
func (s *Sender) gas(ctx context.Context, call Call) (uint64, error) {
	estimate, err := ask(ctx, s.pool, func(ctx context.Context, c Client, _ *types.Header) (uint64, error) {
		return c.EstimateGas(ctx, ethereum.CallMsg{From: s.signer.Address(), To: &call.To, Data: call.Data})
	})
	if err != nil {
		return 0, err
	}
	limit := estimate + estimate*s.cfg.GasMarginPercent/100
	if limit > s.cfg.MaxGas {
		return 0, fmt.Errorf("%w: it takes %d gas with the margin, max_gas is %d", mirror.ErrRefused, limit, s.cfg.MaxGas)
	}
	return limit, nil
}
