// SPDX-License-Identifier: Apache-2.0

package hometest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/p2p"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// The queries that a node answers.
const (
	MethodLine       = "/cupel.oracle.v1.Query/Line"
	MethodSignatures = "/cupel.oracle.v1.Query/Signatures"
	MethodSet        = "/cupel.oracle.v1.Query/AttestorSet"
	MethodLeaves     = "/cupel.oracle.v1.Query/Leaves"
)

// Node is one RPC endpoint over a history. It implements home.RPC, and over
// HTTP CometBFT's JSON-RPC as far as the relayer uses it.
type Node struct {
	History *History
	Chain   string
	Height  int64
	// Err fails every call, Hangs makes it last until it is given up.
	Err     error
	Hangs   bool
	Syncing bool
	// Limit is the newest nonce that the node has; 0 is all.
	Limit uint64
	// Edit changes answers, a copy of which it gets, by the query's height.
	Edit func(height int64, reply proto.Message)

	mu sync.Mutex
	// Methods counts the calls.
	Methods map[string]int
}

// NewNode returns a healthy node.
func NewNode(h *History) *Node {
	return &Node{History: h, Chain: ChainID, Height: 1000, Methods: make(map[string]int)}
}

// ServeHTTP implements http.Handler.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req rpctypes.RPCRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var params struct {
		Path   string            `json:"path"`
		Data   cmtbytes.HexBytes `json:"data"`
		Height int64             `json:"height,string"`
	}
	var result any
	err := json.Unmarshal(req.Params, &params)
	switch {
	case err != nil:
	case req.Method == "status":
		result, err = n.Status(r.Context())
	default:
		result, err = n.ABCIQueryWithOptions(r.Context(), params.Path, params.Data, rpcclient.ABCIQueryOptions{Height: params.Height})
	}
	res := rpctypes.NewRPCSuccessResponse(req.ID, result)
	if err != nil {
		res = rpctypes.RPCInternalError(req.ID, err)
	}
	_ = json.NewEncoder(w).Encode(res) // the client is gone if this fails
}

func (n *Node) wait(ctx context.Context) error {
	if n.Hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return n.Err
}

// Status implements RPC.
func (n *Node) Status(ctx context.Context) (*coretypes.ResultStatus, error) {
	res := &coretypes.ResultStatus{NodeInfo: p2p.DefaultNodeInfo{Network: n.Chain}}
	res.SyncInfo.LatestBlockHeight, res.SyncInfo.CatchingUp, res.SyncInfo.LatestBlockTime = n.Height, n.Syncing, time.Now()
	return res, n.wait(ctx)
}

// ABCIQueryWithOptions implements RPC.
func (n *Node) ABCIQueryWithOptions(ctx context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error) {
	n.count(path)
	if err := n.wait(ctx); err != nil {
		return nil, err
	}
	reply, err := n.reply(path, data)
	if err != nil {
		return nil, err
	}
	if reply == nil {
		return &coretypes.ResultABCIQuery{Response: abci.ResponseQuery{
			Codespace: sdkerrors.RootCodespace, Code: sdkerrors.ErrKeyNotFound.ABCICode(), Height: n.Height,
		}}, nil
	}
	reply = proto.Clone(reply)
	if n.Edit != nil {
		n.Edit(opts.Height, reply)
	}
	value, err := proto.Marshal(reply)
	return &coretypes.ResultABCIQuery{Response: abci.ResponseQuery{Value: value, Height: n.Height}}, err
}

func (n *Node) head() uint64 {
	head := n.History.Head()
	if n.Limit > 0 {
		return min(n.Limit, head)
	}
	return head
}

func (n *Node) count(path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.Methods[path]++
}

// reply returns nil for what is not there.
func (n *Node) reply(path string, data []byte) (proto.Message, error) {
	head := n.head()
	n.History.mu.Lock()
	defer n.History.mu.Unlock()
	switch path {
	case MethodLine:
		return &types.QueryLineResponse{Line: types.Line{SealedNonce: head}}, nil
	case MethodSignatures:
		var req types.QuerySignaturesRequest
		if err := proto.Unmarshal(data, &req); err != nil || req.Nonce == 0 || req.Nonce > head {
			return nil, err
		}
		return n.History.Entries[req.Nonce-1], nil
	case MethodSet:
		var req types.QueryAttestorSetRequest
		if err := proto.Unmarshal(data, &req); err != nil || req.Id == 0 || req.Id > uint64(len(n.History.Sets)) || n.History.Starts[req.Id-1] > head {
			return nil, err
		}
		return &types.QueryAttestorSetResponse{Set: protoSet(n.History.Sets[req.Id-1].Set, n.History.Starts[req.Id-1])}, nil
	case MethodLeaves:
		var req types.QueryLeavesRequest
		if err := proto.Unmarshal(data, &req); err != nil {
			return nil, err
		}
		res := &types.QueryLeavesResponse{}
		for _, leaf := range n.History.Leaves[req.Nonce-1][req.Offset:] {
			if res.Leaves = append(res.Leaves, types.SettledLeaf{Task: 4096, Hash: leaf[:]}); len(res.Leaves) == 5 {
				break // a page
			}
		}
		return res, nil
	}
	return nil, fmt.Errorf("unknown method %s", path)
}
