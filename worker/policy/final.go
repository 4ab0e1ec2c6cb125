// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"errors"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/runner"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// maxMisses is how often the block of a payment is asked for before the amount
// is computed instead: nodes forget the results of old blocks.
const maxMisses = 10

// Final implements runner.Guard: it books what a lot brought.
func (g *Guard) Final(ctx context.Context, a runner.Attempt, lot markettypes.Lot) error {
	if !g.book.Has(a.Key.String()) {
		return nil // it was never answered
	}
	out := earnings.Outcome{State: lot.State.String(), Reason: lot.Reason.String()}
	paid, exact, err := g.paid(ctx, a, lot)
	if err != nil {
		return err
	}
	out.Paid, out.Estimated = paid, !exact
	if err := g.book.Close(a.Key.String(), out); err != nil {
		return err
	}
	g.forget(a.Key)
	return nil
}

// Gone implements runner.Guard: the lot left the chain before it was looked up.
func (g *Guard) Gone(a runner.Attempt) error {
	g.forget(a.Key)
	if !g.book.Has(a.Key.String()) {
		return nil
	}
	return g.book.Close(a.Key.String(), earnings.Outcome{State: "UNKNOWN", Estimated: true})
}

func (g *Guard) forget(key journal.LotKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.seats, key)
	delete(g.missed, key)
}

// paid adds up the payments of all tasks of a lot. Exact is false if it had to
// be computed from the terms.
func (g *Guard) paid(ctx context.Context, a runner.Attempt, lot markettypes.Lot) (sum uint64, exact bool, err error) {
	if lot.State != markettypes.TaskSettled {
		return 0, true, nil
	}
	for i := range a.Count {
		amount, err := g.paidTask(ctx, a, lot, i)
		if errors.Is(err, chain.ErrUnknown) && g.miss(a.Key) < maxMisses {
			return 0, false, err
		}
		if err != nil {
			return g.book.ShareOf(a.Key.String()), false, nil //nolint:nilerr // the node forgot: the expected pay stands in
		}
		sum = add(sum, amount)
	}
	return sum, true, nil
}

func (g *Guard) miss(key journal.LotKey) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.missed[key]++
	return g.missed[key]
}

func (g *Guard) paidTask(ctx context.Context, a runner.Attempt, lot markettypes.Lot, position uint32) (uint64, error) {
	task := markettypes.TaskID(a.Key.Batch, a.First+position)
	height := lot.SettledHeight
	if lot.Cases&(1<<position) != 0 {
		c, err := g.market.Case(ctx, task)
		if err != nil {
			return 0, err
		}
		height = c.SettledHeight
	}
	if height == 0 {
		return 0, nil // the task failed
	}
	payments, err := g.market.Payments(ctx, height, a.Provider)
	if err != nil {
		return 0, err
	}
	return payments[task], nil
}
