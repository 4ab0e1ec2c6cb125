// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"context"
	"encoding/json"
	"errors"
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

// Row is what one step gave.
type Row struct {
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

// Report is the outcome of a run; its JSON is the last line.
type Report struct {
	Rows []Row `json:"steps"`
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

	config Config
	out    io.Writer
}

// Run raises the rate until the network does not follow any more, and prints
// every step and the sums to out. The report is nil if there is no network.
func Run(ctx context.Context, c Config, out io.Writer) (r *Report, err error) {
	err = drive(ctx, c, func(d *driver) error {
		r = newReport(c, out)
		err := d.run(ctx, func(ctx context.Context) error { return r.steps(ctx, d) })
		r.finish(d)
		return errors.Join(err, r.print())
	})
	return r, err
}

func newReport(c Config, out io.Writer) *Report { return &Report{config: c, out: out} }

// steps raises the rate until the network does not follow.
func (r *Report) steps(ctx context.Context, d *driver) error {
	fmt.Fprintf(r.out, "%10s %10s %10s %10s %8s %8s\n", "offered/s", "agreed/s", "p50 ms", "p95 ms", "blocks", "missing")
	rate := r.config.Rate
	for i := range r.config.Steps {
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
		rate *= r.config.Factor
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
	end := time.After(d.Step)
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
	end := started.Add(d.Step + d.Drain)
	for time.Now().Before(end) && ctx.Err() == nil {
		if sum, _ := d.tasksOf(step); sum >= batches*int(d.Tasks) {
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

func (r *Report) measure(d *driver, step, batches int, started time.Time, rate float64) Row {
	sum, all := d.tasksOf(step)
	s := Row{Offered: rate * float64(d.Tasks), Tasks: sum, Missing: batches*int(d.Tasks) - sum}
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
	s.Agreed = float64(sum) / max(last.Sub(started).Seconds()-s.P50/1_000, d.Step.Seconds())
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
func (r *Report) finish(d *driver) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r.Answers = len(d.delays)
	r.AnswerP50, r.AnswerP99, r.AnswerMax = percentile(d.delays, 50), percentile(d.delays, 99), percentile(d.delays, 100)
	c := d.counts
	r.Blocks, r.FullBlocks, r.Refused, r.Failed, r.FirstFailure = c.blocks, c.fullBlocks, c.refusedSubmits, c.failed, c.firstFailure
	r.SpamSent, r.SpamRefused, r.SpamBlocks = c.spamSent, c.spamRefused, c.spamBlocks
}

// print writes the sums and, as the last line, everything as JSON.
func (r *Report) print() error {
	fmt.Fprintf(r.out, "knee: %.0f agreed tasks/s (a higher rate was tried: %t)\n", r.Knee, r.Reached)
	fmt.Fprintf(r.out, "answers: %d, in a block after %d blocks (p50), %d (p99), %d (all)\n", r.Answers, r.AnswerP50, r.AnswerP99, r.AnswerMax)
	if r.config.Spam > 0 {
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
