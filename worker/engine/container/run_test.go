// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/container"
)

func TestRun(t *testing.T) {
	f := newFixture(t, nil)
	j := f.job("hello", "a", "b")
	j.Seed = [32]byte{1, 2}
	one, two := f.run(j), f.run(j)
	require.Equal(t, engine.OutcomeOK, one.Outcome)
	require.Equal(t, one.ArtifactSHA256, two.ArtifactSHA256)
	require.Positive(t, one.Fuel, "a run of no time is paid as one second")
	require.LessOrEqual(t, one.Fuel, j.Fuel)
	require.Equal(t, j.Container.Used(one.Wall, j.Fuel), one.Fuel, "what was measured")
	a := artifact(t, one)
	require.Equal(t, "hello a b\n", entry(t, a, engine.StdoutName))
	require.Equal(t, "to stderr\n", entry(t, a, engine.StderrName))
	require.Equal(t, fmt.Sprintf("%x\n", sha256.Sum256([]byte("a\x00b"))), entry(t, a, "out/a/b/sum.txt"))
	require.Len(t, a.Entries, 3)
}

// Log drivers change lines beyond 16 KiB and bytes that are not text.
func TestOutputIsExact(t *testing.T) {
	f := newFixture(t, nil)
	a := artifact(t, f.run(f.job("binary", "300032")))
	var want strings.Builder
	for i := 0; i < 300_032; i += 256 {
		for k := range 256 {
			if i < 70_000 {
				want.WriteByte('x')
			} else {
				want.WriteByte(byte(k + i/70_000))
			}
		}
	}
	require.Equal(t, want.String(), entry(t, a, engine.StdoutName))
}

func TestInputsAndEnvironment(t *testing.T) {
	f := newFixture(t, nil)
	path := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.WriteFile(path, []byte("content"), 0o600))
	j := f.job("cat", "/in/deep/data")
	j.Files = []engine.File{{GuestPath: "/in/deep/data", HostPath: path}}
	require.Equal(t, "content", entry(t, artifact(t, f.run(j)), engine.StdoutName))

	j = f.job("env")
	j.Env, j.Seed = []string{"A=1", "B=x y"}, [32]byte{0xab}
	require.Equal(t, strings.Join([]string{
		"A=1", "B=x y", "CUPEL_SEED=ab" + strings.Repeat("0", 62), "HOME=/tmp", "HOSTNAME=cupel", "NVIDIA_VISIBLE_DEVICES=void",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "user 65534:65534 in /", "",
	}, "\n"), entry(t, artifact(t, f.run(j)), engine.StdoutName))
}

func TestOutcomes(t *testing.T) {
	f := newFixture(t, nil)
	tests := map[string]struct {
		args    []string
		edit    func(*engine.Job)
		outcome engine.Outcome
		code    int32
	}{
		"exit code":            {args: []string{"exit", "3"}, outcome: engine.OutcomeExit, code: 3},
		"no such command":      {edit: func(j *engine.Job) { j.Container.Command = []string{"nothing"} }, outcome: engine.OutcomeExit, code: 127},
		"not a program":        {edit: func(j *engine.Job) { j.Container.Command = []string{"/etc/passwd"} }, outcome: engine.OutcomeExit, code: 126},
		"found in the path":    {args: []string{"hello"}, edit: func(j *engine.Job) { j.Container.Command = []string{"guest"}; j.Env = []string{"PATH=/nothing:/"} }, outcome: engine.OutcomeOK},
		"memory":               {args: []string{"memory", "500"}, outcome: engine.OutcomeMemoryLimit},
		"within memory":        {args: []string{"memory", "60"}, outcome: engine.OutcomeOK},
		"wall":                 {args: []string{"stubborn"}, edit: func(j *engine.Job) { j.Wall = time.Second }, outcome: engine.OutcomeWall},
		"flood":                {args: []string{"flood"}, outcome: engine.OutcomeTrap},
		"fills /out":           {args: []string{"fill", "/out"}, outcome: engine.OutcomeTrap},
		"as many as allowed":   {args: []string{"files", "10000"}, outcome: engine.OutcomeOK},
		"one file more":        {args: []string{"files", "10001"}, outcome: engine.OutcomeTrap},
		"image is not there":   {edit: func(j *engine.Job) { j.Container.Image = "sha256:" + strings.Repeat("0", 64) }, outcome: engine.OutcomeInputUnavailable},
		"too few units":        {edit: func(j *engine.Job) { j.Container.CPUs = 2; j.Fuel = 1 }, outcome: engine.OutcomeTrap},
		"GPU of a CPU class":   {edit: func(j *engine.Job) { j.Container.GPUs = 1 }, outcome: engine.OutcomeTrap},
		"variable of a linker": {edit: func(j *engine.Job) { j.Env = []string{"LD_PRELOAD=x"} }, outcome: engine.OutcomeTrap},
		"input is gone":        {edit: func(j *engine.Job) { j.Files = []engine.File{{GuestPath: "/in/x", HostPath: "/nothing"}} }, outcome: engine.OutcomeInputUnavailable},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := *f
			f.t = t
			j := f.job(tc.args...)
			if tc.edit != nil {
				fuel := j.Fuel
				tc.edit(&j)
				if j.Fuel == fuel {
					j = sized(j)
				}
			}
			start := time.Now()
			res := f.run(j)
			require.Equal(t, tc.outcome.String(), res.Outcome.String(), res.Detail)
			require.Equal(t, tc.code, res.ExitCode)
			require.Less(t, time.Since(start), j.Wall+5*time.Second)
			if res.Outcome.Deterministic() {
				artifact(t, res)
			} else {
				require.Empty(t, res.Artifact)
			}
		})
	}
}

func TestJobTooLargeForTheMachine(t *testing.T) {
	f := newFixture(t, nil)
	j := f.job("hello")
	j.Container.CPUs = 250
	res, err := f.Run(t.Context(), sized(j), t.TempDir())
	require.ErrorContains(t, err, "engines.container.cpus")
	require.Equal(t, engine.OutcomeHostError, res.Outcome)
}

// One of two jobs that do not fit together waits for the other.
func TestBudget(t *testing.T) {
	f := newFixture(t, func(o *container.Options) { o.MemoryBytes = 200 << 20 })
	start := time.Now()
	done := make(chan engine.Result)
	for i := range 2 {
		go func() {
			j := f.job("sleep", "700")
			j.Args[1] = strconv.Itoa(700 + i)
			res, err := f.Run(t.Context(), j, t.TempDir())
			if err != nil {
				t.Error(err)
			}
			done <- res
		}()
	}
	require.Equal(t, engine.OutcomeOK, (<-done).Outcome)
	require.Equal(t, engine.OutcomeOK, (<-done).Outcome)
	require.Greater(t, time.Since(start), 1400*time.Millisecond)
}

func TestLimits(t *testing.T) {
	f := newFixture(t, nil)
	j := f.job("spin", "2000")
	used, err := strconv.Atoi(strings.TrimSpace(entry(t, artifact(t, f.run(j)), engine.StdoutName)))
	require.NoError(t, err)
	require.Less(t, used, 2500, "eight threads had more than one processor")

	opened := entry(t, artifact(t, f.run(f.job("open"))), engine.StdoutName)
	var n int
	_, err = fmt.Sscan(opened, &n)
	require.NoError(t, err)
	require.InDelta(t, 4096, n, 16)
	require.NotContains(t, opened, "no limit")

	text := entry(t, artifact(t, f.run(f.job("limits"))), engine.StdoutName)
	for _, want := range []string{
		"Max core file size        1                    1", "Max cpu time              80                   80",
		"CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
		" /tmp rw,nosuid,nodev,relatime", "size=16384k", " / / ro,",
	} {
		require.Contains(t, text, want)
	}
}

func TestForkBomb(t *testing.T) {
	f := newFixture(t, func(o *container.Options) { o.Processes = 64 })
	j := f.job("fork")
	j.Wall = 4 * time.Second
	res, err := f.Run(t.Context(), sized(j), t.TempDir())
	require.NoError(t, err)
	f.requireClean()
	t.Log(res.Outcome, res.Detail)
	require.Equal(t, engine.OutcomeOK, f.run(f.job("hello")).Outcome)
}

func TestPython(t *testing.T) {
	f := newFixture(t, nil)
	id, err := images.Python(t.Context(), f.docker)
	if err != nil {
		if os.Getenv("CUPEL_REQUIRE_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	j := f.job()
	j.Container.Image, j.Container.Command = id, []string{"python3", "-c", "import json,sys; json.dump({'sum': sum(range(10**6))}, open('/out/r.json','w')); print(sys.version_info[0])"}
	a := artifact(t, f.run(j))
	require.Equal(t, `{"sum": 499999500000}`, entry(t, a, "out/r.json"))
	require.Equal(t, "3\n", entry(t, a, engine.StdoutName))
}
