// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func validJob() Job {
	return Job{
		Class: "wasm/v1-amd64", Module: "m.wasm", Args: []string{"-x"}, Env: []string{"A=1", "B=2"},
		Files: []File{{GuestPath: "/in/a"}, {GuestPath: "/in/b/c"}}, Fuel: 1, MemoryBytes: MinMemoryBytes, Wall: 1, OutputBytes: 1,
	}
}

func TestJobValidate(t *testing.T) {
	require.NoError(t, validJob().Validate())
	tests := map[string]struct {
		edit func(*Job)
		text string
	}{
		"no class":         {func(j *Job) { j.Class = "" }, "class"},
		"no module":        {func(j *Job) { j.Module = "" }, "module"},
		"no fuel":          {func(j *Job) { j.Fuel = 0 }, "limits.fuel"},
		"little memory":    {func(j *Job) { j.MemoryBytes = MinMemoryBytes - 1 }, "limits.memory"},
		"much memory":      {func(j *Job) { j.MemoryBytes = MaxMemoryBytes + 1 }, "limits.memory"},
		"no wall":          {func(j *Job) { j.Wall = 0 }, "limits.wall"},
		"long wall":        {func(j *Job) { j.Wall = MaxWall + time.Nanosecond }, "limits.wall"},
		"no output":        {func(j *Job) { j.OutputBytes = 0 }, "limits.output"},
		"much output":      {func(j *Job) { j.OutputBytes = MaxOutputBytes + 1 }, "limits.output"},
		"zero byte":        {func(j *Job) { j.Args = []string{"a\x00b"} }, "zero byte"},
		"long arguments":   {func(j *Job) { j.Args = []string{strings.Repeat("a", MaxArgBytes)} }, "pass a file"},
		"no key":           {func(j *Job) { j.Env = []string{"=1"} }, "KEY=VALUE"},
		"no value":         {func(j *Job) { j.Env = []string{"A"} }, "KEY=VALUE"},
		"unsorted":         {func(j *Job) { j.Env = []string{"B=1", "A=1"} }, "sort"},
		"twice":            {func(j *Job) { j.Env = []string{"A=1", "A=2"} }, "once"},
		"long variables":   {func(j *Job) { j.Env = []string{"A=" + strings.Repeat("a", MaxArgBytes)} }, "pass a file"},
		"many files":       {func(j *Job) { j.Files = make([]File, MaxFiles+1) }, "pack them"},
		"same path":        {func(j *Job) { j.Files = append(j.Files, File{GuestPath: "/in/a"}) }, "collides"},
		"file as a parent": {func(j *Job) { j.Files = append(j.Files, File{GuestPath: "/in/a/b"}) }, "collides"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			j := validJob()
			tc.edit(&j)
			require.ErrorContains(t, j.Validate(), tc.text)
		})
	}
}

func TestGuestPaths(t *testing.T) {
	for _, p := range []string{"/a", "/in/a", "/outer", "/tmp2/x"} {
		require.NoError(t, ValidateGuestPath(p), p)
	}
	for _, p := range []string{"", "/", "a", "in/a", "/in/", "/in/../a", "/./a", "//a", "/out", "/out/a", "/tmp/a", "/a\x00", "/\xff", "/" + strings.Repeat("a", MaxGuestPath)} {
		require.Error(t, ValidateGuestPath(p), p)
	}
}

func TestOutcomes(t *testing.T) {
	for o := range outcomeNames {
		back, err := ParseOutcome(o.String())
		require.NoError(t, err)
		require.Equal(t, o, back)
		require.Equal(t, o < 16, o.Deterministic())
	}
	require.False(t, Outcome(0).Deterministic())
	require.False(t, Outcome(6).Deterministic())
	require.Equal(t, "Outcome(6)", Outcome(6).String())
	_, err := ParseOutcome("FINE")
	require.Error(t, err)
}
