// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/worker/engine"
)

// failing runs the guest "fail" with one of its modes.
func failing(t *testing.T, e *Engine, mode string, edit func(*engine.Job)) engine.Result {
	t.Helper()
	job := testJob(t, guests.Build(t, "fail"))
	job.Args = []string{mode}
	job.Fuel = 2_000_000_000
	if edit != nil {
		edit(&job)
	}
	res, err := e.Run(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	t.Logf("%s: %s, %d fuel, %s: %s", mode, res.Outcome, res.Fuel, res.Wall, res.Detail)
	return res
}

func TestGuestsThatFail(t *testing.T) {
	e := testEngine(t)
	small := func(j *engine.Job) { j.OutputBytes = 1 << 20 }
	tests := map[string]struct {
		edit    func(*engine.Job)
		outcome engine.Outcome
		exit    int32
		detail  string
	}{
		"loop":    {nil, engine.OutcomeOutOfFuel, 0, "raise limits.fuel"},
		"memory":  {func(j *engine.Job) { j.MemoryBytes = 32 << 20 }, engine.OutcomeMemoryLimit, 2, "raise limits.memory"},
		"panic":   {nil, engine.OutcomeExit, 2, "exit code 2"},
		"exit":    {nil, engine.OutcomeExit, 42, "exit code 42"},
		"stdout":  {small, engine.OutcomeTrap, 0, "raise limits.output"},
		"files":   {nil, engine.OutcomeExit, 1, "exit code 1"},
		"recurse": {func(j *engine.Job) { j.MemoryBytes = 1 << 30 }, engine.OutcomeStack, 0, "recurse less deeply"},
	}
	for mode, tc := range tests {
		t.Run(mode, func(t *testing.T) {
			res := failing(t, e, mode, tc.edit)
			require.Equal(t, tc.outcome, res.Outcome)
			require.Equal(t, tc.exit, res.ExitCode)
			require.Contains(t, res.Detail, tc.detail)
			if !tc.outcome.Deterministic() {
				require.Empty(t, res.Artifact)
				return
			}
			require.Contains(t, artifactText(t, res, "stdout"), "doing "+mode+"\n")
			require.Equal(t, "written before the end", artifactText(t, res, "out/before"))
			again := failing(t, e, mode, tc.edit)
			require.Equal(t, res.ArtifactSHA256, again.ArtifactSHA256)
			require.Equal(t, res.Fuel, again.Fuel)
			require.Equal(t, res.MemoryHash, again.MemoryHash)
		})
	}
}

func TestWallLimit(t *testing.T) {
	e := testEngine(t)
	start := time.Now()
	res := failing(t, e, "loop", func(j *engine.Job) { j.Fuel, j.Wall = 1<<62, 300*time.Millisecond })
	require.Equal(t, engine.OutcomeWall, res.Outcome)
	require.Empty(t, res.Artifact)
	require.Less(t, time.Since(start), 30*time.Second)
	require.Less(t, res.Wall, 10*time.Second)
}

func TestWallFollowsFuel(t *testing.T) {
	require.Equal(t, time.Minute, wallFor(time.Minute, 1<<62))
	require.Equal(t, time.Minute, wallFor(time.Minute, 20_000_000_000))
	require.Equal(t, 15*time.Second, wallFor(time.Minute, 1_000_000_000))
	require.Equal(t, 5*time.Second+10, wallFor(time.Minute, 1))
	require.Equal(t, time.Second, wallFor(time.Second, 1))
}

func TestNoNetwork(t *testing.T) {
	job := testJob(t, guests.Build(t, "network"))
	res, err := testEngine(t).Run(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeExit, res.Outcome, res.Detail)
	require.Equal(t, int32(3), res.ExitCode)
	for line := range strings.Lines(artifactText(t, res, "stdout")) {
		t.Log(strings.TrimSpace(line))
		require.NotContains(t, line, "<nil>")
	}
	require.Contains(t, artifactText(t, res, "stderr"), "no network")
}

func TestNoEscape(t *testing.T) {
	e := testEngine(t)
	in := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(in, []byte("unchanged"), 0o600))
	res := failing(t, e, "escape", func(j *engine.Job) {
		j.Files = []engine.File{{GuestPath: "/in/text.txt", HostPath: in}}
	})
	require.Equal(t, engine.OutcomeOK, res.Outcome)
	text := artifactText(t, res, "stdout")
	t.Log(text)
	require.NotContains(t, text, "root:")
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "doing") && !strings.HasPrefix(line, "chdir") {
			require.NotContains(t, line, "<nil>", "an attempt succeeded")
		}
	}
	b, err := os.ReadFile(in)
	require.NoError(t, err)
	require.Equal(t, "unchanged", string(b))
}

func TestInputUnavailable(t *testing.T) {
	e := testEngine(t)
	missing := filepath.Join(t.TempDir(), "missing")
	res := failing(t, e, "exit", func(j *engine.Job) {
		j.Files = []engine.File{{GuestPath: "/in/a", HostPath: missing}}
	})
	require.Equal(t, engine.OutcomeInputUnavailable, res.Outcome)
	res = failing(t, e, "exit", func(j *engine.Job) { j.Stdin = t.TempDir() })
	require.Equal(t, engine.OutcomeInputUnavailable, res.Outcome)
}

// TestWithoutNamespaces runs as on a machine that does not allow them.
func TestWithoutNamespaces(t *testing.T) {
	e := testEngine(t)
	with := failing(t, e, "exit", nil)
	e.isolated = false
	without := failing(t, e, "exit", nil)
	require.Equal(t, with.ArtifactSHA256, without.ArtifactSHA256)
	require.Equal(t, with.MemoryHash, without.MemoryHash)
}

func TestOtherClassAndWrongModule(t *testing.T) {
	e := testEngine(t)
	job := testJob(t, guests.Build(t, "hello"))
	job.Class = "wasm/v9"
	res, err := e.Run(t.Context(), job, t.TempDir())
	require.ErrorContains(t, err, "wasm/v9")
	require.Equal(t, engine.OutcomeHostError, res.Outcome)
	job = testJob(t, guests.Build(t, "hello"))
	job.ModuleSHA256[0] ^= 1
	_, err = e.Run(t.Context(), job, t.TempDir())
	require.ErrorContains(t, err, "fetch it again")
}
