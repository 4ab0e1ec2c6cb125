// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// InitGenesis stores a state and rebuilds rosters, indexes and the silence
// queue. It fails unless the module account holds at least the sum of bonds.
func (k *Keeper) InitGenesis(ctx context.Context, genesis *types.GenesisState) error {
	if err := genesis.Validate(k.addresses); err != nil {
		return err
	}
	if held, bonds := k.held(ctx), genesis.TotalBonds(); held.LT(bonds) {
		return types.ErrInvalidGenesis.Wrapf("the bonds are %s ucupel and the module account holds %s", bonds, held)
	}
	if err := k.Params.Set(ctx, genesis.Params); err != nil {
		return err
	}
	if err := k.Ticks.Set(ctx, genesis.Tick); err != nil {
		return err
	}
	for _, class := range genesis.Classes {
		if err := k.storeClass(ctx, class); err != nil {
			return err
		}
	}
	for i, provider := range genesis.Providers {
		load := genesis.Loads[i]
		if err := k.insert(ctx, provider, load, load.LastSeen+genesis.Params.SilenceTicks); err != nil {
			return err
		}
	}
	for _, entry := range genesis.Unbondings {
		if err := k.setUnbonding(ctx, entry.Provider, entry.Release, entry.Amount); err != nil {
			return err
		}
	}
	return k.initModels(ctx, genesis)
}

// ExportGenesis returns the state that InitGenesis restores.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return nil, err
	}
	genesis := &types.GenesisState{Params: params, Tick: tick}
	if err := k.exportModels(ctx, genesis); err != nil {
		return nil, err
	}
	err = k.Classes.Walk(ctx, nil, func(_ uint32, class types.Class) (bool, error) {
		genesis.Classes = append(genesis.Classes, class)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Providers.Walk(ctx, nil, func(id uint32, provider types.Provider) (bool, error) {
		genesis.Providers = append(genesis.Providers, provider)
		load, err := k.Load(ctx, id)
		genesis.Loads = append(genesis.Loads, load)
		return false, err
	})
	if err != nil {
		return nil, err
	}
	err = k.Unbondings.Walk(ctx, nil, func(key collections.Pair[uint64, uint32], amount uint64) (bool, error) {
		genesis.Unbondings = append(genesis.Unbondings, types.Unbonding{Provider: key.K2(), Release: key.K1(), Amount: amount})
		return false, nil
	})
	return genesis, err
}

// held is what the module account holds in ucupel.
func (k *Keeper) held(ctx context.Context) sdkmath.Int {
	return k.bank.GetBalance(ctx, authtypes.NewModuleAddress(types.ModuleName), types.Denom).Amount
}
