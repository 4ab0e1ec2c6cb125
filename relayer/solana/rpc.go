// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// Clock is where a cluster is at a commitment.
type Clock struct {
	// Slot counts time, Height blocks: a slot may have none.
	Slot, Height uint64
}

// Status is what an endpoint knows of a transaction.
type Status struct {
	// Found is false if it is neither on the ledger nor in the newest slots.
	Found bool
	Slot  uint64
	// Level is empty for a transaction that is not confirmed yet.
	Level  Commitment
	Failed bool
}

// RPC is what a target asks an endpoint. A failed answer wraps
// mirror.ErrUnknown, except for Send.
type RPC interface {
	History
	// GenesisHash identifies the cluster.
	GenesisHash(ctx context.Context) (solanago.Hash, error)
	// Clock returns slot and height of the newest block.
	Clock(ctx context.Context, level Commitment) (Clock, error)
	// LatestBlockhash returns a blockhash and the last block height at which a
	// transaction with it can land.
	LatestBlockhash(ctx context.Context) (solanago.Hash, uint64, error)
	// Balance returns lamports.
	Balance(ctx context.Context, account solanago.PublicKey) (uint64, error)
	// Statuses looks up transactions, also old ones.
	Statuses(ctx context.Context, ids []solanago.Signature) ([]Status, error)
	// Send broadcasts a signed transaction after trying it out. It returns
	// mirror.ErrRefused, ErrRejected or ErrLowBalance only if it was definitely
	// not broadcast, and mirror.ErrUnknown otherwise.
	Send(ctx context.Context, raw []byte) error
}

const (
	// maxAnswer bounds an answer's size, in bytes. A page of a history has up to
	// fullPage memos of 1 KiB, which anyone can send and JSON makes six times as
	// long.
	maxAnswer = 16 << 20
	// maxStatuses is how many signatures nodes look up in one call.
	maxStatuses = 256
)

// Client speaks Solana's JSON-RPC over HTTP.
type Client struct {
	url     string
	http    *http.Client
	timeout time.Duration
}

// NewClient returns a client of one endpoint; timeout bounds every call.
func NewClient(url string, timeout time.Duration) *Client {
	return &Client{url: url, http: &http.Client{}, timeout: timeout}
}

// Error is an answer that is an error, with the codes of Solana's JSON-RPC.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// statusError is an HTTP answer other than 200.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("HTTP status %d", int(s)) }

// call calls a method. The error is an *Error, a statusError, or one of the
// connection.
func (c *Client) call(ctx context.Context, result any, method string, params ...any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": append([]any{}, params...)})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return hideURL(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return statusError(res.StatusCode)
	}
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  *Error          `json:"error"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&answer); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if answer.Error != nil {
		return answer.Error
	}
	if len(answer.Result) == 0 || string(answer.Result) == "null" {
		return errors.New("answer is empty")
	}
	return json.Unmarshal(answer.Result, result)
}

// read calls a method that changes nothing: whatever fails is unknown.
func (c *Client) read(ctx context.Context, result any, method string, params ...any) error {
	if err := c.call(ctx, result, method, params...); err != nil {
		return fmt.Errorf("%w: %s: %w", mirror.ErrUnknown, method, err)
	}
	return nil
}

// GenesisHash implements RPC.
func (c *Client) GenesisHash(ctx context.Context) (solanago.Hash, error) {
	var out solanago.Hash
	err := c.read(ctx, &out, "getGenesisHash")
	return out, err
}

// Clock implements RPC.
func (c *Client) Clock(ctx context.Context, level Commitment) (Clock, error) {
	var out struct{ AbsoluteSlot, BlockHeight uint64 }
	err := c.read(ctx, &out, "getEpochInfo", options{"commitment": level})
	return Clock{Slot: out.AbsoluteSlot, Height: out.BlockHeight}, err
}

// LatestBlockhash implements RPC.
func (c *Client) LatestBlockhash(ctx context.Context) (solanago.Hash, uint64, error) {
	var out struct {
		Value struct {
			Blockhash            solanago.Hash
			LastValidBlockHeight uint64
		}
	}
	err := c.read(ctx, &out, "getLatestBlockhash", options{"commitment": Confirmed})
	return out.Value.Blockhash, out.Value.LastValidBlockHeight, err
}

// Balance implements RPC.
func (c *Client) Balance(ctx context.Context, account solanago.PublicKey) (uint64, error) {
	var out struct{ Value *uint64 }
	if err := c.read(ctx, &out, "getBalance", account, options{"commitment": Confirmed}); err != nil {
		return 0, err
	}
	if out.Value == nil {
		return 0, fmt.Errorf("%w: getBalance: answer has no value", mirror.ErrUnknown)
	}
	return *out.Value, nil
}

// Signatures implements RPC.
func (c *Client) Signatures(ctx context.Context, account solanago.PublicKey, before solanago.Signature, limit int, level Commitment) ([]Listing, error) {
	query := options{"commitment": level, "limit": limit}
	if !before.IsZero() {
		query["before"] = before
	}
	var found []struct {
		Signature solanago.Signature
		Slot      uint64
		Err       json.RawMessage
	}
	if err := c.read(ctx, &found, "getSignaturesForAddress", account, query); err != nil {
		return nil, err
	}
	out := make([]Listing, len(found))
	for i, f := range found {
		out[i] = Listing{Signature: f.Signature, Slot: f.Slot, Failed: failed(f.Err)}
	}
	return out, nil
}

// Transaction implements RPC.
func (c *Client) Transaction(ctx context.Context, id solanago.Signature, level Commitment) (Landed, error) {
	var out struct {
		Slot        uint64
		BlockTime   *int64
		Transaction []string
		Meta        *struct {
			Err json.RawMessage
			Fee uint64
		}
	}
	query := options{"commitment": level, "encoding": "base64", "maxSupportedTransactionVersion": 0}
	if err := c.read(ctx, &out, "getTransaction", id, query); err != nil {
		return Landed{}, err
	}
	if out.Meta == nil || len(out.Transaction) != 2 {
		return Landed{}, fmt.Errorf("%w: getTransaction: answer has no transaction or no meta", mirror.ErrUnknown)
	}
	raw, err := base64.StdEncoding.DecodeString(out.Transaction[0])
	if err != nil {
		return Landed{}, fmt.Errorf("%w: getTransaction: %w", mirror.ErrUnknown, err)
	}
	landed := Landed{Slot: out.Slot, Raw: raw, Failed: failed(out.Meta.Err), Fee: out.Meta.Fee}
	if out.BlockTime != nil {
		landed.Made = time.Unix(*out.BlockTime, 0)
	}
	return landed, nil
}

// Statuses implements RPC. It makes as many calls as nodes ask for.
func (c *Client) Statuses(ctx context.Context, ids []solanago.Signature) ([]Status, error) {
	out := make([]Status, 0, len(ids))
	for batch := range slices.Chunk(ids, maxStatuses) {
		statuses, err := c.statuses(ctx, batch)
		if err != nil {
			return nil, err
		}
		out = append(out, statuses...)
	}
	return out, nil
}

func (c *Client) statuses(ctx context.Context, ids []solanago.Signature) ([]Status, error) {
	var out struct {
		Value []*struct {
			Slot               uint64
			Err                json.RawMessage
			ConfirmationStatus string
		}
	}
	if err := c.read(ctx, &out, "getSignatureStatuses", ids, options{"searchTransactionHistory": true}); err != nil {
		return nil, err
	}
	if len(out.Value) != len(ids) {
		return nil, fmt.Errorf("%w: getSignatureStatuses: asked for %d, got %d", mirror.ErrUnknown, len(ids), len(out.Value))
	}
	statuses := make([]Status, len(ids))
	for i, v := range out.Value {
		if v == nil {
			continue
		}
		statuses[i] = Status{Found: true, Slot: v.Slot, Failed: failed(v.Err)}
		if level := Commitment(v.ConfirmationStatus); level == Confirmed || level == Finalized {
			statuses[i].Level = level
		}
	}
	return statuses, nil
}

type options map[string]any

// failed reads the error of a transaction: null, or whatever it failed with.
func failed(err json.RawMessage) bool { return len(err) > 0 && string(err) != "null" }
