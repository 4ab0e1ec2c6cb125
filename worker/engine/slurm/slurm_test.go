// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
	cluster "github.com/cupel-network/cupel/testutil/slurm"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

// TestSameResultAsHere runs a guest with inputs, arguments and output on a node
// and on this machine.
func TestSameResultAsHere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	e := f.engine()
	raw, err := os.ReadFile(guests.Build(t, "nasty"))
	require.NoError(t, err)
	module, input := filepath.Join(t.TempDir(), "m"), filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.WriteFile(module, raw, 0o600))
	require.NoError(t, os.WriteFile(input, []byte("some data"), 0o600))
	job := engine.Job{
		ID: "a1", Class: wasm.Class, Module: module, ModuleSHA256: sha256.Sum256(raw), Args: []string{"it's", "a b"}, Env: []string{"K=v"},
		Stdin: input, Files: []engine.File{{GuestPath: "/in/data", HostPath: input}},
		Fuel: 20e9, MemoryBytes: 256 << 20, Wall: time.Minute, OutputBytes: 1 << 20, Seed: [32]byte{7},
	}
	here, err := wasm.New(f.ctx, wasm.Options{CacheDir: t.TempDir()})
	require.NoError(t, err)
	want, err := here.Run(f.ctx, job, t.TempDir())
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeOK, want.Outcome, want.Detail)

	scratch := t.TempDir()
	got, err := e.Run(f.ctx, job, scratch)
	require.NoError(t, err)
	require.Equal(t, want.ArtifactSHA256, got.ArtifactSHA256)
	require.Equal(t, want.Fuel, got.Fuel)
	require.Equal(t, want.MemoryHash, got.MemoryHash)
	require.Equal(t, scratch, filepath.Dir(got.Artifact))

	// The worker died before it noted the result: it is still there.
	require.NoError(t, os.Remove(got.Artifact))
	again, err := e.Run(f.ctx, job, scratch)
	require.NoError(t, err)
	require.Equal(t, got.ArtifactSHA256, again.ArtifactSHA256)
	require.Equal(t, got.Wall, again.Wall)
	require.Len(t, f.jobs(), 1)

	// Without an id every run is a new one, and nothing of it stays.
	job.ID = ""
	_, err = e.Run(f.ctx, job, scratch)
	require.NoError(t, err)
	require.Len(t, f.jobs(), 2)
	left, err := os.ReadDir(filepath.Join(f.opts.Dir, runsDir))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestFaultsOfTheJob(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	e := f.engine()
	res, err := e.Run(f.ctx, f.wat("trap", 1e6, `(module (memory (export "memory") 1) (func (export "_start") unreachable))`), t.TempDir())
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeTrap, res.Outcome)

	// A host-made outcome is not the answer to the next attempt.
	job := f.spin("wall", 1e12)
	job.Wall = 100 * time.Millisecond
	for range 2 {
		res, err = e.Run(f.ctx, job, t.TempDir())
		require.NoError(t, err)
		require.Equal(t, engine.OutcomeWall, res.Outcome, res.Detail)
		require.NoDirExists(t, filepath.Join(f.opts.Dir, runsDir, "wall"))
	}
	require.Len(t, f.jobs(), 3)

	job = f.spin("lost", 1e6)
	require.NoError(t, os.Remove(job.Module))
	_, err = e.Run(f.ctx, job, t.TempDir())
	require.ErrorContains(t, err, "copy the inputs")
	job = f.spin("other", 1e6)
	job.ModuleSHA256[0]++
	_, err = e.Run(f.ctx, job, t.TempDir())
	require.ErrorContains(t, err, "node ", "the node says why")
	job.Class = "other/v1"
	_, err = e.Run(f.ctx, job, t.TempDir())
	require.ErrorContains(t, err, "class")
}

// TestNodeThatHangs is ended by Slurm's own time limit, as sent with the job.
func TestNodeThatHangs(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: Slurm's shortest time limit is a minute")
	}
	t.Parallel()
	f := newFixture(t, cluster.Options{}, func(o *Options) {
		o.Settings, o.TimeOverhead = json.RawMessage(`{"Hang":true}`), time.Second
	})
	job := f.spin("hang", 1e6)
	job.Wall = time.Second
	start := time.Now()
	res, err := f.engine().Run(f.ctx, job, t.TempDir())
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeWall, res.Outcome)
	require.Greater(t, time.Since(start), 50*time.Second)
}

func TestAbandonedAndStopped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	e := f.engine()
	start := func(id string) (context.CancelCauseFunc, chan error) {
		ctx, cancel := context.WithCancelCause(f.ctx)
		job := f.spin(id, 1e12)
		done := make(chan error, 1)
		go func() {
			_, err := e.Run(ctx, job, t.TempDir())
			done <- err
		}()
		f.until(id+" runs", func() bool {
			_, err := os.Stat(filepath.Join(f.opts.Dir, runsDir, id, "1", claimFile))
			return err == nil
		})
		return cancel, done
	}
	cancel, done := start("stopped")
	cancel(nil)
	require.ErrorIs(t, <-done, context.Canceled)
	time.Sleep(time.Second)
	require.Contains(t, strings.Join(f.jobs(), " "), "=RUNNING", "the job outlives a stop of the worker")
	require.DirExists(t, filepath.Join(f.opts.Dir, runsDir, "stopped"))

	cancel, done = start("abandoned")
	cancel(engine.ErrAbandoned)
	require.ErrorIs(t, <-done, context.Canceled)
	require.NoDirExists(t, filepath.Join(f.opts.Dir, runsDir, "abandoned"))
	f.until("the abandoned job ends", func() bool { return strings.Contains(strings.Join(f.jobs(), " "), "-abandoned-1=CANCELLED") })

	// The reaper takes what nobody asks for, but not too early.
	n, err := e.Reap(f.ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	e.opts.KeepFor = time.Millisecond
	n, err = e.Reap(f.ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoDirExists(t, filepath.Join(f.opts.Dir, runsDir, "stopped"))
	f.until("the orphan ends", func() bool { return strings.Contains(strings.Join(f.jobs(), " "), "-stopped-1=CANCELLED") })
}

// TestGPUs asks for more GPUs at once than there are: each job has its own.
func TestGPUs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{GPUs: 2}, func(o *Options) { o.Class = gpuClass })
	e := f.engine()
	job := func(id string, gpus uint32) engine.Job {
		c := &engine.Container{Image: "sha256:" + strings.Repeat("0", 64), CPUs: 1, GPUs: gpus, ScratchBytes: 1 << 20}
		return engine.Job{
			ID: id, Class: gpuClass, Container: c, Fuel: c.Units(time.Minute), MemoryBytes: 64 << 20, Wall: time.Minute, OutputBytes: 1 << 20,
		}
	}
	type use struct {
		begin, end string
		gpu        []string
	}
	var mu sync.Mutex
	var uses []use
	var wg sync.WaitGroup
	for _, id := range []string{"g1", "g2", "g3"} {
		dir := t.TempDir()
		wg.Go(func() {
			res, err := e.Run(f.ctx, job(id, 1), dir)
			if !assertNoError(t, err) {
				return
			}
			raw := strings.Fields(stdout(t, res.Artifact))
			mu.Lock()
			defer mu.Unlock()
			uses = append(uses, use{raw[0], raw[1], raw[2:]})
		})
	}
	wg.Wait()
	require.Len(t, uses, 3)
	for i, a := range uses {
		require.Len(t, a.gpu, 1)
		require.Contains(t, []string{"0", "1"}, a.gpu[0])
		for _, b := range uses[:i] {
			together := a.begin < b.end && b.begin < a.end
			require.False(t, together && a.gpu[0] == b.gpu[0], "two jobs had GPU %s at once", a.gpu[0])
		}
	}
	res, err := e.Run(f.ctx, job("g4", 2), t.TempDir())
	require.NoError(t, err)
	require.Len(t, strings.Fields(stdout(t, res.Artifact)), 4)
	_, err = e.Run(f.ctx, job("g5", 3), t.TempDir())
	require.ErrorContains(t, err, "send the job to Slurm", "no node has three")
}

func stdout(t *testing.T, path string) string {
	t.Helper()
	a, err := engine.OpenArtifact(path, engine.ArtifactLimits{})
	require.NoError(t, err)
	defer a.Close()
	r, err := a.Open(engine.StdoutName)
	require.NoError(t, err)
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(raw)
}

func assertNoError(t *testing.T, err error) bool {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	return err == nil
}
