// SPDX-License-Identifier: Apache-2.0

package home

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// FetchAnchor asks all endpoints for the root of a nonce and for the set that
// signs the next one. They must agree; what they agree about is believed, and
// the anchor of the options is not used.
func FetchAnchor(ctx context.Context, opts Options, nonce uint64) (checkpoint.Hash, checkpoint.Set, error) {
	opts.Anchor = Anchor{Set: checkpoint.Hash{1}} // nothing is checked against it
	s, err := New(opts)
	if err != nil {
		return checkpoint.Hash{}, checkpoint.Set{}, err
	}
	return s.anchor(ctx, nonce)
}

func (s *Source) anchor(ctx context.Context, nonce uint64) (checkpoint.Hash, checkpoint.Set, error) {
	root, id, want := s.domain.GenesisRoot(), uint64(1), checkpoint.Hash{}
	if nonce > 0 {
		answers, err := s.sealed(ctx, nonce, 0)
		if err != nil {
			return checkpoint.Hash{}, checkpoint.Set{}, err
		}
		header, err := toHeader(answers[0].reply.Checkpoint.Header)
		if err != nil {
			return checkpoint.Hash{}, checkpoint.Set{}, fmt.Errorf("%w: header of nonce %d: %w", mirror.ErrForged, nonce, err)
		}
		root, id, want = header.Root, answers[0].reply.Checkpoint.NextSetId, header.NextSet
	}
	set, err := s.set(ctx, id)
	if err != nil {
		return checkpoint.Hash{}, checkpoint.Set{}, err
	}
	if nonce > 0 && set.Hash() != want {
		return checkpoint.Hash{}, checkpoint.Set{}, fmt.Errorf("%w: header %d hands over to set %s, set %d has %s", mirror.ErrForged, nonce, want, id, set.Hash())
	}
	return root, set, nil
}

// set returns a set that all endpoints agree about.
func (s *Source) set(ctx context.Context, id uint64) (checkpoint.Set, error) {
	answers, err := ask(ctx, s, 0, methodSet, &types.QueryAttestorSetRequest{Id: id},
		func() *types.QueryAttestorSetResponse { return &types.QueryAttestorSetResponse{} })
	if errors.Is(err, errNotFound) {
		return checkpoint.Set{}, fmt.Errorf("the chain has no attestor set %d yet: %w", id, err)
	}
	if err != nil {
		return checkpoint.Set{}, err
	}
	for _, a := range answers[1:] {
		if !proto.Equal(&answers[0].reply.Set, &a.reply.Set) {
			return checkpoint.Set{}, fmt.Errorf("%w: %s and %s have different sets %d", mirror.ErrDisagreement, answers[0].node, a.node, id)
		}
	}
	set, err := toSet(answers[0].reply.Set)
	if err == nil {
		err = set.Validate()
	}
	if err != nil {
		return checkpoint.Set{}, fmt.Errorf("%w: set %d: %w", mirror.ErrForged, id, err)
	}
	return set, nil
}
