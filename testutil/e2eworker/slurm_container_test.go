// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/slurm"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// TestContainerInSlurm sends containers to a node of a cluster with the
// configuration and the program of a worker.
func TestContainerInSlurm(t *testing.T) {
	slurm.Need(t)
	dockerd.Need(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	binaries, err := net.Current(ctx)
	require.NoError(t, err)
	cluster, err := slurm.Start(ctx, t.TempDir(), slurm.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Stop()) })
	for _, kv := range cluster.Env() {
		t.Setenv("SLURM_CONF", kv[len("SLURM_CONF="):])
	}
	daemon, err := dockerd.Start(ctx, t.TempDir(), "--storage-driver", "vfs")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, daemon.Stop()) })
	docker, err := client.New(client.WithHost(daemon.Host))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, docker.Close()) })
	image, err := images.Guest(ctx, docker, nil)
	require.NoError(t, err)

	cfg := worker.DefaultConfig(t.TempDir())
	cfg.Engines.Container.Enabled, cfg.Engines.Container.Host, cfg.Engines.Container.Fleet = true, daemon.Host, worker.FleetSlurm
	cfg.Engines.Slurm.Program, cfg.Engines.Slurm.Poll = binaries.Worker, 200*time.Millisecond
	eng, err := worker.OpenFleet(ctx, cfg, container.ClassCPU, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	job := engine.Job{
		ID: "one", Class: container.ClassCPU, Args: []string{"hello", "from", "a", "node"}, MemoryBytes: 64 << 20, OutputBytes: 1 << 20, Wall: time.Minute,
		Container: &engine.Container{Image: image, Command: []string{images.GuestPath}, CPUs: 1, ScratchBytes: 16 << 20},
	}
	job.Fuel = job.Container.Units(job.Wall)
	res, err := eng.Run(ctx, job, t.TempDir())
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeOK, res.Outcome, res.Detail)
	a, err := engine.OpenArtifact(res.Artifact, engine.ArtifactLimits{})
	require.NoError(t, err)
	defer a.Close()
	r, err := a.Open(engine.StdoutName)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "hello from a node\n", string(text))

	// What nobody waits for is ended on the node too.
	job.ID, job.Args = "two", []string{"sleep", "50000"}
	run, abandon := context.WithCancelCause(ctx)
	done := make(chan error, 1)
	scratch := t.TempDir()
	go func() {
		_, err := eng.Run(run, job, scratch)
		done <- err
	}()
	containers := func() int {
		list, err := docker.ContainerList(ctx, client.ContainerListOptions{All: true})
		require.NoError(t, err)
		return len(list.Items)
	}
	require.Eventually(t, func() bool { return containers() == 1 }, time.Minute, 100*time.Millisecond)
	abandon(engine.ErrAbandoned)
	require.ErrorIs(t, <-done, context.Canceled)
	require.Eventually(t, func() bool { return containers() == 0 }, time.Minute, 100*time.Millisecond)
	left, err := filepath.Glob(filepath.Join(cfg.Home, "fleet", "*", "runs", "*"))
	require.NoError(t, err)
	require.Equal(t, []string{"one"}, []string{filepath.Base(left[0])})
}
