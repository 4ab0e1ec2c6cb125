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
	// Counted is the number of tasks that counted, undecayed.
	Counted uint64
}

// Outcome is how one task ended for one provider.
type Outcome struct {
	// Provider and Class name the record.
	Provider, Class uint32
	// Requester paid for the task.
	Requester sdk.AccAddress
	// Epoch is the one in which the task ended.
	Epoch uint64
	// Price is the provider's gross in ucupel.
	Price uint64
	// Drawn is false for a direct hire.
	Drawn bool
	// Success is whether the provider's result was the agreed one.
	Success bool
}
