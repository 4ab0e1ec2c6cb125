// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// Codes of errors with which sendTransaction broadcasts nothing.
const (
	codePreflight = -32002
)

// refusing lists the other ones: not verified, node behind, transaction version
// or block not supported, and malformed requests.
var refusing = []int{-32003, -32005, -32013, -32014, -32015, -32016, -32600, -32601, -32602}

// Send implements RPC.
func (c *Client) Send(ctx context.Context, raw []byte) error {
	var id string
	query := options{"encoding": "base64", "preflightCommitment": Confirmed, "maxRetries": 0}
	err := c.call(ctx, &id, "sendTransaction", base64.StdEncoding.EncodeToString(raw), query)
	var answer *Error
	var status statusError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer):
		return classify(answer)
	case errors.As(err, &status) && status >= http.StatusBadRequest && status < http.StatusInternalServerError && status != http.StatusRequestTimeout:
		return fmt.Errorf("%w: %w", mirror.ErrRefused, err)
	}
	return fmt.Errorf("%w: sendTransaction: %w", mirror.ErrUnknown, err)
}

// classify says what an error of sendTransaction means. Nil is for a
// transaction that is on the ledger already.
func classify(answer *Error) error {
	if slices.Contains(refusing, answer.Code) {
		return fmt.Errorf("%w: %w", mirror.ErrRefused, answer)
	}
	if answer.Code != codePreflight {
		return fmt.Errorf("%w: sendTransaction: %w", mirror.ErrUnknown, answer)
	}
	var data struct{ Err json.RawMessage }
	var name string
	if err := json.Unmarshal(answer.Data, &data); err != nil {
		return fmt.Errorf("%w: %w", mirror.ErrRefused, answer)
	}
	if err := json.Unmarshal(data.Err, &name); err != nil {
		// An object: an instruction failed.
		return fmt.Errorf("%w: %w", mirror.ErrRejected, answer)
	}
	switch name {
	case "AlreadyProcessed":
		return nil
	case "AccountNotFound", "InsufficientFundsForFee":
		return fmt.Errorf("%w: %w: %w", mirror.ErrRefused, mirror.ErrLowBalance, answer)
	}
	return fmt.Errorf("%w: %w", mirror.ErrRefused, answer)
}

// hideURL takes the URL out of a connection's error: it may hold an API key.
func hideURL(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
