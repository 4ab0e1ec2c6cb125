// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/big"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

var (
	_ mirror.Target  = (*Target)(nil)
	_ mirror.Account = (*Target)(nil)
)

// Target is a CupelMirror on an EVM chain, and the account that pays.
type Target struct {
	cfg    Config
	pool   *Pool
	sender *Sender
	book   *journal.Book
	domain checkpoint.Domain
	abi    *contract.CupelMirror
}

// NewTarget returns a target that signs with signer and keeps what is in flight
// in book. It does not connect; Check tells whether the contract is the right
// one.
func NewTarget(cfg Config, pool *Pool, signer Signer, book *journal.Book, log *slog.Logger) (*Target, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("target %s: %w", cfg.Name, err)
	}
	sender, err := NewSender(cfg.Sender, pool, signer, book, log.With("target", cfg.Name))
	if err != nil {
		return nil, err
	}
	return &Target{
		cfg: cfg, pool: pool, sender: sender, book: book,
		domain: checkpoint.NewDomain(cfg.HomeChain), abi: contract.NewCupelMirror(),
	}, nil
}

// Address is the account that pays.
func (t *Target) Address() string { return t.sender.signer.Address().Hex() }

// Balance returns what the account holds in the newest block, in wei.
func (t *Target) Balance(ctx context.Context) (*big.Int, error) { return t.sender.Balance(ctx) }

// Floor is the balance below which nothing is sent, in wei.
func (t *Target) Floor() *big.Int { return new(big.Int).Set(t.cfg.Sender.BalanceFloor) }

// Spent is the sum in wei of the fees of transactions that this process saw
// mined.
func (t *Target) Spent() *big.Int { return t.sender.Spent() }

// Pending returns the transactions of the journal, which may be in flight or
// not final yet, ascending by entry.
func (t *Target) Pending() ([]mirror.Pending, error) { return t.book.Pending() }

// state is what the contract says at a block; the zero value is that of a block
// before its deployment.
type state struct {
	nonce         uint64
	root, setHash checkpoint.Hash
}

// stateAt reads the contract at a block.
func (t *Target) stateAt(ctx context.Context, c Client, block common.Hash) (state, error) {
	out, err := c.CallContractAtHash(ctx, ethereum.CallMsg{To: &t.cfg.Contract, Data: t.abi.PackState()}, block)
	if err != nil {
		return state{}, err
	}
	if len(out) == 0 {
		code, err := c.CodeAtHash(ctx, t.cfg.Contract, block)
		if err != nil || len(code) > 0 {
			return state{}, errors.Join(fmt.Errorf("contract %s gave an empty answer", t.cfg.Contract), err)
		}
		return state{}, nil
	}
	s, err := t.abi.UnpackState(out)
	if err != nil {
		return state{}, fmt.Errorf("contract %s is no CupelMirror: %w", t.cfg.Contract, err)
	}
	return state{nonce: s.Nonce, root: s.Root, setHash: s.SetHash}, nil
}

// Progress reads the contract at the newest, the safe and the final block and
// forgets the transactions of what is final.
func (t *Target) Progress(ctx context.Context) (mirror.Progress, error) {
	at, err := observe(ctx, t.pool, t.stateAt)
	if err != nil {
		return mirror.Progress{}, err
	}
	if at.latest == (state{}) {
		return mirror.Progress{}, fmt.Errorf("%w: there is no contract at %s", mirror.ErrWrongChain, t.cfg.Contract)
	}
	safe := max(at.safe.nonce, at.final.nonce)
	progress := mirror.Progress{Sent: max(at.latest.nonce, safe), Safe: safe, Final: at.final.nonce}
	if err := t.book.Prune(progress.Final); err != nil {
		return mirror.Progress{}, fmt.Errorf("journal: %w", err)
	}
	t.book.Reached(journal.Polled)
	return progress, nil
}

// Submit records the entry and returns once it is in the newest block, by
// whomever. It is tried out before anything is paid for.
func (t *Target) Submit(ctx context.Context, entry mirror.Entry) error {
	if err := entry.Verify(t.domain); err != nil {
		return err
	}
	data, err := contract.PackEntry(entry)
	if err != nil {
		return fmt.Errorf("%w: %w", mirror.ErrForged, err)
	}
	t.book.Reached(journal.Collected)
	done := func(ctx context.Context) (bool, error) { return t.recorded(ctx, entry) }
	if ok, err := done(ctx); err != nil || ok {
		return err
	}
	if err := t.dryRun(ctx, data); err != nil {
		return t.unlessDone(ctx, done, err)
	}
	err = t.sender.Send(ctx, Call{Key: entry.Header.Nonce, To: t.cfg.Contract, Data: data, Done: done})
	if err != nil {
		return t.unlessDone(ctx, done, err)
	}
	t.book.Reached(journal.Included)
	return nil
}

// recorded reports whether the newest block has the entry. Another header of
// the same nonce there is mirror.ErrForged: two were sealed.
func (t *Target) recorded(ctx context.Context, entry mirror.Entry) (bool, error) {
	now, err := ask(ctx, t.pool, func(ctx context.Context, c Client, head *types.Header) (state, error) {
		return t.stateAt(ctx, c, head.Hash())
	})
	if err != nil {
		return false, fmt.Errorf("state of the mirror: %w", err)
	}
	header := entry.Header
	if now.nonce == header.Nonce && (now.root != header.Root || now.setHash != header.NextSet) {
		return false, fmt.Errorf("%w: the mirror has another header of nonce %d: root %s, set %s", mirror.ErrForged, header.Nonce, now.root, now.setHash)
	}
	return now.nonce >= header.Nonce, nil
}

// dryRun executes the call on the newest block without sending it.
func (t *Target) dryRun(ctx context.Context, data []byte) error {
	from := t.sender.signer.Address()
	_, err := ask(ctx, t.pool, func(ctx context.Context, c Client, head *types.Header) ([]byte, error) {
		return c.CallContractAtHash(ctx, ethereum.CallMsg{From: from, To: &t.cfg.Contract, Data: data}, head.Hash())
	})
	return err
}

// unlessDone returns nil for a failure whose reason is that somebody else was
// faster, and says what a revert means.
func (t *Target) unlessDone(ctx context.Context, done func(context.Context) (bool, error), failure error) error {
	data, reverted := revertData(failure)
	if !reverted && !errors.Is(failure, mirror.ErrRejected) {
		return failure
	}
	if ok, err := done(ctx); err != nil || ok {
		return err
	}
	if !reverted {
		return failure
	}
	return t.explain(data)
}

// RevertError is a custom error of the contract.
type RevertError struct {
	// Name and Args as in the contract, such as WrongNonce and {Got:3 Want:2}.
	Name, Args string
}

// Error names the contract's error.
func (e *RevertError) Error() string { return "CupelMirror." + e.Name + e.Args }

// explain decodes the contract's error and wraps it in what the loop decides by.
func (t *Target) explain(data []byte) error {
	if len(data) < 4 {
		return fmt.Errorf("%w: the call reverts without a reason", mirror.ErrRejected)
	}
	custom, err := t.abi.UnpackError(data)
	if err != nil {
		return fmt.Errorf("%w: the call reverts with %#x", mirror.ErrRejected, data)
	}
	revert := newRevertError(custom)
	switch custom.(type) {
	case *contract.CupelMirrorEnforcedPause:
		return fmt.Errorf("%w: %w", mirror.ErrHalted, revert)
	case *contract.CupelMirrorSetStale:
		return fmt.Errorf("%w: %w", mirror.ErrStaleSet, revert)
	case *contract.CupelMirrorWrongNonce:
		// The block before was reorganized, or an endpoint is behind.
		return fmt.Errorf("%w: %w", mirror.ErrUnknown, revert)
	default:
		return fmt.Errorf("%w: %w", mirror.ErrRejected, revert)
	}
}
