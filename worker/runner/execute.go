// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/crash"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// inputs are the fetched files by digest, or why one could not be had.
type inputs map[string]input

type input struct {
	path string
	err  error
}

// refs lists what task i of the document needs.
func refs(doc manifest.Manifest, i uint32) []manifest.Ref {
	run := doc.Task(int(i))
	var all []manifest.Ref
	if doc.Container == nil {
		all = append(all, doc.Module)
	}
	if doc.Proof != nil {
		all = append(all, doc.Proof.Constraints, doc.Proof.Key)
	}
	if run.Stdin != nil {
		all = append(all, *run.Stdin)
	}
	for _, in := range run.Inputs {
		all = append(all, in.Ref)
	}
	return all
}

// hold keeps what the tasks need from being evicted until it is released.
func (r *Runner) hold(j *job, first, count uint32) (release func()) {
	if j.unusable() {
		return func() {}
	}
	held := make(map[string]func())
	for i := first; i < first+count; i++ {
		for _, ref := range refs(j.doc, i) {
			if held[ref.SHA256] == nil {
				held[ref.SHA256] = r.Fetcher.Hold(ref.SHA256)
			}
		}
	}
	return func() {
		for _, release := range held {
			release()
		}
	}
}

// fetch brings all that the tasks need. What cannot be had is noted, not
// returned: it is the outcome of the tasks that need it. What is there may be
// served to the other replicas from now on.
func (r *Runner) fetch(ctx context.Context, j *job, first, count uint32, from mirrors) (inputs, error) {
	got := make(inputs)
	if j.unusable() {
		return got, nil
	}
	var public [][]byte
	for i := first; i < first+count; i++ {
		for _, ref := range refs(j.doc, i) {
			if _, ok := got[ref.SHA256]; ok {
				continue
			}
			path, err := r.obtainFrom(crash.In(ctx, j.batch.Id), ref, from)
			if err == nil && ref.Encrypted {
				err = r.learn(ctx, ref, path, from)
			}
			var unusable *unusableError
			if err != nil && !errors.As(err, &unusable) {
				return nil, err
			}
			got[ref.SHA256] = input{path, err}
			if digest, decErr := hex.DecodeString(ref.SHA256); decErr == nil && err == nil {
				public = append(public, digest)
			}
		}
	}
	return got, r.Journal.Publish(j.batch.Id, public...)
}

// obtainFrom fetches content from where the requester put it, else from the
// other providers of the task.
func (r *Runner) obtainFrom(ctx context.Context, ref manifest.Ref, from mirrors) (string, error) {
	src := artifact.Source{SHA256: ref.SHA256, Size: ref.Size, URIs: []string{ref.URI}}
	if path, err := r.Fetcher.Fetch(ctx, src); err == nil {
		return path, nil
	}
	src.URIs = append(r.mirrorURIs(ctx, from, ref), ref.URI)
	return r.obtain(ctx, src)
}

// runAll executes tasks side by side, as many at once as there are slots.
func (r *Runner) runAll(ctx context.Context, j *job, in inputs, first, count, attempt uint32) ([]journal.Run, error) {
	runs := make([]journal.Run, count)
	g, ctx := errgroup.WithContext(ctx)
	for i := range count {
		g.Go(func() error {
			run, err := r.runTask(ctx, j, in, first+i, attempt)
			runs[i] = run
			return err
		})
	}
	return runs, g.Wait()
}

// runTask executes one task unless it was executed before. An error means that
// nothing was found out.
func (r *Runner) runTask(ctx context.Context, j *job, in inputs, index, attempt uint32) (journal.Run, error) {
	if j.broken != nil {
		return fault(j, markettypes.OutcomeInputUnavailable, j.broken.Error()), nil
	}
	l := j.batch.Limits
	key := journal.NewRunKey(j.batch.Manifest, index, runClass(j, attempt), l.Units, l.MemoryMib, l.OutputKib)
	if j.proved() {
		key = r.binding(j, index) // a proof is of one task by one operator
	}
	defer r.locks.lock(key)()
	run, ok, err := r.Journal.Run(key)
	if err != nil {
		return run, err
	}
	if ok && run.Batch >= j.batch.Id {
		return run, nil
	}
	if !ok {
		if run, err = r.execute(ctx, j, in, index, attempt, key, r.keep); err != nil {
			return run, err
		}
	}
	if markettypes.Outcome(run.Outcome).HostMade() {
		return run, nil
	}
	run.Batch = j.batch.Id
	if err := r.Journal.PutRun(key, run); err != nil {
		return run, err
	}
	crash.At(crash.Stored, j.batch.Id)
	return run, nil
}

func fault(j *job, outcome markettypes.Outcome, detail string) journal.Run {
	return journal.Run{Outcome: uint32(outcome), Detail: detail, Batch: j.batch.Id}
}

// keeper does something with the artifact of a run before it is gone.
type keeper func(j *job, run *journal.Run, artifact string) error

// execute runs the engine in a directory of its own and keeps the artifact.
func (r *Runner) execute(ctx context.Context, j *job, in inputs, index, attempt uint32, key journal.RunKey, keep keeper) (journal.Run, error) {
	eng := r.Engines[j.class]
	if eng == nil {
		return fault(j, markettypes.OutcomeHostError, "no engine of class "+j.class), nil
	}
	task, err := engineJob(j, in, index)
	if err != nil {
		return fault(j, markettypes.OutcomeInputUnavailable, err.Error()), nil
	}
	r.bind(&task, j, in, index)
	task.ID, task.Origin.Attempt = hex.EncodeToString(key[:]), attempt
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return journal.Run{}, ctx.Err()
	}
	dir, err := os.MkdirTemp(r.cfg.Scratch, "run-*")
	if err != nil {
		return journal.Run{}, fmt.Errorf("make a scratch directory: %w", err)
	}
	defer func() {
		crash.At(crash.CleanupHalf, j.batch.Id)
		_ = os.RemoveAll(dir) // the next start empties the scratch directory too
	}()
	shred, err := r.decrypt(ctx, j, in, index, &task)
	if err != nil {
		return undecryptable(ctx, j, err)
	}
	defer shred()
	start := time.Now()
	res, err := eng.Run(ctx, task, dir)
	ended := time.Now()
	if ctx.Err() != nil {
		return journal.Run{}, ctx.Err() // a stop is not an outcome
	}
	if err != nil {
		r.Log.Error("the engine failed", "batch", j.batch.Id, "index", index, "err", err)
		return fault(j, markettypes.OutcomeHostError, err.Error()), nil
	}
	crash.At(crash.Finished, j.batch.Id)
	if j.proved() {
		return provedRun(j, res, time.Since(start)), nil
	}
	run := journal.Run{Outcome: uint32(res.Outcome), Detail: res.Detail, Wall: time.Since(start), Batch: j.batch.Id}
	if !res.Outcome.Deterministic() {
		return run, nil
	}
	if err := r.addEvidence(j, index, attempt, dir, ended, &res); err != nil {
		return journal.Run{}, err
	}
	run.Digest, run.Units, run.Memory = res.ArtifactSHA256[:], res.Fuel, res.MemoryHash[:]
	return run, keep(j, &run, res.Artifact)
}

// engineJob translates a task of the document. An error is an input that could
// not be had.
func engineJob(j *job, in inputs, index uint32) (engine.Job, error) {
	for _, ref := range refs(j.doc, index) {
		if got := in[ref.SHA256]; got.err != nil || got.path == "" {
			return engine.Job{}, fmt.Errorf("input %s: %w", ref.SHA256, got.err)
		}
	}
	run, l := j.doc.Task(int(index)), j.batch.Limits
	task := engine.Job{
		Class: j.class, Origin: engine.Origin{Batch: j.batch.Id, Task: index, Lot: index / max(j.batch.LotSize, 1)},
		Args: run.Args, Env: run.Environ(), Fuel: l.Units, MemoryBytes: uint64(l.MemoryMib) << 20,
		Wall: time.Duration(l.WallSeconds) * time.Second, OutputBytes: uint64(l.OutputKib) << 10,
		Seed: markettypes.JobSeed(j.batch.Manifest, index),
	}
	if err := program(&task, j.doc, in); err != nil {
		return engine.Job{}, err
	}
	if run.Stdin != nil {
		task.Stdin = in[run.Stdin.SHA256].path
	}
	for _, f := range run.Inputs {
		task.Files = append(task.Files, engine.File{GuestPath: f.Mount, HostPath: in[f.SHA256].path})
	}
	return task, nil
}

// program fills in what the task runs: a module or a container.
func program(task *engine.Job, doc manifest.Manifest, in inputs) error {
	if c := doc.Container; c != nil {
		task.Container = &engine.Container{
			Image: c.Image, Command: c.Command, CPUs: c.CPUs, GPUs: c.GPUs,
			VRAMBytes: uint64(c.VRAMMiB) << 20, ScratchBytes: uint64(c.ScratchMiB) << 20,
		}
		return nil
	}
	sum, err := hex.DecodeString(doc.Module.SHA256)
	if err != nil {
		return err
	}
	task.Module, task.ModuleSHA256 = in[doc.Module.SHA256].path, [32]byte(sum)
	return nil
}

// clean empties the scratch directory of what a crash left.
func (r *Runner) clean() error {
	left, err := filepath.Glob(filepath.Join(r.cfg.Scratch, "run-*"))
	if err != nil {
		return err
	}
	all := []error{os.MkdirAll(r.cfg.Scratch, 0o700)}
	for _, dir := range left {
		all = append(all, os.RemoveAll(dir))
	}
	return errors.Join(all...)
}

// keyedLocks serialize the executions of one run.
type keyedLocks struct {
	mu    sync.Mutex
	locks map[journal.RunKey]*keyedLock
}

type keyedLock struct {
	mu    sync.Mutex
	users int
}

func (k *keyedLocks) lock(key journal.RunKey) (unlock func()) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = make(map[journal.RunKey]*keyedLock)
	}
	l := k.locks[key]
	if l == nil {
		l = &keyedLock{}
		k.locks[key] = l
	}
	l.users++
	k.mu.Unlock()
	l.mu.Lock()
	return func() {
		l.mu.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(k.locks, key)
		}
	}
}
