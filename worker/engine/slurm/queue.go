// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"sync"
	"time"
)

// jobPrefix begins the names of all Slurm jobs of all workers.
const jobPrefix = "cupel-"

// queue is one view of Slurm's queue for all runs, so that many runs do not ask
// the controller more often than one.
type queue struct {
	cli    *commands
	fresh  time.Duration
	prefix string

	mu   sync.Mutex
	at   time.Time
	last []entry
	err  error
}

// jobs returns the jobs of this worker as they were at or after since, or else
// at most fresh ago. An error means that nothing is known.
func (q *queue) jobs(ctx context.Context, since time.Time) ([]entry, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.at.IsZero() && time.Since(q.at) < q.fresh && !q.at.Before(since) {
		return q.last, q.err
	}
	at := time.Now()
	last, err := q.cli.list(ctx, q.prefix)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	q.at, q.last, q.err = at, last, err
	return last, err
}

// phase is what a state of Slurm means for a run.
type phase int

const (
	phaseWaiting phase = iota
	phaseRunning
	// phaseEnded may have left a result, phaseWall too; phaseLost is an end
	// that the node or the cluster caused.
	phaseEnded
	phaseWall
	phaseLost
)

// phaseOf knows all states of squeue's manual; a new one is one to wait in.
func phaseOf(state string) phase {
	switch state {
	case "COMPLETED", "FAILED", "CANCELLED", "OUT_OF_MEMORY", "REVOKED", "SPECIAL_EXIT":
		return phaseEnded
	case "TIMEOUT", "DEADLINE":
		return phaseWall
	case "NODE_FAIL", "PREEMPTED", "BOOT_FAIL":
		return phaseLost
	case "RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING":
		return phaseRunning
	default:
		return phaseWaiting
	}
}
