// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// watchEvery is the time between two looks for runs that nobody asks for.
const watchEvery = time.Minute

// Watch ends and removes what nobody asks for until ctx is done.
func (e *Engine) Watch(ctx context.Context) error {
	for {
		if n, err := e.Reap(ctx); err != nil && ctx.Err() == nil {
			e.opts.Log.Warn("old runs of the fleet were not removed", "err", err)
		} else if n > 0 {
			e.opts.Log.Info("old runs of the fleet were removed", "runs", n)
		}
		if err := sleep(ctx, min(watchEvery, e.opts.KeepFor)); err != nil {
			return err
		}
	}
}

// Reap ends and removes the runs that nobody has asked for within KeepFor, and
// Slurm jobs of this worker whose directory is gone. It returns their number.
func (e *Engine) Reap(ctx context.Context) (int, error) {
	if time.Since(e.started) < e.opts.KeepFor {
		return 0, nil // what an earlier process sent may yet be asked for
	}
	dirs, err := os.ReadDir(filepath.Join(e.opts.Dir, runsDir))
	if err != nil {
		return 0, fmt.Errorf("list the runs of the fleet: %w", err)
	}
	var all []error
	n, known := 0, make(map[string]bool, len(dirs))
	for _, d := range dirs {
		if removed, err := e.reapRun(ctx, d.Name()); err != nil {
			all = append(all, err)
		} else if removed {
			n++
		}
		known[d.Name()] = true
	}
	jobs, err := e.queue.jobs(ctx, time.Now())
	var strays []uint64
	for _, j := range jobs {
		id := strings.TrimPrefix(j.name, e.queue.prefix)
		if cut := strings.LastIndexByte(id, '-'); cut >= 0 {
			id = id[:cut]
		}
		if phaseOf(j.state) < phaseEnded && !known[id] && !e.exists(id) {
			strays = append(strays, j.id)
		}
	}
	return n + len(strays), errors.Join(append(all, err, e.queue.cli.cancel(ctx, strays...))...)
}

// reapRun removes a run unless somebody asks for it or did so lately.
func (e *Engine) reapRun(ctx context.Context, id string) (bool, error) {
	e.mu.Lock()
	free := !e.active[id]
	if free {
		e.active[id] = true
	}
	e.mu.Unlock()
	if !free {
		return false, nil
	}
	defer e.giveBack(id)
	if e.touched(id) {
		return false, nil
	}
	return true, e.drop(ctx, id)
}

// exists: a run that began after the directories were listed.
func (e *Engine) exists(id string) bool {
	_, err := os.Stat(filepath.Join(e.opts.Dir, runsDir, id))
	return err == nil
}

// touched reports whether something was written in the run's directory within
// KeepFor. Nobody asks for such a run for another reason than that its worker
// was away.
func (e *Engine) touched(id string) bool {
	newest := time.Time{}
	for _, pattern := range []string{"", "*", "*/*"} {
		found, err := filepath.Glob(filepath.Join(e.opts.Dir, runsDir, id, pattern))
		if err != nil {
			continue
		}
		for _, path := range found {
			if info, err := os.Lstat(path); err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
		}
	}
	return time.Since(newest) < e.opts.KeepFor
}
