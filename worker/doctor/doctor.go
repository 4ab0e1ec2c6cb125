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

// MarshalText is the word in JSON.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Finding is the result of one check.
type Finding struct {
	// Check is the name of the check; Run sets it.
	Check string `json:"check"`
	Level Level  `json:"level"`
	// Text says what was found.
	Text string `json:"text"`
	// Fix says what to do about it; empty if the level is OK.
	Fix string `json:"fix,omitempty"`
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

// Run does the checks in order, hands each finding to emit as it comes and
// returns the worst level. An error of emit ends it.
func Run(ctx context.Context, checks []Check, emit func(Finding) error) (Level, error) {
	worst := OK
	for _, c := range checks {
		for _, f := range runOne(ctx, c) {
			worst = max(worst, f.Level)
			f.Check = c.Name
			if err := emit(f); err != nil {
				return worst, err
			}
		}
	}
	return worst, ctx.Err()
}

// Print returns an emit that writes findings as lines for people.
func Print(w io.Writer) func(Finding) error {
	return func(f Finding) error {
		_, err := fmt.Fprintf(w, "%-5s %-10s %s\n", f.Level, f.Check, f.Text)
		if err == nil && f.Fix != "" {
			_, err = fmt.Fprintf(w, "%17sfix: %s\n", "", f.Fix)
		}
		return err
	}
}

func runOne(ctx context.Context, c Check) []Finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return c.Run(ctx)
}
