// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/worker/crash"
)

// TestKills kills workers at each point of their work, in both engines.
func TestKills(t *testing.T) {
	all := os.Getenv("CUPEL_REQUIRE_ALL") != ""
	switch {
	case all:
	case testing.Short():
		t.Skip("-short: this test runs a network for a minute")
	case runtime.GOOS != "linux" || runtime.GOARCH != "amd64":
		t.Skip("the class " + net.Class + " needs linux/amd64")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 35*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "cupel-kills-*") // sockets have short paths
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	dir, err = filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	engines := 1
	var daemon *dockerd.Daemon
	t.Run("daemon", func(t *testing.T) {
		dockerd.Need(t)
		engines = 2
	})
	if engines == 2 {
		daemon, err = dockerd.Start(ctx, filepath.Join(dir, "docker"))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, daemon.Stop()) })
	}
	binaries, err := net.Current(ctx)
	require.NoError(t, err)
	crashing, err := net.Build(ctx, "cupel-worker-crash", "./cmd/cupel-worker", "cupelcrash")
	require.NoError(t, err)
	repeats := scale.Of(t, KillRepeatsPR, KillRepeats)
	start := time.Now()
	figures, err := Kills(ctx, filepath.Join(dir, "k"), binaries, crashing, daemon, repeats)
	t.Logf("%d kills in %s: %+v", figures.Kills, time.Since(start).Round(time.Second), figures)
	require.NoError(t, err)
	require.Equal(t, KillsIn(engines, repeats), figures.Kills)
	require.Equal(t, 2*engines*repeats, figures.Settled)
	require.Zero(t, figures.Lost+figures.Doubles+figures.Slashed+figures.Orphans)
	require.Len(t, figures.Points, KillsIn(engines, 1))
	for point, kills := range figures.Points {
		require.Equal(t, repeats, kills, point)
	}
}

// TestRounds checks that each point is met by each engine once per repeat, and
// by other victims in other repeats.
func TestRounds(t *testing.T) {
	const repeats = 14
	met := make(map[string]map[int]int)
	for _, r := range rounds([]string{engineWASM, engineContainer}, repeats) {
		for i, p := range r.points {
			name := r.engine + string(p)
			if met[name] == nil {
				met[name] = make(map[int]int)
			}
			met[name][i]++
		}
	}
	require.Len(t, met, 2*len(crash.Points()))
	for name, by := range met {
		require.Len(t, by, victims, name)
		for _, n := range by {
			require.Equal(t, repeats/victims, n, name)
		}
	}
}
