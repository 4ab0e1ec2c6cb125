// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// probe reads a state at a block.
type probe[T comparable] func(ctx context.Context, c Client, block common.Hash) (T, error)

// heads is a state at three levels of finality.
type heads[T comparable] struct{ latest, safe, final T }

// observe reads a state at the newest, the safe and the final block. The first
// endpoint tells the first two. What is final is read from all of them.
func observe[T comparable](ctx context.Context, p *Pool, read probe[T]) (heads[T], error) {
	endpoints, err := p.healthy(ctx)
	if err != nil {
		return heads[T]{}, err
	}
	var out heads[T]
	var answered []*endpoint
	if _, out.final, answered, err = finalState(ctx, p, endpoints, read); err != nil {
		return out, err
	}
	at := slices.IndexFunc(endpoints, func(e *endpoint) bool { return slices.Contains(answered, e) })
	if at < 0 {
		return out, fmt.Errorf("%w: only endpoints that are behind answer", mirror.ErrUnknown)
	}
	first := endpoints[at]
	safe, err := p.tag(ctx, first, rpc.SafeBlockNumber)
	if err != nil {
		return out, err
	}
	if out.safe, err = stateAt(ctx, p, first, safe.Hash(), read); err != nil {
		return out, err
	}
	first.mu.Lock()
	latest := first.head
	first.mu.Unlock()
	out.latest, err = stateAt(ctx, p, first, latest.Hash(), read)
	return out, err
}

// finalState reads a state at the highest block that is final for every
// endpoint, also for those that are behind: one that lies about its height must
// not silence them. Other hashes or other states are mirror.ErrDisagreement.
func finalState[T comparable](ctx context.Context, p *Pool, healthy []*endpoint, read probe[T]) (*types.Header, T, []*endpoint, error) {
	var out T
	final, used, err := p.agreedFinal(ctx, append(slices.Clone(healthy), p.behind()...))
	if err != nil {
		return nil, out, nil, err
	}
	var answered []*endpoint
	var failures []error
	for _, e := range used {
		got, err := stateAt(ctx, p, e, final.Hash(), read)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if len(answered) > 0 && got != out {
			return nil, out, nil, fmt.Errorf("%w: at final block %s %s says %+v, %s says %+v", mirror.ErrDisagreement, final.Number, answered[0].Name, out, e.Name, got)
		}
		out = got
		answered = append(answered, e)
	}
	if len(answered) < p.cfg.Quorum {
		return nil, out, nil, errors.Join(failures...)
	}
	return final, out, answered, nil
}

// stateAt calls read; what is no answer is mirror.ErrUnknown.
func stateAt[T comparable](ctx context.Context, p *Pool, e *endpoint, block common.Hash, read probe[T]) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	out, err := read(ctx, e.Client, block)
	if err != nil {
		e.demote(p.now())
		return out, fmt.Errorf("%w: %s at block %s: %w", mirror.ErrUnknown, e.Name, block, Redact(err))
	}
	return out, nil
}

// agreedFinal returns the highest block that is final for every endpoint that
// says what is final, and those endpoints. All must have it, and the block that
// was agreed before, with the same hash.
func (p *Pool) agreedFinal(ctx context.Context, endpoints []*endpoint) (*types.Header, []*endpoint, error) {
	var lowest *types.Header
	var used []*endpoint
	var failures []error
	for _, e := range endpoints {
		header, err := p.tag(ctx, e, rpc.FinalizedBlockNumber)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		used = append(used, e)
		if lowest == nil || header.Number.Cmp(lowest.Number) < 0 {
			lowest = header
		}
	}
	if len(used) < p.cfg.Quorum {
		return nil, nil, fmt.Errorf("%w: %d endpoints say what is final, %d must: %w", mirror.ErrUnknown, len(used), p.cfg.Quorum, errors.Join(failures...))
	}
	p.mu.Lock()
	before := p.final
	p.mu.Unlock()
	for _, agreed := range []*types.Header{before, lowest} {
		if agreed == nil || agreed.Number.Cmp(lowest.Number) > 0 {
			continue
		}
		if err := p.sameBlock(ctx, agreed, p.endpoints); err != nil {
			return nil, nil, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if before != nil && before.Number.Cmp(lowest.Number) > 0 {
		return before, used, nil // what was final stays final
	}
	p.final = lowest
	return lowest, used, nil
}

// sameBlock returns mirror.ErrDisagreement if an endpoint of the right chain has
// another block at a height that is final, also one that lags. One without an
// answer, or that is not there yet, says nothing.
func (p *Pool) sameBlock(ctx context.Context, want *types.Header, endpoints []*endpoint) error {
	for _, e := range endpoints {
		e.mu.Lock()
		asked := e.head != nil && !errors.Is(e.err, mirror.ErrWrongChain) && e.head.Number.Cmp(want.Number) >= 0
		e.mu.Unlock()
		if !asked {
			continue
		}
		got, err := p.header(ctx, e, want.Number)
		if err != nil {
			continue // no answer is unknown, not another block
		}
		if got.Hash() != want.Hash() {
			return fmt.Errorf("%w: final block %s is %s, %s says %s", mirror.ErrDisagreement, want.Number, want.Hash(), e.Name, got.Hash())
		}
	}
	return nil
}

// tag returns the header of a tag. A chain too young to have one is at its
// genesis block: that claims less, never more.
func (p *Pool) tag(ctx context.Context, e *endpoint, tag rpc.BlockNumber) (*types.Header, error) {
	header, err := p.header(ctx, e, big.NewInt(tag.Int64()))
	if errors.Is(err, ethereum.NotFound) {
		header, err = p.header(ctx, e, new(big.Int))
	}
	if err != nil {
		e.demote(p.now())
		return nil, fmt.Errorf("%w: %s: %s block: %w", mirror.ErrUnknown, e.Name, tag, Redact(err))
	}
	return header, nil
}

func (p *Pool) header(ctx context.Context, e *endpoint, number *big.Int) (*types.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	return e.Client.HeaderByNumber(ctx, number)
}
