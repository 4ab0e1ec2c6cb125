// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/cupel-network/cupel/x/oracle/types/checkpoint"

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
	if err := gs.validateBeacon(); err != nil {
		return err
	}
	if err := gs.validateSignatures(sets); err != nil {
		return err
	}
	return gs.validateCircuits()
}

// Rebase moves the start of the current epoch to height, for a chain that starts
// anew from this state: the epoch begins again and keeps number and seed. A
// line of headers ends there, see endLine; what else is a height is moved down.
func (gs *GenesisState) Rebase(height int64) {
	height = max(height, 0)
	gs.Epoch = gs.Epoch.Rebase(height)
	if gs.Line.LastNonce > 0 {
		gs.endLine()
	}
	for i := range gs.Attestors {
		gs.Attestors[i].RegisteredHeight = min(gs.Attestors[i].RegisteredHeight, height)
	}
	for i := range gs.Sets {
		gs.Sets[i].Height = min(gs.Sets[i].Height, height)
	}
	for i := range gs.Leaves {
		gs.Leaves[i].Height = min(gs.Leaves[i].Height, height)
	}
	for _, round := range []*BeaconRound{gs.Beacon.Commits, gs.Beacon.Reveals} {
		if round != nil {
			round.Height = min(round.Height, height)
		}
	}
}

// endLine drops headers, sets and attestors, and keeps the leaves that wait.
// Headers name blocks, which the chain that starts anew does not have: nobody
// could check an open one, nor go on with heights that fall. Keys go, too: what
// they have signed must not become evidence against another line.
func (gs *GenesisState) endLine() {
	skip, waiting := gs.Line.Covered, gs.Leaves[:0:0]
	for _, block := range gs.Leaves {
		covered := min(skip, uint64(len(block.Tasks)))
		skip -= covered
		if rest := block.Unpack()[covered:]; len(rest) > 0 {
			settled := make([]Settled, len(rest))
			for i, leaf := range rest {
				settled[i] = Settled{Task: leaf.Task, Leaf: checkpoint.Hash(leaf.Hash)}
			}
			waiting = append(waiting, NewLeafBlock(block.Height, settled))
		}
	}
	gs.Line = Line{Leaves: gs.Line.Leaves - gs.Line.Covered}
	gs.Attestors, gs.Keys, gs.Sets, gs.Checkpoints, gs.Signatures = nil, nil, nil, nil, nil
	gs.Leaves = waiting
	gs.Beacon.Commits, gs.Beacon.Reveals, gs.Slots = nil, nil, nil
}

// ValidateSeeds returns ErrInvalidGenesis unless seeds are those of consecutive
// epochs, in ascending order, up to the current one, or to one of those before
// it for which the beacon may still be waited.
func ValidateSeeds(epoch Epoch, seeds []Seed) error {
	count := uint64(len(seeds))
	if epoch.Number == 0 && count > 0 {
		return ErrInvalidGenesis.Wrapf("%d seeds before epoch 1", count)
	}
	if epoch.Number == 0 {
		return nil
	}
	if count == 0 || count > epoch.Number {
		return ErrInvalidGenesis.Wrapf("%d seeds in epoch %d", count, epoch.Number)
	}
	newest := seeds[count-1].Epoch
	if newest > epoch.Number || newest+MaxFallbackEpochs < epoch.Number || count > newest {
		return ErrInvalidGenesis.Wrapf("%d seeds up to epoch %d in epoch %d", count, newest, epoch.Number)
	}
	first := newest - count + 1
	for i, seed := range seeds {
		if want := first + uint64(i); seed.Epoch != want {
			return ErrInvalidGenesis.Wrapf("seed %d is of epoch %d, want %d", i, seed.Epoch, want)
		}
		if len(seed.Value) != SeedSize {
			return ErrInvalidGenesis.Wrapf("seed of epoch %d has %d bytes, want %d", seed.Epoch, len(seed.Value), SeedSize)
		}
		if seed.FromBlock && seed.Cover != 0 {
			return ErrInvalidGenesis.Wrapf("seed of epoch %d is of a block id and has a cover", seed.Epoch)
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
