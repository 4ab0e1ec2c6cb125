// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// ErrHistory is returned if an endpoint's history contradicts itself or lacks
// what it had before. It is unknown what is recorded, never "nothing".
var ErrHistory = fmt.Errorf("%w: the endpoint's history is incomplete", mirror.ErrUnknown)

// Commitment is how far the cluster agrees on a slot.
type Commitment string

// Confirmed slots have two thirds of the stake, and have never been taken back
// so far; finalized ones cannot be.
const (
	Confirmed Commitment = "confirmed"
	Finalized Commitment = "finalized"
)

// Listing is one transaction in the history of an account.
type Listing struct {
	Signature solanago.Signature
	Slot      uint64
	// Failed transactions are on the ledger too.
	Failed bool
}

// Landed is a transaction on the ledger.
type Landed struct {
	Slot uint64
	Raw  []byte
	// Failed tells that the runtime refused it; its fee, in lamports, is paid.
	Failed bool
	Fee    uint64
	// Made is the time of the block, zero if the endpoint does not know it.
	Made time.Time
}

// History is what a reader asks an endpoint. Every failed or empty answer is an
// error, except an empty list.
type History interface {
	// Signatures lists transactions of an account, newest first, older than
	// before unless that is zero.
	Signatures(ctx context.Context, account solanago.PublicKey, before solanago.Signature, limit int, level Commitment) ([]Listing, error)
	// Transaction returns one transaction.
	Transaction(ctx context.Context, id solanago.Signature, level Commitment) (Landed, error)
}

// Chain is what a reader rebuilt. It is a copy that later reads do not change.
type Chain struct {
	// Nonce and Root of the newest header, of the anchor if there is none.
	Nonce uint64
	Root  checkpoint.Hash
	// Set signs the header that follows.
	Set checkpoint.Set
	// Headers since the anchor.
	Headers []Recorded
	// Rejected counts the transactions that are no records, by reason; Records
	// those that are.
	Rejected map[Reason]uint64
	Records  uint64

	line *line
	// cursor is the newest transaction that can not change any more, tail all
	// that came after it.
	cursor Listing
	tail   map[solanago.Signature]Landed
}

// At returns the header of a nonce; false for one up to the anchor's or above
// Nonce.
func (c *Chain) At(nonce uint64) (Recorded, bool) {
	first := c.Nonce - uint64(len(c.Headers)) + 1
	if nonce < first || nonce > c.Nonce {
		return Recorded{}, false
	}
	return c.Headers[nonce-first], true
}

// has reports whether a landed transaction has been read.
func (c *Chain) has(id solanago.Signature, slot uint64) bool {
	_, inTail := c.tail[id]
	return inTail || slot <= c.cursor.Slot
}

// Page sizes of a history: small where only the newest is asked for.
const (
	firstPage = 50
	fullPage  = 1000
)

// fetchers is how many transactions are fetched at a time.
const fetchers = 8

// Reader rebuilds the line of headers from the transactions of one endpoint. It
// believes the anchor alone. It is not safe for concurrent use.
type Reader struct {
	history History
	lookup  solanago.PublicKey
	final   *line
	cursor  Listing
	// tail holds what is not final yet, by signature and slot.
	tail map[Listing]Landed
}

// NewReader returns a reader that has read nothing yet.
func NewReader(history History, anchor Anchor) (*Reader, error) {
	start, err := newLine(anchor)
	if err != nil {
		return nil, err
	}
	lookup, err := Lookup(start.domain)
	if err != nil {
		return nil, err
	}
	return &Reader{history: history, lookup: lookup, final: start}, nil
}

// Read reads what is new and returns the line at a commitment. What is final
// is read once; an error loses nothing of it.
func (r *Reader) Read(ctx context.Context, level Commitment) (*Chain, error) {
	fresh, err := r.list(ctx, level)
	if err != nil {
		return nil, err
	}
	at, tail := r.final, map[Listing]Landed{}
	if level != Finalized {
		at = at.clone()
	}
	for batch := range slices.Chunk(fresh, fetchers) {
		landed, err := r.fetch(ctx, batch, level)
		if err != nil {
			return nil, err
		}
		for i, listing := range batch {
			if err := r.take(at, listing, landed[i]); err != nil {
				return nil, err
			}
			if level == Finalized {
				r.cursor = listing
			} else {
				tail[listing] = landed[i]
			}
		}
	}
	if level != Finalized {
		r.tail = tail
	}
	return r.snapshot(at, tail), nil
}

// snapshot returns the chain of a line, with what was read after the cursor.
func (r *Reader) snapshot(at *line, tail map[Listing]Landed) *Chain {
	landed := make(map[solanago.Signature]Landed, len(tail))
	for listing, tx := range tail {
		landed[listing.Signature] = tx
	}
	at = at.clone()
	return &Chain{
		Nonce: at.nonce, Root: at.root, Set: at.set, Headers: at.headers,
		Rejected: maps.Clone(at.rejected), Records: at.records, line: at, cursor: r.cursor, tail: landed,
	}
}

// list returns what came after the cursor, oldest first. Pages go back until
// they reach the cursor: an endpoint that no longer has it has lost history.
func (r *Reader) list(ctx context.Context, level Commitment) ([]Listing, error) {
	var out []Listing
	var before solanago.Signature
	size := firstPage
	for {
		page, err := r.history.Signatures(ctx, r.lookup, before, size, level)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		if at := slices.IndexFunc(page, func(l Listing) bool { return l.Signature == r.cursor.Signature }); at >= 0 && r.cursor.Slot > 0 {
			out = append(out, page[:at]...)
			slices.Reverse(out)
			return out, checkOrder(out, r.cursor.Slot)
		}
		out = append(out, page...)
		before, size = page[len(page)-1].Signature, fullPage
	}
	if r.cursor.Slot > 0 {
		return nil, fmt.Errorf("%w: %s of slot %d is gone", ErrHistory, r.cursor.Signature, r.cursor.Slot)
	}
	slices.Reverse(out)
	return out, checkOrder(out, 0)
}

// checkOrder refuses a list that is not in the order of the ledger or repeats
// itself.
func checkOrder(list []Listing, slot uint64) error {
	seen := make(map[solanago.Signature]bool, len(list))
	for _, l := range list {
		if l.Slot < slot || l.Slot == 0 || seen[l.Signature] {
			return fmt.Errorf("%w: %s is out of order", ErrHistory, l.Signature)
		}
		seen[l.Signature], slot = true, l.Slot
	}
	return nil
}

// fetch returns the transactions of a batch; failed ones are not asked for.
func (r *Reader) fetch(ctx context.Context, batch []Listing, level Commitment) ([]Landed, error) {
	out, errs := make([]Landed, len(batch)), make([]error, len(batch))
	var wait sync.WaitGroup
	for i, listing := range batch {
		if known, ok := r.tail[listing]; ok {
			out[i] = known
			continue
		}
		if listing.Failed {
			out[i] = Landed{Slot: listing.Slot, Failed: true}
			continue
		}
		wait.Go(func() { out[i], errs[i] = r.history.Transaction(ctx, listing.Signature, level) })
	}
	wait.Wait()
	return out, errors.Join(errs...)
}

// take applies one transaction. Its error is the endpoint's fault; what is
// wrong with the transaction is only counted.
func (r *Reader) take(at *line, listing Listing, tx Landed) error {
	if tx.Slot != listing.Slot || tx.Failed != listing.Failed {
		return fmt.Errorf("%w: %s is in slot %d by the list, in %d by itself", ErrHistory, listing.Signature, listing.Slot, tx.Slot)
	}
	if tx.Failed {
		at.refuse(reject(ReasonFailed, ""))
		return nil
	}
	found, err := parseRecord(tx.Raw, r.lookup)
	if err == nil && found.id != listing.Signature {
		return fmt.Errorf("%w: asked for %s, got %s", ErrHistory, listing.Signature, found.id)
	}
	if err != nil {
		at.refuse(err)
		return nil
	}
	if tx.Made.IsZero() && at.maxSetAge > 0 {
		return fmt.Errorf("%w: %s has no block time", ErrHistory, listing.Signature)
	}
	_ = at.apply(found, tx.Slot, tx.Made) // counted there
	return nil
}
