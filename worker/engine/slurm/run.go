// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
)

// run is one job on its way through the cluster.
type run struct {
	e   *Engine
	id  string
	dir string
	job engine.Job
}

// try is one submission of a run.
type try struct {
	dir  string
	name string
	// id is Slurm's number.
	id uint64
	// since is when the job was last seen to run, or when the waiting began.
	since time.Time
	// sent is before the job can have left the queue.
	sent time.Time
	// ended is when its end was first seen.
	ended time.Time
}

func (e *Engine) jobName(id string, n int) string {
	return e.queue.prefix + id + "-" + strconv.Itoa(n)
}

// drive brings the run to its end from wherever it is.
func (r *run) drive(ctx context.Context, scratchDir string) (engine.Result, error) {
	if err := r.write(); err != nil {
		return engine.Result{}, err
	}
	for n := 1; ; n++ {
		t := &try{dir: filepath.Join(r.dir, strconv.Itoa(n)), name: r.e.jobName(r.id, n)}
		if n < maxTries {
			if _, err := os.Stat(filepath.Join(r.dir, strconv.Itoa(n+1))); err == nil {
				continue // it was lost, as an earlier process found out
			}
		}
		if err := r.submit(ctx, t); err != nil {
			return engine.Result{}, err
		}
		state, err := r.follow(ctx, t)
		if err != nil {
			return engine.Result{}, err
		}
		if rep, ok := t.report(); ok {
			return r.collect(ctx, t, rep, scratchDir)
		}
		if phaseOf(state) == phaseWall {
			return engine.Result{Outcome: engine.OutcomeWall, Wall: r.job.Wall, Detail: "Slurm ended the job at its time limit"}, nil
		}
		if phaseOf(state) != phaseLost || n == maxTries {
			return engine.Result{}, fmt.Errorf("the Slurm job %d ended as %s without a result: %s", t.id, state, t.tail())
		}
		r.e.opts.Log.Warn("a job was lost with its node and is sent once more", "job", r.id, "slurm_id", t.id, "state", state)
	}
}

// submit sends the try unless Slurm has it or it has run. What was sent is
// found by its name, so that a crash at any point does not send it twice.
func (r *run) submit(ctx context.Context, t *try) error {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the run: %w", err)
	}
	intent := filepath.Join(t.dir, intentFile)
	_, statErr := os.Stat(intent)
	held, err := lock(ctx, intent, lockWait)
	if err != nil {
		return err
	}
	defer held.Close()
	if raw, err := readSmall(filepath.Join(t.dir, slurmIDFile)); err == nil {
		if t.id, err = strconv.ParseUint(strings.TrimSpace(string(raw)), 10, 64); err == nil {
			return nil
		}
	}
	if statErr == nil {
		before, err := r.known(ctx, t)
		if t.id = before.id; err != nil || t.id != 0 {
			return errors.Join(err, t.note())
		}
	}
	if err := writeFile(filepath.Join(t.dir, scriptFile), r.script(t)); err != nil {
		return fmt.Errorf("write the script of the run: %w", err)
	}
	if t.id, err = r.send(ctx, held, t); err != nil {
		return err
	}
	r.e.opts.Log.Info("job sent to Slurm", "job", r.id, "slurm_id", t.id)
	return t.note()
}

// send tries until the controller takes the job or refuses it.
func (r *run) send(ctx context.Context, held *os.File, t *try) (uint64, error) {
	end := time.Now().Add(r.e.opts.MaxPending)
	for refused := 0; ; {
		id, err := r.e.queue.cli.submit(ctx, held, r.arguments(t))
		if err == nil || ctx.Err() != nil {
			return id, errors.Join(err, ctx.Err())
		}
		// It may have been taken all the same. What was refused is in the
		// queue too, as failed.
		if found, knownErr := r.known(ctx, t); knownErr != nil || found.id != 0 && phaseOf(found.state) < phaseEnded {
			return found.id, knownErr
		}
		// A controller that answers now may not have done so then.
		if r.e.queue.cli.ping(ctx) {
			refused++
		} else {
			refused = 0
		}
		if refused == 2 || time.Now().After(end) {
			return 0, fmt.Errorf("send the job to Slurm: %w", err)
		}
		r.e.opts.Log.Warn("Slurm did not take the job; it is sent again", "job", r.id, "err", err)
		if err := sleep(ctx, r.e.opts.Poll); err != nil {
			return 0, err
		}
	}
}

// known returns a try as it is in the queue, or nothing if it was not sent. It
// waits until the controller answers: not knowing is no reason to send again.
func (r *run) known(ctx context.Context, t *try) (entry, error) {
	for {
		var c claim
		if err := readJSON(filepath.Join(t.dir, claimFile), &c); err == nil {
			return entry{id: c.SlurmID, name: t.name, state: "RUNNING"}, nil
		}
		jobs, err := r.e.queue.jobs(ctx, time.Now())
		for _, j := range jobs {
			if j.name == t.name {
				return j, nil
			}
		}
		if err == nil || ctx.Err() != nil {
			return entry{}, ctx.Err()
		}
		r.e.opts.Log.Warn("Slurm's queue is not known; nothing is sent", "job", r.id, "err", err)
		if err := sleep(ctx, r.e.opts.Poll); err != nil {
			return entry{}, err
		}
	}
}

// note keeps Slurm's number of the try.
func (t *try) note() error {
	if t.id == 0 {
		return nil
	}
	return writeFile(filepath.Join(t.dir, slurmIDFile), []byte(strconv.FormatUint(t.id, 10)+"\n"))
}

// follow waits until there is a result or none can come, and returns the last
// state. A controller that does not answer ends nothing.
func (r *run) follow(ctx context.Context, t *try) (string, error) {
	t.since, t.sent = time.Now(), time.Now()
	state := "UNKNOWN"
	for {
		if _, ok := t.report(); ok {
			return state, nil
		}
		jobs, err := r.e.queue.jobs(ctx, t.sent)
		if err == nil {
			if state, err = r.look(ctx, t, jobs); err != nil {
				return state, err
			}
			if r.over(t) {
				return state, nil
			}
		} else if ctx.Err() == nil {
			r.e.opts.Log.Warn("Slurm's queue is not known; the job is waited for", "job", r.id, "err", err)
		}
		if err := sleep(ctx, r.e.opts.Poll); err != nil {
			return state, err
		}
	}
}

// over reports whether no result can come any more. A controller that lost its
// state takes a job that runs for one that failed: the lock on its directory
// tells, for as long as it may run.
func (r *run) over(t *try) bool {
	ended := time.Since(t.ended)
	switch {
	case t.ended.IsZero() || ended < r.e.opts.Settle:
		return false
	case ended > r.job.Wall+r.e.opts.TimeOverhead:
		return true
	}
	return !locked(filepath.Join(t.dir, runningFile))
}

// gone is the state of a job that Slurm has forgotten: the result of one that
// ended well would be there, so it was lost.
const gone = "NODE_FAIL"

// look notes what the queue says of the try.
func (r *run) look(ctx context.Context, t *try, jobs []entry) (string, error) {
	state, reason := gone, ""
	for _, j := range jobs {
		if j.id == t.id {
			state, reason = j.state, j.reason
		}
	}
	switch phaseOf(state) {
	case phaseRunning:
		t.since, t.ended = time.Now(), time.Time{}
	case phaseWaiting:
		t.ended = time.Time{}
		if time.Since(t.since) > r.e.opts.MaxPending {
			err := fmt.Errorf("the Slurm job %d waited longer than %s for a node (%s)", t.id, r.e.opts.MaxPending, reason)
			return state, errors.Join(err, r.e.queue.cli.cancel(ctx, t.id))
		}
	case phaseEnded, phaseWall, phaseLost:
		if t.ended.IsZero() {
			t.ended = time.Now()
		}
	}
	return state, nil
}

// drop ends a run in the cluster and forgets it.
func (e *Engine) drop(ctx context.Context, id string) error {
	var ids []uint64
	jobs, err := e.queue.jobs(ctx, time.Now())
	if err != nil {
		return fmt.Errorf("end job %s in Slurm: %w", id, err)
	}
	for _, j := range jobs {
		if p := phaseOf(j.state); strings.HasPrefix(j.name, e.queue.prefix+id+"-") && p < phaseEnded {
			ids = append(ids, j.id)
		}
	}
	if err := e.queue.cli.cancel(ctx, ids...); err != nil {
		return err
	}
	return removeAll(filepath.Join(e.opts.Dir, runsDir, id))
}

// removeAll tolerates a node that still writes: the reaper comes again.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
