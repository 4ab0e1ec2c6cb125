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

// CaseClosed implements runner.Guard: it books what a verification seat brought. A
// replica that was verified is paid as its lot is.
func (g *Guard) CaseClosed(ctx context.Context, a runner.CaseAttempt, c markettypes.Case) error {
	mine := c.Seat(a.Provider)
	if mine == nil || mine.Original || c.SettledHeight == 0 {
		return nil // without a result verifiers are not paid
	}
	batch, _ := markettypes.SplitTaskID(a.Key.Task)
	b, err := g.market.Batch(ctx, batch)
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	e := earnings.Entry{
		Key: a.Key.String(), Class: b.Class, Requester: b.Requester, Denom: b.Batch.Denom, Price: mine.Price, Tasks: 1, Units: a.Run.Units,
	}
	paid, exact, err := g.casePaid(ctx, a, c)
	if err == nil && !exact {
		paid, err = g.caseShare(ctx, b, mine.Price, c.Result.Units)
	}
	if err != nil {
		return err
	}
	g.forgetCase(a.Key)
	return g.book.Verified(e, earnings.Outcome{State: c.State.String(), Paid: paid, Estimated: !exact})
}

// casePaid reads what a case paid from its block. A seat that took the place of
// a replica without a result is paid as a replica.
func (g *Guard) casePaid(ctx context.Context, a runner.CaseAttempt, c markettypes.Case) (sum uint64, exact bool, err error) {
	for _, ask := range []func(context.Context, int64, uint32) (map[uint64]uint64, error){g.market.CaseFees, g.market.Payments} {
		paid, err := ask(ctx, c.SettledHeight, a.Provider)
		if errors.Is(err, chain.ErrUnknown) && g.missCase(a.Key) < maxMisses {
			return 0, false, err
		}
		if err != nil {
			return 0, false, nil //nolint:nilerr // the node forgot: the expected pay stands in
		}
		sum = add(sum, paid[a.Key.Task])
	}
	return sum, true, nil
}

// caseShare is what a seat should have been paid.
func (g *Guard) caseShare(ctx context.Context, b *markettypes.QueryBatchResponse, price, units uint64) (uint64, error) {
	params, err := g.paramsOf(ctx, b.Batch.ParamsVersion)
	if err != nil {
		return 0, err
	}
	scale, err := g.scaleOf(ctx, b.Class)
	if err != nil {
		return 0, err
	}
	return seatTerms{batch: b.Batch, params: params, scale: scale, price: price}.share(units), nil
}

func (g *Guard) missCase(key journal.CaseKey) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.missedCases[key]++
	return g.missedCases[key]
}

func (g *Guard) forgetCase(key journal.CaseKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.missedCases, key)
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
