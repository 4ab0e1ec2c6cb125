// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/core/address"
	"cosmossdk.io/math"

	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// errNoValidators is returned for whatever needs a validator.
var errNoValidators = errors.New("a simulated chain has no validators")

// validators is the staking of a simulated chain, which has no validators:
// nobody attests, and leaves wait for a set of attestors for ever.
type validators struct{}

// GetValidator implements the oracle's staking keeper.
func (validators) GetValidator(context.Context, sdk.ValAddress) (stakingtypes.Validator, error) {
	return stakingtypes.Validator{}, stakingtypes.ErrNoValidatorFound
}

// GetBondedValidatorsByPower implements the oracle's staking keeper.
func (validators) GetBondedValidatorsByPower(context.Context) ([]stakingtypes.Validator, error) {
	return nil, nil
}

// PowerReduction implements the oracle's staking keeper.
func (validators) PowerReduction(context.Context) math.Int { return sdk.DefaultPowerReduction }

// UnbondingTime implements the oracle's staking keeper.
func (validators) UnbondingTime(context.Context) (time.Duration, error) {
	return stakingtypes.DefaultUnbondingTime, nil
}

// ValidatorAddressCodec implements the oracle's staking keeper.
func (validators) ValidatorAddressCodec() address.Codec {
	return addresscodec.NewBech32Codec("cupelvaloper")
}

// Slash implements the oracle's slashing keeper.
func (validators) Slash(context.Context, sdk.ConsAddress, math.LegacyDec, int64, int64) error {
	return errNoValidators
}

// Jail implements the oracle's slashing keeper.
func (validators) Jail(context.Context, sdk.ConsAddress) error { return errNoValidators }

// JailUntil implements the oracle's slashing keeper.
func (validators) JailUntil(context.Context, sdk.ConsAddress, time.Time) error {
	return errNoValidators
}

// Tombstone implements the oracle's slashing keeper.
func (validators) Tombstone(context.Context, sdk.ConsAddress) error { return errNoValidators }

// IsTombstoned implements the oracle's slashing keeper.
func (validators) IsTombstoned(context.Context, sdk.ConsAddress) bool { return false }

// HasAccount implements the oracle's account keeper.
func (validators) HasAccount(context.Context, sdk.AccAddress) bool { return true }

// NewAccountWithAddress implements the oracle's account keeper.
func (validators) NewAccountWithAddress(_ context.Context, addr sdk.AccAddress) sdk.AccountI {
	return authtypes.NewBaseAccountWithAddress(addr)
}

// SetAccount implements the oracle's account keeper.
func (validators) SetAccount(context.Context, sdk.AccountI) {}

// BlockedAddr implements the oracle's bank keeper.
func (validators) BlockedAddr(sdk.AccAddress) bool { return false }
