// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/testutil/scale"
)

// errCrash ends a process: from it on, no call is made any more.
var errCrash = errors.New("crash")

// crasher is a client of a process that dies at one of its calls: before it is
// made, or after it was made and before the answer is read.
func crasher(c Client, at int, after bool) (f *faulty, crashed func() bool) {
	var mu sync.Mutex
	calls, dead := 0, false
	hook := func(here bool) func(string) error {
		return func(string) error {
			mu.Lock()
			defer mu.Unlock()
			if dead {
				return errCrash
			}
			if here {
				if calls++; calls == at {
					dead = true
					return errCrash
				}
			}
			return nil
		}
	}
	f = &faulty{Client: c, before: hook(!after), after: hook(after)}
	return f, func() bool { mu.Lock(); defer mu.Unlock(); return dead }
}

// TestCrash kills the relayer at every single call, before and after it, and
// starts another with the same journal. Each checkpoint lands once, with one
// transaction.
func TestCrash(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	points := 0
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			c.deploy()
			path := filepath.Join(t.TempDir(), "journal.db")
			before := c.sent(account(0))
			entries := []mirror.Entry{c.home.checkpoint(1), c.home.checkpoint(2)}
			client, crashed := crasher(c.client, at, after)
			err := c.life(path, client, entries)
			if !crashed() {
				require.NoError(t, err)
				break
			}
			points++
			if rand.N(2) == 0 {
				c.commit(1) // what was sent may be mined meanwhile, or not
			}
			require.NoError(t, c.life(path, c.client, entries), "point %d after=%t", at, after)
			require.Equal(t, []uint64{1, 2}, c.events(), "point %d after=%t", at, after)
			require.Equal(t, before+2, c.sent(account(0)), "point %d after=%t: one transaction for each", at, after)
		}
	}
	require.Greater(t, points, 60)
	t.Logf("%d points of death", points)
}

// life is one process: it opens the journal, follows the target's own cursor
// and ends with the first error.
func (c *chain) life(path string, client Client, entries []mirror.Entry) error {
	j, err := journal.Open(path)
	if err != nil {
		return err
	}
	defer func() { require.NoError(c.t, j.Close()) }()
	target := c.target(account(0), j.Book("sim"), newManual(func() { c.commit(1) }), client)
	for {
		progress, err := target.Progress(c.t.Context())
		if err != nil {
			return err
		}
		if progress.Sent == uint64(len(entries)) {
			return nil
		}
		if err := target.Submit(c.t.Context(), entries[progress.Sent]); err != nil {
			return err
		}
	}
}

// TestCrashWhileRaising kills the relayer at every call of a send whose
// transactions are dropped, so that it raises its fees.
func TestCrashWhileRaising(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	for at := 20; at < 200; at += 7 {
		c.deploy()
		path := filepath.Join(t.TempDir(), "journal.db")
		before := c.sent(account(0))
		entries := []mirror.Entry{c.home.checkpoint(1)}
		dropping := &faulty{Client: c.client}
		dropping.swallow = func(*types.Transaction) bool { return dropping.sends <= 3 }
		client, crashed := crasher(dropping, at, at%2 == 0)
		if err := c.life(path, client, entries); crashed() {
			require.ErrorIs(t, err, mirror.ErrUnknown)
		}
		require.NoError(t, c.life(path, dropping, entries))
		require.Equal(t, []uint64{1}, c.events())
		require.Equal(t, before+1, c.sent(account(0)))
	}
}

// gate lets one of several goroutines make one step at a time, in an order of
// the test's choice.
type gate struct {
	turns   []chan struct{} // a turn for each goroutine
	waiting chan int        // who stands at the gate, or -1-who when it is done
}

func newGate(n int) *gate {
	g := &gate{waiting: make(chan int)}
	for range n {
		g.turns = append(g.turns, make(chan struct{}))
	}
	return g
}

// step is called by goroutine i before each of its calls.
func (g *gate) step(i int) {
	g.waiting <- i
	<-g.turns[i]
}

// run drives until all goroutines are done. idle is called instead of a step
// with a chance of one in sixteen.
func (g *gate) run(r *rand.Rand, idle func()) {
	var ready []int
	running := len(g.turns)
	alive := len(g.turns)
	for alive > 0 {
		for running > 0 {
			who := <-g.waiting
			running--
			if who < 0 {
				alive--
			} else {
				ready = append(ready, who)
			}
		}
		if len(ready) == 0 {
			continue
		}
		if r.IntN(16) == 0 {
			idle()
			continue
		}
		pick := r.IntN(len(ready))
		who := ready[pick]
		ready = append(ready[:pick], ready[pick+1:]...)
		running++
		g.turns[who] <- struct{}{}
	}
}

// TestRace lets two relayers with accounts and journals of their own mirror the
// same line, in random interleavings of their calls and of blocks: 1,000 of
// them at full scale.
func TestRace(t *testing.T) {
	t.Parallel()
	interleavings := scale.Of(t, 150, 1_000)
	c := newChain(t)
	c.deploy()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	books := []*journal.Book{openJournal(t), openJournal(t)}
	before := c.sent(account(0)) + c.sent(account(1))
	var want []uint64
	for i := range interleavings {
		entries := []mirror.Entry{c.home.checkpoint(1)}
		if i%10 == 0 {
			entries = append(entries, c.home.checkpoint(1))
		}
		for _, entry := range entries {
			want = append(want, entry.Header.Nonce)
		}
		g := newGate(2)
		errs := make([]error, 2)
		for who := range 2 {
			client := &faulty{Client: c.client, before: func(string) error { g.step(who); return nil }}
			clock := newManual(func() { g.step(who) })
			target := c.target(account(who), books[who], clock, client)
			go func() {
				defer func() { g.waiting <- -1 - who }()
				errs[who] = race(t.Context(), target, entries)
			}()
		}
		g.run(r, func() { c.commit(1) })
		require.NoError(t, errors.Join(errs...), "interleaving %d of seed %d", i, seed)
	}
	require.Equal(t, want, c.events(), "each nonce once, in order")
	paid := c.sent(account(0)) + c.sent(account(1)) - before
	t.Logf("%d transactions for %d entries: %d of no effect", paid, len(want), int(paid)-len(want))
	require.LessOrEqual(t, paid, uint64(2*len(want)))
}

// race follows the target's cursor until all entries are recorded, as the loop
// does: after an error it looks again.
func race(ctx context.Context, target *Target, entries []mirror.Entry) error {
	last := entries[len(entries)-1].Header.Nonce
	for range 50 {
		progress, err := target.Progress(ctx)
		if err != nil {
			return err
		}
		if progress.Sent >= last {
			return nil
		}
		next := max(progress.Sent+1, entries[0].Header.Nonce)
		err = target.Submit(ctx, entries[next-entries[0].Header.Nonce])
		if err != nil && !errors.Is(err, mirror.ErrUnknown) && !errors.Is(err, mirror.ErrRejected) {
			return err
		}
	}
	return fmt.Errorf("not done after 50 tries")
}
