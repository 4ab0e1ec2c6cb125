// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// recoverGas is charged for the recovery of a signer: some 120 microseconds, and
// as much again where the ante handler recovers it too. TestGasOfAttestors in app
// measures it against a transfer.
const recoverGas = 30_000

// RegisterAttestor makes a validator an attestor with a key and a hot account.
// With the key that it has, it changes the account and ends an absence.
func (k *Keeper) RegisterAttestor(ctx context.Context, operator, account sdk.AccAddress, key checkpoint.Address, possession checkpoint.Signature) error {
	if err := k.mayAttest(ctx, operator); err != nil {
		return err
	}
	attestor, err := k.Attestors.Get(ctx, operator)
	known := err == nil
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	switch {
	case !known:
		if attestor.Operator, err = k.addressCodec.BytesToString(operator); err != nil {
			return err
		}
		if err := k.takeKey(ctx, operator, attestor.Operator, key, possession); err != nil {
			return err
		}
		attestor.Key = key[:]
	case attestor.Tombstoned:
		return types.ErrTombstoned.Wrapf("%s has signed two headers of one nonce and never attests again", attestor.Operator)
	case !bytes.Equal(attestor.Key, key[:]):
		return types.ErrAttestorExists.Wrapf("%s has the key %s: send MsgRotateAttestorKey to replace it", attestor.Operator, types.Hex(attestor.Key))
	default:
		if err := k.checkPossession(ctx, operator, key, possession); err != nil {
			return err
		}
	}
	if err := k.takeAccount(ctx, operator, account, &attestor); err != nil {
		return err
	}
	if !attestor.Active {
		attestor.Active, attestor.Missed = true, 0
	}
	attestor.RegisteredHeight = sdk.UnwrapSDKContext(ctx).BlockHeight()
	return k.saveRegistered(ctx, operator, attestor)
}

// RotateAttestorKey replaces the key of an attestor in the sets to come.
func (k *Keeper) RotateAttestorKey(ctx context.Context, operator sdk.AccAddress, key checkpoint.Address, possession checkpoint.Signature) error {
	attestor, err := k.Attestor(ctx, operator)
	if err != nil {
		return err
	}
	if attestor.Tombstoned {
		return types.ErrTombstoned.Wrapf("%s has signed two headers of one nonce and never attests again", attestor.Operator)
	}
	if err := k.takeKey(ctx, operator, attestor.Operator, key, possession); err != nil {
		return err
	}
	attestor.Key = key[:]
	return k.saveRegistered(ctx, operator, attestor)
}

// Attestor returns the attestor of an operator, or ErrUnknownAttestor.
func (k *Keeper) Attestor(ctx context.Context, operator sdk.AccAddress) (types.Attestor, error) {
	attestor, err := k.Attestors.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Attestor{}, types.ErrUnknownAttestor.Wrapf("%s has registered no key", operator)
	}
	return attestor, err
}

func (k *Keeper) saveRegistered(ctx context.Context, operator sdk.AccAddress, attestor types.Attestor) error {
	if err := k.Attestors.Set(ctx, operator, attestor); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventAttestorRegistered{
		Operator: attestor.Operator, Key: types.Hex(attestor.Key), Account: attestor.Account,
	})
}

// mayAttest returns an error unless the operator has a validator that is not
// tombstoned.
func (k *Keeper) mayAttest(ctx context.Context, operator sdk.AccAddress) error {
	validator, err := k.validator(ctx, operator)
	if err != nil {
		return err
	}
	consensus, err := validator.GetConsAddr()
	if err != nil {
		return err
	}
	if k.Slashing.IsTombstoned(ctx, consensus) {
		return types.ErrTombstoned.Wrapf("the validator of %s", operator)
	}
	return nil
}

func (k *Keeper) validator(ctx context.Context, operator sdk.AccAddress) (stakingtypes.Validator, error) {
	validator, err := k.Staking.GetValidator(ctx, sdk.ValAddress(operator))
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return validator, types.ErrUnknownValidator.Wrapf("%s operates none", operator)
	}
	return validator, err
}

// takeKey gives a key that nobody ever registered to an operator.
func (k *Keeper) takeKey(ctx context.Context, operator sdk.AccAddress, name string, key checkpoint.Address, possession checkpoint.Signature) error {
	taken, err := k.Keys.Has(ctx, key[:])
	if err != nil {
		return err
	}
	if taken {
		return types.ErrKeyTaken.Wrapf("%s: make a new one", key)
	}
	if err := k.checkPossession(ctx, operator, key, possession); err != nil {
		return err
	}
	return k.Keys.Set(ctx, key[:], types.AttestorKey{Key: key[:], Operator: name})
}

func (k *Keeper) checkPossession(ctx context.Context, operator sdk.AccAddress, key checkpoint.Address, possession checkpoint.Signature) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	sdkCtx.GasMeter().ConsumeGas(recoverGas, "recover the signer")
	signer, err := possession.Recover(checkpoint.NewDomain(sdkCtx.ChainID()).PossessionDigest(operator, key))
	if err != nil {
		return types.ErrInvalidPossession.Wrap(err.Error())
	}
	if signer != key {
		return types.ErrInvalidPossession.Wrapf("%s has signed, not %s for this operator and chain", signer, key)
	}
	return nil
}

// takeAccount gives the attestor a hot account that no other attestor has, and
// makes the account if it does not exist.
func (k *Keeper) takeAccount(ctx context.Context, operator, account sdk.AccAddress, attestor *types.Attestor) error {
	owner, err := k.Accounts.Get(ctx, account)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if err == nil && !bytes.Equal(owner, operator) {
		return types.ErrAccountTaken.Wrapf("%s sends for another attestor", account)
	}
	if k.Bank.BlockedAddr(account) {
		return types.ErrAccountTaken.Wrapf("%s belongs to a module", account)
	}
	if attestor.Account != "" {
		old, err := k.addressCodec.StringToBytes(attestor.Account)
		if err != nil {
			return err
		}
		if err := k.Accounts.Remove(ctx, old); err != nil {
			return err
		}
	}
	if attestor.Account, err = k.addressCodec.BytesToString(account); err != nil {
		return err
	}
	if !k.Keepers.Accounts.HasAccount(ctx, account) {
		k.Keepers.Accounts.SetAccount(ctx, k.Keepers.Accounts.NewAccountWithAddress(ctx, account))
	}
	return k.Accounts.Set(ctx, account, operator)
}

// parseKey reads a key and its signature from a message.
func parseKey(key, signature []byte) (checkpoint.Address, checkpoint.Signature, error) {
	signed, err := types.AttestorSignature{Key: key, Signature: signature}.Decode()
	if err != nil {
		return checkpoint.Address{}, checkpoint.Signature{}, err
	}
	if signed.Address.IsZero() {
		return checkpoint.Address{}, checkpoint.Signature{}, types.ErrInvalidKey.Wrap("the zero address is no key")
	}
	return signed.Address, signed.Signature, nil
}

// account reads an address of a message.
func (k *Keeper) account(field, text string) (sdk.AccAddress, error) {
	addr, err := k.addressCodec.StringToBytes(text)
	if err != nil {
		return nil, sdkerrors.ErrInvalidAddress.Wrapf("%s: %s", field, err)
	}
	return addr, nil
}
