// SPDX-License-Identifier: Apache-2.0

package types

import (
	"context"
	"time"

	"cosmossdk.io/core/address"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// StakingKeeper knows the validators and their power.
type StakingKeeper interface {
	GetValidator(ctx context.Context, operator sdk.ValAddress) (stakingtypes.Validator, error)
	GetBondedValidatorsByPower(ctx context.Context) ([]stakingtypes.Validator, error)
	PowerReduction(ctx context.Context) sdkmath.Int
	UnbondingTime(ctx context.Context) (time.Duration, error)
	ValidatorAddressCodec() address.Codec
}

// SlashingKeeper punishes validators.
type SlashingKeeper interface {
	Slash(ctx context.Context, validator sdk.ConsAddress, fraction sdkmath.LegacyDec, power, distributionHeight int64) error
	Jail(ctx context.Context, validator sdk.ConsAddress) error
	JailUntil(ctx context.Context, validator sdk.ConsAddress, until time.Time) error
	Tombstone(ctx context.Context, validator sdk.ConsAddress) error
	IsTombstoned(ctx context.Context, validator sdk.ConsAddress) bool
}

// AccountKeeper makes the accounts that send signatures.
type AccountKeeper interface {
	HasAccount(ctx context.Context, addr sdk.AccAddress) bool
	NewAccountWithAddress(ctx context.Context, addr sdk.AccAddress) sdk.AccountI
	SetAccount(ctx context.Context, account sdk.AccountI)
}

// CircuitKeeper says which messages are tripped.
type CircuitKeeper interface {
	IsAllowed(ctx context.Context, typeURL string) (bool, error)
}

// TreasuryKeeper takes the fee of circuits: the community pool.
type TreasuryKeeper interface {
	FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error
}

// BankKeeper knows the accounts that belong to modules.
type BankKeeper interface {
	BlockedAddr(addr sdk.AccAddress) bool
}
