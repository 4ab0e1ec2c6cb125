// SPDX-License-Identifier: Apache-2.0

// Package wasm is the engine of class wasm/v1: WebAssembly with WASI preview 1,
// deterministic to the byte, to the fuel unit and to the linear memory. Modules
// are compiled and run in child processes of the worker's own executable; see
// ChildMain and worker/adr/001-wasm-engine.md.
package wasm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
)

// Options configure an Engine. Zero fields take the defaults.
type Options struct {
	// CacheDir holds compiled modules. It is created with mode 0700 and must
	// not be shared with another user.
	CacheDir string
	// CacheBytes bounds the cache; by default 2 GiB.
	CacheBytes int64
	// CompileTimeout bounds one compilation; by default 2 minutes.
	CompileTimeout time.Duration
	// Grace is what a run may take beyond its wall limit to start and to hash
	// before it is killed; by default 15 seconds.
	Grace time.Duration
	// Executable is the program that calls ChildMain; by default the running
	// one.
	Executable string
}

// Engine runs jobs of the class. It is safe for concurrent use.
type Engine struct {
	opts      Options
	cache     *cache
	isolated  bool
	isolation Isolation
	compiling singleFlight
}

var _ engine.Engine = (*Engine)(nil)

// New opens the cache and finds out what this machine can isolate.
func New(ctx context.Context, opts Options) (*Engine, error) {
	if opts.CacheDir == "" {
		return nil, errors.New("wasm engine has no cache directory: set one under the worker's home")
	}
	if opts.CacheBytes == 0 {
		opts.CacheBytes = 2 << 30
	}
	if opts.CompileTimeout == 0 {
		opts.CompileTimeout = 2 * time.Minute
	}
	if opts.Grace == 0 {
		opts.Grace = 15 * time.Second
	}
	if opts.Executable == "" {
		exe, err := ownExecutable()
		if err != nil {
			return nil, fmt.Errorf("find the running executable: %w", err)
		}
		opts.Executable = exe
	}
	c, err := openCache(opts.CacheDir, opts.CacheBytes)
	if err != nil {
		return nil, err
	}
	e := &Engine{opts: opts, cache: c}
	return e, e.probe(ctx)
}

// ownExecutable prefers the kernel's link to the running program, so that an
// upgrade which replaces the file cannot mix two versions.
func ownExecutable() (string, error) {
	const link = "/proc/self/exe"
	if _, err := os.Stat(link); err == nil {
		return link, nil
	}
	return os.Executable()
}

// Class implements engine.Engine.
func (e *Engine) Class() string { return Class }

// Run implements engine.Engine.
func (e *Engine) Run(ctx context.Context, job engine.Job, scratchDir string) (engine.Result, error) {
	res, err := e.run(ctx, job, scratchDir)
	if err != nil {
		return engine.Result{Outcome: engine.OutcomeHostError, Detail: err.Error()}, err
	}
	return res, nil
}

func (e *Engine) run(ctx context.Context, job engine.Job, scratchDir string) (engine.Result, error) {
	if err := job.Validate(); err != nil {
		return engine.Result{}, err
	}
	if job.Class != Class {
		return engine.Result{}, fmt.Errorf("job is of class %s, this engine runs %s", job.Class, Class)
	}
	path := filepath.Join(scratchDir, "artifact.tar")
	code, err := e.compiled(ctx, job)
	var refused *RefusedError
	if errors.As(err, &refused) {
		return refusedResult(path, refused)
	}
	if err != nil {
		return engine.Result{}, err
	}
	defer code.Close()
	inputs, err := openInputs(job)
	if err != nil {
		return engine.Result{Outcome: engine.OutcomeInputUnavailable, Detail: err.Error()}, nil
	}
	defer closeAll(inputs)
	job.Wall = wallFor(job.Wall, job.Fuel)
	return e.execute(ctx, job, code, inputs, path)
}

// execute runs the child and checks what it left.
func (e *Engine) execute(ctx context.Context, job engine.Job, code *os.File, inputs []*os.File, path string) (engine.Result, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return engine.Result{}, fmt.Errorf("remove an old artifact: %w", err)
	}
	artifact, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return engine.Result{}, fmt.Errorf("create the artifact: %w", err)
	}
	defer artifact.Close()
	p := &process{
		path:  e.opts.Executable,
		order: runOrder(job, e.isolated),
		files: append([]*os.File{code, artifact}, inputs...),
		limit: job.Wall + e.opts.Grace,
		batch: job.Origin.Batch,
	}
	rep, err := p.run(ctx)
	if errors.Is(err, sandbox.ErrKilled) {
		return engine.Result{Outcome: engine.OutcomeWall, Wall: p.limit, Detail: fmt.Sprintf("run was killed %s after its wall limit of %s", e.opts.Grace, job.Wall)}, nil
	}
	if err != nil {
		return engine.Result{}, err
	}
	return finish(job, rep, path)
}

func runOrder(job engine.Job, isolated bool) order {
	o := order{
		Mode: modeRun, Isolated: isolated, MaxProcs: runtime.GOMAXPROCS(0),
		Args: append([]string{"guest"}, job.Args...), Env: job.Env, Stdin: job.Stdin != "",
		Fuel: job.Fuel, Memory: job.MemoryBytes, Output: job.OutputBytes, Wall: job.Wall, Seed: job.Seed,
	}
	for _, f := range job.Files {
		o.Inputs = append(o.Inputs, f.GuestPath)
	}
	return o
}

// finish turns a report into a result. The artifact's digest is the parent's
// own; the rest is checked against it.
func finish(job engine.Job, rep report, path string) (engine.Result, error) {
	res := engine.Result{Outcome: rep.Outcome, ExitCode: rep.ExitCode, Detail: rep.Detail, Fuel: rep.Fuel, MemoryHash: rep.Memory, Wall: rep.Wall}
	if rep.Outcome == engine.OutcomeWall || rep.Outcome == engine.OutcomeStack || rep.Outcome == engine.OutcomeInputUnavailable {
		return res, nil
	}
	if !rep.Outcome.Deterministic() || rep.Fuel > job.Fuel {
		return engine.Result{}, fmt.Errorf("child reported outcome %s and %d units of fuel of %d: the report is not valid", rep.Outcome, rep.Fuel, job.Fuel)
	}
	a, err := engine.OpenArtifact(path, engine.ArtifactLimits{})
	if err != nil {
		return engine.Result{}, fmt.Errorf("check the artifact: %w", err)
	}
	defer a.Close()
	if want := (engine.Meta{Outcome: rep.Outcome, ExitCode: rep.ExitCode, Reason: rep.Reason}); a.Meta != want {
		return engine.Result{}, errors.New("artifact and report of the child disagree")
	}
	res.Artifact, res.ArtifactSHA256 = path, a.SHA256
	return res, nil
}

// refusedResult is the result of a module that the class does not run: a trap
// that used nothing. The reason is for people; the digest holds the fact.
func refusedResult(path string, refused *RefusedError) (engine.Result, error) {
	f, err := os.Create(path)
	if err != nil {
		return engine.Result{}, fmt.Errorf("create the artifact: %w", err)
	}
	meta := engine.Meta{Outcome: engine.OutcomeTrap, Reason: reasonRefused}
	h := sha256.New()
	err = engine.WriteArtifact(newTee(f, h), meta, nil)
	if err := errors.Join(err, f.Close()); err != nil {
		return engine.Result{}, fmt.Errorf("write the artifact: %w", err)
	}
	res := engine.Result{Outcome: engine.OutcomeTrap, Detail: refused.Error(), Artifact: path}
	h.Sum(res.ArtifactSHA256[:0])
	return res, nil
}
