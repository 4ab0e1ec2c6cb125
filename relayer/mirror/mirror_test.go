// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMirrorsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 100}, &targetChain{latency: 10 * time.Millisecond}
		m, _, _ := newMirror(t, home, target)
		stop := start(t, m)
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, upTo(100), target.snapshot(), "a backlog does not wait for ticks")
		home.set(func(h *homeChain) { h.head = 103 })
		time.Sleep(1100 * time.Millisecond)
		stop()
		require.Equal(t, upTo(103), target.snapshot())
		require.Equal(t, 103, target.sends, "nothing is sent twice")
		require.Equal(t, uint64(103), m.State().Relayed)
	})
}

// TestOneTargetDoesNotStopAnother runs a good target beside one of each kind of
// bad one.
func TestOneTargetDoesNotStopAnother(t *testing.T) {
	for name, break1 := range map[string]func(*targetChain){
		"panics":          func(c *targetChain) { c.panics = true },
		"hangs":           func(c *targetChain) { c.latency = time.Hour },
		"rejects":         func(c *targetChain) { c.sendErr = ErrRejected },
		"does not answer": func(c *targetChain) { c.lookErr = ErrUnknown },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				home, bad, good := &homeChain{head: 10}, &targetChain{}, &targetChain{}
				break1(bad)
				one, _, _ := newMirror(t, home, bad)
				two, _, _ := newMirror(t, home, good)
				stopOne, stopTwo := start(t, one), start(t, two)
				time.Sleep(5 * time.Minute)
				stopOne()
				stopTwo()
				require.Empty(t, bad.snapshot())
				require.Equal(t, upTo(10), good.snapshot())
				require.Positive(t, one.State().Failures)
				require.NotEmpty(t, one.State().Reason)
			})
		})
	}
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 1}, &targetChain{sendErr: fmt.Errorf("wallet: %w", ErrLowBalance)}
		m, _, seen := newMirror(t, home, target)
		stop := start(t, m)
		defer stop()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		// Each wait is at least half of a minute once the back-off is at its most.
		require.LessOrEqual(t, target.sends, 24*60*2+10)
		require.GreaterOrEqual(t, target.sends, 24*60-10)
		require.Equal(t, target.sends, seen.sends)
		state := m.State()
		require.False(t, state.Stopped, "an empty wallet is no reason to distrust")
		require.Contains(t, state.Reason, ErrLowBalance.Error())
		require.Greater(t, seen.steps, 24*60*60-100, "it goes on to look at every tick")
		require.InDelta(t, 24*time.Hour.Seconds(), time.Since(state.PendingSince).Seconds(), 5)

		target.set(func(c *targetChain) { c.sendErr = nil })
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, upTo(1), target.snapshot())
		state = m.State()
		require.Equal(t, State{Name: "base", Head: 1, Progress: Progress{Sent: 1}, Seen: state.Seen, Relayed: 1}, state, "no trace of the failure is left")
	})
}

// TestSomebodyElseRecords checks that a back-off ends once the cause is gone:
// the next entry is not made to wait.
func TestSomebodyElseRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 2}, &targetChain{sendErr: ErrRejected}
		m, _, _ := newMirror(t, home, target)
		stop := start(t, m)
		defer stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.True(t, m.State().Stopped)
		target.set(func(c *targetChain) { c.recorded, c.sendErr = upTo(1), nil })
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, upTo(2), target.snapshot())
		require.False(t, m.State().Stopped)
	})
}

func TestErrorsThatStop(t *testing.T) {
	for _, err := range []error{ErrDisagreement, ErrForged, ErrWrongChain, ErrStaleSet, ErrHalted, ErrForced} {
		t.Run(Kind(err), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				home, target := &homeChain{head: 5, forged: map[uint64]error{3: err}}, &targetChain{}
				m, _, _ := newMirror(t, home, target)
				stop := start(t, m)
				defer stop()
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				require.Equal(t, upTo(2), target.snapshot(), "nothing after the bad entry")
				require.True(t, m.State().Stopped)
				require.LessOrEqual(t, home.asked[3], 30, "with back-off")
				home.set(func(h *homeChain) { h.forged = nil })
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				require.Equal(t, upTo(5), target.snapshot(), "it goes on once that is resolved")
				require.False(t, m.State().Stopped)
				require.Empty(t, m.State().Reason)
			})
		})
	}
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 2}, &targetChain{}
		m, gate, _ := newMirror(t, home, target)
		gate.set("maintenance", nil)
		stop := start(t, m)
		defer stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Empty(t, target.snapshot())
		state := m.State()
		require.True(t, state.Paused)
		require.Equal(t, "maintenance", state.Reason)
		require.Equal(t, uint64(2), state.Lag(), "it goes on to look")

		gate.set("", errors.New("disk broken"))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Empty(t, target.snapshot(), "unknown whether paused: nothing is sent")

		gate.set("", nil)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, upTo(2), target.snapshot())
		require.False(t, m.State().Paused)
		require.Empty(t, m.State().Reason)
	})
}

func TestReorganization(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 70}, &targetChain{}
		m, _, _ := newMirror(t, home, target)
		stop := start(t, m)
		defer stop()
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		for _, depth := range []int{1, 5, 64} {
			target.reorg(depth)
			time.Sleep(1100 * time.Millisecond)
			synctest.Wait()
			require.Equal(t, upTo(70), target.snapshot())
		}
		require.Equal(t, uint64(3), m.State().Reorgs)
		require.Equal(t, 70+1+5+64, target.sends)
	})
}

// TestFinalNeverGoesBack checks that a target that takes back what was final
// stops, instead of being written to again.
func TestFinalNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 5}, &targetChain{}
		m, _, seen := newMirror(t, home, target)
		stop := start(t, m)
		defer stop()
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		target.finalize()
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		target.set(func(c *targetChain) { c.recorded, c.final = upTo(3), 3 })
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Equal(t, upTo(3), target.snapshot())
		require.True(t, m.State().Stopped)
		require.Equal(t, "disagreement", Kind(m.lookErr))
		require.LessOrEqual(t, seen.looks, 40, "looks that fail are made with back-off")

		target.set(func(c *targetChain) { c.final = 9 })
		require.ErrorIs(t, m.follow(Progress{Sent: 9, Safe: 10, Final: 9}), ErrDisagreement)
		require.ErrorIs(t, m.follow(Progress{Sent: 9, Safe: 8, Final: 9}), ErrDisagreement)
	})
}

func TestHomeDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 3, err: ErrUnknown}, &targetChain{}
		m, _, seen := newMirror(t, home, target)
		stop := start(t, m)
		defer stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Empty(t, target.snapshot())
		require.False(t, m.State().Stopped)
		require.Positive(t, seen.looks)
		require.Zero(t, seen.sends)
		home.set(func(h *homeChain) { h.err, h.head = nil, 3 })
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, upTo(3), target.snapshot())
	})
}

// TestAheadOfHome checks that a target that has more than the home nodes show,
// through another relayer with better nodes, is left alone.
func TestAheadOfHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 3}, &targetChain{recorded: upTo(7)}
		m, _, _ := newMirror(t, home, target)
		stop := start(t, m)
		time.Sleep(time.Minute)
		stop()
		require.Zero(t, target.sends)
		require.Zero(t, m.State().Lag())
	})
}

func TestStopsWithinASubmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, target := &homeChain{head: 3}, &targetChain{latency: time.Hour}
		m, _, seen := newMirror(t, home, target)
		stop := start(t, m)
		time.Sleep(10 * time.Second)
		before := time.Now()
		stop()
		require.Less(t, time.Since(before), time.Second)
		require.Zero(t, seen.sends, "a stop is no failure")
	})
}

func TestAnotherEntryThanAskedFor(t *testing.T) {
	m, _, _ := newMirror(t, wrongEntry{}, &targetChain{})
	_, err := m.step(t.Context())
	require.ErrorIs(t, err, ErrForged)
}

type wrongEntry struct{}

// Head implements Source.
func (wrongEntry) Head(context.Context) (uint64, error) { return 5, nil }

// Entry implements Source.
func (wrongEntry) Entry(context.Context, uint64) (Entry, error) { return Entry{}, nil }

func TestConfigIsValidated(t *testing.T) {
	for name, edit := range map[string]func(*Config){
		"name":       func(c *Config) { c.Name = "" },
		"poll":       func(c *Config) { c.Poll = 0 },
		"submit":     func(c *Config) { c.SubmitTimeout = -1 },
		"backoff":    func(c *Config) { c.Backoff = 0 },
		"maxbackoff": func(c *Config) { c.MaxBackoff = c.Backoff - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig
			edit(&cfg)
			_, err := New(cfg, nil, nil, nil, nil, nil)
			require.Error(t, err)
		})
	}
}

func TestKinds(t *testing.T) {
	require.Equal(t, "other", Kind(errors.New("x")))
	require.Equal(t, "forged", Kind(fmt.Errorf("a: %w: %w", ErrUnknown, ErrForged)), "the gravest decides")
	require.False(t, Stops(errors.Join(ErrUnknown, ErrRefused, ErrLowBalance, ErrFeeTooHigh, ErrNotSealed)))
	require.Len(t, Kinds(), len(kinds)+1)
}

func TestMarks(t *testing.T) {
	var m marks
	at := time.Unix(1_700_000_000, 0)
	for i := range maxMarks + 100 {
		m.seen(uint64(2*i+2), at.Add(time.Duration(i)*time.Second))
	}
	require.Len(t, m, maxMarks)
	require.Equal(t, at.Add(time.Second), m.since(3))
	require.Equal(t, at.Add((maxMarks-1)*time.Second), m.since(2*(maxMarks+100)), "never younger than it is")
	m.forget(7)
	require.Equal(t, at.Add(3*time.Second), m.since(1))
	require.Zero(t, m.since(1<<40))
}
