// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"slices"
	"sync"
	"time"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// maxFailures is how many transactions of one entry may fail on the ledger
// within failureWindow before the target stops paying for more.
const (
	maxFailures   = 3
	failureWindow = time.Hour
)

// Target records entries on Solana. It implements mirror.Target and
// mirror.Account. Submit is not called concurrently.
type Target struct {
	cfg    Config
	domain checkpoint.Domain
	lookup solanago.PublicKey
	pool   *pool
	signer Signer
	book   *journal.Book
	log    *slog.Logger

	mu sync.Mutex
	// paid holds the fees of recorded transactions by signature.
	paid map[solanago.Signature]bool
	sum  uint64
	// final is the highest nonce that was agreed to be final.
	final uint64
}

var (
	_ mirror.Target  = (*Target)(nil)
	_ mirror.Account = (*Target)(nil)
)

// NewTarget returns a target that has read nothing yet.
func NewTarget(cfg Config, endpoints []Endpoint, signer Signer, book *journal.Book, log *slog.Logger) (*Target, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	domain := checkpoint.NewDomain(cfg.Anchor.ChainID)
	lookup, err := Lookup(domain)
	if err != nil {
		return nil, err
	}
	log = log.With("target", cfg.Name)
	p, err := newPool(endpoints, cfg.Anchor, cfg, log)
	if err != nil {
		return nil, err
	}
	return &Target{
		cfg: cfg, domain: domain, lookup: lookup, pool: p, signer: signer, book: book, log: log,
		paid: map[solanago.Signature]bool{},
	}, nil
}

// Progress implements mirror.Target. Sent and Safe are what is confirmed, Final
// what is finalized, each by a quorum of the endpoints.
func (t *Target) Progress(ctx context.Context) (mirror.Progress, error) {
	views, err := t.pool.look(ctx)
	if err != nil {
		return mirror.Progress{}, err
	}
	sent := t.pool.agreed(views, func(v view) uint64 { return v.newer.Nonce })
	final := t.pool.agreed(views, func(v view) uint64 { return v.finalized.Nonce })
	t.mu.Lock()
	t.final = max(t.final, final)
	known := t.final
	t.mu.Unlock()
	if final < known {
		// A reader loses nothing final: those that answer now are behind.
		return mirror.Progress{}, fmt.Errorf("%w: nonce %d was final, the endpoints that answer have %d", mirror.ErrUnknown, known, final)
	}
	if err := t.payAll(views); err != nil {
		return mirror.Progress{}, err
	}
	if err := t.book.Prune(final); err != nil {
		return mirror.Progress{}, err
	}
	t.book.Reached(journal.Polled)
	return mirror.Progress{Sent: sent, Safe: sent, Final: final}, nil
}

// Chain returns what is recorded at a commitment, by the endpoint with the most
// headers that a quorum reaches.
func (t *Target) Chain(ctx context.Context, level Commitment) (*Chain, error) {
	views, err := t.pool.look(ctx)
	if err != nil {
		return nil, err
	}
	chain := func(v view) *Chain {
		if level == Finalized {
			return v.finalized
		}
		return v.newer
	}
	nonce := t.pool.agreed(views, func(v view) uint64 { return chain(v).Nonce })
	at := slices.IndexFunc(views, func(v view) bool { return chain(v).Nonce == nonce })
	return chain(views[at]), nil
}

// Submit implements mirror.Target. It signs again only what has expired on
// every ledger, failed, or was recorded without counting.
func (t *Target) Submit(ctx context.Context, entry mirror.Entry) error {
	if err := entry.Verify(t.domain); err != nil {
		return err
	}
	t.book.Reached(journal.Collected)
	var last error
	for {
		done, err := t.round(ctx, entry)
		if done {
			return err
		}
		if err != nil && !onlyUnknown(err) {
			return err
		}
		if err != nil {
			last = err
			t.log.Warn("unknown how far the entry is", "nonce", entry.Header.Nonce, "err", err)
		}
		timer := time.NewTimer(t.cfg.Poll)
		select {
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), last)
		case <-timer.C:
		}
	}
}

// onlyUnknown reports whether looking again may resolve an error.
func onlyUnknown(err error) bool {
	for _, known := range []error{mirror.ErrRefused, mirror.ErrRejected, mirror.ErrLowBalance} {
		if errors.Is(err, known) {
			return false
		}
	}
	return errors.Is(err, mirror.ErrUnknown)
}

// round looks where an entry is and does what is next. An error is unknown, or
// ends the submission.
func (t *Target) round(ctx context.Context, entry mirror.Entry) (done bool, err error) {
	views, err := t.pool.look(ctx)
	if err != nil {
		return false, err
	}
	nonce := t.pool.agreed(views, func(v view) uint64 { return v.newer.Nonce })
	at := slices.IndexFunc(views, func(v view) bool { return v.newer.Nonce == nonce })
	chain := views[at].newer
	attempts, err := t.book.Attempts(entry.Header.Nonce)
	if err != nil {
		return false, err
	}
	t.pay(views, attempts)
	if nonce >= entry.Header.Nonce {
		t.book.Reached(journal.Included)
		return true, sameHeader(chain, entry)
	}
	if err := t.follows(chain, entry); err != nil {
		return false, err
	}
	flying, failures, err := t.judge(ctx, views, entry.Header.Nonce, attempts)
	if err != nil {
		return false, err
	}
	if failures >= maxFailures {
		return false, fmt.Errorf("%w: %d transactions of nonce %d failed on the ledger within %s, the explorer says why",
			mirror.ErrRejected, failures, entry.Header.Nonce, failureWindow)
	}
	return false, errors.Join(t.resend(ctx, views, entry.Header.Nonce, flying), t.advance(ctx, views, chain, entry, flying, len(attempts)))
}

// sameHeader returns ErrDisagreement if the ledger has another header of the
// entry's nonce: two headers of one nonce were signed.
func sameHeader(chain *Chain, entry mirror.Entry) error {
	if recorded, ok := chain.At(entry.Header.Nonce); ok && recorded.Header != entry.Header {
		return fmt.Errorf("%w: nonce %d is recorded with root %s, the home chain has %s",
			mirror.ErrDisagreement, entry.Header.Nonce, recorded.Header.Root, entry.Header.Root)
	}
	return nil
}

// follows checks that an entry is the next of a line.
func (t *Target) follows(chain *Chain, entry mirror.Entry) error {
	h := entry.Header
	switch {
	case h.Nonce != chain.Nonce+1:
		return fmt.Errorf("nonce %d does not follow %d, the last one recorded", h.Nonce, chain.Nonce)
	case h.PrevRoot != chain.Root || h.Set != chain.Set.Hash():
		return fmt.Errorf("%w: nonce %d does not follow the recorded root %s and set %s", mirror.ErrForged, h.Nonce, chain.Root, chain.Set.Hash())
	case chain.line.stale(time.Now()):
		return fmt.Errorf("%w: set %d was made at %s", mirror.ErrStaleSet, chain.Set.ID, time.Unix(int64(chain.Set.Time), 0).UTC())
	}
	return nil
}

// pay adds the fees of attempts that are recorded and not yet counted.
func (t *Target) pay(views []view, attempts []journal.Attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range attempts {
		id, err := solanago.SignatureFromBase58(a.Hash)
		if err != nil || t.paid[id] {
			continue
		}
		for _, v := range views {
			if landed, ok := v.newer.tail[id]; ok && landed.Fee > 0 {
				t.paid[id], t.sum = true, t.sum+landed.Fee
				break
			}
		}
	}
}

// payAll adds the fees of all attempts that are not forgotten yet, and forgets
// those that the journal did.
func (t *Target) payAll(views []view) error {
	pending, err := t.Pending()
	if err != nil {
		return err
	}
	attempts := make([]journal.Attempt, len(pending))
	for i, p := range pending {
		attempts[i].Hash = p.Hash
	}
	t.pay(views, attempts)
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.paid, func(id solanago.Signature, _ bool) bool {
		return !slices.ContainsFunc(pending, func(p mirror.Pending) bool { return p.Hash == id.String() })
	})
	return nil
}

// Address implements mirror.Account.
func (t *Target) Address() string { return t.signer.Address().String() }

// Balance implements mirror.Account, in lamports: what a quorum of the
// endpoints says is there.
func (t *Target) Balance(ctx context.Context) (*big.Int, error) {
	balance, err := t.balance(ctx)
	return new(big.Int).SetUint64(balance), err
}

func (t *Target) balance(ctx context.Context) (uint64, error) {
	var all []uint64
	var errs []error
	for _, e := range t.pool.endpoints {
		balance, err := e.RPC.Balance(ctx, t.signer.Address())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, balance)
	}
	if len(all) < t.pool.quorum {
		return 0, fmt.Errorf("%w: balance: %w", mirror.ErrUnknown, errors.Join(errs...))
	}
	slices.Sort(all)
	return all[len(all)-t.pool.quorum], nil
}

// Floor implements mirror.Account.
func (t *Target) Floor() *big.Int { return new(big.Int).SetUint64(t.cfg.Floor) }

// Spent implements mirror.Account.
func (t *Target) Spent() *big.Int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return new(big.Int).SetUint64(t.sum)
}

// Pending returns what may be in flight, by the journal alone.
func (t *Target) Pending() ([]mirror.Pending, error) { return t.book.Pending() }
