// SPDX-License-Identifier: Apache-2.0

// Package chain is the worker's thin client of Cupel nodes: queries and
// transactions over CometBFT RPC, with several endpoints. A query that no
// endpoint answered is unknown, which is never the same as an answer.
package chain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	errorsmod "cosmossdk.io/errors"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"google.golang.org/grpc/codes"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// ErrUnknown is returned when no endpoint gave an answer that can be trusted.
// Nothing may be concluded from it.
var ErrUnknown = errors.New("no endpoint answered")

// ErrNotFound is the chain's definite answer that a thing does not exist.
var ErrNotFound = errors.New("not found on chain")

// RPC is what the client calls of a node.
type RPC interface {
	ABCIQueryWithOptions(ctx context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error)
	BroadcastTxSync(ctx context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error)
	Status(ctx context.Context) (*coretypes.ResultStatus, error)
	BlockResults(ctx context.Context, height *int64) (*coretypes.ResultBlockResults, error)
	TxSearch(ctx context.Context, query string, prove bool, page, perPage *int, orderBy string) (*coretypes.ResultTxSearch, error)
}

// Options configure a Client.
type Options struct {
	ChainID string
	// Endpoints are URLs of CometBFT RPC servers, tried in this order.
	Endpoints []string
	// Timeout bounds one call to one endpoint.
	Timeout time.Duration
	// MaxLag is the number of blocks that an endpoint may be behind the
	// highest block seen before its answers are refused.
	MaxLag int64
	// Agree is the number of endpoints that must give the same answer; up to 1
	// the first answer is taken. See worker/adr/006-endpoints-agree.md.
	Agree int
	// Dial replaces the way in which endpoints are connected to, nil for the
	// usual one.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client is safe for concurrent use.
type Client struct {
	opts      Options
	endpoints []*endpoint

	mu        sync.Mutex
	first     int
	height    int64
	blockTime time.Time
	disagreed uint64
}

type endpoint struct {
	url string
	rpc RPC

	mu      sync.Mutex
	checked time.Time
	err     error
	since   time.Time

	// The last height and block time that it showed; Client.mu guards them.
	height    int64
	blockTime time.Time
}

// recheck is how long a checked chain id is believed.
const recheck = 30 * time.Second

// New returns a client. It does not connect.
func New(opts Options) (*Client, error) {
	c := &Client{opts: opts}
	for _, url := range opts.Endpoints {
		rpc, err := dial(url, opts)
		if err != nil {
			return nil, fmt.Errorf("endpoint %s: %w", url, err)
		}
		c.endpoints = append(c.endpoints, &endpoint{url: url, rpc: rpc})
	}
	if len(c.endpoints) == 0 {
		return nil, errors.New("no RPC endpoint is configured")
	}
	if opts.Agree > len(c.endpoints) {
		return nil, fmt.Errorf("%d endpoints shall agree, but only %d are configured", opts.Agree, len(c.endpoints))
	}
	return c, nil
}

func dial(url string, opts Options) (RPC, error) {
	if opts.Dial == nil {
		return rpchttp.NewWithTimeout(url, "/websocket", uint(max(opts.Timeout.Seconds(), 1)))
	}
	transport := &http.Transport{DialContext: opts.Dial, DisableCompression: true}
	return rpchttp.NewWithClient(url, "/websocket", &http.Client{Transport: transport, Timeout: opts.Timeout})
}

// Head is the newest block that any endpoint showed.
type Head struct {
	Height int64
	Time   time.Time
}

// Head returns what was last seen; zero before the first answer.
func (c *Client) Head() Head {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Head{c.height, c.blockTime}
}

// Refresh asks an endpoint for its newest block, or all of them if they have to
// agree.
func (c *Client) Refresh(ctx context.Context) (Head, error) {
	if c.voting() {
		return c.refreshAll(ctx)
	}
	err := c.call(ctx, func(ctx context.Context, e *endpoint) error { return c.status(ctx, e) })
	return c.Head(), err
}

// status checks that e follows the right chain and is not behind.
func (c *Client) status(ctx context.Context, e *endpoint) error {
	res, err := e.rpc.Status(ctx)
	if err != nil {
		return err
	}
	if err := c.follows(res); err != nil {
		return err
	}
	if err := c.seen(e, res.SyncInfo.LatestBlockHeight, res.SyncInfo.LatestBlockTime); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.checked = time.Now()
	return nil
}

// follows checks that an endpoint is of the right chain and at its end.
func (c *Client) follows(res *coretypes.ResultStatus) error {
	if res.NodeInfo.Network != c.opts.ChainID {
		return fmt.Errorf("endpoint follows chain %q, not %q", res.NodeInfo.Network, c.opts.ChainID)
	}
	if res.SyncInfo.CatchingUp {
		return errors.New("endpoint is still catching up")
	}
	return nil
}

// observe takes note of a height and refuses one that lags.
func (c *Client) observe(height int64, blockTime time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if height < c.height-c.opts.MaxLag {
		return fmt.Errorf("endpoint is at height %d, %d was seen", height, c.height)
	}
	if height > c.height {
		c.height = height
	}
	if blockTime.After(c.blockTime) {
		c.blockTime = blockTime
	}
	return nil
}

// call tries the endpoints in turn, from the last good one on. An answer ends
// it, whatever the answer says; if there is none it returns ErrUnknown.
func (c *Client) call(ctx context.Context, fn func(context.Context, *endpoint) error) error {
	c.mu.Lock()
	first := c.first
	c.mu.Unlock()
	var unknown unknownError
	for i := range c.endpoints {
		n := (first + i) % len(c.endpoints)
		e := c.endpoints[n]
		err := c.try(ctx, e, fn)
		var answer *AnswerError
		if err == nil || errors.As(err, &answer) {
			c.mu.Lock()
			c.first = n
			c.mu.Unlock()
			return err
		}
		unknown = append(unknown, fmt.Errorf("%s: %w", e.url, err))
		if ctx.Err() != nil {
			break
		}
	}
	return unknown
}

// unknownError holds what each endpoint gave instead of an answer.
type unknownError []error

// Error is one line.
func (e unknownError) Error() string {
	text := ErrUnknown.Error()
	for _, err := range e {
		text += "; " + err.Error()
	}
	return text
}

// Unwrap makes it an ErrUnknown.
func (e unknownError) Unwrap() []error { return append([]error{ErrUnknown}, e...) }

// try calls fn for one endpoint and notes whether it answered.
func (c *Client) try(ctx context.Context, e *endpoint, fn func(context.Context, *endpoint) error) error {
	err := c.attempt(ctx, e, fn)
	if ctx.Err() == nil {
		e.note(err)
	}
	return err
}

func (c *Client) attempt(ctx context.Context, e *endpoint, fn func(context.Context, *endpoint) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	e.mu.Lock()
	fresh := time.Since(e.checked) < recheck
	e.mu.Unlock()
	if !fresh {
		if err := c.status(ctx, e); err != nil {
			return err
		}
	}
	return fn(ctx, e)
}

// AnswerError is an error that a node answered with, as opposed to no answer.
type AnswerError struct {
	Codespace string
	Code      uint32
	Log       string
}

// Error implements error.
func (e *AnswerError) Error() string { return fmt.Sprintf("%s/%d: %s", e.Codespace, e.Code, e.Log) }

// Is reports whether the answer carries the code of a registered error. The
// SDK turns a gRPC NotFound into its own code, which is ErrNotFound here.
func (e *AnswerError) Is(target error) bool {
	if target == ErrNotFound {
		return e.Codespace == sdkerrors.RootCodespace && e.Code == sdkerrors.ErrKeyNotFound.ABCICode()
	}
	var registered *errorsmod.Error
	if errors.As(target, &registered) {
		return registered.Codespace() == e.Codespace && registered.ABCICode() == e.Code
	}
	return false
}

// GRPCCode is the code under which generated clients see the error.
func (e *AnswerError) GRPCCode() codes.Code {
	if e.Is(ErrNotFound) {
		return codes.NotFound
	}
	return codes.Unknown
}

// query sends one ABCI query and returns the value and its height.
func (c *Client) query(ctx context.Context, path string, data []byte) ([]byte, int64, error) {
	if c.voting() {
		return c.queryAll(ctx, path, data)
	}
	var res abci.ResponseQuery
	err := c.call(ctx, func(ctx context.Context, e *endpoint) (err error) {
		res, err = c.queryOne(ctx, e, path, data)
		return err
	})
	return res.Value, res.Height, err
}

func (c *Client) queryOne(ctx context.Context, e *endpoint, path string, data []byte) (abci.ResponseQuery, error) {
	out, err := e.rpc.ABCIQueryWithOptions(ctx, path, data, rpcclient.DefaultABCIQueryOptions)
	if err != nil {
		return abci.ResponseQuery{}, err
	}
	res := out.Response
	if res.Code != 0 {
		return res, &AnswerError{Codespace: res.Codespace, Code: res.Code, Log: res.Log}
	}
	return res, c.seen(e, res.Height, time.Time{})
}
