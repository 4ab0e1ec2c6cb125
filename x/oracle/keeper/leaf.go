// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// AddLeaves appends the leaves of payments that became final in this block, in
// order. It may be called several times a block, costs two writes, and is a
// no-op without leaves.
func (k *Keeper) AddLeaves(ctx context.Context, settled []types.Settled) error {
	if len(settled) == 0 {
		return nil
	}
	line, err := k.Line.Get(ctx)
	if err != nil {
		return err
	}
	block := types.NewLeafBlock(sdk.UnwrapSDKContext(ctx).BlockHeight(), settled)
	if err := k.Leaves.Set(ctx, line.Leaves, block); err != nil {
		return err
	}
	line.Leaves += uint64(len(settled))
	return k.Line.Set(ctx, line)
}

// leaves returns up to count leaves in the order of settlement from the one
// with the number first on.
func (k *Keeper) leaves(ctx context.Context, first, count uint64) ([]types.SettledLeaf, error) {
	start, block, err := k.leafBlock(ctx, first)
	if err != nil || count == 0 {
		return nil, err
	}
	all := block.Unpack()
	out := append(make([]types.SettledLeaf, 0, min(count, 1<<14)), all[min(first-start, uint64(len(all))):]...)
	if uint64(len(out)) < count {
		after := new(collections.Range[uint64]).StartExclusive(start)
		err = k.Leaves.Walk(ctx, after, func(_ uint64, block types.LeafBlock) (stop bool, err error) {
			out = append(out, block.Unpack()...)
			return uint64(len(out)) >= count, nil
		})
	}
	return out[:min(uint64(len(out)), count)], err
}

// leafBlock returns the block that holds a leaf, and the number of its first
// leaf. It is the newest block if the leaf does not exist yet.
func (k *Keeper) leafBlock(ctx context.Context, leaf uint64) (first uint64, block types.LeafBlock, err error) {
	upTo := new(collections.Range[uint64]).EndInclusive(leaf).Descending()
	err = k.Leaves.Walk(ctx, upTo, func(number uint64, found types.LeafBlock) (stop bool, err error) {
		first, block = number, found
		return true, nil
	})
	return first, block, err
}
