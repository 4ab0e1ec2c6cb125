// SPDX-License-Identifier: Apache-2.0

// Package session is the worker's OpenAI-compatible front: it stands before a
// local inference server, sells its tokens against the vouchers of sessions and
// redeems them on chain. Who trusts whom for how much, and why, is in
// worker/adr/005-session-front.md.
package session

import (
	"context"
	"errors"
	"time"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// State is what a session on chain allows.
type State int

// The states.
const (
	// Open sessions pay for new calls.
	Open State = iota + 1
	// Closing sessions pay vouchers until their dispute window ends.
	Closing
	// Paused sessions have used up their deposit; a top-up opens them again.
	Paused
	// Ended sessions pay nothing any more.
	Ended
)

// String is the name in errors and logs.
func (s State) String() string {
	switch s {
	case Open:
		return "open"
	case Closing:
		return "closing"
	case Paused:
		return "paused"
	case Ended:
		return "ended"
	default:
		return "unknown"
	}
}

// Info is what the chain says of a session.
type Info struct {
	ID       uint64
	Provider uint32
	Class    string
	Denom    string
	// Key is the Ed25519 public key that its vouchers are signed with.
	Key   []byte
	Terms voucher.Terms
	State State
	// Redeemed is the cumulative amount of the highest voucher that the chain
	// has seen.
	Redeemed uint64
	// Sequence and Units are those of the voucher redeemed last.
	Sequence uint64
	Units    uint64
	// Left is about how long it stays open; 0 if it is not.
	Left time.Duration
	// Height is the block at which this holds.
	Height int64
}

// Chain is what the front asks a node. An error that is ErrNoSession is the
// chain's definite answer, any other means that nothing is known.
type Chain interface {
	Session(ctx context.Context, id uint64) (Info, error)
	// OwnProvider is the id under which this worker is registered.
	OwnProvider(ctx context.Context) (uint32, error)
}

// ErrNoSession is the definite answer that a session does not exist.
var ErrNoSession = errors.New("no such session on this chain")

// Outbox takes vouchers to the chain, many in one transaction. Offering one
// again is a no-op while it is under way. Height is where the caller read that
// it is not redeemed yet.
type Outbox interface {
	Redeem(v voucher.Signed, height int64)
}

// Observer is told what happened, for metrics.
type Observer interface {
	// Call ends a call with its HTTP status and the code of its error, if any.
	Call(model string, status int, code string, took time.Duration)
	// Charged counts tokens that were sold and their price in base units.
	Charged(model string, in, out, amount uint64)
	// Unredeemed is what vouchers promise beyond what the chain has paid.
	Unredeemed(amount uint64)
}
