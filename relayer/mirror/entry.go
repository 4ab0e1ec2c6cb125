// SPDX-License-Identifier: Apache-2.0

// Package mirror carries sealed headers from the Cupel chain to other chains,
// in order and each exactly once. It knows no chain: a Source says what is
// sealed, a Target says what it has recorded and takes the next.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Entry is one sealed header with all that a target needs to check it.
type Entry struct {
	Header checkpoint.Header
	// Set is the set that signed the header.
	Set checkpoint.Set
	// Next is the set that a set change hands over to, nil for a checkpoint.
	Next *checkpoint.Set
	// Signatures reach the threshold of Set with the fewest signers, ascending
	// by address.
	Signatures []checkpoint.Signed
}

// ErrForged is returned for an entry that its own signatures do not prove.
var ErrForged = errors.New("entry is not what the attestors signed")

// Verify returns ErrForged unless the entry is consistent in itself and signed
// by more than two thirds of its set. Whether Set is the right one, the caller
// knows from the entry before.
func (e Entry) Verify(domain checkpoint.Domain) error {
	if err := errors.Join(e.Header.Validate(), e.Set.Validate()); err != nil {
		return fmt.Errorf("%w: nonce %d: %w", ErrForged, e.Header.Nonce, err)
	}
	if e.Set.Hash() != e.Header.Set {
		return fmt.Errorf("%w: nonce %d names set %s, got %s", ErrForged, e.Header.Nonce, e.Header.Set, e.Set.Hash())
	}
	switch {
	case e.Header.IsSetChange() != (e.Next != nil):
		return fmt.Errorf("%w: nonce %d: the next set belongs to set changes and to no other", ErrForged, e.Header.Nonce)
	case e.Next != nil:
		if err := e.Next.Validate(); err != nil {
			return fmt.Errorf("%w: nonce %d: next set: %w", ErrForged, e.Header.Nonce, err)
		}
		if e.Next.Hash() != e.Header.NextSet {
			return fmt.Errorf("%w: nonce %d names next set %s, got %s", ErrForged, e.Header.Nonce, e.Header.NextSet, e.Next.Hash())
		}
	}
	power, err := e.Set.Verify(domain.Digest(e.Header), e.Signatures)
	if err != nil {
		return fmt.Errorf("%w: nonce %d: %w", ErrForged, e.Header.Nonce, err)
	}
	if power < e.Set.Threshold() {
		return fmt.Errorf("%w: nonce %d: signatures have power %d of %d", ErrForged, e.Header.Nonce, power, e.Set.Threshold())
	}
	return nil
}

// Progress is how far a target is, by nonce. Each is at most the one before.
type Progress struct {
	// Sent is the highest nonce in the target's newest state.
	Sent uint64 `json:"sent,string"`
	// Safe is the highest that only a reorganization of the layer below could
	// take back; Final the highest that nothing can.
	Safe  uint64 `json:"safe,string"`
	Final uint64 `json:"final,string"`
}

// Source reads what the home chain has sealed. A failed read is unknown, which
// is never the same as "nothing there".
type Source interface {
	// Head returns the highest nonce up to which every header is sealed.
	Head(ctx context.Context) (uint64, error)
	// Entry returns a sealed header; it has passed Verify.
	Entry(ctx context.Context, nonce uint64) (Entry, error)
}

// Dated is a source that knows when a header was made.
type Dated interface {
	Made(ctx context.Context, nonce uint64) (time.Time, error)
}

// Target writes to the chain that is mirrored to.
type Target interface {
	// Progress reads the target's own record. It is the only cursor: nothing
	// about progress is stored locally, so a restarted or a second relayer
	// resumes from the target's own state.
	Progress(ctx context.Context) (Progress, error)
	// Submit records the entry that follows Progress.Sent and returns once it is
	// in the target's newest state. An entry that is recorded already, by
	// whomever, is a no-op. When ctx ends, what is in flight stays in the
	// journal for the next call.
	Submit(ctx context.Context, entry Entry) error
}
