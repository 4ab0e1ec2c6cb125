// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/scale"
)

func TestSoak(t *testing.T) {
	dockerd.Need(t)
	jobs := scale.Of(t, SoakJobsPR, SoakJobs)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	binaries, err := net.Current(ctx)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "cupel-soak-*") // sockets have short paths
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	dir, err = filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	daemon, err := dockerd.Start(ctx, filepath.Join(dir, "docker"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, daemon.Stop()) })
	figures, err := Soak(ctx, dir, binaries, daemon, jobs)
	t.Logf("%+v", figures)
	require.NoError(t, err)
	require.GreaterOrEqual(t, figures.Jobs, jobs)
	require.Equal(t, figures.Jobs, figures.Settled+figures.Unpaid)
	require.Positive(t, figures.Unpaid)
}
