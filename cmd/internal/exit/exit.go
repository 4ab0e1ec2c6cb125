// SPDX-License-Identifier: Apache-2.0

// Package exit gives the commands one set of exit codes.
package exit

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"
)

// Exit codes of every Cupel command.
const (
	OK                 = 0
	Failure            = 1
	UsageError         = 2
	JobFailed          = 3
	WaitTimedOut       = 4
	VerificationFailed = 5
	InsufficientFunds  = 6
	NetworkUnreachable = 7
)

// ExitError is an error that names the exit code of the process.
type ExitError struct {
	Code int
	Err  error
}

// Error implements error.
func (e *ExitError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// With gives err an exit code. A nil error stays nil.
func With(code int, err error) error {
	if err == nil {
		return nil
	}
	return &ExitError{Code: code, Err: err}
}

// Usage marks err as a mistake in how the command was called. An error that
// has a code already keeps it.
func Usage(err error) error {
	var coded *ExitError
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return With(UsageError, err)
}

// Code returns the exit code that err asks for: OK for nil, Failure for an
// error without a code.
func Code(err error) int {
	if err == nil {
		return OK
	}
	var coded *ExitError
	if errors.As(err, &coded) {
		return coded.Code
	}
	return Failure
}

// MarkUsage makes wrong flags, wrong arguments and unknown subcommands usage
// errors, in root and in every command below it. Call it once, when the tree
// is complete. Required flags are checked by CheckRequired.
func MarkUsage(root *cobra.Command) {
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return Usage(fmt.Errorf("%w\nSee '%s --help'", err, cmd.CommandPath()))
	})
	mark(root)
}

// CheckRequired is for a root's PersistentPreRunE: cobra checks required flags
// only after it, with an error that carries no code.
func CheckRequired(cmd *cobra.Command) error {
	if err := cmd.ValidateRequiredFlags(); err != nil {
		return Usage(err)
	}
	return Usage(cmd.ValidateFlagGroups())
}

func mark(cmd *cobra.Command) {
	args := cmd.Args
	if args == nil && !cmd.HasParent() {
		args = unknownCommand
	}
	if args != nil {
		cmd.Args = func(cmd *cobra.Command, given []string) error {
			return Usage(args(cmd, given))
		}
	}
	// A command with subcommands runs only when none of them was meant.
	if run := cmd.RunE; run != nil && cmd.HasSubCommands() {
		cmd.RunE = func(cmd *cobra.Command, given []string) error {
			return Usage(run(cmd, given))
		}
	}
	if run := cmd.RunE; run != nil && !cmd.HasSubCommands() {
		cmd.RunE = func(cmd *cobra.Command, given []string) error {
			return argument(run(cmd, given))
		}
	}
	for _, sub := range cmd.Commands() {
		mark(sub)
	}
}

// positional is how a generated command names a bad argument: it takes its
// arguments by flags called --0, --1 and so on.
var positional = regexp.MustCompile(`^invalid argument (".*") for "--(\d+)" flag`)

// argument makes a bad argument of a generated command a usage error that
// counts arguments from 1.
func argument(err error) error {
	if err == nil {
		return nil
	}
	found := positional.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	n, failed := strconv.Atoi(found[2])
	if failed != nil {
		return err
	}
	return Usage(fmt.Errorf("invalid argument %d, %s%s", n+1, found[1], err.Error()[len(found[0]):]))
}

func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.SuggestionsMinimumDistance <= 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	hint := ""
	for _, name := range cmd.SuggestionsFor(args[0]) {
		hint += fmt.Sprintf("\nDid you mean '%s %s'?", cmd.CommandPath(), name)
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), hint)
}
