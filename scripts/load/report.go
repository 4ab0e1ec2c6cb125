// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// A step follows the rate as long as most of its tasks agree in time and are
// not much slower than those of the first one.
const (
	followsShare  = 0.9
	followsSlower = 4
)

// row is what one step gave.
type row struct {
	// Offered and Agreed are tasks per second.
	Offered float64 `json:"offered_per_s"`
	Agreed  float64 `json:"agreed_per_s"`
	// P50 and P95 are from the submit's sending to the agreement, in ms;
	// Blocks from the submit's block on.
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	Blocks  int64   `json:"blocks_p50"`
	Tasks   int     `json:"tasks"`
	Missing int     `json:"missing"`
	Follows bool    `json:"follows"`
}

// report is the outcome of a run; its JSON is the last line.
type report struct {
	Rows []row `json:"steps"`
	// Knee is the highest rate that the network followed, in agreed tasks per
	// second; Reached says that a higher one was tried.
	Knee    float64 `json:"knee_per_s"`
	Reached bool    `json:"knee_reached"`
	// Answer* are the blocks until a commit, reveal or audit was in one: 1 is
	// the next.
	AnswerP50 int64 `json:"answer_blocks_p50"`
	AnswerP99 int64 `json:"answer_blocks_p99"`
	AnswerMax int64 `json:"answer_blocks_max"`
	Answers   int   `json:"answers"`

	Blocks      int `json:"blocks"`
	FullBlocks  int `json:"full_blocks"`
	Refused     int `json:"submits_refused"`
	Failed      int `json:"failed"`
	SpamSent    int `json:"spam_sent"`
	SpamRefused int `json:"spam_refused"`
	SpamBlocks  int `json:"spam_in_blocks"`

	FirstFailure string `json:"first_failure,omitempty"`

	config config
	out    io.Writer
}

func newReport(c config, out io.Writer) *report { return &report{config: c, out: out} }

// steps raises the rate until the network does not follow.
func (r *report) steps(ctx context.Context, d *driver) error {
	fmt.Fprintf(r.out, "%10s %10s %10s %10s %8s %8s\n", "offered/s", "agreed/s", "p50 ms", "p95 ms", "blocks", "missing")
	rate := r.config.rate
	for i := range r.config.steps {
		d.step.Store(int64(i))
		started := time.Now()
		submitted, err := d.pace(ctx, rate)
		if err != nil {
			return err
		}
		d.settle(ctx, i, submitted, started)
		s := r.measure(d, i, submitted, started, rate)
		r.Rows = append(r.Rows, s)
		fmt.Fprintf(r.out, "%10.0f %10.0f %10.0f %10.0f %8d %8d\n", s.Offered, s.Agreed, s.P50, s.P95, s.Blocks, s.Missing)
		if !s.Follows {
			r.Reached = true
			return nil
		}
		r.Knee = s.Agreed
		rate *= r.config.factor
	}
	return nil
}

// pace submits at a rate for the length of a step and returns how many batches
// it tried.
func (d *driver) pace(ctx context.Context, rate float64) (tried int, err error) {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(sendsAtOnce)
	ticker := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer ticker.Stop()
	end := time.After(d.config.step)
	for {
		select {
		case <-end:
			return tried, group.Wait()
		case <-inner.Done():
			return tried, group.Wait()
		case <-ticker.C:
			i := tried
			group.Go(func() error { return d.submit(inner, i) })
			tried++
		}
	}
}

// settle waits until the tasks of a step have agreed, or for the drain.
func (d *driver) settle(ctx context.Context, step, batches int, started time.Time) {
	end := started.Add(d.config.step + d.drain)
	for time.Now().Before(end) && ctx.Err() == nil {
		if sum, _ := d.tasksOf(step); sum >= batches*int(d.tasks) {
			return
		}
		time.Sleep(pollEvery)
	}
}

// tasksOf returns the agreed tasks of a step and their latencies.
func (d *driver) tasksOf(step int) (sum int, all []latency) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.agreed {
		if l.step == step {
			sum += int(l.tasks)
			all = append(all, l)
		}
	}
	return sum, all
}

func (r *report) measure(d *driver, step, batches int, started time.Time, rate float64) row {
	sum, all := d.tasksOf(step)
	s := row{Offered: rate * float64(d.tasks), Tasks: sum, Missing: batches*int(d.tasks) - sum}
	if len(all) == 0 {
		return s
	}
	var took, blocks []int64
	last := started
	for _, l := range all {
		took, blocks = append(took, l.took.Milliseconds()), append(blocks, l.blocks)
		if l.at.After(last) {
			last = l.at
		}
	}
	s.P50, s.P95, s.Blocks = float64(percentile(took, 50)), float64(percentile(took, 95)), percentile(blocks, 50)
	// The first and the last tasks of a step take their latency beside it.
	s.Agreed = float64(sum) / max(last.Sub(started).Seconds()-s.P50/1_000, d.config.step.Seconds())
	s.Follows = s.Missing == 0 && s.Agreed >= followsShare*s.Offered && (step == 0 || s.P95 <= followsSlower*r.Rows[0].P95)
	return s
}

// percentile returns the value that a percentage of the values do not exceed.
func percentile(values []int64, percent int) int64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)*percent/100, len(values)-1)]
}

// finish takes the sums of the run.
func (r *report) finish(d *driver) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r.Answers = len(d.delays)
	r.AnswerP50, r.AnswerP99, r.AnswerMax = percentile(d.delays, 50), percentile(d.delays, 99), percentile(d.delays, 100)
	c := d.counts
	r.Blocks, r.FullBlocks, r.Refused, r.Failed, r.FirstFailure = c.blocks, c.fullBlocks, c.refusedSubmits, c.failed, c.firstFailure
	r.SpamSent, r.SpamRefused, r.SpamBlocks = c.spamSent, c.spamRefused, c.spamBlocks
}

// print writes the sums and, as the last line, everything as JSON.
func (r *report) print() error {
	fmt.Fprintf(r.out, "knee: %.0f agreed tasks/s (a higher rate was tried: %t)\n", r.Knee, r.Reached)
	fmt.Fprintf(r.out, "answers: %d, in a block after %d blocks (p50), %d (p99), %d (all)\n", r.Answers, r.AnswerP50, r.AnswerP99, r.AnswerMax)
	if r.config.spam > 0 {
		fmt.Fprintf(r.out, "spam: %d sent, %d refused, %d in blocks; %d of %d blocks were full\n", r.SpamSent, r.SpamRefused, r.SpamBlocks, r.FullBlocks, r.Blocks)
	}
	if r.Failed > 0 {
		fmt.Fprintf(r.out, "%d failed, the first: %s\n", r.Failed, r.FirstFailure)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.out, "%s\n", text)
	return err
}
