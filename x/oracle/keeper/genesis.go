// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// InitGenesis writes the genesis to an empty store.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	if err := k.Current.Set(ctx, gs.Epoch); err != nil {
		return err
	}
	if err := k.Line.Set(ctx, gs.Line); err != nil {
		return err
	}
	for _, seed := range gs.Seeds {
		if err := k.Seeds.Set(ctx, seed.Epoch, seed.Value); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	epoch, err := k.Current.Get(ctx)
	if err != nil {
		return nil, err
	}
	seeds, err := k.seeds(ctx)
	if err != nil {
		return nil, err
	}
	return &types.GenesisState{Params: params, Epoch: epoch, Seeds: seeds}, nil
}

func (k *Keeper) seeds(ctx context.Context) ([]types.Seed, error) {
	var seeds []types.Seed
	err := k.Seeds.Walk(ctx, nil, func(epoch uint64, value []byte) (stop bool, err error) {
		seeds = append(seeds, types.Seed{Epoch: epoch, Value: value})
		return false, nil
	})
	return seeds, err
}
