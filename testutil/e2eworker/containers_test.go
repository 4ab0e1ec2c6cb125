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
)

func TestContainers(t *testing.T) {
	dockerd.Need(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	binaries, err := net.Current(ctx)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "cupel-e2e-*") // sockets have short paths
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	dir, err = filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	daemon, err := dockerd.Start(ctx, filepath.Join(dir, "docker"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, daemon.Stop()) })
	figures, err := Containers(ctx, dir, binaries, daemon)
	require.NoError(t, err)
	t.Log("without Python:", figures.NoPython)
	jobs := ContainerJobs
	if figures.NoPython == "" {
		jobs++
	}
	require.Equal(t, ContainerFigures{Jobs: jobs, Settled: jobs, Kills: replicas, NoPython: figures.NoPython}, figures)
}
