// SPDX-License-Identifier: Apache-2.0

// Package doctor checks the setup of a worker and says how to mend it.
package doctor

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Level is how bad a finding is.
type Level int

// The levels.
const (
	OK Level = iota
	Warn
	Fail
)

// String is the word that is printed.
func (l Level) String() string { return [...]string{"ok", "warn", "fail"}[l] }

// Finding is the result of one check.
type Finding struct {
	Level Level
	// Text says what was found.
	Text string
	// Fix says what to do about it; empty if the level is OK.
	Fix string
}

func okay(format string, args ...any) Finding { return Finding{Text: fmt.Sprintf(format, args...)} }

func warn(fix, format string, args ...any) Finding {
	return Finding{Level: Warn, Text: fmt.Sprintf(format, args...), Fix: fix}
}

func fail(fix, format string, args ...any) Finding {
	return Finding{Level: Fail, Text: fmt.Sprintf(format, args...), Fix: fix}
}

// Check looks at one thing.
type Check struct {
	Name string
	Run  func(ctx context.Context) []Finding
}

// checkTimeout bounds one check.
const checkTimeout = 60 * time.Second

// Run does the checks in order, prints each finding to w as it comes and
// returns the worst level.
func Run(ctx context.Context, w io.Writer, checks []Check) (Level, error) {
	worst := OK
	for _, c := range checks {
		for _, f := range runOne(ctx, c) {
			worst = max(worst, f.Level)
			if _, err := fmt.Fprintf(w, "%-5s %-10s %s\n", f.Level, c.Name, f.Text); err != nil {
				return worst, err
			}
			if f.Fix == "" {
				continue
			}
			if _, err := fmt.Fprintf(w, "%17sfix: %s\n", "", f.Fix); err != nil {
				return worst, err
			}
		}
	}
	return worst, ctx.Err()
}

func runOne(ctx context.Context, c Check) []Finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return c.Run(ctx)
}
