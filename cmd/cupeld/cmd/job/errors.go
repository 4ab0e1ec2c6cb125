// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"syscall"

	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/jobfile"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// submitErrors are refusals of a submit that another job file would avoid.
var submitErrors = []error{
	markettypes.ErrInvalidClass, markettypes.ErrInvalidManifest, markettypes.ErrInvalidCount,
	markettypes.ErrInvalidLotSize, markettypes.ErrInvalidPolicy, markettypes.ErrInvalidComparator,
	markettypes.ErrInvalidReplicas, markettypes.ErrInvalidLimits, markettypes.ErrInvalidFilter,
	markettypes.ErrInvalidDenom, markettypes.ErrInvalidPrice, markettypes.ErrAmountTooLarge,
	markettypes.ErrInvalidDeadline, markettypes.ErrInvalidHire, markettypes.ErrInvalidCircuit,
}

// classify gives an error its exit code: by its type, its code or its gRPC
// status, never by its text. An error that has a code keeps it.
func classify(err error) error {
	var coded *exit.ExitError
	var bad *jobfile.Error
	switch {
	case err == nil || errors.As(err, &coded):
		return err
	case errors.As(err, &bad):
		return exit.With(exit.UsageError, err)
	case errors.Is(err, sdkerrors.ErrInsufficientFunds):
		return exit.With(exit.InsufficientFunds, err)
	case errors.Is(err, sdkerrors.ErrKeyNotFound):
		return failf(exit.UsageError, "--from names no key in the keyring\nList your keys with: cupeld keys list, or name another --keyring-backend")
	case errors.Is(err, sdkerrors.ErrInsufficientFee):
		return failf(exit.Failure, "%w\nLeave --fees, --gas and --gas-prices out to pay what the node asks for", err)
	case isNotFound(err):
		return failf(exit.Failure, "%w\nSee what there is with: cupeld job list", plain(err))
	case isUnreachable(err):
		return exit.With(exit.NetworkUnreachable, fmt.Errorf("cannot reach the node: %w\nStart it, or name another one with --node", plain(err)))
	}
	for _, refused := range submitErrors {
		if errors.Is(err, refused) {
			return exit.With(exit.UsageError, err)
		}
	}
	if s, ok := status.FromError(err); ok && s.Code() == codes.InvalidArgument {
		return exit.With(exit.UsageError, plain(err))
	}
	return exit.With(exit.Failure, plain(err))
}

// isUnreachable reports whether a request did not get an answer.
func isUnreachable(err error) bool {
	var netErr net.Error
	var urlErr *url.Error
	if code := status.Code(err); code == codes.Unavailable || code == codes.DeadlineExceeded {
		return true
	}
	return errors.As(err, &netErr) || errors.As(err, &urlErr) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, io.ErrUnexpectedEOF)
}

// isNotFound reports whether the answer was that there is no such thing.
func isNotFound(err error) bool {
	return status.Code(err) == codes.NotFound || errors.Is(err, markettypes.ErrBatchNotFound)
}

// wrapping is what a status looks like inside the message of another one.
var wrapping = regexp.MustCompile(`rpc error: code = \w+ desc = `)

// plain drops what gRPC puts around a message.
func plain(err error) error {
	if s, ok := status.FromError(err); ok && s.Code() != codes.OK {
		return &stated{text: wrapping.ReplaceAllString(s.Message(), ""), err: err}
	}
	return err
}

// detours are parts of a refusal that only say by which way it came.
var detours = regexp.MustCompile(`failed to simulate tx: |failed to execute message; message index: \d+: `)

// stopped is what x/circuit says of a message that it does not let pass.
const stopped = "tx type not allowed"

// refusal is the error of a transaction that the chain did not accept.
func refusal(codespace string, code uint32, log string) error {
	text := fmt.Sprintf("the chain refuses: %s (%s %d)", detours.ReplaceAllString(log, ""), codespace, code)
	if strings.Contains(log, stopped) {
		text = "the chain refuses: its operators have stopped this message for now, try again later (" + stopped + ")"
	}
	return &stated{text: text, err: errorsmod.ABCIError(codespace, code, log)}
}

// stated is an error with a text of its own.
type stated struct {
	text string
	err  error
}

// Error implements error.
func (s *stated) Error() string { return s.text }

// Unwrap returns the cause.
func (s *stated) Unwrap() error { return s.err }

// failf returns an error with an exit code.
func failf(code int, format string, args ...any) error {
	return exit.With(code, fmt.Errorf(format, args...))
}
