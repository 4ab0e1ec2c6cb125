// SPDX-License-Identifier: Apache-2.0

// Package faults holds tests of a worker whose nodes misbehave, on a clock that
// jumps to the next event.
package faults

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/p2p"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
)

// fault is a way in which a node fails.
type fault int

const (
	sound fault = iota
	serverError
	timeout
	emptyBody
	otherChain
	stale
	halfOpen
	slow
)

var faultNames = map[fault]string{
	serverError: "500", timeout: "timeout", emptyBody: "empty body", otherChain: "other chain id",
	stale: "stale", halfOpen: "half-open TCP", slow: "slow 30 s",
}

// node serves a ledger over JSON-RPC on connections in memory.
type node struct {
	ledger *ledger
	conns  chan net.Conn
	server *http.Server

	closing sync.Once
	done    chan struct{}

	mu     sync.Mutex
	fault  fault
	frozen *ledger
	dialed []net.Conn
	asked  int
}

func newNode(l *ledger) *node {
	n := &node{ledger: l, conns: make(chan net.Conn), done: make(chan struct{})}
	n.server = &http.Server{Handler: n, ReadHeaderTimeout: time.Minute}
	return n
}

// Accept implements net.Listener.
func (n *node) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (n *node) Close() error {
	n.closing.Do(func() { close(n.done) })
	return nil
}

// Addr implements net.Listener.
func (n *node) Addr() net.Addr { return &net.UnixAddr{Name: "node", Net: "pipe"} }

func (n *node) run() { _ = n.server.Serve(n) }

// stop closes everything that could keep a goroutine.
func (n *node) stop() {
	n.mu.Lock()
	dialed := n.dialed
	n.mu.Unlock()
	_ = n.server.Close()
	for _, c := range dialed {
		_ = c.Close()
	}
}

func (n *node) fails(f fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = f
	n.frozen = nil
	if f == stale {
		n.frozen = n.ledger.snapshot()
	}
}

func (n *node) state() (fault, *ledger) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	if n.frozen != nil {
		return n.fault, n.frozen
	}
	return n.fault, n.ledger
}

// dial connects to the node. A half-open connection is never read.
func (n *node) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	n.mu.Lock()
	n.dialed = append(n.dialed, here, there)
	f := n.fault
	n.mu.Unlock()
	if f == halfOpen {
		return here, nil
	}
	select {
	case n.conns <- there:
		return here, nil
	case <-n.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ServeHTTP implements http.Handler.
func (n *node) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	f, l := n.state()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	switch f {
	case serverError:
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	case timeout, halfOpen: // half-open: a connection from before the fault
		select {
		case <-req.Context().Done():
		case <-n.done:
		}
		return
	case emptyBody:
		w.WriteHeader(http.StatusOK)
		return
	case slow:
		time.Sleep(30 * time.Second)
	case sound, otherChain, stale: // they answer at once
	}
	var call struct {
		ID     rpctypes.JSONRPCIntID `json:"id"`
		Method string                `json:"method"`
		Params json.RawMessage       `json:"params"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	res, err := l.answer(call.Method, call.Params, f)
	out := rpctypes.NewRPCSuccessResponse(call.ID, res)
	if err != nil {
		out = rpctypes.RPCInternalError(call.ID, err)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

var errMethod = errors.New("no such method")

// answer is what a sound node says, but for the chain's id.
func (l *ledger) answer(method string, params json.RawMessage, f fault) (any, error) {
	var in struct {
		Path   string `json:"path"`
		Data   string `json:"data"`
		Tx     string `json:"tx"`
		Query  string `json:"query"`
		Height string `json:"height"`
	}
	if err := json.Unmarshal(params, &in); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	switch method {
	case "status":
		res := &coretypes.ResultStatus{NodeInfo: p2p.DefaultNodeInfo{Network: chainID}}
		if f == otherChain {
			res.NodeInfo.Network = "another-1"
		}
		res.SyncInfo.LatestBlockHeight, res.SyncInfo.LatestBlockTime = l.height, l.now()
		return res, nil
	case "abci_query":
		data, err := hex.DecodeString(in.Data)
		if err != nil {
			return nil, err
		}
		if f == otherChain {
			// The same questions have other answers there.
			return &coretypes.ResultABCIQuery{Response: abci.ResponseQuery{Codespace: "sdk", Code: 38, Height: l.height}}, nil
		}
		return &coretypes.ResultABCIQuery{Response: l.query(in.Path, data)}, nil
	case "broadcast_tx_sync":
		raw, err := base64.StdEncoding.DecodeString(in.Tx)
		if err != nil {
			return nil, err
		}
		if f == sound {
			l.mempool = append(l.mempool, raw)
		}
		return &coretypes.ResultBroadcastTx{}, nil
	case "tx_search":
		return l.search(in.Query), nil
	case "block_results":
		return l.results(in.Height)
	}
	return nil, fmt.Errorf("%w: %s", errMethod, method)
}
