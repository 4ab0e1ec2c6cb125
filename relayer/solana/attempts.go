// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"errors"
	"fmt"
	"time"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// flight is an attempt that may still be recorded, with what it carries.
type flight struct {
	attempt journal.Attempt
	record  record
	// seen tells that the endpoints have it already.
	seen bool
}

// judge sorts out which attempts may still be recorded. The others are spent:
// expired, failed, or recorded and judged by the line. An answer that is
// missing keeps an attempt in flight.
func (t *Target) judge(ctx context.Context, views []view, nonce uint64, attempts []journal.Attempt) (flying []flight, failures int, err error) {
	if len(attempts) == 0 {
		return nil, 0, nil
	}
	ids := make([]solanago.Signature, len(attempts))
	for i, a := range attempts {
		if ids[i], err = solanago.SignatureFromBase58(a.Hash); err != nil {
			return nil, 0, fmt.Errorf("journal: %w", err)
		}
	}
	answers := make([][]Status, len(views))
	for i, v := range views {
		if answers[i], err = v.rpc.Statuses(ctx, ids); err != nil {
			t.log.Warn("endpoint does not know the attempts", "endpoint", v.name, "err", err)
		}
	}
	expired := map[string]bool{}
	for i, a := range attempts {
		state := t.fate(views, answers, i, a, ids[i])
		if state == fateExpired {
			expired[a.Hash] = true
		}
		if state == fateFailed && time.Since(a.Created) < failureWindow {
			failures++
		}
		if state != fateFlying && state != fateSeen {
			continue
		}
		r, err := parseRecord(a.Raw, t.lookup)
		if err != nil {
			return nil, 0, fmt.Errorf("journal: attempt %s: %w", a.Hash, err)
		}
		flying = append(flying, flight{a, r, state == fateSeen})
	}
	if len(attempts) > maxKept && len(expired) > 0 {
		// A cluster that takes nothing for hours must not fill the journal.
		err = t.book.Forget(nonce, expired)
	}
	return flying, failures, err
}

// maxKept is how many attempts of an entry are kept before expired ones are
// forgotten.
const maxKept = 64

// fate is what became of an attempt.
type fate int

const (
	fateFlying  fate = iota // may be recorded
	fateSeen                // is on the ledger, not judged yet
	fateFailed              // is on the ledger for good, refused by the runtime
	fateSpent               // judged by the line
	fateExpired             // never on the ledger, and cannot be any more
)

// fate goes by what a quorum of the endpoints says alike: one that lies must
// not make the target pay again and again, nor wait for ever.
func (t *Target) fate(views []view, answers [][]Status, i int, a journal.Attempt, id solanago.Signature) fate {
	var failed, judged, gone, found int
	for k, answer := range answers {
		if answer == nil {
			continue
		}
		status := answer[i]
		switch {
		case !status.Found && views[k].final.Height > a.LastValid:
			gone++ // not in any block in which it could be
			continue
		case !status.Found:
			continue
		case status.Failed && status.Level == Finalized:
			failed++
		case !status.Failed && status.Level != "" && views[k].newer.has(id, status.Slot):
			judged++
		}
		found++
	}
	switch q := t.pool.quorum; {
	case failed >= q:
		return fateFailed
	case judged >= q:
		return fateSpent
	case gone >= q:
		return fateExpired
	case found >= q:
		return fateSeen
	}
	return fateFlying
}

// resend sends the same bytes again if they were sent long enough ago.
func (t *Target) resend(ctx context.Context, views []view, nonce uint64, flying []flight) error {
	var errs []error
	for _, f := range flying {
		if f.seen || time.Since(f.attempt.Sent) < t.cfg.Resend {
			continue
		}
		f.attempt.Sent = time.Now()
		if err := t.book.Put(nonce, f.attempt); err != nil {
			return err
		}
		errs = append(errs, t.send(ctx, views, f.attempt))
	}
	return errors.Join(errs...)
}

// advance signs, journals and sends what the entry lacks.
func (t *Target) advance(ctx context.Context, views []view, chain *Chain, entry mirror.Entry, flying []flight, written int) error {
	steps := plan(chain, entry, flying, t.signer.Address())
	if steps.empty() {
		return nil
	}
	balance, err := t.balance(ctx)
	if err != nil {
		return err
	}
	if balance < t.cfg.Floor {
		return fmt.Errorf("%w: %s has %d lamports, the floor is %d", mirror.ErrLowBalance, t.signer.Address(), balance, t.cfg.Floor)
	}
	blockhash, lastValid, err := t.blockhash(ctx, views, written)
	if err != nil {
		return err
	}
	t.book.Reached(journal.Reserved)
	transactions, err := t.pack(steps, blockhash, entry)
	if err != nil {
		return err
	}
	var errs []error
	for i, tx := range transactions {
		attempt, err := t.sign(ctx, tx)
		if err != nil {
			return err
		}
		attempt.Part, attempt.LastValid = written+i, lastValid
		if err := t.book.Put(entry.Header.Nonce, attempt); err != nil {
			return err
		}
		errs = append(errs, t.send(ctx, views, attempt))
	}
	return errors.Join(errs...)
}

// maxLifetime is more blocks than a blockhash is ever valid.
const maxLifetime = 300

// blockhash returns a blockhash, of another endpoint after every attempt. A
// lifetime that no cluster gives is not believed: it would keep a lost attempt
// in flight.
func (t *Target) blockhash(ctx context.Context, views []view, written int) (solanago.Hash, uint64, error) {
	var errs []error
	for i := range views {
		v := views[(written+i)%len(views)]
		hash, lastValid, err := v.rpc.LatestBlockhash(ctx)
		if err == nil && (lastValid < v.safe.Height || lastValid > v.safe.Height+maxLifetime) {
			err = fmt.Errorf("%s: a blockhash that is valid until block %d at block %d", v.name, lastValid, v.safe.Height)
		}
		if err == nil {
			return hash, lastValid, nil
		}
		errs = append(errs, err)
	}
	return solanago.Hash{}, 0, fmt.Errorf("%w: no blockhash: %w", mirror.ErrUnknown, errors.Join(errs...))
}

// sign signs a transaction and returns it as an attempt.
func (t *Target) sign(ctx context.Context, tx *solanago.Transaction) (journal.Attempt, error) {
	message, err := tx.Message.MarshalBinary()
	if err != nil {
		return journal.Attempt{}, err
	}
	id, err := t.signer.Sign(ctx, message)
	if err != nil {
		return journal.Attempt{}, fmt.Errorf("sign: %w", err)
	}
	tx.Signatures = []solanago.Signature{id}
	raw, err := tx.MarshalBinary()
	if err != nil {
		return journal.Attempt{}, err
	}
	if _, err := parseRecord(raw, t.lookup); err != nil {
		return journal.Attempt{}, fmt.Errorf("the signed transaction is no record: %w", err)
	}
	now := time.Now()
	return journal.Attempt{Hash: id.String(), Raw: raw, Created: now, Sent: now}, nil
}

// send gives an attempt to every endpoint: one of them may swallow it. It is
// sent if one takes it, and refused only if all of them refuse it.
func (t *Target) send(ctx context.Context, views []view, attempt journal.Attempt) error {
	var refused, unknown []error
	taken := false
	for _, v := range views {
		err := v.rpc.Send(ctx, attempt.Raw)
		switch {
		case err == nil:
			t.log.Info("record sent", "id", attempt.Hash, "endpoint", v.name)
			taken = true
		case errors.Is(err, mirror.ErrUnknown):
			unknown = append(unknown, fmt.Errorf("%s: %w", v.name, err))
		default:
			refused = append(refused, fmt.Errorf("%s: %w", v.name, err))
		}
	}
	switch {
	case taken:
		t.book.Reached(journal.Sent)
		return nil
	case len(unknown) > 0:
		return errors.Join(unknown...)
	}
	return errors.Join(refused...)
}
