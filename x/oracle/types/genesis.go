// SPDX-License-Identifier: Apache-2.0

package types

// DefaultGenesis returns the genesis of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams()}
}

// Validate returns an error unless the genesis is a state that a chain can be
// in: before epoch 1 without seeds, or at epoch n with the seeds of the last
// epochs, n's included.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if err := gs.Epoch.validate(); err != nil {
		return err
	}
	return ValidateSeeds(gs.Epoch, gs.Seeds)
}

// Rebase moves the start of the current epoch to height, for a chain that starts
// anew from this state: the epoch begins again and keeps number and seed.
func (gs *GenesisState) Rebase(height int64) {
	gs.Epoch = gs.Epoch.Rebase(height)
}

// ValidateSeeds returns ErrInvalidGenesis unless seeds are those of consecutive
// epochs, in ascending order, up to the current one.
func ValidateSeeds(epoch Epoch, seeds []Seed) error {
	count := uint64(len(seeds))
	if epoch.Number == 0 && count > 0 {
		return ErrInvalidGenesis.Wrapf("%d seeds before epoch 1", count)
	}
	if epoch.Number > 0 && (count == 0 || count > epoch.Number) {
		return ErrInvalidGenesis.Wrapf("%d seeds in epoch %d", count, epoch.Number)
	}
	first := epoch.Number - count + 1
	for i, seed := range seeds {
		if want := first + uint64(i); seed.Epoch != want {
			return ErrInvalidGenesis.Wrapf("seed %d is of epoch %d, want %d", i, seed.Epoch, want)
		}
		if len(seed.Value) != SeedSize {
			return ErrInvalidGenesis.Wrapf("seed of epoch %d has %d bytes, want %d", seed.Epoch, len(seed.Value), SeedSize)
		}
	}
	return nil
}

func (e Epoch) validate() error {
	if e.Number == 0 {
		if e.StartHeight != 0 || e.Blocks != 0 {
			return ErrInvalidGenesis.Wrap("epoch 0 has neither start nor length")
		}
		return nil
	}
	if e.StartHeight < 0 {
		return ErrInvalidGenesis.Wrapf("epoch starts at height %d", e.StartHeight)
	}
	if e.Blocks == 0 || e.Blocks > MaxEpochBlocks {
		return ErrInvalidGenesis.Wrapf("epoch of %d blocks, want 1 to %d", e.Blocks, MaxEpochBlocks)
	}
	return nil
}
