// SPDX-License-Identifier: Apache-2.0

// Package slurm is an engine that sends its jobs to a Slurm cluster, where
// `cupel-worker exec` runs them with the engine of their class. The worker and
// the nodes share a directory; what is in it and what Slurm says is all that a
// restarted worker needs to go on. See worker/adr/007-fleets.md.
package slurm

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
)

// Options configure an Engine. Zero durations and sizes take the defaults.
type Options struct {
	// Class of the jobs, and Settings, which Exec hands to the node's engine.
	Class    string
	Settings json.RawMessage
	// Dir is seen under the same path by the worker and by all nodes. It
	// belongs to one worker and one class.
	Dir string
	// Program is cupel-worker as the nodes see it.
	Program string
	// Partition, Account, QOS and Constraint are passed to sbatch if set.
	Partition, Account, QOS, Constraint string
	// GPUType is the type in --gres=gpu:TYPE:N, empty for any.
	GPUType string
	// Poll is the time between two looks at the queue; by default 2 s.
	Poll time.Duration
	// MemoryOverhead is what a node needs beside the guest; by default 768 MiB.
	MemoryOverhead uint64
	// TimeOverhead is what a job takes beside its wall limit; by default 3 min.
	TimeOverhead time.Duration
	// MaxPending is how long a job may wait for a node; by default 30 min.
	MaxPending time.Duration
	// KeepFor is how long a run stays that nobody asks for; by default 1 h.
	KeepFor time.Duration
	// Settle is how long the result of an ended job may take to become visible
	// in Dir; by default 15 s.
	Settle time.Duration
	// Env is added to the environment of Slurm's commands.
	Env []string
	Log *slog.Logger
}

// Engine sends jobs to Slurm. It is safe for concurrent use.
type Engine struct {
	opts    Options
	tag     string
	lock    *os.File
	queue   *queue
	started time.Time

	mu     sync.Mutex
	active map[string]bool
}

var _ engine.Engine = (*Engine)(nil)

// New takes the directory. It fails if another worker has it or if Slurm's
// commands are not installed; the controller need not answer.
func New(ctx context.Context, opts Options) (*Engine, error) {
	opts.defaults()
	if err := opts.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(opts.Dir, runsDir), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory that the fleet shares: %w", err)
	}
	cli, err := newCommands(opts.Env)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(ctx, opts.Dir)
	if err != nil {
		return nil, err
	}
	tag, err := loadTag(opts.Dir)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	e := &Engine{
		opts: opts, tag: tag, lock: lock, queue: &queue{cli: cli, fresh: opts.Poll, prefix: jobPrefix + tag + "-"},
		started: time.Now(), active: make(map[string]bool),
	}
	return e, nil
}

func (o *Options) defaults() {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&o.Poll, 2*time.Second)
	set(&o.TimeOverhead, 3*time.Minute)
	set(&o.MaxPending, 30*time.Minute)
	set(&o.KeepFor, time.Hour)
	set(&o.Settle, 15*time.Second)
	if o.MemoryOverhead == 0 {
		o.MemoryOverhead = 768 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func (o *Options) check() error {
	if o.Class == "" {
		return errors.New("the fleet has no class")
	}
	for name, path := range map[string]string{"directory": o.Dir, "program": o.Program} {
		if !filepath.IsAbs(path) || strings.ContainsAny(path, "%\\\n") {
			return fmt.Errorf("the fleet's %s %q is not an absolute path without %%, \\ and line breaks: change engines.slurm", name, path)
		}
	}
	for name, word := range map[string]string{"partition": o.Partition, "account": o.Account, "qos": o.QOS, "gpu_type": o.GPUType} {
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,") != "" {
			return fmt.Errorf("engines.slurm.%s %q has characters that are no part of a name", name, word)
		}
	}
	return nil
}

// Class implements engine.Engine.
func (e *Engine) Class() string { return e.opts.Class }

// Close gives the directory back. Jobs in the cluster go on. It is safe to call
// twice.
func (e *Engine) Close() error {
	if err := e.lock.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Run implements engine.Engine. It sends the job unless an earlier process did,
// and waits for its end. When ctx ends, a job with an id goes on in the
// cluster, unless the cause is engine.ErrAbandoned.
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
	if job.Class != e.opts.Class {
		return engine.Result{}, fmt.Errorf("job is of class %s, this fleet runs %s", job.Class, e.opts.Class)
	}
	kept := job.ID != ""
	if !kept {
		job.ID = "once-" + randomHex(16)
	}
	if err := e.take(ctx, job.ID); err != nil {
		return engine.Result{}, err
	}
	defer e.giveBack(job.ID)
	r := &run{e: e, id: job.ID, dir: filepath.Join(e.opts.Dir, runsDir, job.ID), job: job}
	res, err := r.drive(ctx, scratchDir)
	stopped := ctx.Err() != nil && !errors.Is(context.Cause(ctx), engine.ErrAbandoned)
	if kept && (stopped || err == nil && res.Outcome.Deterministic()) {
		// A result stays until it is reaped, should the worker die before it
		// has noted it. A failure is not the answer to the next attempt.
		return res, err
	}
	if dropErr := e.drop(context.WithoutCancel(ctx), job.ID); dropErr != nil {
		e.opts.Log.Warn("a run of the fleet was not removed", "job", job.ID, "err", dropErr)
	}
	return res, err
}

// take makes a run this caller's alone. It waits for the one before.
func (e *Engine) take(ctx context.Context, id string) error {
	for {
		e.mu.Lock()
		free := !e.active[id]
		if free {
			e.active[id] = true
		}
		e.mu.Unlock()
		if free {
			return nil
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func (e *Engine) giveBack(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.active, id)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // documented never to fail
	return hex.EncodeToString(b)
}
