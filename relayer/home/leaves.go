// SPDX-License-Identifier: Apache-2.0

package home

import (
	"context"
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

// Leaves returns the leaves under a header. It is ErrForged if they do not make
// up its root.
func (s *Source) Leaves(ctx context.Context, header checkpoint.Header) ([]Leaf, error) {
	var out []Leaf
	for uint32(len(out)) < header.LeafCount {
		page, err := s.leafPage(ctx, header, uint32(len(out)))
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
		return nil, fmt.Errorf("%w: leaves of nonce %d: %w", mirror.ErrForged, header.Nonce, err)
	}
	if uint32(len(out)) != header.LeafCount || tree.Root() != header.Root {
		return nil, fmt.Errorf("%w: nonce %d: %d leaves make root %s, the header has %d and %s", mirror.ErrForged, header.Nonce, len(out), tree.Root(), header.LeafCount, header.Root)
	}
	return out, nil
}

func (s *Source) leafPage(ctx context.Context, header checkpoint.Header, offset uint32) ([]Leaf, error) {
	answers, err := ask(ctx, s, 0, methodLeaves, &types.QueryLeavesRequest{Nonce: header.Nonce, Offset: offset, Limit: pageLeaves},
		func() *types.QueryLeavesResponse { return &types.QueryLeavesResponse{} })
	if err != nil {
		return nil, fmt.Errorf("leaves of nonce %d: %w", header.Nonce, err)
	}
	res := answers[0].reply
	if len(res.Leaves) == 0 {
		return nil, fmt.Errorf("%w: leaves of nonce %d: %s has only %d of %d", mirror.ErrUnknown, header.Nonce, answers[0].node, offset, header.LeafCount)
	}
	out := make([]Leaf, 0, len(res.Leaves))
	for _, leaf := range res.Leaves {
		hash, err := checkpoint.ToHash(leaf.Hash)
		if err != nil {
			return nil, fmt.Errorf("%w: leaf of nonce %d: %w", mirror.ErrForged, header.Nonce, err)
		}
		out = append(out, Leaf{Task: leaf.Task, Hash: hash})
	}
	return out, nil
}
