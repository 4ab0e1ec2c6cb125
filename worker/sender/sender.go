// SPDX-License-Identifier: Apache-2.0

// Package sender tells the chain what the runner has to say, in batches of
// unordered transactions. It remembers nothing across restarts: the runner
// offers again whatever the chain still waits for.
package sender

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/chain"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Chain is what the sender needs of a node.
type Chain interface {
	Broadcast(ctx context.Context, tx []byte) error
	Tx(ctx context.Context, hash []byte) (chain.TxResult, error)
	AccountNumber(ctx context.Context, address string) (uint64, error)
	Refresh(ctx context.Context) (chain.Head, error)
}

// Signer writes transactions.
type Signer interface {
	Address() string
	Sign(ctx context.Context, msg sdk.Msg, terms chain.Terms) ([]byte, error)
}

// Observer is told what happened, for metrics.
type Observer interface {
	TxSent(kind Kind, items int)
	TxDone(kind Kind, result string)
	// FeePaid is told the fee of a transaction that is in a block, in base
	// units.
	FeePaid(kind Kind, fee uint64)
}

// Config of a Sender.
type Config struct {
	// Flush is how long an item waits for others to share its transaction.
	Flush time.Duration
	// Tick is how often transactions in flight are looked up.
	Tick time.Duration
	// MaxItems is the most items of a transaction.
	MaxItems int
	// TTL is how long a transaction is valid, in block time.
	TTL time.Duration
	// Resend is the wait before the same bytes are broadcast again.
	Resend time.Duration
	// GasPrice is the price of one unit of gas.
	GasPrice sdk.DecCoin
	// FeePerHour bounds the fees of any 60 minutes, in base units.
	FeePerHour uint64
	// MaxTxGas bounds the gas of a transaction.
	MaxTxGas uint64
}

// Sender is safe for concurrent use.
type Sender struct {
	cfg    Config
	chain  Chain
	signer Signer
	obs    Observer
	log    *slog.Logger
	wake   chan struct{}

	mu      sync.Mutex
	queue   [kinds][]Item
	known   map[string]*state
	flights []*flight
	budget  budget
	gas     gasTable
	account *account
	last    time.Time
	held    bool
}

// account is the number that signatures of an address bind.
type account struct {
	address string
	number  uint64
}

// state is what is known of an item by its ID.
type state struct {
	// busy is set while the item is queued or in flight.
	busy bool
	// included is the height of the block that took it.
	included int64
	// refused counts the refusals in a row, until is when the next try is due.
	refused int
	until   time.Time
}

// New returns a Sender; nothing is sent before Run.
func New(cfg Config, c Chain, signer Signer, obs Observer, log *slog.Logger) *Sender {
	return &Sender{
		cfg: cfg, chain: c, signer: signer, obs: obs, log: log,
		wake: make(chan struct{}, 1), known: make(map[string]*state), gas: newGasTable(),
		budget: budget{limit: cfg.FeePerHour},
	}
}

// Offer queues an item unless the same one is queued, in flight, or was taken
// by a block that the caller, who read the chain at height, has not seen yet.
func (s *Sender) Offer(item Item, height int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.known[item.ID]
	if st == nil {
		st = &state{}
		s.known[item.ID] = st
	}
	commit := item.Kind == KindCommit || item.Kind == KindCommitCase || item.Kind == KindCommitVote
	if st.busy || height < st.included || time.Now().Before(st.until) || (commit && s.held) {
		return
	}
	st.busy = true
	s.queue[item.Kind] = append(s.queue[item.Kind], item)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Hold stops new commitments while held is true, so that a worker that can
// hardly pay its fees keeps them for reveals.
func (s *Sender) Hold(held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
}

// Estimate returns the fees in base units of saying a lot with so many results:
// its commitment, its reveal or both, each in a transaction of its own.
func (s *Sender) Estimate(results int, commit, reveal bool) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum uint64
	if commit {
		sum += s.fee(s.gas.limit([]Item{{Kind: KindCommit}}))
	}
	if reveal {
		sum += s.fee(s.gas.limit([]Item{{Kind: KindReveal, Reveal: markettypes.LotReveal{Results: make([]markettypes.Result, results)}}}))
	}
	return sum
}

// EstimateProof returns the fees in base units of answering a lot with so many
// proofs, which need no commitment.
func (s *Sender) EstimateProof(results int) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fee(s.gas.limit([]Item{{Kind: KindProve, Prove: markettypes.LotProof{Results: make([]markettypes.Result, results)}}}))
}

// Budget returns what of the fees of this hour is spent and its limit, in base
// units; a limit of 0 is none.
func (s *Sender) Budget() (spent, limit uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.budget.spent(time.Now()), s.budget.limit
}

// fee is the price of gas, rounded up; what does not fit is the largest number.
func (s *Sender) fee(gas uint64) uint64 {
	amount := s.cfg.GasPrice.Amount.MulInt(sdkmath.NewIntFromUint64(gas)).Ceil().TruncateInt()
	if !amount.IsUint64() {
		return math.MaxUint64 >> 1
	}
	return amount.Uint64()
}

// Pending returns the number of items queued and in flight.
func (s *Sender) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, q := range s.queue {
		n += len(q)
	}
	for _, f := range s.flights {
		n += len(f.items)
	}
	return n
}

// Run sends until ctx is done and returns ctx.Err(). Failures are logged and
// tried again at the next tick.
func (s *Sender) Run(ctx context.Context) error {
	tick := time.NewTicker(s.cfg.Tick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
			if err := sleep(ctx, s.cfg.Flush); err != nil {
				return err
			}
		case <-tick.C:
			s.follow(ctx)
		}
		if err := s.flush(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sending failed", "err", err)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// flush signs and sends everything that is queued.
func (s *Sender) flush(ctx context.Context) error {
	for {
		items := s.next()
		if len(items) == 0 {
			return nil
		}
		if err := s.send(ctx, items); err != nil {
			s.requeue(items)
			return err
		}
	}
}

// next takes the items of the next transaction off the queues.
func (s *Sender) next() []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.queue {
		if len(s.queue[k]) == 0 {
			continue
		}
		most := s.cfg.MaxItems
		if Kind(k).single() {
			most = 1
		}
		n := s.gas.fit(s.queue[k], most, s.cfg.MaxTxGas)
		items := s.queue[k][:n:n]
		s.queue[k] = s.queue[k][n:]
		return items
	}
	return nil
}

func (s *Sender) requeue(items []Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := items[0].Kind
	s.queue[k] = append(slices.Clone(items), s.queue[k]...)
}

// send signs one transaction and hands it over. An error means that it was not
// signed; what happens after that is the flight's.
func (s *Sender) send(ctx context.Context, items []Item) error {
	head, err := s.chain.Refresh(ctx)
	if err != nil {
		return err
	}
	number, err := s.accountNumber(ctx)
	if err != nil {
		return err
	}
	f, err := s.prepare(items, head.Time)
	if err != nil {
		return err
	}
	terms := chain.Terms{Account: number, Timeout: f.timeout, Gas: f.gas}
	if f.fee > 0 {
		terms.Fee = sdk.NewCoins(sdk.NewCoin(s.cfg.GasPrice.Denom, sdkmath.NewIntFromUint64(f.fee)))
	}
	f.raw, err = s.signer.Sign(ctx, message(s.signer.Address(), items), terms)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(f.raw)
	f.hash = sum[:]
	s.mu.Lock()
	s.flights = append(s.flights, f)
	s.budget.spend(time.Now(), f.fee)
	s.mu.Unlock()
	s.obs.TxSent(f.kind, len(items))
	s.broadcast(ctx, f)
	return nil
}

// prepare fixes gas, fee and a timeout that no other transaction has.
func (s *Sender) prepare(items []Item, now time.Time) (*flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &flight{kind: items[0].Kind, items: items, gas: s.gas.limit(items)}
	f.fee = s.fee(f.gas)
	if !s.budget.allows(time.Now(), f.fee) {
		return nil, errors.New("the fee budget of this hour is spent: raise fees.per_hour or wait")
	}
	// The fraction of a second differs between runs of the worker, so that a
	// restart does not meet a timeout it used before.
	f.timeout = now.Add(s.cfg.TTL).Truncate(time.Second).Add(time.Duration(time.Now().Nanosecond()))
	if !f.timeout.After(s.last) {
		f.timeout = s.last.Add(1)
	}
	s.last = f.timeout
	return f, nil
}

func (s *Sender) accountNumber(ctx context.Context) (uint64, error) {
	s.mu.Lock()
	known := s.account
	s.mu.Unlock()
	address := s.signer.Address()
	if known != nil && known.address == address {
		return known.number, nil
	}
	n, err := s.chain.AccountNumber(ctx, address)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.account = &account{address, n}
	s.mu.Unlock()
	return n, nil
}
