// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// checkpointDue reports whether leaves wait and the pause since the newest
// checkpoint is over, or as many wait as a checkpoint takes.
func checkpointDue(line types.Line, params types.Params, height int64) bool {
	waiting := line.Leaves - line.Covered
	if waiting == 0 || line.SetId == 0 {
		return false
	}
	return waiting >= uint64(params.MaxLeaves) || height-line.LastHeight >= int64(params.CheckpointBlocks)
}

// makeCheckpoint puts the leaves that wait longest under one root.
func (k *Keeper) makeCheckpoint(ctx context.Context, line *types.Line, params types.Params) error {
	count, err := k.nextLeafCount(ctx, *line, uint64(params.MaxLeaves))
	if err != nil {
		return err
	}
	tree, err := k.tree(ctx, line.Covered, count)
	if err != nil {
		return err
	}
	root := tree.Root()
	c, err := k.nextHeader(ctx, *line)
	if err != nil {
		return err
	}
	c.Header.Root, c.Header.LeafCount = root[:], uint32(count)
	line.Covered += count
	line.LastHeight = sdk.UnwrapSDKContext(ctx).BlockHeight()
	return k.append(ctx, line, c)
}

// nextLeafCount returns how many of the waiting leaves the next checkpoint
// takes: at most limit, and all leaves of a task or none.
func (k *Keeper) nextLeafCount(ctx context.Context, line types.Line, limit uint64) (uint64, error) {
	if line.Leaves-line.Covered <= limit {
		return line.Leaves - line.Covered, nil
	}
	leaves, err := k.leaves(ctx, line.Covered, limit+1)
	if err != nil {
		return 0, err
	}
	beyond := leaves[limit]
	for count := limit; count > 0; count-- {
		if last := leaves[count-1]; last.Task != beyond.Task || last.Height != beyond.Height {
			return count, nil
		}
	}
	return limit, nil
}

// tree returns the tree over the leaves of a checkpoint.
func (k *Keeper) tree(ctx context.Context, first, count uint64) (*checkpoint.Tree, error) {
	leaves, err := k.leaves(ctx, first, count)
	if err != nil {
		return nil, err
	}
	if uint64(len(leaves)) != count {
		return nil, types.ErrBrokenInvariant.Wrapf("%d leaves from number %d on, want %d", len(leaves), first, count)
	}
	hashes := make([]checkpoint.Hash, len(leaves))
	for i, leaf := range leaves {
		hashes[i] = checkpoint.Hash(leaf.Hash)
	}
	return checkpoint.NewTree(hashes)
}

// nextHeader returns the header after the newest, which changes nothing.
func (k *Keeper) nextHeader(ctx context.Context, line types.Line) (types.Checkpoint, error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	set, err := k.Sets.Get(ctx, line.SetId)
	if err != nil {
		return types.Checkpoint{}, err
	}
	root := lineRoot(sdkCtx, line)
	return types.Checkpoint{
		Header: types.Header{
			Nonce: line.LastNonce + 1, Height: uint64(sdkCtx.BlockHeight()),
			Root: root, PrevRoot: root, Set: set.Hash, NextSet: set.Hash,
		},
		FirstLeaf: line.Covered, SetId: line.SetId, NextSetId: line.SetId, Time: unixTime(sdkCtx),
	}, nil
}

// append makes a header the newest. It refuses one that no mirror would take.
func (k *Keeper) append(ctx context.Context, line *types.Line, c types.Checkpoint) error {
	header, err := c.Header.Decode()
	if err != nil {
		return err
	}
	if err := header.Validate(); err != nil {
		return types.ErrInvalidHeader.Wrap(err.Error())
	}
	if err := k.Checkpoints.Set(ctx, c.Header.Nonce, c); err != nil {
		return err
	}
	line.LastNonce, line.Root, line.SetId = c.Header.Nonce, c.Header.Root, c.NextSetId
	if err := k.Line.Set(ctx, *line); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventCheckpointCreated{
		Nonce: c.Header.Nonce, Root: types.Hex(c.Header.Root), LeafCount: c.Header.LeafCount,
		SetId: c.SetId, NextSetId: c.NextSetId,
	})
}

// lineRoot returns the root of the newest header, or that before nonce 1.
func lineRoot(ctx sdk.Context, line types.Line) []byte {
	if line.LastNonce > 0 {
		return line.Root
	}
	root := checkpoint.NewDomain(ctx.ChainID()).GenesisRoot()
	return root[:]
}

// unixTime returns the time of the block in seconds, 0 before 1970.
func unixTime(ctx sdk.Context) uint64 {
	return uint64(max(ctx.BlockTime().Unix(), 0))
}
