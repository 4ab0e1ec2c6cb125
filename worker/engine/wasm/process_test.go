// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
)

// script makes an executable that plays a broken or hostile child.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "child")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755))
	return path
}

func runScript(ctx context.Context, t *testing.T, limit time.Duration, body string) (report, error) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer out.Close()
	p := &process{path: script(t, body), order: order{Mode: modeRun, Args: []string{strings.Repeat("x", 200_000)}}, files: []*os.File{out, out}, limit: limit}
	return p.run(ctx)
}

// TestParentSurvives lets children do whatever they want to the parent.
func TestParentSurvives(t *testing.T) {
	report := `{"Outcome":1}`
	for name, tc := range map[string]struct{ body, text string }{
		"exits at once":       {`exit 3`, "exit status 3"},
		"aborts":              {`echo "thread panicked" >&2; kill -ABRT $$`, "thread panicked"},
		"says nothing":        {`exit 0`, "cannot be read (0 bytes)"},
		"garbage":             {`head -c 5000 /dev/urandom >&3`, "cannot be read"},
		"other fields":        {`echo '{"Outcome":1,"Extra":2}' >&3`, "cannot be read"},
		"endless report":      {`yes >&3`, "child failed"},
		"endless stdout":      {`head -c 50000000 /dev/zero; echo '` + report + `' >&3`, ""},
		"endless stderr":      {`head -c 50000000 /dev/zero >&2; echo '` + report + `' >&3`, ""},
		"does not read":       {`exec 0<&-; echo '` + report + `' >&3`, ""},
		"hangs":               {`sleep 1000`, "killed"},
		"ignores signals":     {`trap '' TERM INT HUP; sleep 1000; sleep 1000`, "killed"},
		"leaves a process":    {`echo '` + report + `' >&3; sleep 1000 & exit 0`, ""},
		"closes and lingers":  {`exec 3>&-; sleep 1000`, "killed"},
		"reports and lingers": {`echo '` + report + `' >&3; exec 3>&-; sleep 1000`, "killed"},
	} {
		t.Run(name, func(t *testing.T) {
			limit := time.Minute
			if tc.text == "killed" {
				limit = time.Second
			}
			start := time.Now()
			rep, err := runScript(t.Context(), t, limit, tc.body)
			require.Less(t, time.Since(start), 30*time.Second)
			if tc.text == "" {
				require.NoError(t, err)
				require.Equal(t, engine.OutcomeOK, rep.Outcome)
				return
			}
			require.ErrorContains(t, err, tc.text)
			require.Less(t, len(err.Error()), sandbox.MaxErrorBytes+1000)
		})
	}
}

func TestCancelledRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := runScript(ctx, t, time.Minute, `sleep 1000`)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = New(t.Context(), Options{CacheDir: t.TempDir(), Executable: script(t, "exit 1")})
	require.ErrorContains(t, err, "ChildMain")
	_, err = New(t.Context(), Options{})
	require.ErrorContains(t, err, "cache directory")
}

// TestReportIsChecked gives the parent reports that a broken child could send.
func TestReportIsChecked(t *testing.T) {
	e := testEngine(t)
	job := testJob(t, guests.Build(t, "hello"))
	require.NoError(t, e.Prepare(t.Context(), job.Module, job.ModuleSHA256))
	for name, rep := range map[string]report{
		"no outcome":      {},
		"a host error":    {Outcome: engine.OutcomeHostError},
		"too much fuel":   {Outcome: engine.OutcomeOK, Fuel: job.Fuel + 1},
		"without its tar": {Outcome: engine.OutcomeOK},
		"failed":          {Failed: "by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := json.Marshal(rep)
			require.NoError(t, err)
			broken := testEngine(t)
			broken.opts.Executable = script(t, fmt.Sprintf("echo '%s' >&3", b))
			res, err := broken.Run(t.Context(), job, t.TempDir())
			require.Error(t, err)
			require.Equal(t, engine.OutcomeHostError, res.Outcome)
			require.NotEmpty(t, res.Detail)
			require.Empty(t, res.Artifact)
		})
	}
}

// TestKilledAfterTheGrace replaces the child by one that never ends.
func TestKilledAfterTheGrace(t *testing.T) {
	e := testEngine(t)
	job := testJob(t, guests.Build(t, "hello"))
	require.NoError(t, e.Prepare(t.Context(), job.Module, job.ModuleSHA256))
	e.opts.Executable = script(t, "sleep 1000")
	e.opts.Grace = 200 * time.Millisecond
	job.Wall = 100 * time.Millisecond
	res, err := e.Run(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeWall, res.Outcome)
}

func TestSlowCompilationIsAFault(t *testing.T) {
	e, err := New(t.Context(), Options{CacheDir: t.TempDir()})
	require.NoError(t, err)
	e.opts.CompileTimeout = 30 * time.Millisecond
	job := testJob(t, guests.Build(t, "nasty"))
	res, err := e.Run(t.Context(), job, t.TempDir())
	require.ErrorContains(t, err, "took longer than")
	require.Equal(t, engine.OutcomeHostError, res.Outcome)
	left, err := filepath.Glob(filepath.Join(e.opts.CacheDir, "new-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestChildIsShutOff looks at a running child from the outside.
func TestChildIsShutOff(t *testing.T) {
	e := testEngine(t)
	if !e.Isolation().Namespaces {
		t.Skipf("this machine allows no namespaces: %v", e.Isolation().Missing)
	}
	require.Empty(t, e.Isolation().Missing)
	job := testJob(t, guests.Build(t, "fail"))
	job.Args, job.Fuel, job.Wall = []string{"loop"}, 1<<62, 30*time.Second
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	require.NoError(t, e.Prepare(ctx, job.Module, job.ModuleSHA256))
	go func() {
		_, err := e.Run(ctx, job, t.TempDir())
		done <- err
	}()
	pid := waitForChild(t)
	status := readProc(t, pid, "status")
	require.Contains(t, status, "NoNewPrivs:\t1\n")
	require.Contains(t, status, "Seccomp:\t2\n")
	for _, ns := range []string{"user", "net", "mnt", "pid", "ipc", "uts"} {
		own, err := os.Readlink("/proc/self/ns/" + ns)
		require.NoError(t, err)
		child, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, ns))
		require.NoError(t, err)
		require.NotEqual(t, own, child, ns)
	}
	require.Equal(t, "", strings.ReplaceAll(readProc(t, pid, "environ"), "\x00", ""))
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/root/", pid))
	require.NoError(t, err)
	require.Empty(t, files, "the child sees files")
	require.Contains(t, readProc(t, pid, "net/dev"), "lo:")
	require.NotContains(t, readProc(t, pid, "net/dev"), "eth")
	pgid, err := syscall.Getpgid(pid)
	require.NoError(t, err)
	require.Equal(t, pid, pgid)
	require.Contains(t, readProc(t, pid, "limits"), "Max core file size        0")
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

func readProc(t *testing.T, pid int, name string) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	require.NoError(t, err)
	return string(b)
}

// waitForChild returns the child of this process that runs a guest: the one
// with a system-call filter.
func waitForChild(t *testing.T) int {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		lists, _ := filepath.Glob("/proc/self/task/*/children")
		for _, list := range lists {
			b, _ := os.ReadFile(list)
			for _, field := range strings.Fields(string(b)) {
				pid, _ := strconv.Atoi(field)
				status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
				if strings.Contains(string(status), "Seccomp:\t2\n") {
					return pid
				}
			}
		}
	}
	t.Fatal("no child appeared")
	return 0
}
