// SPDX-License-Identifier: Apache-2.0

package types

import (
	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"
)

// Errors of x/oracle; the codes are append-only.
var (
	// ErrInvalidParams rejects params outside their bounds.
	ErrInvalidParams = errorsmod.Register(ModuleName, 2, "invalid params")
	// ErrInvalidGenesis rejects a genesis that breaks an invariant.
	ErrInvalidGenesis = errorsmod.Register(ModuleName, 3, "invalid genesis")
	// ErrUnknownSeed answers a query for a seed that is not in state.
	ErrUnknownSeed = errorsmod.RegisterWithGRPCCode(ModuleName, 4, codes.NotFound, "seed not in state")
	// ErrBrokenInvariant reports state that no sequence of blocks can produce.
	ErrBrokenInvariant = errorsmod.Register(ModuleName, 5, "broken invariant")
)
