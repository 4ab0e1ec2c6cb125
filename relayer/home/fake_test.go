// SPDX-License-Identifier: Apache-2.0

package home

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/p2p"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const chainID = "cupel-1"

// attestors is a set with the keys of its members.
type attestors struct {
	set  checkpoint.Set
	keys map[checkpoint.Address]*secp256k1.PrivateKey
}

func newAttestors(id uint64, members int) attestors {
	a := attestors{set: checkpoint.Set{ID: id, Time: 1_700_000_000 + id}, keys: make(map[checkpoint.Address]*secp256k1.PrivateKey)}
	for i := range members {
		key := secp256k1.PrivKeyFromBytes([]byte{byte(id), byte(i + 1)})
		address := checkpoint.KeyAddress(key.PubKey())
		a.keys[address] = key
		a.set.Members = append(a.set.Members, checkpoint.Member{Address: address, Power: 10})
	}
	slices.SortFunc(a.set.Members, func(x, y checkpoint.Member) int { return slices.Compare(x.Address[:], y.Address[:]) })
	return a
}

// history is a line of sealed headers with their leaves, as the chain makes it.
type history struct {
	domain checkpoint.Domain
	sets   []attestors
	// starts is the nonce of the change to each set.
	starts  []uint64
	entries []*types.QuerySignaturesResponse
	leaves  [][]checkpoint.Hash
}

func newHistory() *history {
	return &history{domain: checkpoint.NewDomain(chainID), sets: []attestors{newAttestors(1, 4)}, starts: []uint64{0}}
}

func (h *history) last() (root checkpoint.Hash, nonce uint64) {
	if len(h.entries) == 0 {
		return h.domain.GenesisRoot(), 0
	}
	header := h.entries[len(h.entries)-1].Checkpoint.Header
	return checkpoint.Hash(header.Root), header.Nonce
}

// checkpoint adds a header with leaves.
func (h *history) checkpoint(t require.TestingT, leaves int) *types.QuerySignaturesResponse {
	prev, nonce := h.last()
	var hashes []checkpoint.Hash
	for i := range leaves {
		hashes = append(hashes, checkpoint.Keccak256(fmt.Append(nil, nonce, i)))
	}
	tree, err := checkpoint.NewTree(hashes)
	require.NoError(t, err)
	signer := h.sets[len(h.sets)-1]
	return h.add(checkpoint.Header{
		Nonce: nonce + 1, Height: 60 * (nonce + 1), Root: tree.Root(), PrevRoot: prev,
		LeafCount: uint32(leaves), Set: signer.set.Hash(), NextSet: signer.set.Hash(),
	}, signer, nil, hashes)
}

// change adds a set change.
func (h *history) change() *types.QuerySignaturesResponse {
	prev, nonce := h.last()
	signer, next := h.sets[len(h.sets)-1], newAttestors(uint64(len(h.sets)+1), 4)
	out := h.add(checkpoint.Header{
		Nonce: nonce + 1, Height: 60 * (nonce + 1), Root: prev, PrevRoot: prev, Set: signer.set.Hash(), NextSet: next.set.Hash(),
	}, signer, &next, nil)
	h.sets, h.starts = append(h.sets, next), append(h.starts, nonce+1)
	return out
}

func (h *history) add(header checkpoint.Header, signer attestors, next *attestors, leaves []checkpoint.Hash) *types.QuerySignaturesResponse {
	res := answerOf(h.domain, header, signer, next)
	h.entries, h.leaves = append(h.entries, res), append(h.leaves, leaves)
	return res
}

// answerOf is how a node answers for a header that a set sealed.
func answerOf(domain checkpoint.Domain, header checkpoint.Header, signer attestors, next *attestors) *types.QuerySignaturesResponse {
	res := &types.QuerySignaturesResponse{
		Checkpoint: types.Checkpoint{Header: types.Header{
			Nonce: header.Nonce, Height: header.Height, Root: header.Root[:], PrevRoot: header.PrevRoot[:],
			LeafCount: header.LeafCount, Set: header.Set[:], NextSet: header.NextSet[:],
		}, SealedHeight: int64(header.Height) + 5},
		Set: protoSet(signer.set, 0),
	}
	if next != nil {
		set := protoSet(next.set, header.Nonce)
		res.NextSet = &set
	}
	for _, m := range signer.set.Members[:3] {
		sig := checkpoint.Sign(signer.keys[m.Address], domain.Digest(header))
		res.Signatures = append(res.Signatures, types.AttestorSignature{Key: m.Address[:], Signature: sig[:]})
	}
	return res
}

func protoSet(s checkpoint.Set, nonce uint64) types.AttestorSet {
	hash := s.Hash()
	return types.AttestorSet{Id: s.ID, Time: s.Time, Members: s.Packed(), Hash: hash[:], Nonce: nonce}
}

// node is one RPC endpoint over a history.
type node struct {
	history *history
	chain   string
	height  int64
	err     error
	hangs   bool
	syncing bool
	// limit is the newest nonce that the node has; 0 is all.
	limit uint64
	// edit changes answers, a copy of which it gets, by the query's height.
	edit func(height int64, reply proto.Message)
	// methods counts the calls.
	methods map[string]int
}

func newNode(h *history) *node {
	return &node{history: h, chain: chainID, height: 1000, methods: make(map[string]int)}
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
	res.SyncInfo.LatestBlockHeight, res.SyncInfo.CatchingUp = n.height, n.syncing
	return res, n.wait(ctx)
}

// ABCIQueryWithOptions implements RPC.
func (n *node) ABCIQueryWithOptions(ctx context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error) {
	n.methods[path]++
	if err := n.wait(ctx); err != nil {
		return nil, err
	}
	reply, err := n.reply(path, data)
	if err != nil {
		return nil, err
	}
	if reply == nil {
		return &coretypes.ResultABCIQuery{Response: abci.ResponseQuery{
			Codespace: sdkerrors.RootCodespace, Code: sdkerrors.ErrKeyNotFound.ABCICode(), Height: n.height,
		}}, nil
	}
	reply = proto.Clone(reply)
	if n.edit != nil {
		n.edit(opts.Height, reply)
	}
	value, err := proto.Marshal(reply)
	return &coretypes.ResultABCIQuery{Response: abci.ResponseQuery{Value: value, Height: n.height}}, err
}

func (n *node) head() uint64 {
	_, head := n.history.last()
	if n.limit > 0 {
		return min(n.limit, head)
	}
	return head
}

// reply returns nil for what is not there.
func (n *node) reply(path string, data []byte) (proto.Message, error) {
	switch path {
	case methodLine:
		return &types.QueryLineResponse{Line: types.Line{SealedNonce: n.head()}}, nil
	case methodSignatures:
		var req types.QuerySignaturesRequest
		if err := proto.Unmarshal(data, &req); err != nil || req.Nonce == 0 || req.Nonce > n.head() {
			return nil, err
		}
		return n.history.entries[req.Nonce-1], nil
	case methodSet:
		var req types.QueryAttestorSetRequest
		if err := proto.Unmarshal(data, &req); err != nil || req.Id > uint64(len(n.history.sets)) || n.history.starts[req.Id-1] > n.head() {
			return nil, err
		}
		return &types.QueryAttestorSetResponse{Set: protoSet(n.history.sets[req.Id-1].set, n.history.starts[req.Id-1])}, nil
	case methodLeaves:
		var req types.QueryLeavesRequest
		if err := proto.Unmarshal(data, &req); err != nil {
			return nil, err
		}
		res := &types.QueryLeavesResponse{}
		for _, leaf := range n.history.leaves[req.Nonce-1][req.Offset:] {
			if res.Leaves = append(res.Leaves, types.SettledLeaf{Task: 4096, Hash: leaf[:]}); len(res.Leaves) == 5 {
				break // a page
			}
		}
		return res, nil
	}
	return nil, fmt.Errorf("unknown method %s", path)
}

// newTestSource returns a source over nodes with the history's beginning as
// its anchor.
func newTestSource(t testing.TB, edit func(*Options), nodes ...*node) *Source {
	t.Helper()
	opts := Options{ChainID: chainID, Timeout: 100 * time.Millisecond, MaxLag: 5, Anchor: Anchor{Set: nodes[0].history.sets[0].set.Hash()}}
	rpcs := make(map[string]RPC)
	for i, n := range nodes {
		url := fmt.Sprintf("http://node%d/key", i)
		opts.Endpoints = append(opts.Endpoints, url)
		rpcs[url] = n
	}
	if edit != nil {
		edit(&opts)
	}
	s, err := newSource(opts, rpcs)
	require.NoError(t, err)
	return s
}
