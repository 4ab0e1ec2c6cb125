// SPDX-License-Identifier: Apache-2.0

package home

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types"
)

// The queries of x/oracle that are asked.
const (
	methodLine       = "/cupel.oracle.v1.Query/Line"
	methodSignatures = "/cupel.oracle.v1.Query/Signatures"
	methodSet        = "/cupel.oracle.v1.Query/AttestorSet"
	methodLeaves     = "/cupel.oracle.v1.Query/Leaves"
)

// Entry implements mirror.Source. The entry is signed by the set that follows
// from the anchor, and continues the one before it.
func (s *Source) Entry(ctx context.Context, nonce uint64) (mirror.Entry, error) {
	if e, ok := s.line.entry(nonce); ok {
		return e, nil
	}
	if nonce <= s.opts.Anchor.Nonce {
		return mirror.Entry{}, fmt.Errorf("nonce %d is not after the anchor %d: configure an earlier anchor", nonce, s.opts.Anchor.Nonce)
	}
	e, err := s.trusted(ctx, nonce)
	if err != nil {
		return mirror.Entry{}, err
	}
	root, next := s.line.anchor.Root, s.line.anchor.Set
	if nonce > s.opts.Anchor.Nonce+1 {
		before, err := s.trusted(ctx, nonce-1)
		if err != nil {
			return mirror.Entry{}, fmt.Errorf("entry %d, which is before it: %w", nonce-1, err)
		}
		root, next = before.Header.Root, before.Header.NextSet
	}
	if err := follows(e, root, next); err != nil {
		return mirror.Entry{}, err
	}
	s.line.add(e)
	return e, nil
}

// Made implements mirror.Dated: the block time of a header, by the first node
// that answers. Nothing depends on it but what people are shown.
func (s *Source) Made(ctx context.Context, nonce uint64) (time.Time, error) {
	answers, err := ask(ctx, s, 0, methodSignatures, &types.QuerySignaturesRequest{Nonce: nonce},
		func() *types.QuerySignaturesResponse { return &types.QuerySignaturesResponse{} })
	if err != nil {
		return time.Time{}, err
	}
	made := answers[0].reply.Checkpoint.Time
	if made == 0 || made > uint64(time.Now().Unix())+maxAhead {
		return time.Time{}, fmt.Errorf("%w: nonce %d is said to be made at %d", mirror.ErrUnknown, nonce, made)
	}
	return time.Unix(int64(made), 0), nil
}

// maxAhead is how many seconds a block may be in the future.
const maxAhead = 3600

// trusted returns an entry that the line's set of its nonce signed.
func (s *Source) trusted(ctx context.Context, nonce uint64) (mirror.Entry, error) {
	if e, ok := s.line.entry(nonce); ok {
		return e, nil
	}
	e, err := s.fetch(ctx, nonce)
	if err != nil {
		return mirror.Entry{}, err
	}
	for {
		set, known := s.line.signer(nonce)
		if known || set == e.Header.Set {
			return e, s.line.verify(e)
		}
		more, err := s.extend(ctx)
		if err != nil {
			return mirror.Entry{}, fmt.Errorf("follow the sets from the anchor: %w", err)
		}
		if !more {
			return e, s.line.verify(e)
		}
	}
}

// extend finds the change from the newest set that is known to the next. It
// reports whether there is one.
func (s *Source) extend(ctx context.Context) (bool, error) {
	newest := s.line.last()
	first, err := s.fetch(ctx, newest.after+1)
	if err != nil {
		return false, err
	}
	if err := s.line.verify(first); err != nil {
		return false, err
	}
	change := first
	if !first.Header.IsSetChange() {
		nonce, err := s.changeTo(ctx, first.Set.ID+1)
		if errors.Is(err, mirror.ErrNotSealed) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if nonce <= newest.after {
			return false, fmt.Errorf("%w: set %d is said to begin at nonce %d, before set %d", mirror.ErrForged, first.Set.ID+1, nonce, first.Set.ID)
		}
		change, err = s.fetch(ctx, nonce)
		if errors.Is(err, mirror.ErrNotSealed) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if err := s.line.verify(change); err != nil {
			return false, err
		}
		if !change.Header.IsSetChange() {
			return false, fmt.Errorf("%w: nonce %d is said to change the set and does not", mirror.ErrForged, nonce)
		}
	}
	s.line.add(change)
	return true, nil
}

// changeTo returns the nonce of the set change to a set.
func (s *Source) changeTo(ctx context.Context, id uint64) (uint64, error) {
	answers, err := ask(ctx, s, 0, methodSet, &types.QueryAttestorSetRequest{Id: id},
		func() *types.QueryAttestorSetResponse { return &types.QueryAttestorSetResponse{} })
	if err != nil {
		return 0, err
	}
	for _, a := range answers[1:] {
		if one, other := answers[0].reply.Set.Nonce, a.reply.Set.Nonce; one != other {
			return 0, fmt.Errorf("%w: set %d begins at nonce %d by %s, at %d by %s", mirror.ErrDisagreement, id, one, answers[0].node, other, a.node)
		}
	}
	return answers[0].reply.Set.Nonce, nil
}

// fetch returns a sealed entry that is consistent in itself and that no two
// endpoints contradict each other about.
func (s *Source) fetch(ctx context.Context, nonce uint64) (mirror.Entry, error) {
	sealed, err := s.sealed(ctx, nonce, 0)
	if err != nil {
		return mirror.Entry{}, err
	}
	if height := pruned(sealed); height > 0 {
		// Signatures of old checkpoints leave the state; nodes that keep old
		// states still have them.
		if old, err := s.sealed(ctx, nonce, height); err == nil {
			sealed = old
		}
	}
	var failed error
	for _, a := range sealed {
		entry, err := toEntry(a.reply)
		if err == nil && entry.Header.Nonce != nonce {
			err = fmt.Errorf("%w: asked for nonce %d, got %d", mirror.ErrForged, nonce, entry.Header.Nonce)
		}
		if err == nil {
			err = entry.Verify(s.domain)
		}
		if err == nil {
			return entry, nil
		}
		switch {
		case a.reply.Checkpoint.Forced:
			err = fmt.Errorf("%w: nonce %d", mirror.ErrForced, nonce)
		case len(a.reply.Signatures) == 0:
			err = fmt.Errorf("%w: nonce %d: %s no longer has the signatures: add an archive node to the endpoints", mirror.ErrUnknown, nonce, a.node)
		default:
			err = fmt.Errorf("%s: %w", a.node, err)
		}
		failed = errors.Join(failed, err)
	}
	return mirror.Entry{}, failed
}

// pruned returns the height at which signatures that no endpoint has any more
// were complete, 0 if they are there.
func pruned(sealed []answer[*types.QuerySignaturesResponse]) int64 {
	for _, a := range sealed {
		if len(a.reply.Signatures) > 0 || a.reply.Checkpoint.Forced {
			return 0
		}
	}
	return sealed[0].reply.Checkpoint.SealedHeight
}

// sealed returns the answers in which a header is sealed, at a height or, with
// 0, at the newest. All headers in all answers must be the same.
func (s *Source) sealed(ctx context.Context, nonce uint64, height int64) ([]answer[*types.QuerySignaturesResponse], error) {
	answers, err := ask(ctx, s, height, methodSignatures, &types.QuerySignaturesRequest{Nonce: nonce},
		func() *types.QuerySignaturesResponse { return &types.QuerySignaturesResponse{} })
	if err != nil {
		return nil, err
	}
	var out []answer[*types.QuerySignaturesResponse]
	for _, a := range answers {
		if !proto.Equal(&a.reply.Checkpoint.Header, &answers[0].reply.Checkpoint.Header) {
			return nil, fmt.Errorf("%w: %s and %s have different headers of nonce %d", mirror.ErrDisagreement, answers[0].node, a.node, nonce)
		}
		if a.reply.Checkpoint.SealedHeight > 0 {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: nonce %d", mirror.ErrNotSealed, nonce)
	}
	return out, nil
}
