// SPDX-License-Identifier: Apache-2.0

package types

import sdk "github.com/cosmos/cosmos-sdk/types"

// Standing is what a provider's past in a class is worth now.
type Standing struct {
	// Score weighs the provider in matching, in parts per million.
	Score uint32
	// AuditBps is the audit rate of its OPTIMISTIC tasks in basis points.
	AuditBps uint32
	// Level is the name of the row of the table that applies.
	Level string
	// Counted is the number of successes that counted, undecayed.
	Counted uint64
}

// Outcome is how one task ended, finally, for one provider.
type Outcome struct {
	// Provider and Class name the record.
	Provider, Class uint32
	// Requester paid for the task.
	Requester sdk.AccAddress
	// Epoch is the oracle's current one.
	Epoch uint64
	// Price is the provider's gross in ucupel.
	Price uint64
	// Drawn is false for a direct hire.
	Drawn bool
	// Success is whether the provider's result was the agreed one.
	Success bool
}

// maxRequester bounds an address in bytes.
const maxRequester = 255

// Validate returns ErrInvalidOutcome unless the requester is named.
func (o Outcome) Validate() error {
	if len(o.Requester) == 0 || len(o.Requester) > maxRequester {
		return ErrInvalidOutcome.Wrapf("requester of %d bytes, want 1 to %d", len(o.Requester), maxRequester)
	}
	return nil
}

// Counts reports whether o can count at all: a requester chooses whom it hires,
// and a task worth nothing proves nothing.
func (p Params) Counts(o Outcome) bool {
	return o.Drawn && o.Price >= p.MinPrice
}
