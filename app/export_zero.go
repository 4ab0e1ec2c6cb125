// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// prepareZeroHeight changes ctx's state, which is never committed, into one
// that a chain can start from at height 0.
func (app *App) prepareZeroHeight(ctx sdk.Context, jailAllowed []string) error {
	allowed := map[string]bool{}
	for _, addr := range jailAllowed {
		if _, err := sdk.ValAddressFromBech32(addr); err != nil {
			return fmt.Errorf("validator %s: %w", addr, err)
		}
		allowed[addr] = true
	}
	if err := app.resetDistribution(ctx); err != nil {
		return fmt.Errorf("distribution: %w", err)
	}
	if err := app.resetStaking(ctx, allowed); err != nil {
		return fmt.Errorf("staking: %w", err)
	}
	if err := app.resetSlashing(ctx); err != nil {
		return fmt.Errorf("slashing: %w", err)
	}
	// Deadlines count ticks of the market clock, which is exported as it is;
	// only the oracle's epochs count heights.
	if err := app.OracleKeeper.Rebase(ctx, 0); err != nil {
		return fmt.Errorf("oracle: %w", err)
	}
	return nil
}

// resetDistribution pays out all commission and rewards and starts the
// distribution records of every validator and delegation anew.
func (app *App) resetDistribution(ctx sdk.Context) error {
	validators, err := app.StakingKeeper.GetAllValidators(ctx)
	if err != nil {
		return err
	}
	delegations, err := app.StakingKeeper.GetAllDelegations(ctx)
	if err != nil {
		return err
	}
	if err := app.withdrawAll(ctx, validators, delegations); err != nil {
		return err
	}
	app.DistrKeeper.DeleteAllValidatorSlashEvents(ctx)
	app.DistrKeeper.DeleteAllValidatorHistoricalRewards(ctx)

	ctx = ctx.WithBlockHeight(0)
	for _, v := range validators {
		if err := app.restartValidator(ctx, v); err != nil {
			return err
		}
	}
	for _, d := range delegations {
		validator, delegator, err := delegationAddresses(d)
		if err != nil {
			return err
		}
		if err := app.DistrKeeper.Hooks().BeforeDelegationCreated(ctx, delegator, validator); err != nil {
			return err
		}
		if err := app.DistrKeeper.Hooks().AfterDelegationModified(ctx, delegator, validator); err != nil {
			return err
		}
	}
	return nil
}

func (app *App) withdrawAll(ctx sdk.Context, validators []stakingtypes.Validator, delegations []stakingtypes.Delegation) error {
	for _, v := range validators {
		operator, err := sdk.ValAddressFromBech32(v.GetOperator())
		if err != nil {
			return err
		}
		_, err = app.DistrKeeper.WithdrawValidatorCommission(ctx, operator)
		if err != nil && !errors.Is(err, distrtypes.ErrNoValidatorCommission) {
			return err
		}
	}
	for _, d := range delegations {
		validator, delegator, err := delegationAddresses(d)
		if err != nil {
			return err
		}
		if _, err := app.DistrKeeper.WithdrawDelegationRewards(ctx, delegator, validator); err != nil {
			return err
		}
	}
	return nil
}

// restartValidator gives the fraction that could not be paid out to the
// community pool and creates the validator's records again.
func (app *App) restartValidator(ctx sdk.Context, v stakingtypes.Validator) error {
	operator, err := sdk.ValAddressFromBech32(v.GetOperator())
	if err != nil {
		return err
	}
	scraps, err := app.DistrKeeper.GetValidatorOutstandingRewardsCoins(ctx, operator)
	if err != nil {
		return err
	}
	pool, err := app.DistrKeeper.FeePool.Get(ctx)
	if err != nil {
		return err
	}
	pool.CommunityPool = pool.CommunityPool.Add(scraps...)
	if err := app.DistrKeeper.FeePool.Set(ctx, pool); err != nil {
		return err
	}
	return app.DistrKeeper.Hooks().AfterValidatorCreated(ctx, operator)
}

// resetStaking sets every creation and unbonding height to 0 and jails the
// validators that are not allowed, if any are named.
func (app *App) resetStaking(ctx sdk.Context, allowed map[string]bool) error {
	var failed error
	err := app.StakingKeeper.IterateRedelegations(ctx, func(_ int64, red stakingtypes.Redelegation) bool {
		for i := range red.Entries {
			red.Entries[i].CreationHeight = 0
		}
		failed = app.StakingKeeper.SetRedelegation(ctx, red)
		return failed != nil
	})
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	err = app.StakingKeeper.IterateUnbondingDelegations(ctx, func(_ int64, ubd stakingtypes.UnbondingDelegation) bool {
		for i := range ubd.Entries {
			ubd.Entries[i].CreationHeight = 0
		}
		failed = app.StakingKeeper.SetUnbondingDelegation(ctx, ubd)
		return failed != nil
	})
	if err := errors.Join(err, failed); err != nil {
		return err
	}

	validators, err := app.StakingKeeper.GetAllValidators(ctx)
	if err != nil {
		return err
	}
	for _, v := range validators {
		v.UnbondingHeight = 0
		v.Jailed = v.Jailed || (len(allowed) > 0 && !allowed[v.GetOperator()])
		if err := app.StakingKeeper.SetValidator(ctx, v); err != nil {
			return err
		}
	}
	_, err = app.StakingKeeper.ApplyAndReturnValidatorSetUpdates(ctx)
	return err
}

func (app *App) resetSlashing(ctx sdk.Context) error {
	var failed error
	err := app.SlashingKeeper.IterateValidatorSigningInfos(ctx, func(addr sdk.ConsAddress, info slashingtypes.ValidatorSigningInfo) bool {
		info.StartHeight = 0
		failed = app.SlashingKeeper.SetValidatorSigningInfo(ctx, addr, info)
		return failed != nil
	})
	return errors.Join(err, failed)
}

func delegationAddresses(d stakingtypes.Delegation) (sdk.ValAddress, sdk.AccAddress, error) {
	validator, err := sdk.ValAddressFromBech32(d.ValidatorAddress)
	if err != nil {
		return nil, nil, err
	}
	delegator, err := sdk.AccAddressFromBech32(d.DelegatorAddress)
	return validator, delegator, err
}
