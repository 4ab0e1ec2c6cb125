// SPDX-License-Identifier: Apache-2.0

package types

// Bounds of the params.
const (
	// MaxEpochBlocks bounds epoch_blocks: no audit may wait for ever.
	MaxEpochBlocks = 100_000
	// MinKeepSeeds is the least number of seeds in state: a round is judged a
	// few epochs late at most.
	MinKeepSeeds = 8
	// MaxKeepSeeds bounds the state and the exported genesis.
	MaxKeepSeeds = 100_000
)

// DefaultParams returns the params of a new chain.
func DefaultParams() Params {
	return Params{EpochBlocks: 30, KeepSeeds: 200}
}

// Validate returns ErrInvalidParams unless every param is within its bounds.
func (p Params) Validate() error {
	if p.EpochBlocks == 0 || p.EpochBlocks > MaxEpochBlocks {
		return ErrInvalidParams.Wrapf("epoch_blocks %d, want 1 to %d", p.EpochBlocks, MaxEpochBlocks)
	}
	if p.KeepSeeds < MinKeepSeeds || p.KeepSeeds > MaxKeepSeeds {
		return ErrInvalidParams.Wrapf("keep_seeds %d, want %d to %d", p.KeepSeeds, MinKeepSeeds, MaxKeepSeeds)
	}
	return nil
}
