// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
)

func TestBroadcast(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	works := func() *faulty { return &faulty{Client: c.client} }
	answers := func(err error) func() *faulty {
		return func() *faulty { return &faulty{Client: c.client, before: only("SendTransaction", err)} }
	}
	loses, refuses, low := answers(errLost), answers(answer("insufficient funds")), answers(answer("nonce too low"))
	tests := map[string]struct {
		endpoints []func() *faulty
		want      outcome
	}{
		"both take it":                     {[]func() *faulty{works, works}, accepted},
		"the first loses the connection":   {[]func() *faulty{loses, works}, accepted},
		"the second refuses":               {[]func() *faulty{works, refuses}, accepted},
		"one refuses, of one nobody knows": {[]func() *faulty{refuses, loses}, unknown},
		"both refuse":                      {[]func() *faulty{refuses, refuses}, refused},
		"one is ahead":                     {[]func() *faulty{refuses, low}, nonceTooLow},
		"both lose the connection":         {[]func() *faulty{loses, loses}, unknown},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var endpoints []Endpoint
			for _, e := range tc.endpoints {
				endpoints = append(endpoints, Endpoint{Name: "e", Client: e()})
			}
			pool, err := NewPool(poolConfig(), endpoints...)
			require.NoError(t, err)
			got, err := pool.broadcast(t.Context(), c.transaction(account(0), &c.nobody, nil, 10*gwei))
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.want != accepted, err != nil)
		})
	}
}

// TestOutbid: a transaction that the journal does not know holds the nonce and
// no block comes. It is replaced if the limits allow it.
func TestOutbid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		feeCap int64
		ok     bool
	}{
		"within the limits":     {2_000_000, true},
		"it pays 2,000 as much": {2 * gwei, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newChain(t)
			require.NoError(t, c.client.SendTransaction(t.Context(), c.transaction(account(0), &c.nobody, nil, tc.feeCap)))
			book, polls := openJournal(t), 0
			target := c.target(account(0), book, newManual(func() {
				if polls++; polls > 25 {
					c.commit(1)
				}
			}), c.client)
			err := target.Submit(t.Context(), c.home.checkpoint(1))
			if !tc.ok {
				require.ErrorIs(t, err, mirror.ErrRefused)
				require.ErrorIs(t, err, mirror.ErrFeeTooHigh)
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, 1, c.sent(account(0)), "the other was replaced")
			require.Greater(t, len(attemptsOf(t, book, 1)), 1)
		})
	}
}

// TestMachineClock submits with the machine's own time while blocks come.
func TestMachineClock(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	cfg := DefaultSenderConfig()
	cfg.PollInterval = 5 * time.Millisecond
	target := c.targetOf(account(0), openJournal(t), newManual(nil), cfg, c.client, c.client)
	target.sender.clock = systemClock()
	ctx, cancel := context.WithCancel(t.Context())
	var blocks sync.WaitGroup
	blocks.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(10 * time.Millisecond)
			c.commit(1)
		}
	})
	before, err := target.Balance(ctx)
	require.NoError(t, err)
	require.NoError(t, target.Submit(ctx, c.home.checkpoint(1)))
	cancel()
	blocks.Wait()

	require.Equal(t, []uint64{1}, c.events())
	require.Equal(t, account(0).Address().Hex(), target.Address())
	require.Equal(t, DefaultSenderConfig().BalanceFloor, target.Floor())
	after, err := target.Balance(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, new(big.Int).Add(after, target.Spent()), "what is missing was spent on fees")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, target.Submit(ended, c.home.checkpoint(1)), mirror.ErrUnknown)
}

// TestRejected: an entry that the contract does not take is tried out and never
// paid for.
func TestRejected(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	f := &faulty{Client: c.client}
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), f)
	tests := map[string]struct {
		edit func(*home)
		err  error
		name string
	}{
		"a nonce is missing": {func(h *home) { h.nonce = 1 }, mirror.ErrUnknown, "WrongNonce"},
		"another line":       {func(h *home) { h.root[0]++ }, mirror.ErrRejected, "WrongPrevRoot"},
		"another set":        {func(h *home) { h.set = h.newSet(3, h.set.Time, 5) }, mirror.ErrRejected, "WrongSet"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHome(c.home.set.Time)
			tc.edit(h)
			err := target.Submit(t.Context(), h.checkpoint(1))
			require.ErrorIs(t, err, tc.err)
			var revert *RevertError
			require.ErrorAs(t, err, &revert)
			require.Equal(t, tc.name, revert.Name)
		})
	}
	forged := c.home.checkpoint(1)
	forged.Signatures = forged.Signatures[1:]
	require.ErrorIs(t, target.Submit(t.Context(), forged), mirror.ErrForged)
	require.Zero(t, f.sends)

	// Two headers of one nonce were sealed: the mirror has the other.
	first, second := newHome(c.home.set.Time), newHome(c.home.set.Time)
	require.NoError(t, target.Submit(t.Context(), first.checkpoint(1)))
	require.ErrorIs(t, target.Submit(t.Context(), second.checkpoint(2)), mirror.ErrForged)
}
