// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"
	"github.com/stretchr/testify/require"

	cluster "github.com/cupel-network/cupel/testutil/slurm"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

// gpuClass is a class of these tests whose jobs say which GPUs they have.
const gpuClass = "container/test"

// TestMain lets the test's binary be cupel-worker: on a node, and as a worker
// that is killed.
func TestMain(m *testing.M) {
	wasm.ChildMain()
	if len(os.Args) == 4 && os.Args[1] == "exec" {
		if err := Exec(context.Background(), filepath.Clean(os.Args[3]), open); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 4 && os.Args[1] == "worker" {
		os.Exit(workerMain(filepath.Clean(os.Args[2]), filepath.Clean(os.Args[3])))
	}
	os.Exit(m.Run())
}

// open makes the engine that the settings ask for.
func open(ctx context.Context, class string, settings json.RawMessage, shared string, gpus engine.GPUs) (engine.Engine, error) {
	var s struct{ Hang bool }
	if err := json.Unmarshal(settings, &s); err != nil {
		return nil, err
	}
	if s.Hang {
		time.Sleep(time.Hour)
	}
	if class == gpuClass {
		return gpuEngine{gpus}, nil
	}
	return wasm.New(ctx, wasm.Options{CacheDir: filepath.Join(shared, "modules")})
}

// gpuEngine writes the GPUs that it was lent into the artifact.
type gpuEngine struct{ gpus engine.GPUs }

// Class implements engine.Engine.
func (gpuEngine) Class() string { return gpuClass }

// Run implements engine.Engine.
func (g gpuEngine) Run(ctx context.Context, job engine.Job, dir string) (engine.Result, error) {
	lent, err := g.gpus.Lend(ctx, job.ID, job.GPUNeed())
	if err != nil {
		return engine.Result{}, err
	}
	begin := time.Now().UnixMilli()
	time.Sleep(3 * time.Second)
	text := fmt.Sprintln(begin, time.Now().UnixMilli())
	for _, l := range lent {
		text += l.UUID + "\n"
	}
	var buf bytes.Buffer
	err = engine.WriteArtifact(&buf, engine.Meta{Outcome: engine.OutcomeOK}, []engine.Entry{engine.BytesEntry(engine.StdoutName, []byte(text))})
	if err != nil {
		return engine.Result{}, err
	}
	path := filepath.Join(dir, "a")
	return engine.Result{
		Outcome: engine.OutcomeOK, Fuel: job.Fuel, Artifact: path, ArtifactSHA256: sha256.Sum256(buf.Bytes()),
	}, os.WriteFile(path, buf.Bytes(), 0o600)
}

// fixture is an engine before a cluster.
type fixture struct {
	*cluster.Cluster
	t    *testing.T
	ctx  context.Context
	opts Options
}

// newFixture starts a cluster of its own for a test. Edit changes the options.
func newFixture(t *testing.T, o cluster.Options, edit func(*Options)) *fixture {
	t.Helper()
	cluster.Need(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	c, err := cluster.Start(ctx, t.TempDir(), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.Tails(30))
		}
		require.NoError(t, c.Stop())
	})
	exe, err := os.Executable()
	require.NoError(t, err)
	f := &fixture{Cluster: c, t: t, ctx: ctx, opts: Options{
		Class: wasm.Class, Settings: json.RawMessage(`{}`), Dir: filepath.Join(c.Dir, "shared"), Program: exe,
		Poll: 200 * time.Millisecond, Settle: 2 * time.Second, TimeOverhead: time.Minute, MemoryOverhead: 256 << 20, Env: c.Env(),
		Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)),
	}}
	if edit != nil {
		edit(&f.opts)
	}
	return f
}

type testWriter struct{ t *testing.T }

// Write implements io.Writer.
func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func (f *fixture) engine() *Engine {
	f.t.Helper()
	e, err := New(f.ctx, f.opts)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { require.NoError(f.t, e.Close()) })
	return e
}

// spin is a job that ends out of fuel: 10^9 are about a second.
func (f *fixture) spin(id string, fuel uint64) engine.Job {
	f.t.Helper()
	return f.wat(id, fuel, `(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))`)
}

func (f *fixture) wat(id string, fuel uint64, text string) engine.Job {
	f.t.Helper()
	module, err := wasmtime.Wat2Wasm(text)
	require.NoError(f.t, err)
	path := filepath.Join(f.t.TempDir(), "module.wasm")
	require.NoError(f.t, os.WriteFile(path, module, 0o600))
	return engine.Job{
		ID: id, Class: wasm.Class, Module: path, ModuleSHA256: sha256.Sum256(module), Fuel: fuel, MemoryBytes: 1 << 20,
		Wall: time.Minute, OutputBytes: 1 << 20,
	}
}

// jobs returns the names of all jobs that Slurm knows, with their states.
func (f *fixture) jobs() []string {
	f.t.Helper()
	out, err := f.Command(f.ctx, "squeue", "--noheader", "--states=all", "--format=%j %T")
	require.NoError(f.t, err)
	return strings.Fields(strings.ReplaceAll(out, " ", "="))
}

// until waits for a state of the cluster.
func (f *fixture) until(what string, holds func() bool) {
	f.t.Helper()
	require.Eventually(f.t, holds, 90*time.Second, 100*time.Millisecond, what)
}

// running waits until some job has begun to run.
func (f *fixture) running() {
	f.t.Helper()
	f.until("a job runs", func() bool {
		claims, err := filepath.Glob(filepath.Join(f.opts.Dir, runsDir, "*", "*", claimFile))
		return err == nil && len(claims) > 0
	})
}

// workerMain runs one job as a worker does that will be killed. It prints the
// digest of the result.
func workerMain(optsFile, jobFile string) int {
	var o Options
	var job engine.Job
	if err := errors.Join(readJSON(optsFile, &o), readJSON(jobFile, &job)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	e, err := New(context.Background(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "cupel-slurm-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	res, err := e.Run(context.Background(), job, dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Printf("%x\n", res.ArtifactSHA256)
	return 0
}
