// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// TestLiar lets one of eight workers give wrong results. In a set of three it
// differs from two; the set grows to seven, which out-vote it: it loses its
// bound, is jailed and unpaid, and the requester gets the right result.
func TestLiar(t *testing.T) {
	need(t)
	const liar = 0
	lying := build(t, "liar", "./testutil/e2e/liar")
	w := newWorld(t, 8, 10*time.Minute, params(), func(s *net.Setup) {
		s.Workers[liar] = lying
		// The cheapest ask, to be drawn soon.
		s.Offers[liar].Price = ask / 2
	})
	require.NoError(t, w.StartWorkers())
	culprit := w.Providers[liar]

	batch, dir := w.submitUntilDrawn(culprit)
	task := w.final(batch)
	require.Equal(t, net.Settled, task.State, task.Reason)
	require.True(t, task.Disputed)
	w.checkResult(batch, dir)

	c, err := w.Case(w.ctx, task.Task)
	require.NoError(t, err)
	require.Equal(t, "CASE_KIND_GROWTH", c.Kind)
	var bound uint64
	right := 0
	for _, s := range c.Seats {
		if s.Provider == culprit.ID {
			require.Equal(t, "VERDICT_WRONG", s.Verdict)
			bound = s.Bound
			continue
		}
		require.Equal(t, "VERDICT_RIGHT", s.Verdict, "provider %d", s.Provider)
		right += s.Votes()
	}
	require.Equal(t, 6, right, "of a set of seven")

	account := w.provider(culprit)
	require.NotZero(t, bound)
	require.EqualValues(t, net.Bond-bound, account.Bond)
	require.Equal(t, bound, account.Slashed)
	require.Equal(t, "PROVIDER_STATUS_JAILED", account.Status)
	require.Zero(t, w.earned(culprit))
	w.checkHonest(c, culprit, batch)
}

// checkHonest: the two right replicas share what was paid of the escrow, each
// added seat got a fee out of the slash, and nobody else lost anything.
func (w *world) checkHonest(c net.Case, culprit *net.Provider, batch uint64) {
	t := w.t
	for _, p := range w.Providers {
		if p == culprit {
			continue
		}
		account := w.provider(p)
		require.EqualValues(t, net.Bond, account.Bond, p.Name)
		require.Zero(t, account.Slashed, p.Name)
		if slices.ContainsFunc(c.Seats, func(s net.Seat) bool { return s.Provider == p.ID }) {
			w.waitBooked(p) // also what the added seats got
		}
	}
	tally := w.checkLedger(batch)
	require.NotZero(t, tally.Paid)
	require.NotZero(t, tally.Refunded)
	market, err := w.ModuleAddress(w.ctx, "market")
	require.NoError(t, err)
	held, err := w.Balance(w.ctx, 0, market)
	require.NoError(t, err)
	pool, err := w.Pool(w.ctx, 0)
	require.NoError(t, err)
	require.Equal(t, pool, held, "the market holds more than the audit pool")
}

// submitUntilDrawn submits jobs one after the other until a provider has a
// seat in one.
func (w *world) submitUntilDrawn(p *net.Provider) (batch uint64, dir string) {
	w.t.Helper()
	for leaf := range 30 {
		file, dir := w.job(leaf)
		batch := w.submit(file)
		var seats []net.Seat
		require.NoError(w.t, net.Until(w.ctx, 100*time.Millisecond, func() (bool, error) {
			var err error
			seats, err = w.Lot(w.ctx, batch, 0)
			if errors.Is(err, net.ErrNotFound) {
				return false, nil
			}
			return len(seats) > 0, err
		}))
		if slices.ContainsFunc(seats, func(s net.Seat) bool { return s.Provider == p.ID }) {
			return batch, dir
		}
		require.Equal(w.t, net.Settled, w.final(batch).State)
	}
	require.Fail(w.t, "the provider was not drawn for any of 30 jobs")
	return 0, ""
}
