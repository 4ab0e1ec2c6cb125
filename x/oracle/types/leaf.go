// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/cupel-network/cupel/x/oracle/types/checkpoint"

const hashSize = len(checkpoint.Hash{})

// NewLeafBlock packs leaves that settled at a height.
func NewLeafBlock(height int64, settled []Settled) LeafBlock {
	b := LeafBlock{Height: height, Tasks: make([]int64, len(settled)), Hashes: make([]byte, 0, hashSize*len(settled))}
	var before uint64
	for i, s := range settled {
		b.Tasks[i] = int64(s.Task - before) // wraps around, and back in Unpack
		b.Hashes = append(b.Hashes, s.Leaf[:]...)
		before = s.Task
	}
	return b
}

// Unpack returns the leaves in their order. The block must be valid.
func (b LeafBlock) Unpack() []SettledLeaf {
	out := make([]SettledLeaf, len(b.Tasks))
	var task uint64
	for i, step := range b.Tasks {
		task += uint64(step)
		out[i] = SettledLeaf{Task: task, Hash: b.Hashes[i*hashSize : (i+1)*hashSize], Height: b.Height}
	}
	return out
}

// Has reports whether a leaf of a task is in the block.
func (b LeafBlock) Has(task uint64) bool {
	var at uint64
	for _, step := range b.Tasks {
		if at += uint64(step); at == task {
			return true
		}
	}
	return false
}

// Validate returns ErrInvalidGenesis unless the block has one hash that is not
// zero per task.
func (b LeafBlock) Validate() error {
	if b.Height < 0 || len(b.Tasks) == 0 || len(b.Hashes) != hashSize*len(b.Tasks) {
		return ErrInvalidGenesis.Wrapf("leaf block at height %d has %d tasks and %d bytes of hashes", b.Height, len(b.Tasks), len(b.Hashes))
	}
	for _, leaf := range b.Unpack() {
		if checkpoint.Hash(leaf.Hash).IsZero() {
			return ErrInvalidGenesis.Wrapf("leaf of task %d is zero", leaf.Task)
		}
	}
	return nil
}
