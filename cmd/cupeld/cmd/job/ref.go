// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"strconv"
	"strings"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// ref names a batch, or one task of it.
type ref struct {
	batch uint64
	index uint32
	// whole is set if no task was named.
	whole bool
}

func (r ref) task() uint64 { return markettypes.TaskID(r.batch, r.index) }

// parseBatch reads the number of a batch.
func parseBatch(text string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "batch:"), 10, 64)
	if err != nil || n == 0 || n > 1<<51 {
		return 0, failf(exit.UsageError, "%.64q is not the number of a batch", text)
	}
	return n, nil
}

// parseRef reads BATCH/INDEX, task:TASK, batch:BATCH or a plain number. For a
// plain number ambiguous is true if it can be a batch as well as a task.
func parseRef(text string) (r ref, ambiguous bool, err error) {
	bad := failf(exit.UsageError, "%.64q is not a task: write its number, or BATCH/INDEX such as 7/0", text)
	if batch, index, ok := strings.Cut(text, "/"); ok {
		b, err1 := parseBatch(batch)
		i, err2 := strconv.ParseUint(index, 10, 32)
		if err1 != nil || err2 != nil || i >= markettypes.MaxBatchTasks {
			return ref{}, false, bad
		}
		return ref{batch: b, index: uint32(i)}, false, nil
	}
	if number, ok := strings.CutPrefix(text, "task:"); ok {
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil || n < markettypes.MaxBatchTasks {
			return ref{}, false, bad
		}
		b, i := markettypes.SplitTaskID(n)
		return ref{batch: b, index: i}, false, nil
	}
	if strings.HasPrefix(text, "batch:") {
		b, err := parseBatch(text)
		return ref{batch: b, whole: true}, false, err
	}
	n, parseErr := strconv.ParseUint(text, 10, 63)
	if parseErr != nil || n == 0 {
		return ref{}, false, bad
	}
	return ref{batch: n, whole: true}, n >= markettypes.MaxBatchTasks, nil
}

// resolve turns what a person typed into a batch or a task that exists. A
// plain number is a batch up to 4095; from there on whichever exists.
func (s *session) resolve(ctx context.Context, text string) (ref, error) {
	r, ambiguous, err := parseRef(text)
	if err != nil || !ambiguous {
		return r, err
	}
	batch, index := markettypes.SplitTaskID(r.batch)
	isTask, err := s.exists(ctx, ref{batch: batch, index: index})
	if err != nil {
		return ref{}, err
	}
	isBatch, err := s.exists(ctx, r)
	if err != nil {
		return ref{}, err
	}
	switch {
	case isTask && isBatch:
		return ref{}, failf(exit.UsageError, "%s is a batch and a task: write batch:%s, or %d/%d for the task", text, text, batch, index)
	case isBatch:
		return r, nil
	default:
		return ref{batch: batch, index: index}, nil
	}
}

// exists asks for the batch; a task exists if the batch is large enough.
func (s *session) exists(ctx context.Context, r ref) (bool, error) {
	res, err := s.market.Batch(ctx, &markettypes.QueryBatchRequest{Batch: r.batch})
	switch {
	case err == nil:
		return r.whole || r.index < res.Batch.Count, nil
	case isUnreachable(err):
		return false, classify(err)
	default:
		return false, nil
	}
}

// resolveTask is resolve for verbs that want one task: a batch of one task
// stands for it.
func (s *session) resolveTask(ctx context.Context, text string) (ref, error) {
	r, err := s.resolve(ctx, text)
	if err != nil || !r.whole {
		return r, err
	}
	res, err := s.market.Batch(ctx, &markettypes.QueryBatchRequest{Batch: r.batch})
	if err != nil {
		return ref{}, classify(err)
	}
	if res.Batch.Count != 1 {
		return ref{}, failf(exit.UsageError, "batch %d has %d tasks: name one, such as %d/0", r.batch, res.Batch.Count, r.batch)
	}
	return ref{batch: r.batch}, nil
}
