// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// CheckInvariants returns ErrBrokenInvariant unless the state is one that a
// genesis may hold: see types.GenesisState.Validate. It also verifies every
// signature and the indexes. It reads everything and is for tests and audits,
// never for a block.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return types.ErrBrokenInvariant.Wrap(err.Error())
	}
	if err := verifySignatures(sdk.UnwrapSDKContext(ctx).ChainID(), *gs); err != nil {
		return types.ErrBrokenInvariant.Wrap(err.Error())
	}
	if err := k.verifyShares(sdk.UnwrapSDKContext(ctx).ChainID(), *gs); err != nil {
		return types.ErrBrokenInvariant.Wrap(err.Error())
	}
	if err := k.checkBlockSeeds(ctx); err != nil {
		return err
	}
	return k.checkIndexes(ctx, gs)
}

// checkBlockSeeds compares the marks of seeds from block ids with the seeds.
func (k *Keeper) checkBlockSeeds(ctx context.Context) error {
	marked := func(epoch uint64) (stop bool, err error) {
		known, err := k.Seeds.Has(ctx, epoch)
		if err == nil && !known {
			err = types.ErrBrokenInvariant.Wrapf("the mark of epoch %d has no seed", epoch)
		}
		return err != nil, err
	}
	if err := k.BlockSeeds.Walk(ctx, nil, marked); err != nil {
		return err
	}
	return k.Covers.Walk(ctx, nil, func(epoch, _ uint64) (stop bool, err error) { return marked(epoch) })
}

// checkIndexes compares the keys of the store with the values: the operator of
// every attestor and account, and the number of every leaf block.
func (k *Keeper) checkIndexes(ctx context.Context, gs *types.GenesisState) error {
	accounts := 0
	err := k.Accounts.Walk(ctx, nil, func(account, operator []byte) (stop bool, err error) {
		accounts++
		attestor, err := k.Attestors.Get(ctx, operator)
		if err != nil {
			return true, types.ErrBrokenInvariant.Wrapf("account %x sends for %x: %s", account, operator, err)
		}
		own, err := k.account("account", attestor.Account)
		if err != nil || string(own) != string(account) {
			return true, types.ErrBrokenInvariant.Wrapf("account %x sends for %s, whose account is %s", account, attestor.Operator, attestor.Account)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if accounts != len(gs.Attestors) {
		return types.ErrBrokenInvariant.Wrapf("%d accounts of %d attestors", accounts, len(gs.Attestors))
	}
	var next uint64
	return k.Leaves.Walk(ctx, nil, func(first uint64, block types.LeafBlock) (stop bool, err error) {
		if first != next {
			return true, types.ErrBrokenInvariant.Wrapf("leaf block %d, want %d", first, next)
		}
		next += uint64(len(block.Tasks))
		return false, nil
	})
}
