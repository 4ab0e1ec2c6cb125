// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"fmt"
	"sync"

	"github.com/ethereum/go-ethereum/core/types"
)

// broadcast sends a transaction to every endpoint that is used. It is accepted
// if one took it, and refused only if all did.
func (p *Pool) broadcast(ctx context.Context, tx *types.Transaction) (outcome, error) {
	endpoints, err := p.healthy(ctx)
	if err != nil {
		return unknown, err
	}
	type answer struct {
		is  outcome
		err error
	}
	answers := make([]answer, len(endpoints))
	var all sync.WaitGroup
	for i, e := range endpoints {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
			defer cancel()
			err := e.Client.SendTransaction(ctx, tx)
			answers[i] = answer{judge(err), err}
			if err != nil {
				answers[i].err = fmt.Errorf("%s: %w", e.Name, Redact(err))
			}
		})
	}
	all.Wait()
	out := answers[0]
	for _, a := range answers[1:] {
		if rank(a.is) > rank(out.is) {
			out = a
		}
	}
	if out.is == accepted {
		return accepted, nil // "already known" comes as an error
	}
	return out.is, out.err
}

// rank orders the answers of several endpoints by how much they say about the
// transaction: one that took it, or may have, outweighs all that did not.
func rank(is outcome) int {
	switch is {
	case accepted:
		return 4
	case unknown:
		return 3
	case nonceTooLow:
		return 2
	case replaceUnderpriced:
		return 1
	default:
		return 0
	}
}
