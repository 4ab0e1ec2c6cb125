// SPDX-License-Identifier: Apache-2.0

package mirror

import "errors"

// Errors of a source or a target. A target wraps one of them with what it saw;
// the loop, the metrics and doctor decide by them and never by a text.
var (
	// ErrDisagreement: endpoints of one chain contradict each other about what
	// is final. The mirror stops until they agree again.
	ErrDisagreement = errors.New("endpoints disagree about the chain")
	// ErrWrongChain: an endpoint serves another chain than the configured one,
	// or the contract there belongs to another home chain.
	ErrWrongChain = errors.New("endpoint serves another chain")
	// ErrStaleSet: the target refuses its own set because of its age; only the
	// owner of the mirror can install another.
	ErrStaleSet = errors.New("the set of the mirror is too old to sign")
	// ErrHalted: the mirror itself refuses submissions, paused by its guardian.
	ErrHalted = errors.New("the mirror takes no submissions")
	// ErrLowBalance: the account is below its floor; nothing was sent.
	ErrLowBalance = errors.New("balance is below the floor")
	// ErrFeeTooHigh: the fee is above the configured limit; nothing was sent.
	ErrFeeTooHigh = errors.New("fee is above the limit")
	// ErrRefused: the transaction was definitely not broadcast.
	ErrRefused = errors.New("transaction refused")
	// ErrRejected: the transaction was executed, or tried out, and failed there.
	ErrRejected = errors.New("the mirror rejects the entry")
	// ErrUnknown: no answer that can be relied on, such as a timeout or a lost
	// connection. What was sent may be in flight.
	ErrUnknown = errors.New("state unknown")
	// ErrForced: governance sealed the header without signatures, so no mirror
	// can follow; the mirror's owner must install the next set.
	ErrForced = errors.New("header was sealed by force, without signatures")
	// ErrNotSealed: the home chain has no sealed header of that nonce yet.
	ErrNotSealed = errors.New("header is not sealed yet")
)

// kinds names every error for metrics and status, the gravest first. Those
// that stop a target: going on could follow a forgery, or spend fees on what
// cannot succeed.
var kinds = []struct {
	err   error
	name  string
	stops bool
}{
	{ErrForged, "forged", true},
	{ErrDisagreement, "disagreement", true},
	{ErrWrongChain, "wrong_chain", true},
	{ErrForced, "forced", true},
	{ErrStaleSet, "stale_set", true},
	{ErrHalted, "halted", true},
	{ErrRejected, "rejected", true},
	{ErrLowBalance, "low_balance", false},
	{ErrFeeTooHigh, "fee_too_high", false},
	{ErrRefused, "refused", false},
	{ErrNotSealed, "not_sealed", false},
	{ErrUnknown, "unknown", false},
}

// Stops reports whether an error stops a target. The target is looked at again
// after the back-off and goes on once the cause is gone.
func Stops(err error) bool {
	for _, k := range kinds {
		if k.stops && errors.Is(err, k.err) {
			return true
		}
	}
	return false
}

// Kind is a short name of an error's class, "other" for one of no class.
func Kind(err error) string {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return "other"
}

// Kinds are all results of Kind.
func Kinds() []string {
	out := make([]string, 0, len(kinds)+1)
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return append(out, "other")
}
