// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"
	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// jailEnd is how long a tombstoned validator is jailed: for ever, as in
// x/evidence.
const jailEnd = 253_402_300_799

// maxSlashGas is the most that a slash costs who shows the evidence: a fifth of
// a block. x/staking slashes what has left a validator entry by entry, and an
// offender could have so many entries made that no block holds their gas.
const maxSlashGas = 20_000_000

// SubmitEvidence punishes the validator whose key, registered at any time, has
// signed a header that the chain never made. It returns the operator.
func (k *Keeper) SubmitEvidence(ctx context.Context, header types.Header, signature []byte) (operator string, err error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	sdkCtx.GasMeter().ConsumeGas(recoverGas, "recover the signer")
	address, err := signer(sdkCtx, header, signature)
	if err != nil {
		return "", err
	}
	key, err := k.Keys.Get(ctx, address[:])
	if errors.Is(err, collections.ErrNotFound) {
		return "", types.ErrUnknownAttestor.Wrapf("%s, which has signed, was never registered", address)
	}
	if err != nil {
		return "", err
	}
	if err := k.checkOffence(ctx, header); err != nil {
		return "", err
	}
	account, err := k.addressCodec.StringToBytes(key.Operator)
	if err != nil {
		return "", err
	}
	attestor, err := k.Attestor(ctx, account)
	if err != nil {
		return "", err
	}
	if attestor.Tombstoned {
		return "", types.ErrTombstoned.Wrapf("%s is punished already", key.Operator)
	}
	slashed, err := k.punishEquivocation(ctx, account, key)
	if err != nil {
		return "", err
	}
	attestor.Tombstoned, attestor.Active = true, false
	if err := k.Attestors.Set(ctx, account, attestor); err != nil {
		return "", err
	}
	return key.Operator, k.events.EventManager(ctx).Emit(ctx, &types.EventAttestorPunished{
		Operator: key.Operator, Key: address.String(), Nonce: header.Nonce, Reason: types.ReasonEquivocation, Slashed: slashed.String(),
	})
}

// checkOffence returns ErrNoOffence if the header is the chain's own, or may
// become so: who signs early what the chain then makes has harmed nobody.
func (k *Keeper) checkOffence(ctx context.Context, header types.Header) error {
	own, err := k.Checkpoints.Get(ctx, header.Nonce)
	if errors.Is(err, collections.ErrNotFound) {
		return k.checkUnmade(ctx, header)
	}
	if err != nil {
		return err
	}
	made, err := own.Header.Decode()
	if err != nil {
		return err
	}
	shown, err := header.Decode()
	if err != nil {
		return err
	}
	if made == shown {
		return types.ErrNoOffence.Wrapf("the chain made this header of nonce %d", header.Nonce)
	}
	return nil
}

// checkUnmade returns ErrNoOffence for a header of a nonce to come that this
// block or one of the next checkpoint_blocks may still make. Nobody can foresee
// more, and a forger must not choose how long the evidence has to wait.
func (k *Keeper) checkUnmade(ctx context.Context, header types.Header) error {
	line, err := k.Line.Get(ctx)
	if err != nil {
		return err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	shown, err := header.Decode()
	if err != nil {
		return err
	}
	height := uint64(sdk.UnwrapSDKContext(ctx).BlockHeight())
	early := header.Nonce > line.LastNonce && header.Height >= height && header.Height <= height+params.CheckpointBlocks
	if possible := shown.Validate() == nil; !early || !possible {
		return nil
	}
	return types.ErrNoOffence.Wrapf("the chain may still make nonce %d at height %d: show the evidence again when it has made that nonce, or after that height", header.Nonce, header.Height)
}

// punishEquivocation slashes the stake that stood behind a key when it last
// entered a set, or that of now if that set is older than the unbonding time.
// It jails the validator for ever and tombstones it.
func (k *Keeper) punishEquivocation(ctx context.Context, operator sdk.AccAddress, key types.AttestorKey) (sdkmath.Int, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return sdkmath.Int{}, err
	}
	validator, err := k.validator(ctx, operator)
	if err != nil {
		return sdkmath.Int{}, err
	}
	power, height := validator.GetConsensusPower(k.Staking.PowerReduction(ctx)), sdk.UnwrapSDKContext(ctx).BlockHeight()
	if key.SetId > 0 {
		frozen, err := k.Sets.Get(ctx, key.SetId)
		if err != nil {
			return sdkmath.Int{}, err
		}
		set, err := k.set(ctx, key.SetId)
		if err != nil {
			return sdkmath.Int{}, err
		}
		held, err := k.stillHeld(ctx, frozen.Time)
		if err != nil {
			return sdkmath.Int{}, err
		}
		if held {
			power, height = int64(set.Power(checkpoint.Address(key.Key))), min(frozen.Height, height)
		}
	}
	slashed, err := k.slash(ctx, operator, validator, bpsFraction(params.EquivocationSlashBps), power, height)
	if err != nil {
		return sdkmath.Int{}, err
	}
	consensus, err := validator.GetConsAddr()
	if err != nil {
		return sdkmath.Int{}, err
	}
	if !validator.IsJailed() {
		if err := k.Slashing.Jail(ctx, consensus); err != nil {
			return sdkmath.Int{}, err
		}
	}
	if err := k.Slashing.JailUntil(ctx, consensus, time.Unix(jailEnd, 0)); err != nil {
		return sdkmath.Int{}, err
	}
	if !k.Slashing.IsTombstoned(ctx, consensus) {
		return slashed, k.Slashing.Tombstone(ctx, consensus)
	}
	return slashed, nil
}

// stillHeld reports whether all stake of a time in Unix seconds is bonded or
// unbonds still. What was there before has left, and those who delegate now
// shall not pay for it.
func (k *Keeper) stillHeld(ctx context.Context, since uint64) (bool, error) {
	unbonding, err := k.Staking.UnbondingTime(ctx)
	if err != nil {
		return false, err
	}
	return sdk.UnwrapSDKContext(ctx).BlockTime().Before(time.Unix(int64(since), 0).Add(unbonding)), nil
}

// slash takes a fraction of the stake that a validator had with a power at a
// height, and returns what was burned of what is bonded or unbonds as a whole.
func (k *Keeper) slash(ctx context.Context, operator sdk.AccAddress, validator stakingtypes.Validator, fraction sdkmath.LegacyDec, power, height int64) (sdkmath.Int, error) {
	if validator.IsUnbonded() {
		return sdkmath.Int{}, types.ErrUnbonded.Wrapf("%s has no stake to slash now: show the evidence again when it is bonded", validator.GetOperator())
	}
	consensus, err := validator.GetConsAddr()
	if err != nil {
		return sdkmath.Int{}, err
	}
	err = atMost(ctx, maxSlashGas, func(ctx context.Context) error {
		return k.Slashing.Slash(ctx, consensus, fraction, power, height)
	})
	if err != nil {
		return sdkmath.Int{}, err
	}
	after, err := k.validator(ctx, operator)
	if err != nil {
		return sdkmath.Int{}, err
	}
	return validator.Tokens.Sub(after.Tokens), nil
}

// atMost runs f for no more than an amount of gas if that much is left, and for
// what it takes otherwise.
func atMost(ctx context.Context, most uint64, f func(context.Context) error) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	if sdkCtx.GasMeter().GasRemaining() < most {
		return f(ctx)
	}
	own := storetypes.NewInfiniteGasMeter()
	err := f(sdkCtx.WithGasMeter(own)) //nolint:contextcheck // it is made of ctx
	sdkCtx.GasMeter().ConsumeGas(min(own.GasConsumed(), most), "slash")
	return err
}
