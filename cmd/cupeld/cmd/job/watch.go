// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"time"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const (
	taskPage = 500
	// maxMisses is how many polls in a row may go unanswered.
	maxMisses = 20
)

// goal is how far a job must be for a wait to end.
type goal int

const (
	goalNone goal = iota
	goalAgreed
	goalSettled
)

// parseGoal reads --wait.
func parseGoal(text string) (goal, error) {
	switch text {
	case "none":
		return goalNone, nil
	case "agreed":
		return goalAgreed, nil
	case "settled":
		return goalSettled, nil
	default:
		return 0, failf(exit.UsageError, "--wait %.32q is not agreed, settled or none", text)
	}
}

func (g goal) reached(state markettypes.TaskState) bool {
	return g == goalNone || state.Final() || g == goalAgreed && state == markettypes.TaskAgreed
}

// snapshot is a batch with its tasks at one moment.
type snapshot struct {
	markettypes.QueryBatchResponse
	tasks   []markettypes.TaskView
	elapsed time.Duration
}

func (v snapshot) reached(g goal) bool {
	for _, t := range v.tasks {
		if !g.reached(t.State) {
			return false
		}
	}
	return true
}

// cost is the most that the batch can still cost.
func (v snapshot) cost() uint64 {
	if v.Tally.Refunded > v.Tally.Escrowed {
		return 0
	}
	return v.Tally.Escrowed - v.Tally.Refunded
}

// snapshot reads a batch and all its tasks.
func (s *session) snapshot(ctx context.Context, batch uint64) (snapshot, error) {
	head, err := s.market.Batch(ctx, &markettypes.QueryBatchRequest{Batch: batch})
	if err != nil {
		return snapshot{}, err
	}
	v := snapshot{QueryBatchResponse: *head}
	for uint32(len(v.tasks)) < head.Batch.Count {
		page, err := s.market.Tasks(ctx, &markettypes.QueryTasksRequest{Batch: batch, Offset: uint32(len(v.tasks)), Limit: taskPage})
		if err != nil {
			return snapshot{}, err
		}
		if len(page.Tasks) == 0 {
			break
		}
		v.tasks = append(v.tasks, page.Tasks...)
	}
	return v, nil
}

// one reads a batch with one of its tasks.
func (s *session) one(ctx context.Context, r ref) (snapshot, error) {
	head, err := s.market.Batch(ctx, &markettypes.QueryBatchRequest{Batch: r.batch})
	if err != nil {
		return snapshot{}, classify(err)
	}
	task, err := s.market.Task(ctx, &markettypes.QueryTaskRequest{Task: r.task()})
	if err != nil {
		return snapshot{}, classify(err)
	}
	return snapshot{QueryBatchResponse: *head, tasks: []markettypes.TaskView{task.Task}}, nil
}

// view reads what a ref names.
func (s *session) view(ctx context.Context, r ref) (snapshot, error) {
	if !r.whole {
		return s.one(ctx, r)
	}
	v, err := s.snapshot(ctx, r.batch)
	return v, classify(err)
}

// reporter shows what changes while a job runs.
type reporter interface {
	update(snapshot)
	// end leaves the output at the beginning of a line.
	end()
}

// follow polls until every task has reached the goal. A node that does not
// answer is asked again: it says nothing about the job. The last snapshot is
// returned with the error of ctx too.
func (s *session) follow(ctx context.Context, batch uint64, g goal, start time.Time, show reporter) (snapshot, error) {
	defer show.end()
	var last snapshot
	for misses := 0; ; {
		v, err := s.snapshot(ctx, batch)
		switch {
		case ctx.Err() != nil:
			return last, ctx.Err()
		case err == nil:
			misses, last = 0, v
			last.elapsed = s.now().Sub(start)
			show.update(last)
			if last.reached(g) {
				return last, nil
			}
		case !isUnreachable(err):
			return last, classify(err)
		default:
			if misses++; misses >= maxMisses {
				return last, classify(err)
			}
		}
		if err := s.pause(ctx); err != nil {
			return last, err
		}
	}
}
