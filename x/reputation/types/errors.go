// SPDX-License-Identifier: Apache-2.0

package types

import errorsmod "cosmossdk.io/errors"

// Errors of x/reputation; the codes are append-only.
var (
	// ErrInvalidParams rejects params outside their bounds.
	ErrInvalidParams = errorsmod.Register(ModuleName, 2, "invalid params")
	// ErrInvalidGenesis rejects a genesis that breaks an invariant.
	ErrInvalidGenesis = errorsmod.Register(ModuleName, 3, "invalid genesis")
	// ErrInvalidOutcome rejects an outcome without a requester.
	ErrInvalidOutcome = errorsmod.Register(ModuleName, 4, "invalid outcome")
	// ErrBrokenInvariant reports state that no sequence of calls can produce.
	ErrBrokenInvariant = errorsmod.Register(ModuleName, 5, "broken invariant")
)
