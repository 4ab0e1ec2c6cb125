// SPDX-License-Identifier: Apache-2.0

package home

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// RPC is what the source calls of a node.
type RPC interface {
	ABCIQueryWithOptions(ctx context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error)
	Status(ctx context.Context) (*coretypes.ResultStatus, error)
}

// errNotFound is a node's definite answer that a thing does not exist there.
var errNotFound = errors.New("not found")

// endpoint is one node. It is safe for concurrent use.
type endpoint struct {
	// name is the host of the URL: paths and queries of URLs often are keys.
	name string
	rpc  RPC

	mu      sync.Mutex
	checked time.Time
	height  int64
}

// recheck is how long a checked endpoint is believed to follow its chain.
const recheck = 10 * time.Second

// NodeStatus is what a node says about itself.
type NodeStatus struct {
	Node       string    `json:"node"`
	ChainID    string    `json:"chain_id"`
	Height     int64     `json:"height,string"`
	Time       time.Time `json:"time"`
	CatchingUp bool      `json:"catching_up"`
}

func (e *endpoint) status(ctx context.Context) (NodeStatus, error) {
	res, err := e.rpc.Status(ctx)
	if err != nil {
		return NodeStatus{}, fmt.Errorf("%s: %w", e.name, redact(err))
	}
	return NodeStatus{
		Node: e.name, ChainID: res.NodeInfo.Network, Height: res.SyncInfo.LatestBlockHeight,
		Time: res.SyncInfo.LatestBlockTime, CatchingUp: res.SyncInfo.CatchingUp,
	}, nil
}

// check makes sure that the endpoint follows the chain, at most every recheck.
func (e *endpoint) check(ctx context.Context, chainID string) error {
	e.mu.Lock()
	fresh := time.Since(e.checked) < recheck
	e.mu.Unlock()
	if fresh {
		return nil
	}
	st, err := e.status(ctx)
	switch {
	case err != nil:
		return err
	case st.ChainID != chainID:
		return fmt.Errorf("%w: %s follows %q, not %q", mirror.ErrWrongChain, e.name, st.ChainID, chainID)
	case st.CatchingUp:
		return fmt.Errorf("%s is still catching up", e.name)
	}
	e.observe(st.Height)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.checked = time.Now()
	return nil
}

// redact drops the URL that errors of net/http carry: it may hold a key.
func redact(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}

func (e *endpoint) observe(height int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.height = max(e.height, height)
}

// seen returns the highest block that the endpoint showed.
func (e *endpoint) seen() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.height
}

// query asks for one answer at a height, 0 for the newest. It returns
// errNotFound if the node answers so. Every other failure is no answer.
func (e *endpoint) query(ctx context.Context, height int64, method string, req, reply proto.Message) error {
	data, err := proto.Marshal(req)
	if err != nil {
		return fmt.Errorf("encode %s: %w", method, err)
	}
	out, err := e.rpc.ABCIQueryWithOptions(ctx, method, data, rpcclient.ABCIQueryOptions{Height: height})
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, redact(err))
	}
	res := out.Response
	switch {
	case res.Codespace == sdkerrors.RootCodespace && res.Code == sdkerrors.ErrKeyNotFound.ABCICode():
		return fmt.Errorf("%w: %s: %s", errNotFound, e.name, res.Log)
	case res.Code != 0:
		return fmt.Errorf("%s answers %s/%d: %s", e.name, res.Codespace, res.Code, res.Log)
	}
	if err := proto.Unmarshal(res.Value, reply); err != nil {
		return fmt.Errorf("%s: decode %s: %w", e.name, method, err)
	}
	if height == 0 {
		e.observe(res.Height)
	}
	return nil
}
