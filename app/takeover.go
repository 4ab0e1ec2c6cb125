// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"time"

	sdkmath "cosmossdk.io/math"
	storetypes "cosmossdk.io/store/types"
	upgradetypes "cosmossdk.io/x/upgrade/types"
	"github.com/cometbft/cometbft/crypto"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// takeoverPower is the power that in-place-testnet gives its one validator in
// CometBFT's state.
const takeoverPower = 900_000_000_000_000

// takeoverFunds is what the operator gets to spend: a million CUPEL.
const takeoverFunds = 1_000_000_000_000

// takeoverUpgradeDelay is how many blocks a rehearsed upgrade waits, so that
// the network has begun to produce some.
const takeoverUpgradeDelay = 10

// Takeover names the validator that a copy of a chain is handed to.
type Takeover struct {
	ConsensusAddress sdk.ConsAddress
	ConsensusKey     crypto.PubKey
	Operator         sdk.ValAddress
	// Upgrade is a plan to execute after a few blocks. It may be empty.
	Upgrade string
}

// TakeOver makes one validator the only one, funds its operator and shortens
// the voting period. It is for rehearsals on a copy of a chain's state: the
// change is written with the next commit and cannot be undone.
func (app *App) TakeOver(t Takeover) error {
	ctx := app.NewUncachedContext(true, cmtproto.Header{})
	validator, err := app.newSoleValidator(t)
	if err != nil {
		return err
	}
	if err := app.clearValidators(ctx); err != nil {
		return fmt.Errorf("remove the old validators: %w", err)
	}
	if err := app.addValidator(ctx, validator, t); err != nil {
		return fmt.Errorf("add the new validator: %w", err)
	}
	if err := app.fundOperator(ctx, sdk.AccAddress(t.Operator)); err != nil {
		return fmt.Errorf("fund the operator: %w", err)
	}
	if err := app.shortenVoting(ctx); err != nil {
		return fmt.Errorf("shorten the voting period: %w", err)
	}
	if t.Upgrade == "" {
		return nil
	}
	return app.UpgradeKeeper.ScheduleUpgrade(ctx, upgradetypes.Plan{
		Name: t.Upgrade, Height: app.LastBlockHeight() + takeoverUpgradeDelay,
	})
}

func (app *App) newSoleValidator(t Takeover) (stakingtypes.Validator, error) {
	key, err := cryptocodec.FromCmtPubKeyInterface(t.ConsensusKey)
	if err != nil {
		return stakingtypes.Validator{}, err
	}
	validator, err := stakingtypes.NewValidator(t.Operator.String(), key, stakingtypes.Description{Moniker: "testnet"})
	if err != nil {
		return stakingtypes.Validator{}, err
	}
	validator.Status = stakingtypes.Bonded
	validator.Tokens = app.StakingKeeper.TokensFromConsensusPower(sdk.Context{}, takeoverPower)
	validator.DelegatorShares = validator.Tokens.ToLegacyDec()
	return validator, nil
}

// clearValidators forgets the power index and the last validator set. The old
// validators' records and delegations stay, with no power.
func (app *App) clearValidators(ctx sdk.Context) error {
	store := ctx.KVStore(app.kvStoreKeys()[stakingtypes.StoreKey])
	prefixes := [][]byte{
		stakingtypes.ValidatorsByPowerIndexKey, stakingtypes.LastValidatorPowerKey,
		stakingtypes.ValidatorsKey, stakingtypes.ValidatorQueueKey,
	}
	for _, prefix := range prefixes {
		var keys [][]byte
		iterator := store.Iterator(prefix, storetypes.PrefixEndBytes(prefix))
		for ; iterator.Valid(); iterator.Next() {
			keys = append(keys, iterator.Key())
		}
		if err := iterator.Close(); err != nil {
			return err
		}
		for _, key := range keys {
			store.Delete(key)
		}
	}
	return nil
}

func (app *App) addValidator(ctx sdk.Context, v stakingtypes.Validator, t Takeover) error {
	if err := app.StakingKeeper.SetValidator(ctx, v); err != nil {
		return err
	}
	if err := app.StakingKeeper.SetValidatorByConsAddr(ctx, v); err != nil {
		return err
	}
	if err := app.StakingKeeper.SetValidatorByPowerIndex(ctx, v); err != nil {
		return err
	}
	if err := app.StakingKeeper.SetLastValidatorPower(ctx, t.Operator, takeoverPower); err != nil {
		return err
	}
	if err := app.StakingKeeper.Hooks().AfterValidatorCreated(ctx, t.Operator); err != nil {
		return err
	}
	info := slashingtypes.NewValidatorSigningInfo(t.ConsensusAddress, app.LastBlockHeight()-1, 0, time.Unix(0, 0), false, 0)
	return app.SlashingKeeper.SetValidatorSigningInfo(ctx, t.ConsensusAddress, info)
}

func (app *App) fundOperator(ctx sdk.Context, operator sdk.AccAddress) error {
	funds := sdk.NewCoins(sdk.NewCoin(BaseDenom, sdkmath.NewInt(takeoverFunds)))
	if err := app.BankKeeper.MintCoins(ctx, minttypes.ModuleName, funds); err != nil {
		return err
	}
	return app.BankKeeper.SendCoinsFromModuleToAccount(ctx, minttypes.ModuleName, operator, funds)
}

func (app *App) shortenVoting(ctx sdk.Context) error {
	params, err := app.GovKeeper.Params.Get(ctx)
	if err != nil {
		return err
	}
	expedited, voting := 30*time.Second, time.Minute
	params.ExpeditedVotingPeriod, params.VotingPeriod = &expedited, &voting
	return app.GovKeeper.Params.Set(ctx, params)
}
