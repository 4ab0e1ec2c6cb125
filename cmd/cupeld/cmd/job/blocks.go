// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/client"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// chronicle is what a node remembers beside its state.
type chronicle interface {
	// ChainID is the id of the node's chain.
	ChainID(ctx context.Context) (string, error)
	// Events lists the events of a block, those of transactions first.
	Events(ctx context.Context, height int64) ([]abci.Event, error)
	// Settled returns the height at which a task was paid, 0 if the node's
	// index knows none.
	Settled(ctx context.Context, task uint64) (int64, error)
}

// node reads the chronicle over the RPC of CometBFT.
type node struct{ ctx client.Context }

// ChainID implements chronicle.
func (n *node) ChainID(ctx context.Context) (string, error) {
	rpc, err := n.ctx.GetNode()
	if err != nil {
		return "", err
	}
	res, err := rpc.Status(ctx)
	if err != nil {
		return "", err
	}
	return res.NodeInfo.Network, nil
}

// Events implements chronicle. What the node has pruned is an error that says
// which settings keep it.
func (n *node) Events(ctx context.Context, height int64) ([]abci.Event, error) {
	rpc, err := n.ctx.GetNode()
	if err != nil {
		return nil, err
	}
	res, err := rpc.BlockResults(ctx, &height)
	if err != nil && isUnreachable(err) {
		return nil, err
	}
	if err != nil {
		return nil, failf(exit.Failure, "the node does not have the events of block %d: %w\nName a node that keeps them with --node:"+
			" min-retain-blocks = 0 in app.toml, discard_abci_responses = false in config.toml", height, err)
	}
	var out []abci.Event
	for _, tx := range res.TxsResults {
		out = append(out, tx.Events...)
	}
	return append(out, res.FinalizeBlockEvents...), nil
}

// Settled implements chronicle.
func (n *node) Settled(ctx context.Context, task uint64) (int64, error) {
	rpc, err := n.ctx.GetNode()
	if err != nil {
		return 0, err
	}
	query := fmt.Sprintf("%s.%s='%d'", markettypes.EventTaskSettled, markettypes.AttrTaskID, task)
	page, one := 1, 1
	blocks, err := rpc.BlockSearch(ctx, query, &page, &one, "asc")
	if err != nil {
		return 0, unindexed(err)
	}
	if len(blocks.Blocks) > 0 {
		return blocks.Blocks[0].Block.Height, nil
	}
	txs, err := rpc.TxSearch(ctx, query, false, &page, &one, "asc") // paid by MsgCrank
	if err != nil {
		return 0, unindexed(err)
	}
	if len(txs.Txs) > 0 {
		return txs.Txs[0].Height, nil
	}
	return 0, nil
}

func unindexed(err error) error {
	if isUnreachable(err) {
		return err
	}
	return failf(exit.Failure, "the node cannot search its blocks: %w\nName a node with indexer = \"kv\" in config.toml with --node, or the height with --settled-height", err)
}
