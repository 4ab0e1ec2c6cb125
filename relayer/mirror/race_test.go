// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestExactlyOnce runs one to three mirrors on one target in which calls fail
// before and after they worked, mirrors crash and come back without memory, and
// the chain is reorganized. In the end each nonce is recorded once, in order,
// and none was sent before its turn but where a reorganization took that back.
func TestExactlyOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mirrors := rapid.IntRange(1, 3).Draw(rt, "mirrors")
		seed := rapid.Uint64().Draw(rt, "seed")
		events := rapid.SliceOfN(rapid.SampledFrom([]string{"grow", "crash", "reorg", "finalize", "wait"}), 5, 40).Draw(rt, "events")
		synctest.Test(t, func(t *testing.T) {
			home := &homeChain{head: 3}
			target := &targetChain{latency: 300 * time.Millisecond, chaos: rand.New(rand.NewPCG(seed, 1))}
			stops := make([]func(), mirrors)
			launch := func(i int) {
				m, _, _ := newMirror(t, home, target)
				stops[i] = start(t, m)
			}
			for i := range stops {
				launch(i)
			}
			for i, event := range events {
				switch event {
				case "grow":
					home.set(func(h *homeChain) { h.head += 3 })
				case "crash":
					stops[i%mirrors]()
					launch(i % mirrors)
				case "reorg":
					target.reorg(1 + i)
				case "finalize":
					target.finalize()
				}
				time.Sleep(time.Duration(i%7) * 500 * time.Millisecond)
			}
			target.set(func(c *targetChain) { c.chaos = nil })
			time.Sleep(10 * time.Minute)
			for _, stop := range stops {
				stop()
			}
			require.Equal(t, upTo(home.head), target.snapshot())
			if !slices.Contains(events, "reorg") {
				require.Empty(t, target.skipped, "nothing is sent before its turn")
			}
		})
	})
}

// TestTwoMirrorsInterleaved takes the calls of two mirrors in 1,000 random
// orders, given by what each call takes: whoever comes second finds the nonce
// recorded.
func TestTwoMirrorsInterleaved(t *testing.T) {
	contested := 0
	for seed := range uint64(1000) {
		synctest.Test(t, func(t *testing.T) {
			home, target := &homeChain{head: 10}, &targetChain{}
			one, _, _ := newMirror(t, home, newSlow(target, seed, 1))
			two, _, _ := newMirror(t, home, newSlow(target, seed, 2))
			stopOne, stopTwo := start(t, one), start(t, two)
			time.Sleep(10 * time.Second)
			stopOne()
			stopTwo()
			require.Equal(t, upTo(10), target.snapshot())
			require.Empty(t, target.skipped)
			require.Equal(t, uint64(10), one.State().Progress.Sent)
			require.Equal(t, uint64(10), two.State().Progress.Sent)
			if target.sends > 10 {
				contested++
			}
		})
	}
	require.Greater(t, contested, 900, "the mirrors do get into each other's way")
}

// slow makes every call of a target take a random time, before and after it.
type slow struct {
	target Target
	random *rand.Rand
}

func newSlow(target Target, seed, stream uint64) slow {
	return slow{target, rand.New(rand.NewPCG(seed, stream))}
}

func (s slow) wait() { time.Sleep(time.Duration(s.random.IntN(20)) * time.Millisecond) }

// Progress implements Target.
func (s slow) Progress(ctx context.Context) (Progress, error) {
	s.wait()
	defer s.wait()
	return s.target.Progress(ctx)
}

// Submit implements Target.
func (s slow) Submit(ctx context.Context, entry Entry) error {
	s.wait()
	defer s.wait()
	return s.target.Submit(ctx, entry)
}
