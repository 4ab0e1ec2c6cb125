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
	// ErrInvalidKey rejects a key or a signature of the wrong form.
	ErrInvalidKey = errorsmod.Register(ModuleName, 6, "invalid key or signature")
	// ErrInvalidPossession rejects a proof that another key has signed.
	ErrInvalidPossession = errorsmod.Register(ModuleName, 7, "invalid proof of possession")
	// ErrKeyTaken rejects a key that was ever registered before.
	ErrKeyTaken = errorsmod.Register(ModuleName, 8, "key was registered before")
	// ErrAccountTaken rejects an account that another attestor or a module uses.
	ErrAccountTaken = errorsmod.Register(ModuleName, 9, "account is in use")
	// ErrAttestorExists rejects a registration with another key.
	ErrAttestorExists = errorsmod.Register(ModuleName, 10, "attestor has another key")
	// ErrUnknownAttestor means that no validator has registered so.
	ErrUnknownAttestor = errorsmod.RegisterWithGRPCCode(ModuleName, 11, codes.NotFound, "no such attestor")
	// ErrUnknownValidator means that the operator has no validator.
	ErrUnknownValidator = errorsmod.RegisterWithGRPCCode(ModuleName, 12, codes.NotFound, "no such validator")
	// ErrTombstoned rejects who has equivocated.
	ErrTombstoned = errorsmod.Register(ModuleName, 13, "tombstoned")
	// ErrInvalidAttest rejects a message without attestations or with too many.
	ErrInvalidAttest = errorsmod.Register(ModuleName, 14, "invalid number of attestations")
	// ErrUnknownCheckpoint means that the chain has made no such header.
	ErrUnknownCheckpoint = errorsmod.RegisterWithGRPCCode(ModuleName, 15, codes.NotFound, "no such header")
	// ErrHeaderClosed rejects a signature that comes after the grace.
	ErrHeaderClosed = errorsmod.Register(ModuleName, 16, "header takes no more signatures")
	// ErrNotMember rejects a signature by a key outside of the header's set.
	ErrNotMember = errorsmod.Register(ModuleName, 17, "signer is not in the header's set")
	// ErrWrongAccount rejects a signature by the key of another attestor.
	ErrWrongAccount = errorsmod.Register(ModuleName, 18, "key belongs to another attestor")
	// ErrAlreadySigned rejects a message that brings nothing new.
	ErrAlreadySigned = errorsmod.Register(ModuleName, 19, "already signed")
	// ErrNoOffence rejects evidence of what the chain did make, or still may.
	ErrNoOffence = errorsmod.Register(ModuleName, 20, "no offence")
	// ErrUnbonded means that a validator has no stake that could be slashed.
	ErrUnbonded = errorsmod.Register(ModuleName, 21, "validator is unbonded")
	// ErrNotHead rejects a forced seal of any but the lowest unsealed header.
	ErrNotHead = errorsmod.Register(ModuleName, 22, "not the lowest unsealed header")
	// ErrUnknownSet means that the chain has formed no such set.
	ErrUnknownSet = errorsmod.RegisterWithGRPCCode(ModuleName, 23, codes.NotFound, "no such attestor set")
	// ErrUnknownLeaf means that no leaf of the task was found.
	ErrUnknownLeaf = errorsmod.RegisterWithGRPCCode(ModuleName, 24, codes.NotFound, "no leaf of the task")
	// ErrNotCovered means that the leaf waits for its checkpoint.
	ErrNotCovered = errorsmod.RegisterWithGRPCCode(ModuleName, 25, codes.FailedPrecondition, "not in a checkpoint yet")
	// ErrInvalidHeader rejects evidence whose header has fields of wrong size.
	ErrInvalidHeader = errorsmod.Register(ModuleName, 26, "invalid header")
	// ErrInvalidSet rejects a set that must never sign, or has another hash.
	ErrInvalidSet = errorsmod.Register(ModuleName, 27, "invalid attestor set")
	// ErrInvalidBeacon rejects a commitment or share that has not 32 bytes, and
	// a message without either.
	ErrInvalidBeacon = errorsmod.Register(ModuleName, 28, "invalid beacon message")
	// ErrWrongEpoch rejects a message that is not for the current epoch.
	ErrWrongEpoch = errorsmod.Register(ModuleName, 29, "not the current epoch")
	// ErrNoSlot means that the attestor takes no part in the round.
	ErrNoSlot = errorsmod.Register(ModuleName, 30, "no place in the round")
	// ErrSlotFilled rejects what has been sent before.
	ErrSlotFilled = errorsmod.Register(ModuleName, 31, "already sent")
	// ErrWrongShare rejects a share that is not the one committed to.
	ErrWrongShare = errorsmod.Register(ModuleName, 32, "not the share committed to")
	// ErrInvalidCircuit rejects a circuit or its verifying key.
	ErrInvalidCircuit = errorsmod.Register(ModuleName, 48, "invalid circuit")
	// ErrUnknownCircuit means that no such circuit is registered.
	ErrUnknownCircuit = errorsmod.RegisterWithGRPCCode(ModuleName, 49, codes.NotFound, "no such circuit")
	// ErrInvalidProof rejects a proof that is malformed or does not verify.
	ErrInvalidProof = errorsmod.Register(ModuleName, 50, "invalid proof")
)
