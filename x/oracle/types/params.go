// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/cupel-network/cupel/x/oracle/types/checkpoint"

// Bounds of the params.
const (
	// MaxEpochBlocks bounds epoch_blocks: no audit may wait for ever.
	MaxEpochBlocks = 100_000
	// MinKeepSeeds is the least number of seeds in state: a round is judged a
	// few epochs late at most.
	MinKeepSeeds = 8
	// MaxKeepSeeds bounds the state and the exported genesis.
	MaxKeepSeeds = 100_000
	// MaxCheckpointBlocks bounds checkpoint_blocks and grace_blocks.
	MaxCheckpointBlocks = 100_000
	// MinMaxLeaves is the least of max_leaves: the leaves of one task stay
	// together.
	MinMaxLeaves = 64
	// MinSetSeconds and MaxSetSeconds bound set_seconds: a set is no older than
	// what mirrors accept.
	MinSetSeconds = 60
	MaxSetSeconds = 30 * secondsPerDay
	// MaxMaxMissed bounds max_missed.
	MaxMaxMissed = 1_000_000
	// MaxKeepSignatures bounds keep_signatures.
	MaxKeepSignatures = 10_000_000
	// BasisPoints is the whole of which basis points are parts.
	BasisPoints = 10_000
)

const secondsPerDay = 24 * 60 * 60

// DefaultParams returns the params of a new chain.
func DefaultParams() Params {
	return Params{
		EpochBlocks: 30, KeepSeeds: 200,
		CheckpointBlocks: 60, MaxLeaves: checkpoint.MaxLeaves,
		SetChangeBps: 500, SetSeconds: 7 * secondsPerDay,
		GraceBlocks: 60, MaxMissed: 500, AbsenceSlashBps: 1, EquivocationSlashBps: 500,
		KeepSignatures: 10_000,
	}
}

// Validate returns ErrInvalidParams unless every param is within its bounds.
func (p Params) Validate() error {
	bounds := []struct {
		name            string
		value, min, max uint64
	}{
		{"epoch_blocks", p.EpochBlocks, 1, MaxEpochBlocks},
		{"keep_seeds", p.KeepSeeds, MinKeepSeeds, MaxKeepSeeds},
		{"checkpoint_blocks", p.CheckpointBlocks, 1, MaxCheckpointBlocks},
		{"max_leaves", uint64(p.MaxLeaves), MinMaxLeaves, checkpoint.MaxLeaves},
		{"set_change_bps", uint64(p.SetChangeBps), 1, BasisPoints},
		{"set_seconds", p.SetSeconds, MinSetSeconds, MaxSetSeconds},
		{"grace_blocks", p.GraceBlocks, 1, MaxCheckpointBlocks},
		{"max_missed", uint64(p.MaxMissed), 1, MaxMaxMissed},
		{"absence_slash_bps", uint64(p.AbsenceSlashBps), 0, BasisPoints},
		{"equivocation_slash_bps", uint64(p.EquivocationSlashBps), 1, BasisPoints},
		{"keep_signatures", p.KeepSignatures, 1, MaxKeepSignatures},
	}
	for _, b := range bounds {
		if b.value < b.min || b.value > b.max {
			return ErrInvalidParams.Wrapf("%s %d, want %d to %d", b.name, b.value, b.min, b.max)
		}
	}
	return nil
}
