// SPDX-License-Identifier: Apache-2.0

package net

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Genesis is a genesis file that is edited before a network starts.
type Genesis map[string]any

// ReadGenesis reads a genesis file.
func ReadGenesis(path string) (Genesis, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	g := Genesis{}
	return g, decoder.Decode(&g)
}

// Write writes the file.
func (g Genesis) Write(path string) error {
	text, err := json.MarshalIndent(g, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// Set replaces a value that is there, for example
// "app_state.oracle.params.epoch_blocks". A number names an element of a list.
// A path that is not there is an error, so that no edit is lost.
func (g Genesis) Set(path string, value any) error {
	var at any = map[string]any(g)
	keys := strings.Split(path, ".")
	for i, key := range keys {
		last := i == len(keys)-1
		switch node := at.(type) {
		case map[string]any:
			if _, ok := node[key]; !ok {
				return fmt.Errorf("genesis has no %s", strings.Join(keys[:i+1], "."))
			}
			if last {
				node[key] = value
			}
			at = node[key]
		case []any:
			var n int
			if _, err := fmt.Sscanf(key, "%d", &n); err != nil || n < 0 || n >= len(node) {
				return fmt.Errorf("genesis has no %s", strings.Join(keys[:i+1], "."))
			}
			if last {
				node[n] = value
			}
			at = node[n]
		default:
			return fmt.Errorf("genesis has no %s", strings.Join(keys[:i+1], "."))
		}
	}
	return nil
}

// Edit is one change of a genesis file.
type Edit struct {
	Path  string
	Value any
}

// Params are the figures of a network that tests and demonstrations shorten.
type Params struct {
	WindowTicks, CommitTicks, RevealTicks uint64
	MinTickMS, AuditFloorBPS              uint32
	EpochBlocks                           uint64
	// CheckpointBlocks is the pause between checkpoints; 0 keeps the default.
	CheckpointBlocks uint64
}

// Edits returns the changes that set the params. They also switch off
// inflation and the community tax, so that the supply and the community pool
// change by the market's doing alone.
func (p Params) Edits() []Edit {
	const market = "app_state.market.params.0.params."
	number := func(n uint64) string { return fmt.Sprint(n) }
	edits := []Edit{
		{market + "window_ticks", number(p.WindowTicks)},
		{market + "commit_ticks", number(p.CommitTicks)},
		{market + "reveal_ticks", number(p.RevealTicks)},
		{market + "min_tick_ms", p.MinTickMS},
		{market + "audit_floor_bps", p.AuditFloorBPS},
		// Bonds must outlast every window, which short ticks make long.
		{"app_state.registry.params.unbonding_ticks", number(1 << 32)},
		{"app_state.oracle.params.epoch_blocks", number(p.EpochBlocks)},
		{"app_state.mint.minter.inflation", "0.000000000000000000"},
		{"app_state.mint.params.inflation_max", "0.000000000000000000"},
		{"app_state.mint.params.inflation_min", "0.000000000000000000"},
		{"app_state.distribution.params.community_tax", "0.000000000000000000"},
	}
	if p.CheckpointBlocks > 0 {
		edits = append(edits, Edit{"app_state.oracle.params.checkpoint_blocks", number(p.CheckpointBlocks)})
	}
	return edits
}
