// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// pollEvery is the time between two looks at a node.
const pollEvery = 100 * time.Millisecond

var client = &http.Client{Timeout: 10 * time.Second}

// ErrNotFound is the answer of a node that does not know what was asked for.
var ErrNotFound = errors.New("not found")

// get reads JSON. Height 0 is the latest one.
func get(ctx context.Context, address string, height int64, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	if height > 0 {
		req.Header.Set("x-cosmos-block-height", strconv.FormatInt(height, 10))
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return err
	}
	switch {
	case res.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s: %w", address, ErrNotFound)
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("%s answers %s: %s", address, res.Status, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	return nil
}

// Query reads a REST path of the node at a height, 0 for the latest.
func (n *Node) Query(ctx context.Context, height int64, path string, into any) error {
	return get(ctx, n.REST()+path, height, into)
}

// Query reads a REST path of the first node at a height, 0 for the latest.
func (n *Network) Query(ctx context.Context, height int64, path string, into any) error {
	return n.Nodes[0].Query(ctx, height, path, into)
}

// Height is the height of the node's last block.
func (n *Node) Height(ctx context.Context) (int64, error) {
	var res struct {
		Result struct {
			SyncInfo struct {
				Height int64 `json:"latest_block_height,string"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	err := get(ctx, n.RPC()+"/status", 0, &res)
	return res.Result.SyncInfo.Height, err
}

// WaitHeight returns once the node has the block and its process still runs.
func (n *Node) WaitHeight(ctx context.Context, height int64) error {
	return Until(ctx, pollEvery, func() (bool, error) {
		if n.process != nil && !n.process.Running() {
			return false, fmt.Errorf("%s has ended", n.Name)
		}
		at, err := n.Height(ctx)
		return at >= height, err
	})
}

// AppHash is the hash of the state after the block before a height.
func (n *Node) AppHash(ctx context.Context, height int64) (string, error) {
	var res struct {
		Result struct {
			Block struct {
				Header struct {
					AppHash string `json:"app_hash"`
				} `json:"header"`
			} `json:"block"`
		} `json:"result"`
	}
	err := get(ctx, fmt.Sprintf("%s/block?height=%d", n.RPC(), height), 0, &res)
	if err == nil && res.Result.Block.Header.AppHash == "" {
		err = fmt.Errorf("%s has no block %d", n.Name, height)
	}
	return res.Result.Block.Header.AppHash, err
}

// Attribute is one attribute of an event.
type Attribute struct{ Key, Value string }

// Event is one event of a transaction.
type Event struct {
	Type       string
	Attributes []Attribute
}

// TxResult is a transaction in a block.
type TxResult struct {
	Hash   string
	Height int64
	Code   int
	Log    string
	// Fee is in ucupel, Memo free text, Messages the type URLs.
	Fee      uint64
	Messages []json.RawMessage
	Events   []Event
}

type txResponse struct {
	Hash   string `json:"txhash"`
	Height int64  `json:"height,string"`
	Code   int    `json:"code"`
	RawLog string `json:"raw_log"`
	Events []Event
	Tx     struct {
		Body     struct{ Messages []json.RawMessage }
		AuthInfo struct {
			Fee struct{ Amount []Coin }
		} `json:"auth_info"`
	}
}

func (r txResponse) result() TxResult {
	return TxResult{
		Hash: r.Hash, Height: r.Height, Code: r.Code, Log: r.RawLog, Fee: amountOf(r.Tx.AuthInfo.Fee.Amount),
		Messages: r.Tx.Body.Messages, Events: r.Events,
	}
}

// WaitTx returns once a transaction is in a block; a failed one is an error.
func (n *Network) WaitTx(ctx context.Context, hash string) (TxResult, error) {
	var res struct {
		Response txResponse `json:"tx_response"`
	}
	err := Until(ctx, pollEvery, func() (bool, error) {
		err := n.Query(ctx, 0, "/cosmos/tx/v1beta1/txs/"+hash, &res)
		return err == nil, err
	})
	if err == nil && res.Response.Code != 0 {
		err = fmt.Errorf("transaction %s failed with code %d: %s", hash, res.Response.Code, res.Response.RawLog)
	}
	return res.Response.result(), err
}

// Txs returns all transactions that match a query such as
// "message.action='/cupel.market.v1.MsgCommit'", failed ones included.
func (n *Network) Txs(ctx context.Context, query string) ([]TxResult, error) {
	const limit = 100
	var all []TxResult
	for page := 1; ; page++ {
		var res struct {
			Responses []txResponse `json:"tx_responses"`
		}
		path := fmt.Sprintf("/cosmos/tx/v1beta1/txs?query=%s&page=%d&limit=%d", url.QueryEscape(query), page, limit)
		if err := n.Query(ctx, 0, path, &res); err != nil {
			// The page after a full last one is an error, not an empty list.
			if page > 1 && strings.Contains(err.Error(), "page should be within") {
				return all, nil
			}
			return nil, err
		}
		for _, r := range res.Responses {
			all = append(all, r.result())
		}
		if len(res.Responses) < limit {
			return all, nil
		}
	}
}
