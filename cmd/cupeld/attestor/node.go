// SPDX-License-Identifier: Apache-2.0

// Package attestor signs the chain's checkpoints for one validator. It reads
// the validator's own node, checks every header itself and signs nothing that
// does not hold.
package attestor

import (
	"context"
	"errors"
	"fmt"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/x/oracle/types"
)

const (
	callTimeout = 10 * time.Second
	// maxLag is how far the node may fall behind what it showed before.
	maxLag = 10
	// leavesPage is the most that x/oracle returns at once.
	leavesPage = 4096
	// maxDuties is how many headers are looked at in one round.
	maxDuties = 100
)

// ErrNotRegistered is a hot account of no attestor.
var ErrNotRegistered = errors.New("no attestor has this account")

// Block is what a header's block is checked by.
type Block struct {
	ChainID string
	Time    time.Time
}

// Source is what the checks read of the node.
type Source interface {
	// Checkpoint returns a header, chain.ErrNotFound if there is none.
	Checkpoint(ctx context.Context, nonce uint64) (types.Checkpoint, error)
	// Leaves returns at most limit leaves of a checkpoint from offset on.
	Leaves(ctx context.Context, nonce uint64, offset, limit uint32) ([]types.SettledLeaf, error)
	// Set returns an attestor set, chain.ErrNotFound if there is none.
	Set(ctx context.Context, id uint64) (types.AttestorSet, error)
	// Block returns a block of the node, chain.ErrNotFound if it has not got it.
	Block(ctx context.Context, height int64) (Block, error)
}

// Node reads the validator's own node. It is safe for concurrent use.
type Node struct {
	*chain.Client
	blocks *rpchttp.HTTP
	oracle types.QueryClient
}

var _ Source = (*Node)(nil)

// NewNode returns the client of a node's CometBFT RPC. It does not connect.
// A node of another chain, or one that is catching up, gives no answer.
func NewNode(url, chainID string) (*Node, error) {
	client, err := chain.New(chain.Options{ChainID: chainID, Endpoints: []string{url}, Timeout: callTimeout, MaxLag: maxLag})
	if err != nil {
		return nil, err
	}
	blocks, err := rpchttp.NewWithTimeout(url, "/websocket", uint(callTimeout.Seconds()))
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", url, err)
	}
	return &Node{Client: client, blocks: blocks, oracle: types.NewQueryClient(client)}, nil
}

// Duties lists the headers that the account has still to sign, oldest first, and
// what it owes the beacon.
func (n *Node) Duties(ctx context.Context, account string) ([]types.Duty, *types.BeaconDuty, error) {
	res, err := n.oracle.Duties(ctx, &types.QueryDutiesRequest{Account: account, Limit: maxDuties})
	if err != nil {
		return nil, nil, err
	}
	return res.Duties, res.Beacon, nil
}

// Checkpoint implements Source.
func (n *Node) Checkpoint(ctx context.Context, nonce uint64) (types.Checkpoint, error) {
	res, err := n.oracle.Checkpoint(ctx, &types.QueryCheckpointRequest{Nonce: nonce})
	if err != nil {
		return types.Checkpoint{}, err
	}
	return res.Checkpoint, nil
}

// Leaves implements Source.
func (n *Node) Leaves(ctx context.Context, nonce uint64, offset, limit uint32) ([]types.SettledLeaf, error) {
	res, err := n.oracle.Leaves(ctx, &types.QueryLeavesRequest{Nonce: nonce, Offset: offset, Limit: limit})
	if err != nil {
		return nil, err
	}
	return res.Leaves, nil
}

// Set implements Source.
func (n *Node) Set(ctx context.Context, id uint64) (types.AttestorSet, error) {
	res, err := n.oracle.AttestorSet(ctx, &types.QueryAttestorSetRequest{Id: id})
	if err != nil {
		return types.AttestorSet{}, err
	}
	return res.Set, nil
}

// Block implements Source.
func (n *Node) Block(ctx context.Context, height int64) (Block, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	res, err := n.blocks.Header(ctx, &height)
	var answered *rpctypes.RPCError
	switch {
	case errors.As(err, &answered), err == nil && res.Header == nil:
		return Block{}, fmt.Errorf("block %d: %w", height, chain.ErrNotFound)
	case err != nil:
		return Block{}, fmt.Errorf("%w: block %d: %w", chain.ErrUnknown, height, err)
	}
	return Block{ChainID: res.Header.ChainID, Time: res.Header.Time}, nil
}

// Line returns how far the headers are.
func (n *Node) Line(ctx context.Context) (types.Line, error) {
	res, err := n.oracle.Line(ctx, &types.QueryLineRequest{})
	if err != nil {
		return types.Line{}, err
	}
	return res.Line, nil
}

// Signatures returns a header with all of its signatures.
func (n *Node) Signatures(ctx context.Context, nonce uint64) (*types.QuerySignaturesResponse, error) {
	return n.oracle.Signatures(ctx, &types.QuerySignaturesRequest{Nonce: nonce, All: true})
}

// Attestor returns the attestor whose hot account or operator an address is;
// ErrNotRegistered if there is none.
func (n *Node) Attestor(ctx context.Context, address string) (types.Attestor, error) {
	var key []byte
	for {
		res, err := n.oracle.Attestors(ctx, &types.QueryAttestorsRequest{Pagination: &query.PageRequest{Key: key}})
		if err != nil {
			return types.Attestor{}, err
		}
		for _, a := range res.Attestors {
			if a.Account == address || a.Operator == address {
				return a, nil
			}
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return types.Attestor{}, fmt.Errorf("%w: %s", ErrNotRegistered, address)
		}
		key = res.Pagination.NextKey
	}
}
