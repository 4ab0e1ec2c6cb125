// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/p2p"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// node is one RPC endpoint.
type node struct {
	chain    string
	height   int64
	err      error
	catching bool
	hangs    bool
	answer   func(path string, data []byte) abci.ResponseQuery
	check    coretypes.ResultBroadcastTx
	txs      []*coretypes.ResultTx
	block    coretypes.ResultBlockResults
	calls    int
}

func (n *node) wait(ctx context.Context) error {
	if n.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return n.err
}

// Status implements RPC.
func (n *node) Status(ctx context.Context) (*coretypes.ResultStatus, error) {
	res := &coretypes.ResultStatus{NodeInfo: p2p.DefaultNodeInfo{Network: n.chain}}
	res.SyncInfo.LatestBlockHeight, res.SyncInfo.CatchingUp = n.height, n.catching
	res.SyncInfo.LatestBlockTime = time.Unix(n.height, 0)
	return res, n.wait(ctx)
}

// ABCIQueryWithOptions implements RPC.
func (n *node) ABCIQueryWithOptions(ctx context.Context, path string, data cmtbytes.HexBytes, _ rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error) {
	n.calls++
	if err := n.wait(ctx); err != nil {
		return nil, err
	}
	res := n.answer(path, data)
	res.Height = n.height
	return &coretypes.ResultABCIQuery{Response: res}, nil
}

// BroadcastTxSync implements RPC.
func (n *node) BroadcastTxSync(ctx context.Context, _ cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	n.calls++
	return &n.check, n.wait(ctx)
}

// TxSearch implements RPC.
func (n *node) TxSearch(ctx context.Context, _ string, _ bool, _, _ *int, _ string) (*coretypes.ResultTxSearch, error) {
	return &coretypes.ResultTxSearch{Txs: n.txs}, n.wait(ctx)
}

// BlockResults implements RPC.
func (n *node) BlockResults(ctx context.Context, _ *int64) (*coretypes.ResultBlockResults, error) {
	return &n.block, n.wait(ctx)
}

func healthy(height int64) *node {
	return &node{chain: "cupel-1", height: height, answer: func(string, []byte) abci.ResponseQuery { return abci.ResponseQuery{} }}
}

func newClient(nodes ...*node) *Client {
	c := &Client{opts: Options{ChainID: "cupel-1", Timeout: 50 * time.Millisecond, MaxLag: 5}}
	for i, n := range nodes {
		c.endpoints = append(c.endpoints, &endpoint{url: fmt.Sprintf("node%d", i), rpc: n})
	}
	return c
}

// TestBadEndpoints puts every kind of bad endpoint before a good one, and then
// has nothing else: the answer is the good one's or unknown, never "gone".
func TestBadEndpoints(t *testing.T) {
	for name, edit := range map[string]func(*node){
		"connection refused": func(n *node) { n.err = errors.New("connection refused") },
		"another chain":      func(n *node) { n.chain = "cupel-2" },
		"catching up":        func(n *node) { n.catching = true },
		"behind":             func(n *node) { n.height = 94 },
		"half-open":          func(n *node) { n.hangs = true },
	} {
		t.Run(name, func(t *testing.T) {
			bad, good := healthy(100), healthy(100)
			edit(bad)
			c := newClient(bad, good)
			require.NoError(t, c.observe(100, time.Time{}))
			_, err := c.Work(t.Context(), 1)
			require.NoError(t, err)
			require.Equal(t, 1, good.calls)

			alone := newClient(bad)
			require.NoError(t, alone.observe(100, time.Time{}))
			_, err = alone.Work(t.Context(), 1)
			require.ErrorIs(t, err, ErrUnknown)
			require.NotErrorIs(t, err, ErrNotFound)
			require.ErrorIs(t, alone.Broadcast(t.Context(), nil), ErrUnknown)
		})
	}
}

func TestGarbageIsUnknown(t *testing.T) {
	n := healthy(1)
	n.answer = func(string, []byte) abci.ResponseQuery { return abci.ResponseQuery{Value: []byte{0xff, 0xff}} }
	_, err := newClient(n).Batch(t.Context(), 1)
	require.ErrorIs(t, err, ErrUnknown)
}

func TestTheLastGoodEndpointIsAskedFirst(t *testing.T) {
	bad, good := healthy(1), healthy(1)
	bad.err = errors.New("reset")
	c := newClient(bad, good)
	for range 3 {
		_, err := c.Work(t.Context(), 1)
		require.NoError(t, err)
	}
	require.Equal(t, 1, c.first)
	require.Equal(t, 3, good.calls)
}

func TestAnswersAreToldByTheirCodes(t *testing.T) {
	n, spare := healthy(1), healthy(1)
	c := newClient(n, spare)
	for _, tc := range []struct {
		codespace string
		code      uint32
		want      error
	}{
		{"sdk", sdkerrors.ErrKeyNotFound.ABCICode(), ErrNotFound},
		{"market", markettypes.ErrWrongPhase.ABCICode(), markettypes.ErrWrongPhase},
		{"sdk", sdkerrors.ErrOutOfGas.ABCICode(), sdkerrors.ErrOutOfGas},
	} {
		n.answer = func(string, []byte) abci.ResponseQuery {
			return abci.ResponseQuery{Codespace: tc.codespace, Code: tc.code}
		}
		_, err := c.Lot(t.Context(), 1, 1)
		require.ErrorIs(t, err, tc.want)
		require.NotErrorIs(t, err, ErrUnknown)
		require.NotErrorIs(t, err, markettypes.ErrTooLate)
	}
	require.Zero(t, spare.calls, "an answer is not asked for twice")
}

func TestWorkReadsAllPages(t *testing.T) {
	n := healthy(9)
	n.answer = func(_ string, data []byte) abci.ResponseQuery {
		var req markettypes.QueryWorkRequest
		require.NoError(t, proto.Unmarshal(data, &req))
		res := markettypes.QueryWorkResponse{Tick: 4, Lots: []markettypes.LotWork{{Batch: 1}}, Cases: []markettypes.CaseWork{{Task: 1}}}
		if req.Pagination.Key == nil {
			res.Pagination = &query.PageResponse{NextKey: []byte{1}}
		}
		raw, err := proto.Marshal(&res)
		require.NoError(t, err)
		return abci.ResponseQuery{Value: raw}
	}
	work, err := newClient(n).Work(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, work.Lots, 2)
	require.Len(t, work.Cases, 1, "cases are whole on every page")
	require.Equal(t, Work{Lots: work.Lots, Cases: work.Cases, Tick: 4, Height: 9}, work)
}

func TestBroadcastRefused(t *testing.T) {
	n := healthy(1)
	n.check = coretypes.ResultBroadcastTx{Codespace: "sdk", Code: sdkerrors.ErrInsufficientFee.ABCICode()}
	require.ErrorIs(t, newClient(n).Broadcast(t.Context(), []byte("tx")), sdkerrors.ErrInsufficientFee)
}

func TestTx(t *testing.T) {
	n := healthy(1)
	_, err := newClient(n).Tx(t.Context(), []byte{1})
	require.ErrorIs(t, err, ErrNotFound)

	refused := &markettypes.MsgRevealResponse{Errors: []markettypes.ItemError{{Index: 2, Codespace: "market", Code: 26}}}
	msg, err := codectypes.NewAnyWithValue(refused)
	require.NoError(t, err)
	data, err := proto.Marshal(&sdk.TxMsgData{MsgResponses: []*codectypes.Any{msg}})
	require.NoError(t, err)
	n.txs = []*coretypes.ResultTx{{Height: 7, TxResult: abci.ExecTxResult{Data: data, GasUsed: 5}}}
	res, err := newClient(n).Tx(t.Context(), []byte{1})
	require.NoError(t, err)
	require.Equal(t, int64(7), res.Height)
	require.Equal(t, refused.Errors, res.Items)
}

func TestNewNeedsAnEndpoint(t *testing.T) {
	_, err := New(Options{ChainID: "cupel-1"})
	require.Error(t, err)
	c, err := New(Options{ChainID: "cupel-1", Endpoints: []string{"tcp://127.0.0.1:1"}, Timeout: time.Second})
	require.NoError(t, err)
	_, err = c.Refresh(t.Context())
	require.ErrorIs(t, err, ErrUnknown)
}
