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
	// MaxBeaconSlashFloor bounds beacon_slash_floor: what one share cost by
	// mistake must be bearable.
	MaxBeaconSlashFloor = 1_000_000_000_000
	// MinBeaconPause and MaxBeaconPause bound beacon_pause_epochs: who withheld
	// must not choose the next seed, too.
	MinBeaconPause = 10
	MaxBeaconPause = 1_000_000
	// MaxFallbackEpochs bounds fallback_epochs: no draw may wait for ever.
	MaxFallbackEpochs = 16
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
		KeepSignatures: 10_000, CircuitFee: 100_000_000,
		BeaconSlashFloor: 10_000_000, BeaconPauseEpochs: 100, BeaconMaxMissed: 500, FallbackEpochs: 3,
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
		{"circuit_fee", p.CircuitFee, 0, MaxCircuitFee},
		{"beacon_slash_floor", p.BeaconSlashFloor, 1, MaxBeaconSlashFloor},
		{"beacon_pause_epochs", uint64(p.BeaconPauseEpochs), MinBeaconPause, MaxBeaconPause},
		{"beacon_max_missed", uint64(p.BeaconMaxMissed), 1, MaxMaxMissed},
		{"fallback_epochs", uint64(p.FallbackEpochs), 1, MaxFallbackEpochs},
	}
	for _, b := range bounds {
		if b.value < b.min || b.value > b.max {
			return ErrInvalidParams.Wrapf("%s %d, want %d to %d", b.name, b.value, b.min, b.max)
		}
	}
	return nil
}
