// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Of the newest leaf blocks and leaves, so many are searched for a task whose
// height is not given.
const (
	maxSearched       = 1_000
	maxSearchedLeaves = 200_000
)

// numbered is a leaf with its number over all checkpoints.
type numbered struct {
	number uint64
	leaf   types.SettledLeaf
}

// Proof implements types.QueryServer.
func (s queryServer) Proof(ctx context.Context, req *types.QueryProofRequest) (*types.QueryProofResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	line, err := s.k.Line.Get(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.k.leavesOf(ctx, req.Task, req.Height, line)
	if err != nil {
		return nil, err
	}
	if found[0].number >= line.Covered {
		return nil, types.ErrNotCovered.Wrapf("task %d settled at height %d: its leaf waits for the next checkpoint", req.Task, found[0].leaf.Height)
	}
	c, err := s.k.covering(ctx, found[0].number, line)
	if err != nil {
		return nil, err
	}
	tree, err := s.k.tree(ctx, c.FirstLeaf, uint64(c.Header.LeafCount))
	if err != nil {
		return nil, err
	}
	res := &types.QueryProofResponse{Checkpoint: c}
	for _, f := range found {
		if f.number >= c.FirstLeaf+uint64(c.Header.LeafCount) {
			break
		}
		siblings, err := tree.Proof(checkpoint.Hash(f.leaf.Hash))
		if err != nil {
			return nil, err
		}
		proof := types.LeafProof{Leaf: f.leaf}
		for _, sibling := range siblings {
			proof.Siblings = append(proof.Siblings, sibling[:])
		}
		res.Proofs = append(res.Proofs, proof)
	}
	return res, nil
}

// leavesOf returns the leaves of a task that settled at a height, or among the
// newest leaf blocks if the height is 0. There is at least one.
func (k *Keeper) leavesOf(ctx context.Context, task uint64, height int64, line types.Line) ([]numbered, error) {
	if height == 0 {
		return k.newestLeavesOf(ctx, task)
	}
	first, err := k.firstLeafAt(ctx, height, line)
	if err != nil {
		return nil, err
	}
	var found []numbered
	from := new(collections.Range[uint64]).StartInclusive(first)
	err = k.Leaves.Walk(ctx, from, func(number uint64, block types.LeafBlock) (stop bool, err error) {
		if block.Height != height {
			return true, nil
		}
		found = append(found, pick(number, block, task)...)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, types.ErrUnknownLeaf.Wrapf("task %d did not settle at height %d", task, height)
	}
	return found, nil
}

// newestLeavesOf searches backwards. A task settles in one block.
func (k *Keeper) newestLeavesOf(ctx context.Context, task uint64) ([]numbered, error) {
	var found []numbered
	var at int64
	searched, leaves := 0, 0
	err := k.Leaves.Walk(ctx, new(collections.Range[uint64]).Descending(), func(number uint64, block types.LeafBlock) (stop bool, err error) {
		if len(found) > 0 && block.Height != at {
			return true, nil
		}
		if own := pick(number, block, task); len(own) > 0 {
			found, at = append(own, found...), block.Height
		}
		searched++
		leaves += len(block.Tasks)
		return searched == maxSearched || leaves >= maxSearchedLeaves, nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, types.ErrUnknownLeaf.Wrapf("task %d is not among the leaves of the newest %d blocks: give the height at which it settled", task, searched)
	}
	return found, nil
}

// pick returns the leaves of a task in a block whose first leaf has a number.
func pick(number uint64, block types.LeafBlock, task uint64) []numbered {
	if !block.Has(task) {
		return nil
	}
	var out []numbered
	for i, leaf := range block.Unpack() {
		if leaf.Task == task {
			out = append(out, numbered{number + uint64(i), leaf})
		}
	}
	return out
}

// firstLeafAt returns the number of the first leaf that settled at a height or
// later. Heights never fall from one leaf to the next.
func (k *Keeper) firstLeafAt(ctx context.Context, height int64, line types.Line) (uint64, error) {
	low, high := uint64(0), line.Leaves
	for low < high {
		first, block, err := k.leafBlock(ctx, low+(high-low)/2)
		if err != nil {
			return 0, err
		}
		if block.Height < height {
			low = first + uint64(len(block.Tasks))
		} else {
			high = first
		}
	}
	return low, nil
}

// covering returns the checkpoint that a leaf is in. It must be covered.
func (k *Keeper) covering(ctx context.Context, leaf uint64, line types.Line) (types.Checkpoint, error) {
	// The first header that begins above the leaf; a set change begins where
	// the next checkpoint does.
	low, high := uint64(1), line.LastNonce+1
	for low < high {
		middle := low + (high-low)/2
		c, err := k.Checkpoints.Get(ctx, middle)
		if err != nil {
			return types.Checkpoint{}, err
		}
		if c.FirstLeaf > leaf {
			high = middle
		} else {
			low = middle + 1
		}
	}
	for nonce := low - 1; nonce > 0; nonce-- {
		c, err := k.Checkpoints.Get(ctx, nonce)
		if err != nil || c.Header.LeafCount > 0 {
			return c, err
		}
	}
	return types.Checkpoint{}, types.ErrBrokenInvariant.Wrapf("no checkpoint covers leaf %d", leaf)
}
