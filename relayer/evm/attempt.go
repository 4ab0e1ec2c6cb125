// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// run is one Send: what it remembers between two steps.
type run struct {
	*Sender
	call     Call
	started  time.Time
	taken    map[string]time.Time // when an endpoint took the transaction of a hash
	paid     map[string]bool      // receipts that are counted, by hash
	tooLow   int
	lastSent error // of the last send that no endpoint took
}

// attempt is a signed transaction of the journal.
type attempt struct {
	journal.Attempt
	tx *types.Transaction
}

// step does the one thing that is due: send, raise the fees, or nothing.
func (r *run) step(ctx context.Context) error {
	if err := r.limits(); err != nil {
		return err
	}
	nonce, err := r.nonce(ctx)
	if err != nil {
		return fmt.Errorf("nonce of the account: %w", err)
	}
	own, rival, err := r.attempts(nonce)
	if err != nil {
		return err
	}
	if own == nil {
		if err := r.executed(ctx, nonce); err != nil {
			return err
		}
		if own, err = r.create(ctx, nonce, rival); err != nil {
			return err
		}
	}
	since, sent := r.taken[own.Hash]
	switch {
	case !sent:
		return r.send(ctx, own)
	case r.clock.now().Sub(since) < r.cfg.ResubmitAfter:
		return nil
	}
	next, err := r.raise(ctx, own)
	if errors.Is(err, mirror.ErrFeeTooHigh) {
		// It can still be mined at its price: send it again, in case it was
		// dropped.
		r.log.Warn("transaction is stuck and the fee limit forbids to raise it", "entry", r.call.Key, "tx", own.Hash, "err", err)
		return r.send(ctx, own)
	}
	if err != nil {
		return err
	}
	return r.send(ctx, next)
}

// limits ends a run that took too long.
func (r *run) limits() error {
	elapsed := r.clock.now().Sub(r.started)
	switch {
	case elapsed >= r.cfg.SendTimeout:
		return fmt.Errorf("%w: not mined after %s", mirror.ErrUnknown, elapsed)
	case len(r.taken) == 0 && elapsed >= r.cfg.NotInMempool:
		return fmt.Errorf("%w: no endpoint took the transaction for %s: %w", mirror.ErrUnknown, elapsed, r.lastSent)
	case r.tooLow >= r.cfg.MaxNonceTooLow:
		return fmt.Errorf("%w: the nonce of the account was used %d times: is the key in use elsewhere?", mirror.ErrUnknown, r.tooLow)
	}
	return nil
}

// attempts returns the best paying attempt of the call at an account nonce, and
// the best paying one of other entries there, which a new one must outbid.
func (r *run) attempts(nonce uint64) (own, rival *attempt, err error) {
	keys, err := r.book.Nonces()
	if err != nil {
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	for _, key := range keys {
		all, err := r.book.Attempts(key)
		if err != nil {
			return nil, nil, fmt.Errorf("journal: %w", err)
		}
		best := &rival
		if key == r.call.Key {
			best = &own
		}
		for _, a := range all {
			if a.AccountNonce != nonce {
				continue
			}
			tx := new(types.Transaction)
			if err := tx.UnmarshalBinary(a.Raw); err != nil {
				return nil, nil, fmt.Errorf("journal: attempt %s: %w", a.Hash, err)
			}
			if *best == nil || tx.GasFeeCapCmp((*best).tx) > 0 {
				*best = &attempt{a, tx}
			}
		}
	}
	if own != nil && rival != nil && own.tx.GasFeeCapCmp(rival.tx) <= 0 {
		own = nil // it could not replace the other
	}
	return own, rival, nil
}

// executed returns mirror.ErrRejected if the run's own transaction was mined and
// did not do what it was for. Another one at that price would not either.
func (r *run) executed(ctx context.Context, nonce uint64) error {
	all, err := r.book.Attempts(r.call.Key)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for _, a := range all {
		if _, ours := r.taken[a.Hash]; !ours || a.AccountNonce >= nonce {
			continue
		}
		receipt, err := r.receipt(ctx, a)
		if err != nil {
			continue // not known at any endpoint: Done decides
		}
		r.spend(a.Hash, receipt)
		if receipt.Status == types.ReceiptStatusFailed {
			return fmt.Errorf("%w: transaction %s failed in block %s", mirror.ErrRejected, a.Hash, receipt.BlockNumber)
		}
	}
	return nil
}

// create signs a new transaction, with enough to replace rival, and writes it
// to the journal.
func (r *run) create(ctx context.Context, nonce uint64, rival *attempt) (*attempt, error) {
	gas, err := r.gas(ctx, r.call)
	if err != nil {
		return nil, fmt.Errorf("gas: %w", err)
	}
	now, err := r.market(ctx)
	if err != nil {
		return nil, fmt.Errorf("fees: %w", err)
	}
	price, err := r.cfg.initial(now)
	if err == nil && rival != nil {
		price, err = r.cfg.bump(fees{rival.tx.GasTipCap(), rival.tx.GasFeeCap()}, now)
	}
	if err != nil {
		return nil, err
	}
	r.book.Reached(journal.Reserved)
	return r.sign(ctx, nonce, gas, price)
}

// raise signs the same call at the same nonce with higher fees.
func (r *run) raise(ctx context.Context, old *attempt) (*attempt, error) {
	now, err := r.market(ctx)
	if err != nil {
		return nil, fmt.Errorf("fees: %w", err)
	}
	price, err := r.cfg.bump(fees{old.tx.GasTipCap(), old.tx.GasFeeCap()}, now)
	if err != nil {
		return nil, err
	}
	r.log.Info("fees are raised", "entry", r.call.Key, "replaces", old.Hash, "fee_cap", price.feeCap, "tip", price.tip)
	return r.sign(ctx, old.AccountNonce, old.tx.Gas(), price)
}

// sign signs and writes to the journal.
func (r *run) sign(ctx context.Context, nonce, gas uint64, price fees) (*attempt, error) {
	tx, err := r.signer.Sign(ctx, types.NewTx(&types.DynamicFeeTx{
		ChainID: r.pool.ChainID(), Nonce: nonce, GasTipCap: price.tip, GasFeeCap: price.feeCap,
		Gas: gas, To: &r.call.To, Value: new(big.Int), Data: r.call.Data,
	}))
	if err != nil {
		return nil, fmt.Errorf("%w: sign: %w", mirror.ErrRefused, err)
	}
	raw, err := tx.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("%w: encode: %w", mirror.ErrRefused, err)
	}
	now := r.clock.now()
	a := journal.Attempt{Hash: tx.Hash().Hex(), Raw: raw, AccountNonce: nonce, Created: now, Sent: now}
	if err := r.book.Put(r.call.Key, a); err != nil {
		return nil, fmt.Errorf("%w: journal: %w", mirror.ErrRefused, err)
	}
	return &attempt{a, tx}, nil
}

// send broadcasts an attempt. What may be in flight is no error: the next steps
// look for it.
func (r *run) send(ctx context.Context, a *attempt) error {
	if now := r.clock.now(); now.Sub(a.Sent) >= time.Second { // not what sign has just written
		a.Sent = now
		if err := r.book.Put(r.call.Key, a.Attempt); err != nil {
			return fmt.Errorf("%w: journal: %w", mirror.ErrRefused, err)
		}
	}
	is, err := r.pool.broadcast(ctx, a.tx)
	switch is {
	case accepted:
		r.log.Info("transaction sent", "entry", r.call.Key, "tx", a.Hash, "account_nonce", a.AccountNonce, "fee_cap", a.tx.GasFeeCap())
		r.accepted()
		r.taken[a.Hash] = r.clock.now()
		r.book.Reached(journal.Sent)
		return nil
	case nonceTooLow:
		r.tooLow++
		return nil // the next step reads the nonce again
	case replaceUnderpriced:
		return r.outbid(ctx, a, err)
	case refused:
		err = fmt.Errorf("%w: %w", mirror.ErrRefused, err)
		r.refuse(err)
		return err
	default:
		return r.ambiguous(ctx, a, err)
	}
}

// outbid raises the fees over those of a transaction that the journal does not
// know; the next step sends.
func (r *run) outbid(ctx context.Context, a *attempt, cause error) error {
	if _, err := r.raise(ctx, a); err != nil {
		err = fmt.Errorf("%w: another transaction with the nonce %d is in the pool (%w): %w", mirror.ErrRefused, a.AccountNonce, cause, err)
		r.refuse(err)
		return err
	}
	return nil
}

// ambiguous looks up by its hash a transaction of which it is not known whether
// it was taken. If no endpoint has it, the next step sends the same bytes again.
func (r *run) ambiguous(ctx context.Context, a *attempt, cause error) error {
	r.lastSent = cause
	r.log.Warn("no answer to a sent transaction", "entry", r.call.Key, "tx", a.Hash, "err", cause)
	_, err := ask(ctx, r.pool, func(ctx context.Context, c Client, _ *types.Header) (bool, error) {
		_, pending, err := c.TransactionByHash(ctx, a.tx.Hash())
		return pending, err
	})
	if err == nil {
		r.taken[a.Hash] = r.clock.now()
	}
	return nil
}

// finish adds up what the call cost.
func (r *run) finish(ctx context.Context) error {
	all, err := r.book.Attempts(r.call.Key)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for _, a := range all {
		if _, ours := r.taken[a.Hash]; !ours {
			continue
		}
		if receipt, err := r.receipt(ctx, a); err == nil {
			r.spend(a.Hash, receipt)
		}
	}
	return nil
}

func (r *run) receipt(ctx context.Context, a journal.Attempt) (*types.Receipt, error) {
	tx := new(types.Transaction)
	if err := tx.UnmarshalBinary(a.Raw); err != nil {
		return nil, err
	}
	return ask(ctx, r.pool, func(ctx context.Context, c Client, _ *types.Header) (*types.Receipt, error) {
		return c.TransactionReceipt(ctx, tx.Hash())
	})
}

func (r *run) spend(hash string, receipt *types.Receipt) {
	if receipt.EffectiveGasPrice == nil || r.paid[hash] {
		return
	}
	r.paid[hash] = true
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spent.Add(r.spent, new(big.Int).Mul(receipt.EffectiveGasPrice, new(big.Int).SetUint64(receipt.GasUsed)))
}

// failed adds the entry to an error.
func (r *run) failed(err error) error {
	return fmt.Errorf("transaction of entry %d: %w", r.call.Key, err)
}
