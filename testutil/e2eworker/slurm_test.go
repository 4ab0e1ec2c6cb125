// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/slurm"
)

func TestSlurm(t *testing.T) {
	slurm.Need(t)
	if testing.Short() && os.Getenv("CUPEL_REQUIRE_ALL") == "" {
		t.Skip("-short: this test runs a network and a cluster for minutes")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	binaries, err := net.Current(ctx)
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	figures, err := Slurm(ctx, dir, binaries)
	require.NoError(t, err)
	require.Equal(t, SlurmFigures{Jobs: 12, Settled: 4, Kills: 3}, figures)
}
