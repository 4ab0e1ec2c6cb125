// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/cmd/internal/receipt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// leavesPage is the most leaves that x/oracle returns at once.
const leavesPage = 4_096

// path is a leaf's hash with its way to the root.
type path struct {
	hash     checkpoint.Hash
	siblings []checkpoint.Hash
}

// covered are all leaves of one checkpoint. Proofs are made from them here: a
// node computes the whole tree again for each that it is asked for.
type covered struct {
	tree   *checkpoint.Tree
	byTask map[uint64][]checkpoint.Hash
}

// leaves rebuilds the leaves of a task from the events of a block.
func (p *prover) leaves(ctx context.Context, task uint64, height int64) ([]checkpoint.Leaf, error) {
	var err error
	if p.chainID == "" {
		if p.chainID, err = p.s.blocks.ChainID(ctx); err != nil {
			return nil, classify(err)
		}
	}
	events, ok := p.events[height]
	if !ok {
		if events, err = p.settled(ctx, height); err != nil {
			return nil, err
		}
		p.events[height] = events
	}
	event, ok := events[task]
	if !ok {
		return nil, failf(exit.VerificationFailed, "block %d has no event of task %d being paid, against what the node says", height, task)
	}
	leaves, err := markettypes.SettledLeaves(p.chainID, event)
	if err == nil && len(leaves) == 0 {
		err = failf(exit.JobFailed, "task %d was settled without a payment and has no receipt: all its providers were voided", task)
	}
	return leaves, err
}

// settled returns the first event of each task that was paid in a block.
func (p *prover) settled(ctx context.Context, height int64) (map[uint64]abci.Event, error) {
	all, err := p.s.blocks.Events(ctx, height)
	if err != nil {
		return nil, classify(err)
	}
	events := map[uint64]abci.Event{}
	for _, e := range all {
		if id, ok := markettypes.SettledTask(e); ok {
			if _, known := events[id]; !known {
				events[id] = e
			}
		}
	}
	return events, nil
}

// proofs matches the leaves of a task with their ways to the root of a nonce.
func (p *prover) proofs(ctx context.Context, task uint64, height int64) (nonce uint64, proofs []receipt.Proof, err error) {
	leaves, err := p.leaves(ctx, task, height)
	if err != nil {
		return 0, nil, err
	}
	nonce, paths, err := p.paths(ctx, task, height)
	if err != nil {
		return 0, nil, err
	}
	for _, given := range paths {
		at := slices.IndexFunc(leaves, func(l checkpoint.Leaf) bool { return l.Hash() == given.hash })
		if at < 0 {
			return 0, nil, failf(exit.VerificationFailed, "the node proves the leaf %s of task %d, which no event of block %d makes", given.hash, task, height)
		}
		proofs = append(proofs, receipt.Proof{Leaf: receipt.NewLeaf(leaves[at]), Hash: given.hash, Siblings: given.siblings})
	}
	if len(proofs) != len(leaves) {
		return 0, nil, failf(exit.VerificationFailed, "the node proves %d of the %d payments of task %d, which are in one checkpoint", len(proofs), len(leaves), task)
	}
	return nonce, proofs, nil
}

// paths returns the nonce that covers a task and the ways of its leaves.
func (p *prover) paths(ctx context.Context, task uint64, height int64) (uint64, []path, error) {
	for nonce, c := range p.covered {
		if paths, err := c.paths(task); err != nil || len(paths) > 0 {
			return nonce, paths, err
		}
	}
	res, err := p.ask(ctx, task, height)
	if err != nil {
		return 0, nil, err
	}
	nonce := res.Checkpoint.Header.Nonce
	if p.asked[nonce]++; p.asked[nonce] > 1 && p.covered[nonce] == nil {
		if p.covered[nonce], err = p.cover(ctx, nonce); err != nil {
			return 0, nil, err
		}
	}
	paths := make([]path, 0, len(res.Proofs))
	for _, given := range res.Proofs {
		one, err := decodePath(given)
		if err != nil {
			return 0, nil, exit.With(exit.VerificationFailed, fmt.Errorf("proof of task %d: %w", task, err))
		}
		paths = append(paths, one)
	}
	return nonce, paths, nil
}

func decodePath(given oracletypes.LeafProof) (path, error) {
	hash, err := checkpoint.ToHash(given.Leaf.Hash)
	if err != nil {
		return path{}, err
	}
	out := path{hash: hash, siblings: []checkpoint.Hash{}}
	for _, sibling := range given.Siblings {
		if hash, err = checkpoint.ToHash(sibling); err != nil {
			return path{}, err
		}
		out.siblings = append(out.siblings, hash)
	}
	return out, nil
}

// paths returns the ways of the leaves of a task; none if it is not covered.
func (c *covered) paths(task uint64) ([]path, error) {
	var out []path
	for _, hash := range c.byTask[task] {
		siblings, err := c.tree.Proof(hash)
		if err != nil {
			return nil, err
		}
		out = append(out, path{hash, siblings})
	}
	return out, nil
}

// cover reads all leaves of a checkpoint.
func (p *prover) cover(ctx context.Context, nonce uint64) (*covered, error) {
	c := &covered{byTask: map[uint64][]checkpoint.Hash{}}
	var hashes []checkpoint.Hash
	for count := uint32(1); uint32(len(hashes)) < count; {
		res, err := p.s.oracle.Leaves(ctx, &oracletypes.QueryLeavesRequest{Nonce: nonce, Offset: uint32(len(hashes)), Limit: leavesPage})
		if err != nil {
			return nil, classify(err)
		}
		count = res.Checkpoint.Header.LeafCount
		if len(res.Leaves) == 0 || count > checkpoint.MaxLeaves {
			return nil, failf(exit.VerificationFailed, "the node has %d of the %d leaves of checkpoint %d", len(hashes), count, nonce)
		}
		for _, leaf := range res.Leaves {
			hash, err := checkpoint.ToHash(leaf.Hash)
			if err != nil {
				return nil, exit.With(exit.VerificationFailed, fmt.Errorf("leaf of task %d: %w", leaf.Task, err))
			}
			hashes = append(hashes, hash)
			c.byTask[leaf.Task] = append(c.byTask[leaf.Task], hash)
		}
	}
	var err error
	if c.tree, err = checkpoint.NewTree(hashes); err != nil {
		return nil, exit.With(exit.VerificationFailed, fmt.Errorf("leaves of checkpoint %d: %w", nonce, err))
	}
	return c, nil
}

// ask returns the proofs of a task. Leaves that waited for x/oracle are found
// at a later height than that of the payment.
func (p *prover) ask(ctx context.Context, task uint64, height int64) (*oracletypes.QueryProofResponse, error) {
	res, err := p.s.oracle.Proof(ctx, &oracletypes.QueryProofRequest{Task: task, Height: height})
	if isNotFound(err) {
		res, err = p.s.oracle.Proof(ctx, &oracletypes.QueryProofRequest{Task: task})
	}
	// x/oracle refuses a well-formed request for one reason only. Over RPC its
	// code FailedPrecondition arrives as InvalidArgument.
	if code := status.Code(err); code == codes.FailedPrecondition || code == codes.InvalidArgument {
		return nil, fmt.Errorf("%w: task %d was paid at height %d and waits for the next checkpoint", errEarly, task, height)
	}
	if err != nil {
		return nil, classify(err)
	}
	return res, nil
}
