// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// Sustained is what a network did with a number of batches.
type Sustained struct {
	Batches, Tasks int
	// Agreed and Took are from the sending of the first submit until the last
	// lot was seen agreed and the last task settled. What is between the two is
	// the window and the audits of the last tasks: no work of most.
	Agreed, Took time.Duration
	// P50 is from the sending of a submit to the agreement of a lot.
	P50 time.Duration
	// Audits is how many of the tasks were audited, Blocks how many were made
	// meanwhile. Answers are the transactions of the senders.
	Audits, Blocks, Answers int
}

// PerSecond returns the settled tasks per second.
func (s Sustained) PerSecond() float64 { return float64(s.Tasks) / s.Took.Seconds() }

// Sustain submits a number of batches, at most open of them at a time that have
// not agreed, and waits until all of their tasks are settled. A task that is
// not after Step and Drain is an error, as is anything that the chain refused.
// It takes no account of Rate, Factor and Steps.
func Sustain(ctx context.Context, c Config, batches, open int) (s Sustained, err error) {
	c.Rate, c.Factor, c.Steps = 1, 2, 1
	err = drive(ctx, c, func(d *driver) error {
		return d.run(ctx, func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeoutCause(ctx, c.Step+c.Drain, fmt.Errorf("not all settled after %s", c.Step+c.Drain))
			defer cancel()
			s, err = d.sustain(ctx, batches, open)
			return err
		})
	})
	return s, errors.Join(err, ctx.Err())
}

func (d *driver) sustain(ctx context.Context, batches, open int) (Sustained, error) {
	s := Sustained{Batches: batches, Tasks: batches * int(d.Tasks)}
	started := time.Now()
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(sendsAtOnce)
	for i := range batches {
		if err := d.wait(inner, func(agreed, _ int) bool { return i-agreed < open }); err != nil {
			return s, errors.Join(err, group.Wait())
		}
		group.Go(func() error { return d.submit(inner, i) })
	}
	if err := group.Wait(); err != nil {
		return s, err
	}
	if err := d.wait(ctx, func(_, settled int) bool { return settled >= s.Tasks }); err != nil {
		return s, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	took := make([]int64, 0, len(d.agreed))
	for _, l := range d.agreed {
		took, s.Agreed = append(took, int64(l.took)), l.at.Sub(started)
	}
	s.Took, s.P50 = d.settledAt.Sub(started), time.Duration(percentile(took, 50))
	s.Audits, s.Blocks, s.Answers = d.audits, d.counts.blocks, len(d.delays)
	return s, nil
}

// wait returns when done says so of the agreed batches and the settled tasks,
// or with an error as soon as something has failed.
func (d *driver) wait(ctx context.Context, done func(agreed, settled int) bool) error {
	for {
		ok, err := d.progress(done)
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pollEvery / 4):
		}
	}
}

func (d *driver) progress(done func(agreed, settled int) bool) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch c := d.counts; {
	case c.failed > 0:
		return false, errors.New(c.firstFailure)
	case c.refusedSubmits > 0:
		return false, errors.New("the mempool had no place for a submit")
	}
	return done(d.agreedBatches, d.settled), nil
}
