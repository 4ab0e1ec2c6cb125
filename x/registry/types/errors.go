// SPDX-License-Identifier: Apache-2.0

package types

import errorsmod "cosmossdk.io/errors"

// Errors of x/registry. Codes are append-only; 0 and 1 belong to the SDK.
var (
	ErrInvalidAuthority  = errorsmod.Register(ModuleName, 2, "the signer is not the authority of this module: send the message in a governance proposal")
	ErrInvalidParams     = errorsmod.Register(ModuleName, 3, "invalid params")
	ErrInvalidGenesis    = errorsmod.Register(ModuleName, 4, "invalid registry genesis")
	ErrInvalidAmount     = errorsmod.Register(ModuleName, 5, "invalid amount: give a positive whole number of ucupel below 2^63")
	ErrInvalidRegion     = errorsmod.Register(ModuleName, 6, "invalid region: use at most 32 characters of a-z, 0-9 and -")
	ErrInvalidEndpoint   = errorsmod.Register(ModuleName, 7, "invalid endpoint: use http:// or https://, a lower-case host and an optional path without a trailing slash, at most 128 characters")
	ErrInvalidKey        = errorsmod.Register(ModuleName, 8, "invalid encryption key: leave it empty or give an age X25519 recipient (age1…)")
	ErrInvalidResource   = errorsmod.Register(ModuleName, 9, "invalid resource")
	ErrInvalidClass      = errorsmod.Register(ModuleName, 10, "invalid class")
	ErrClassExists       = errorsmod.Register(ModuleName, 11, "a class of this name exists: choose another name")
	ErrClassNotFound     = errorsmod.Register(ModuleName, 12, "class not found: see the classes query for those that are registered")
	ErrProviderNotFound  = errorsmod.Register(ModuleName, 13, "provider not found: see the providers query, or register first")
	ErrOperatorTaken     = errorsmod.Register(ModuleName, 14, "the operator has a provider already: update it, or deregister it and wait for its release")
	ErrWorkerTaken       = errorsmod.Register(ModuleName, 15, "the worker address is in use by a provider: make a new key for each worker")
	ErrKeysNotApart      = errorsmod.Register(ModuleName, 16, "operator and worker are the same account: keep the operator cold and give the worker a key of its own")
	ErrBlockedAddress    = errorsmod.Register(ModuleName, 17, "the address cannot receive coins: use an ordinary account")
	ErrInsufficientBond  = errorsmod.Register(ModuleName, 18, "the bond is too small")
	ErrWrongStatus       = errorsmod.Register(ModuleName, 19, "the status of the provider does not allow this")
	ErrStillJailed       = errorsmod.Register(ModuleName, 20, "the least time in jail is not over")
	ErrWorkOpen          = errorsmod.Register(ModuleName, 21, "work is open: drain, let it settle, then deregister")
	ErrTooManyUnbondings = errorsmod.Register(ModuleName, 22, "too many unbonding entries: wait until one is released")
	ErrIDsExhausted      = errorsmod.Register(ModuleName, 23, "no id is left")
)
