// SPDX-License-Identifier: Apache-2.0

package job

import (
	"fmt"
	"io"
	"strings"
	"time"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// maxTaskLines is the number of tasks up to which each has a line of its own.
const maxTaskLines = 16

// reporter returns how this session shows progress.
func (s *session) reporter() reporter {
	switch {
	case s.json:
		return &jsonReporter{s: s, seen: map[uint64]string{}}
	case s.live:
		return &liveReporter{w: s.err, width: s.width}
	default:
		return &lineReporter{w: s.err, seen: map[int]string{}}
	}
}

// lines renders a snapshot: one line per task, or one for a large batch. The
// time and the cost are apart, because they change without anything happening.
func (v snapshot) lines() []string {
	if len(v.tasks) > maxTaskLines {
		return []string{v.summary()}
	}
	out := make([]string, 0, len(v.tasks))
	for _, t := range v.tasks {
		line := fmt.Sprintf("task %d (%d/%d)  %-9s  committed %d/%d  revealed %d/%d",
			t.Task, t.Batch, t.Index, stateName(t.State), t.Committed, v.replicas(t), t.Revealed, v.replicas(t))
		if why := failure(t); why != "" {
			line += "  " + why
		}
		out = append(out, line)
	}
	return out
}

func (v snapshot) replicas(t markettypes.TaskView) uint32 {
	return max(v.Batch.Replicas, uint32(len(t.Providers)))
}

// summary counts the tasks of a batch by state, in order of a task's life.
func (v snapshot) summary() string {
	counts := map[markettypes.TaskState]int{}
	for _, t := range v.tasks {
		counts[t.State]++
	}
	parts := []string{}
	for state := markettypes.TaskOpen; state <= markettypes.TaskExpired; state++ {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, stateName(state)))
		}
	}
	return fmt.Sprintf("batch %d  %d tasks: %s", v.Batch.Id, len(v.tasks), strings.Join(parts, ", "))
}

func (v snapshot) tail() string {
	return fmt.Sprintf("  %s  cost <= %d%s", v.elapsed.Truncate(time.Second), v.cost(), v.Batch.Denom)
}

// lineReporter prints a line when something happens. It is for logs and pipes.
type lineReporter struct {
	w    io.Writer
	seen map[int]string
}

func (r *lineReporter) update(v snapshot) {
	for i, line := range v.lines() {
		if r.seen[i] != line {
			r.seen[i] = line
			fmt.Fprintln(r.w, line+v.tail())
		}
	}
}

func (r *lineReporter) end() {}

// liveReporter redraws its lines on a terminal.
type liveReporter struct {
	w io.Writer
	// width is the number of columns, 0 if it is not known. A line that wraps
	// would be drawn over its own beginning.
	width func() int
	drawn int
}

func (r *liveReporter) update(v snapshot) {
	var b strings.Builder
	if r.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", r.drawn)
	}
	lines := v.lines()
	for i, line := range lines {
		if i == len(lines)-1 {
			line += v.tail()
		}
		b.WriteString("\r\x1b[2K" + fit(line, r.columns()) + "\n")
	}
	r.drawn = len(lines)
	_, _ = io.WriteString(r.w, b.String()) // progress that cannot be shown is not an error of the job
}

func (r *liveReporter) columns() int {
	if r.width == nil {
		return 0
	}
	return r.width()
}

// fit cuts a line to a number of columns. Lines are ASCII.
func fit(line string, columns int) string {
	if columns > 0 && len(line) > columns {
		return line[:columns]
	}
	return line
}

func (r *liveReporter) end() { r.drawn = 0 }
