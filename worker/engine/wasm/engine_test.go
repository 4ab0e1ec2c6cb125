// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"crypto/sha256"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/worker/engine"
)

var sharedCache string

func TestMain(m *testing.M) {
	ChildMain()
	dir, err := os.MkdirTemp("", "cupel-modules-")
	if err != nil {
		panic(err)
	}
	sharedCache = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// testEngine compiles each module once for all tests.
func testEngine(t testing.TB) *Engine {
	t.Helper()
	e, err := New(t.Context(), Options{CacheDir: sharedCache})
	require.NoError(t, err)
	return e
}

func testJob(t testing.TB, module string) engine.Job {
	t.Helper()
	b, err := os.ReadFile(module)
	require.NoError(t, err)
	return engine.Job{
		Class: Class, Module: module, ModuleSHA256: sha256.Sum256(b),
		Fuel: 20_000_000_000, MemoryBytes: 256 << 20, OutputBytes: 16 << 20, Wall: time.Minute,
	}
}

func artifactText(t testing.TB, res engine.Result, name string) string {
	t.Helper()
	a, err := engine.OpenArtifact(res.Artifact, engine.ArtifactLimits{})
	require.NoError(t, err)
	defer a.Close()
	require.Equal(t, a.SHA256, res.ArtifactSHA256)
	r, err := a.Open(name)
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(b)
}

func TestHello(t *testing.T) {
	e := testEngine(t)
	job := testJob(t, guests.Build(t, "hello"))
	job.Args = []string{"big", "world"}
	for range 2 {
		start := time.Now()
		res, err := e.Run(t.Context(), job, t.TempDir())
		require.NoError(t, err)
		t.Logf("%v total %s guest %s", res.Fuel, time.Since(start), res.Wall)
		require.Equal(t, engine.OutcomeOK, res.Outcome, res.Detail)
		require.Equal(t, "hello big world\n", artifactText(t, res, "stdout"))
	}
	t.Log(e.Isolation())
}
