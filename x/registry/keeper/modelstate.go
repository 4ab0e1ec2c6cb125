// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/registry/types"
)

func (k *Keeper) initModels(ctx context.Context, genesis *types.GenesisState) error {
	for _, m := range genesis.Models {
		owner, err := k.addresses.StringToBytes(m.Owner)
		if err != nil {
			return types.ErrInvalidGenesis.Wrapf("model %d: owner: %s", m.Id, err)
		}
		if _, err := k.signers(m.Signers); err != nil {
			return types.ErrInvalidGenesis.Wrapf("model %d: %s", m.Id, err)
		}
		if err := k.Models.Set(ctx, m.Id, m); err != nil {
			return err
		}
		if err := k.ModelsOf.Set(ctx, collections.Join(owner, m.Id)); err != nil {
			return err
		}
		if err := k.LastModel.Set(ctx, m.Id); err != nil {
			return err
		}
	}
	for _, v := range genesis.ModelVersions {
		if _, err := k.signers(v.Signers); err != nil {
			return types.ErrInvalidGenesis.Wrapf("model %d version %d: %s", v.Model, v.Version, err)
		}
		if err := k.ModelVersions.Set(ctx, collections.Join(v.Model, v.Version), v); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportModels(ctx context.Context, genesis *types.GenesisState) error {
	err := k.Models.Walk(ctx, nil, func(_ uint64, m types.Model) (bool, error) {
		genesis.Models = append(genesis.Models, m)
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.ModelVersions.Walk(ctx, nil, func(_ collections.Pair[uint64, uint32], v types.ModelVersion) (bool, error) {
		genesis.ModelVersions = append(genesis.ModelVersions, v)
		return false, nil
	})
}

// checkModels: models and versions are what a genesis may hold, and the index
// of owners lists each model once.
func (k *Keeper) checkModels(ctx context.Context) error {
	genesis := types.GenesisState{}
	if err := k.exportModels(ctx, &genesis); err != nil {
		return err
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return err
	}
	genesis.Tick = tick
	err = genesis.ValidateModels()
	listed := 0
	for _, m := range genesis.Models {
		owner, bad := k.addresses.StringToBytes(m.Owner)
		if bad != nil {
			return bad
		}
		ok, bad := k.ModelsOf.Has(ctx, collections.Join(owner, m.Id))
		if bad != nil || !ok {
			return errors.Join(fmt.Errorf("model %d is not listed under %s", m.Id, m.Owner), bad)
		}
		listed++
	}
	return errors.Join(err, k.ModelsOf.Walk(ctx, nil, func(key collections.Pair[[]byte, uint64]) (bool, error) {
		if listed--; listed < 0 {
			return true, fmt.Errorf("model %d is listed under an account that does not own it", key.K2())
		}
		return false, nil
	}))
}
