// SPDX-License-Identifier: Apache-2.0

package types

// DefaultGenesis returns the genesis of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams()}
}

// Validate returns an error unless the genesis is a state that a chain can be
// in: before epoch 1 without seeds, or at epoch n with the seeds of the last
// epochs, n's included; attestors, sets and headers as ADR-002 numbers them.
// It does not know the chain id, so it checks no signature.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if err := gs.Epoch.validate(); err != nil {
		return err
	}
	if err := ValidateSeeds(gs.Epoch, gs.Seeds); err != nil {
		return err
	}
	owners, err := gs.validateKeys()
	if err != nil {
		return err
	}
	if err := gs.validateAttestors(owners); err != nil {
		return err
	}
	sets, err := gs.validateSets(owners)
	if err != nil {
		return err
	}
	if err := gs.validateLine(); err != nil {
		return err
	}
	if err := gs.validateHeaders(sets); err != nil {
		return err
	}
	if err := gs.validateRoots(); err != nil {
		return err
	}
	return gs.validateSignatures(sets)
}

// Rebase moves the start of the current epoch to height, for a chain that starts
// anew from this state: the epoch begins again and keeps number and seed. What
// else is a height is moved down to it; headers keep theirs, which is signed.
func (gs *GenesisState) Rebase(height int64) {
	height = max(height, 0)
	gs.Epoch = gs.Epoch.Rebase(height)
	gs.Line.LastHeight = min(gs.Line.LastHeight, height)
	for i := range gs.Attestors {
		gs.Attestors[i].RegisteredHeight = min(gs.Attestors[i].RegisteredHeight, height)
	}
	for i := range gs.Sets {
		gs.Sets[i].Height = min(gs.Sets[i].Height, height)
	}
	for i, c := range gs.Checkpoints {
		if c.Sealed() {
			gs.Checkpoints[i].SealedHeight = max(min(c.SealedHeight, height), 1)
		}
	}
	for i := range gs.Leaves {
		gs.Leaves[i].Height = min(gs.Leaves[i].Height, height)
	}
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
