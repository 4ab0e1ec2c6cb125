// SPDX-License-Identifier: Apache-2.0

package anvil

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is what the node answered to a call that failed.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Error is the node's text.
func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// Call makes one JSON-RPC call; out may be nil.
func (n *Node) Call(ctx context.Context, out any, method string, params ...any) error {
	if params == nil {
		params = []any{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  *Error          `json:"error"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	switch {
	case answer.Error != nil:
		return fmt.Errorf("%s: %w", method, answer.Error)
	case out == nil:
		return nil
	}
	return json.Unmarshal(answer.Result, out)
}

// Height returns the number of the newest block.
func (n *Node) Height(ctx context.Context) (uint64, error) {
	var hex string
	if err := n.Call(ctx, &hex, "eth_blockNumber"); err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimPrefix(hex, "0x"), 16, 64)
}

// Mine makes blocks.
func (n *Node) Mine(ctx context.Context, blocks uint64) error {
	return n.Call(ctx, nil, "anvil_mine", quantity(blocks))
}

// Automine turns the making of a block for each transaction on or off.
func (n *Node) Automine(ctx context.Context, on bool) error {
	return n.Call(ctx, nil, "evm_setAutomine", on)
}

// Reorg replaces the newest depth blocks with as many without transactions. The
// transactions that were in them are gone.
func (n *Node) Reorg(ctx context.Context, depth uint64) error {
	return n.Call(ctx, nil, "anvil_reorg", depth, []any{})
}

// Rollback takes back the newest depth blocks.
func (n *Node) Rollback(ctx context.Context, depth uint64) error {
	return n.Call(ctx, nil, "anvil_rollback", depth)
}

// Drop forgets a transaction of the pool.
func (n *Node) Drop(ctx context.Context, hash string) error {
	return n.Call(ctx, nil, "anvil_dropTransaction", hash)
}

// DropAll forgets every transaction of the pool.
func (n *Node) DropAll(ctx context.Context) error {
	return n.Call(ctx, nil, "anvil_dropAllTransactions")
}

// SetBaseFee sets the base fee of the next block, in wei per gas.
func (n *Node) SetBaseFee(ctx context.Context, wei uint64) error {
	return n.Call(ctx, nil, "anvil_setNextBlockBaseFeePerGas", quantity(wei))
}

// SetBalance sets the balance of an account, in wei.
func (n *Node) SetBalance(ctx context.Context, address string, wei uint64) error {
	return n.Call(ctx, nil, "anvil_setBalance", address, quantity(wei))
}

// Advance moves the clock of the next block.
func (n *Node) Advance(ctx context.Context, d time.Duration) error {
	return n.Call(ctx, nil, "evm_increaseTime", quantity(uint64(d/time.Second)))
}

func quantity(v uint64) string { return "0x" + strconv.FormatUint(v, 16) }
