// SPDX-License-Identifier: Apache-2.0

package home

import (
	"context"
	"errors"
	"fmt"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// pageLeaves is how many leaves are asked for at once.
const pageLeaves = 4096

// Leaf is one leaf of a checkpoint as the chain lists it.
type Leaf struct {
	Task uint64
	Hash checkpoint.Hash
}

// Leaves returns the leaves under a header, from the first endpoint whose
// leaves make up its root. It is ErrForged if those of another do not and none
// does.
func (s *Source) Leaves(ctx context.Context, header checkpoint.Header) ([]Leaf, error) {
	var failed error
	for _, e := range s.endpoints {
		leaves, err := s.leavesOf(ctx, e, header)
		if err == nil {
			return leaves, nil
		}
		failed = errors.Join(failed, fmt.Errorf("leaves of nonce %d: %w", header.Nonce, err))
	}
	return nil, failed
}

func (s *Source) leavesOf(ctx context.Context, e *endpoint, header checkpoint.Header) ([]Leaf, error) {
	var out []Leaf
	for uint32(len(out)) < header.LeafCount {
		page, err := s.leafPage(ctx, e, header.Nonce, uint32(len(out)))
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	hashes := make([]checkpoint.Hash, len(out))
	for i, leaf := range out {
		hashes[i] = leaf.Hash
	}
	tree, err := checkpoint.NewTree(hashes)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", mirror.ErrForged, e.name, err)
	}
	if uint32(len(out)) != header.LeafCount || tree.Root() != header.Root {
		return nil, fmt.Errorf("%w: %d leaves of %s make root %s, the header has %d and %s",
			mirror.ErrForged, len(out), e.name, tree.Root(), header.LeafCount, header.Root)
	}
	return out, nil
}

// leafPage returns at least one leaf. Every failure but that of a leaf that
// cannot be read is ErrUnknown.
func (s *Source) leafPage(ctx context.Context, e *endpoint, nonce uint64, offset uint32) ([]Leaf, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	if err := e.check(ctx, s.opts.ChainID); err != nil {
		return nil, fmt.Errorf("%w: %w", mirror.ErrUnknown, err)
	}
	var res types.QueryLeavesResponse
	if err := e.query(ctx, 0, methodLeaves, &types.QueryLeavesRequest{Nonce: nonce, Offset: offset, Limit: pageLeaves}, &res); err != nil {
		return nil, fmt.Errorf("%w: %w", mirror.ErrUnknown, err)
	}
	if len(res.Leaves) == 0 {
		return nil, fmt.Errorf("%w: %s has only %d", mirror.ErrUnknown, e.name, offset)
	}
	out := make([]Leaf, 0, len(res.Leaves))
	for _, leaf := range res.Leaves {
		hash, err := checkpoint.ToHash(leaf.Hash)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", mirror.ErrForged, e.name, err)
		}
		out = append(out, Leaf{Task: leaf.Task, Hash: hash})
	}
	return out, nil
}
