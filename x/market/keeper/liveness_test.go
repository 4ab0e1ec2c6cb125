// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// maxLife is more blocks than any batch of shortWindows can live: its
// deadline, all re-draws and back-offs of its lots, and the rounds and
// windows of their cases.
const maxLife = 600

// TestEverythingEnds checks that every batch becomes final within a bounded
// number of blocks whatever the workers do, and leaves no load behind.
func TestEverythingEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		registry := w.providing()
		for range rapid.IntRange(1, 12).Draw(t, "orders") {
			m := w.order(t)
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Submit(ctx, &m); return err })
			w.behave(t)
			w.behave(t)
			w.blocks(t)
			if event := rapid.SampledFrom([]string{"", "", "unbond", "jail", "drain", "unjail"}).Draw(t, "event"); event != "" {
				registry[event](t)
			}
		}
		w.ends(t)
	})
}

// ends runs blocks until nothing is open, at most maxLife.
func (w *world) ends(t *rapid.T) {
	open := true
	for i := 0; i < maxLife && open; i++ {
		require.NoError(t, w.c.Block())
		g, err := w.c.Market.ExportGenesis(w.c.Ctx)
		require.NoError(t, err)
		open = false
		for _, b := range g.Batches {
			open = open || b.Tally.OpenLots > 0
		}
	}
	w.check(t)
	require.False(t, open, "batches are open after %d blocks", maxLife)
	for _, k := range w.c.Workers {
		load, err := w.c.Registry.Load(w.c.Ctx, k.ID)
		require.NoError(t, err)
		require.False(t, load.IsOpen(), "provider %d: %+v", k.ID, load)
	}
	g, err := w.c.Market.ExportGenesis(w.c.Ctx)
	require.NoError(t, err)
	for _, c := range g.Cases {
		require.Zero(t, c.Reserve+c.Held, "task %d", c.Task)
	}
}
