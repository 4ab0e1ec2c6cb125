// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/inventory"
)

func TestGPUChecks(t *testing.T) {
	sound := inventory.GPU{Index: 1, Model: "H100", UUID: "GPU-1", VRAMMiB: 80 << 10, Persistence: true}
	for name, tc := range map[string]struct {
		edit func(*inventory.GPU)
		want []Level
		text string
	}{
		"healthy":        {func(*inventory.GPU) {}, []Level{OK}, "81920 MiB"},
		"no persistence": {func(g *inventory.GPU) { g.Persistence = false }, []Level{Warn}, "persistence"},
		"slices":         {func(g *inventory.GPU) { g.MIG, g.Slices = true, make([]inventory.Slice, 7) }, []Level{OK}, "7 slices"},
		"no slices":      {func(g *inventory.GPU) { g.MIG = true }, []Level{Warn}, "no slices"},
		"failed": {
			func(g *inventory.GPU) { g.Faults = []inventory.Fault{"xid-79", inventory.FaultRemapFailure} },
			[]Level{Fail, Fail},
			"xid-79",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := sound
			tc.edit(&g)
			found := GPUs([]inventory.GPU{g}).Run(t.Context())
			require.Len(t, found, len(tc.want))
			for i, f := range found {
				require.Equal(t, tc.want[i], f.Level)
				require.Equal(t, f.Level != OK, f.Fix != "")
			}
			require.Contains(t, found[0].Text, tc.text)
			require.Contains(t, found[0].Text, "GPU 1")
		})
	}
	require.Empty(t, GPUs(nil).Run(t.Context()))
}

func TestFleetCheck(t *testing.T) {
	good := func(context.Context) error { return nil }
	bad := func(context.Context) error { return errors.New("no answer") }
	dir := filepath.Join(t.TempDir(), "fleet")
	require.Equal(t, OK, Fleet("slurm", dir, good).Run(t.Context())[0].Level)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, Fail, Fleet("slurm", dir, bad).Run(t.Context())[0].Level)
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.Equal(t, Fail, Fleet("slurm", file, good).Run(t.Context())[0].Level)
}
