// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/worker/engine"
)

// place is a worker's surroundings, none of which may reach a result.
type place struct {
	engine *Engine
	procs  int
}

// places makes workers with different homes, caches, working directories,
// environments, time zones and numbers of processors.
func places(t *testing.T) []place {
	var list []place
	for i, procs := range []int{1, 2, 16} {
		home := filepath.Join(t.TempDir(), strings.Repeat("long/", i), "home")
		require.NoError(t, os.MkdirAll(home, 0o700))
		e, err := New(t.Context(), Options{CacheDir: filepath.Join(home, "modules")})
		require.NoError(t, err)
		list = append(list, place{e, procs})
	}
	return list
}

func nastyJob(t *testing.T) engine.Job {
	job := testJob(t, guests.Build(t, "nasty"))
	job.Args = []string{"one", "two"}
	job.Env = []string{"A=1", "TZ=Asia/Tokyo"}
	job.Seed = [32]byte{1, 2, 3}
	return job
}

// withInputs gives the job the same contents under host paths of its own,
// created in an order of its own.
func withInputs(t *testing.T, job engine.Job, round int) engine.Job {
	dir := t.TempDir()
	names := []string{"text.txt", "b", "a", "sub/z", "sub/y"}
	job.Files = nil
	for i := range names {
		name := names[(i+round)%len(names)]
		path := filepath.Join(dir, fmt.Sprint(round, i))
		require.NoError(t, os.WriteFile(path, []byte(strings.Repeat(name+" word ", 100)), 0o600))
		require.NoError(t, os.Chtimes(path, time.Unix(int64(round), 0), time.Unix(int64(i), 0)))
		job.Files = append(job.Files, engine.File{GuestPath: "/in/" + name, HostPath: path})
	}
	job.Stdin = filepath.Join(dir, "stdin")
	require.NoError(t, os.WriteFile(job.Stdin, []byte("the standard input"), 0o600))
	return job
}

func TestSameResultEverywhere(t *testing.T) {
	list := places(t)
	job := nastyJob(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first engine.Result
	for round := range 21 {
		p := list[round%len(list)]
		runtime.GOMAXPROCS(p.procs)
		t.Setenv("TZ", []string{"UTC", "America/New_York", "Asia/Kolkata"}[round%3])
		t.Setenv("HOME", t.TempDir())
		t.Setenv("NOISE", strings.Repeat("x", round*100))
		t.Chdir(t.TempDir())
		res, err := p.engine.Run(t.Context(), withInputs(t, job, round), t.TempDir())
		require.NoError(t, err)
		require.Equal(t, engine.OutcomeOK, res.Outcome, "%s\n%s", res.Detail, res.Artifact)
		if round == 0 {
			first = res
			text := artifactText(t, res, "stdout")
			require.Contains(t, text, "start 2025-01-01T00:00:0")
			require.Contains(t, text, "words 2")
			t.Logf("fuel %d, guest %s, stdout %d bytes", res.Fuel, res.Wall, len(text))
			continue
		}
		require.Equal(t, artifactText(t, first, "stdout"), artifactText(t, res, "stdout"))
		require.Equal(t, first.ArtifactSHA256, res.ArtifactSHA256)
		require.Equal(t, first.Fuel, res.Fuel)
		require.Equal(t, first.MemoryHash, res.MemoryHash)
		require.NotZero(t, res.MemoryHash)
	}
}

// TestSameEndAtEveryFuelLimit stops the same run at different points: what is
// there by then, and the memory, are equal too.
func TestSameEndAtEveryFuelLimit(t *testing.T) {
	e := testEngine(t)
	job := withInputs(t, nastyJob(t), 0)
	whole, err := e.Run(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	for _, part := range []uint64{1000, 100, 10, 3, 2} {
		job.Fuel = whole.Fuel * (part - 1) / part
		a, err := e.Run(t.Context(), job, t.TempDir())
		require.NoError(t, err)
		b, err := e.Run(t.Context(), job, t.TempDir())
		require.NoError(t, err)
		require.Equal(t, engine.OutcomeOutOfFuel, a.Outcome)
		require.Equal(t, job.Fuel, a.Fuel)
		require.Equal(t, a.ArtifactSHA256, b.ArtifactSHA256)
		require.Equal(t, a.MemoryHash, b.MemoryHash)
		require.NotEqual(t, whole.MemoryHash, a.MemoryHash)
	}
}

func TestSeedChangesTheResult(t *testing.T) {
	e := testEngine(t)
	job := withInputs(t, nastyJob(t), 0)
	a, err := e.Run(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	job.Seed[31] ^= 1
	b, err := e.Run(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	require.NotEqual(t, a.ArtifactSHA256, b.ArtifactSHA256)
}
