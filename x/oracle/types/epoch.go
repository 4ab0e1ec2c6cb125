// SPDX-License-Identifier: Apache-2.0

package types

// Due reports whether the block at height is the first of the next epoch. That
// is so before epoch 1, after the last block of e, and at a height before e's
// first block: such an epoch comes from a genesis that was not rebased.
func (e Epoch) Due(height int64) bool {
	if e.Number == 0 || height < e.StartHeight {
		return true
	}
	return uint64(height-e.StartHeight) >= e.Blocks
}

// Next returns the epoch that starts at height and lasts blocks.
func (e Epoch) Next(height int64, blocks uint64) Epoch {
	return Epoch{Number: e.Number + 1, StartHeight: height, Blocks: blocks}
}

// Rebase returns e as if it had started at height, not below 0. Its number and
// length stay. It is a no-op before epoch 1.
func (e Epoch) Rebase(height int64) Epoch {
	if e.Number != 0 {
		e.StartHeight = max(height, 0)
	}
	return e
}
