// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"slices"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func sealDue(line types.Line, _ types.Params, _ int64) bool {
	return line.SealedNonce < line.LastNonce
}

// seal seals the headers that more than two thirds have signed, in the order of
// their nonces, up to the first that lacks signatures.
func (k *Keeper) seal(ctx context.Context, line *types.Line, _ types.Params) error {
	for range maxSealed {
		if line.SealedNonce == line.LastNonce {
			return nil
		}
		next, err := k.Checkpoints.Get(ctx, line.SealedNonce+1)
		if err != nil {
			return err
		}
		set, err := k.set(ctx, next.SetId)
		if err != nil {
			return err
		}
		if next.SignedPower < set.Threshold() {
			return nil
		}
		if err := k.sealHeader(ctx, line, next); err != nil {
			return err
		}
	}
	return nil
}

// ForceSeal seals the lowest unsealed header without signatures.
func (k *Keeper) ForceSeal(ctx context.Context, nonce uint64) error {
	line, err := k.Line.Get(ctx)
	if err != nil {
		return err
	}
	if line.SealedNonce == line.LastNonce {
		return types.ErrNotHead.Wrapf("every header up to nonce %d is sealed", line.LastNonce)
	}
	if nonce != line.SealedNonce+1 {
		return types.ErrNotHead.Wrapf("nonce %d, want %d", nonce, line.SealedNonce+1)
	}
	c, err := k.Checkpoints.Get(ctx, nonce)
	if err != nil {
		return err
	}
	c.Forced = true
	return k.sealHeader(ctx, &line, c)
}

func (k *Keeper) sealHeader(ctx context.Context, line *types.Line, c types.Checkpoint) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	c.SealedHeight = sdkCtx.BlockHeight()
	if err := k.Checkpoints.Set(ctx, c.Header.Nonce, c); err != nil {
		return err
	}
	line.SealedNonce = c.Header.Nonce
	sdkCtx.EventManager().EmitEvent(types.SealedEvent(c))
	return k.Line.Set(ctx, *line)
}

func countDue(line types.Line, _ types.Params, _ int64) bool {
	return line.Counted < line.SealedNonce
}

// countAbsences counts who has not signed the sealed headers whose grace is
// over. Nobody is absent from one whose grace ends while the circuit breaker
// stops MsgAttest.
func (k *Keeper) countAbsences(ctx context.Context, line *types.Line, params types.Params) error {
	excused, err := k.stopped(ctx, &types.MsgAttest{})
	if err != nil {
		return err
	}
	for range maxCounted {
		if line.Counted == line.SealedNonce {
			return nil
		}
		c, err := k.Checkpoints.Get(ctx, line.Counted+1)
		if err != nil {
			return err
		}
		if c.Open(sdk.UnwrapSDKContext(ctx).BlockHeight(), params.GraceBlocks) {
			return nil
		}
		if !excused {
			if err := k.countHeader(ctx, c, params); err != nil {
				return err
			}
		}
		line.Counted++
		if err := k.Line.Set(ctx, *line); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) countHeader(ctx context.Context, c types.Checkpoint, params types.Params) error {
	set, err := k.set(ctx, c.SetId)
	if err != nil {
		return err
	}
	signatures, err := k.signatures(ctx, c.Header.Nonce)
	if err != nil {
		return err
	}
	for _, member := range set.Members {
		_, signed := slices.BinarySearchFunc(signatures, member.Address[:], func(s types.AttestorSignature, key []byte) int {
			return bytes.Compare(s.Key, key)
		})
		if err := k.countMember(ctx, c, member, signed, params); err != nil {
			return err
		}
	}
	return nil
}

// countMember counts one header for one member of its set.
func (k *Keeper) countMember(ctx context.Context, c types.Checkpoint, member checkpoint.Member, signed bool, params types.Params) error {
	key, err := k.Keys.Get(ctx, member.Address[:])
	if err != nil {
		return err
	}
	operator, err := k.addressCodec.StringToBytes(key.Operator)
	if err != nil {
		return err
	}
	attestor, err := k.Attestors.Get(ctx, operator)
	if err != nil {
		return err
	}
	switch {
	case !attestor.Active, signed && attestor.Missed == 0:
		return nil
	case signed:
		attestor.Missed = 0
	default:
		attestor.Missed++
	}
	if attestor.Missed >= params.MaxMissed {
		attestor.Active, attestor.Missed = false, 0
		if err := k.punishAbsence(ctx, operator, c, member, params); err != nil {
			return err
		}
	}
	return k.Attestors.Set(ctx, operator, attestor)
}

// punishAbsence slashes an absent member. A validator that cannot be slashed
// any more loses nothing; that holds nobody else up.
func (k *Keeper) punishAbsence(ctx context.Context, operator sdk.AccAddress, c types.Checkpoint, member checkpoint.Member, params types.Params) error {
	slashed := sdkmath.ZeroInt()
	err := isolated(ctx, func(ctx context.Context) error {
		validator, err := k.validator(ctx, operator)
		if err != nil {
			return err
		}
		power, height := int64(member.Power), min(int64(c.Header.Height), sdk.UnwrapSDKContext(ctx).BlockHeight())
		held, err := k.stillHeld(ctx, c.Time)
		if err != nil {
			return err
		}
		if !held {
			power, height = validator.GetConsensusPower(k.Staking.PowerReduction(ctx)), sdk.UnwrapSDKContext(ctx).BlockHeight()
		}
		slashed, err = k.slash(ctx, operator, validator, bpsFraction(params.AbsenceSlashBps), power, height)
		return err
	})
	if err != nil {
		sdk.UnwrapSDKContext(ctx).Logger().Error("absent attestor cannot be slashed", "key", member.Address.String(), "err", err)
		slashed = sdkmath.ZeroInt()
	}
	name, err := k.addressCodec.BytesToString(operator)
	if err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventAttestorPunished{
		Operator: name, Key: member.Address.String(), Nonce: c.Header.Nonce, Reason: types.ReasonAbsence, Slashed: slashed.String(),
	})
}

func pruneDue(line types.Line, params types.Params, _ int64) bool {
	return line.Counted > params.KeepSignatures && line.Pruned < line.Counted-params.KeepSignatures
}

// pruneSignatures removes the signatures of the oldest checkpoints beyond
// keep_signatures; those of set changes stay.
func (k *Keeper) pruneSignatures(ctx context.Context, line *types.Line, params types.Params) error {
	for range maxPruned {
		if !pruneDue(*line, params, 0) {
			break
		}
		line.Pruned++
		c, err := k.Checkpoints.Get(ctx, line.Pruned)
		if err != nil {
			return err
		}
		if c.IsSetChange() {
			continue
		}
		signatures, err := k.signatures(ctx, line.Pruned)
		if err != nil {
			return err
		}
		for _, s := range signatures {
			if err := k.Signatures.Remove(ctx, collections.Join(line.Pruned, s.Key)); err != nil {
				return err
			}
		}
	}
	return k.Line.Set(ctx, *line)
}

// signatures returns the signatures of a header, ascending by key.
func (k *Keeper) signatures(ctx context.Context, nonce uint64) ([]types.AttestorSignature, error) {
	var out []types.AttestorSignature
	of := collections.NewPrefixedPairRange[uint64, []byte](nonce)
	err := k.Signatures.Walk(ctx, of, func(key signatureKey, signature []byte) (stop bool, err error) {
		out = append(out, types.AttestorSignature{Key: key.K2(), Signature: signature})
		return false, nil
	})
	return out, err
}
