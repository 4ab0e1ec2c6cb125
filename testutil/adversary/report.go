// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// summary is the last line of a report. Amounts are in CUPEL.
type summary struct {
	Bots          int     `json:"bots"`
	TasksPerBot   int     `json:"tasks_per_bot"`
	MaxProfit     float64 `json:"max_profit"`
	HonestSlashes int     `json:"honest_slashes"`
	Outvoted      int     `json:"outvoted"`
	Seconds       float64 `json:"seconds"`
}

// report prints what became of every bot. It is used by several goroutines.
type report struct {
	mu       sync.Mutex
	out      io.Writer
	began    time.Time
	sum      summary
	problems []error
}

const rowFormat = "%-26s %7v %12v %12v %9v %7v %7v %8v %8v %7v %7v %7v\n"

func newReport(out io.Writer, tasks int) *report {
	r := &report{out: out, began: time.Now(), sum: summary{TasksPerBot: tasks}}
	r.printf(rowFormat, "bot", "tasks", "profit", "honest loss", "detected", "slashed", "honest", "outvoted", "settled", "failed", "blocks", "seconds")
	return r
}

func (r *report) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(r.out, format, args...); err != nil {
		r.problems = append(r.problems, err)
	}
}

// coins writes an amount of ucupel in CUPEL.
func coins(amount int64) string { return fmt.Sprintf("%.2f", float64(amount)/cupel) }

func (r *report) add(o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.printf(rowFormat, o.bot.name, o.tasks, coins(o.profit), coins(o.honestLoss), fmt.Sprintf("%.1f%%", 100*o.detected),
		o.bites, o.honestSlashes, o.captured, o.settled, o.failed, o.blocks, fmt.Sprintf("%.1f", o.took.Seconds()))
	r.sum.HonestSlashes += o.honestSlashes
	r.sum.Outvoted += o.captured
	if err := o.problem(); err != nil {
		r.problems = append(r.problems, err)
	}
	if o.bot.baseline {
		return
	}
	if profit := float64(o.profit) / cupel; r.sum.Bots == 0 || profit > r.sum.MaxProfit {
		r.sum.MaxProfit = profit
	}
	r.sum.Bots++
}

// fail notes a bot that could not be played to the end.
func (r *report) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.printf("%s\n", err)
	r.problems = append(r.problems, err)
}

// end prints the summary and returns all that should not have happened.
func (r *report) end() error {
	r.sum.Seconds = time.Since(r.began).Round(time.Millisecond).Seconds()
	line, err := json.Marshal(r.sum)
	if err != nil {
		return err
	}
	r.printf("%s\n", line)
	return errors.Join(r.problems...)
}

// problem says what should not have happened to a bot.
func (o *outcome) problem() error {
	var all []error
	switch {
	case o.bot.baseline && o.profit <= 0:
		all = append(all, fmt.Errorf("%s: honest work earns %s", o.bot.name, coins(o.profit)))
	case !o.bot.baseline && o.profit > 0:
		all = append(all, fmt.Errorf("%s: gains %s", o.bot.name, coins(o.profit)))
	}
	if o.tasks == 0 {
		all = append(all, fmt.Errorf("%s: attacked nothing", o.bot.name))
	}
	if o.peak < o.bot.tasks {
		all = append(all, fmt.Errorf("%s: %d tasks were in flight at once, not %d", o.bot.name, o.peak, o.bot.tasks))
	}
	if o.honestSlashes > 0 {
		all = append(all, fmt.Errorf("%s: %d slashes of honest providers: %s",
			o.bot.name, o.honestSlashes, strings.Join(o.reasons[:min(len(o.reasons), 5)], "; ")))
	}
	return errors.Join(all...)
}
