// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// TestAbandonsWhatNobodyAwaits: an attempt that the chain no longer lists is
// ended with a cause that engines know, neither early nor by a short gap.
func TestAbandonsWhatNobodyAwaits(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	f.engine.block = make(chan struct{})
	require.NoError(t, f.runner.step(f.work, f.work))
	require.Eventually(t, func() bool { return f.engine.count() == 1 }, 5*time.Second, time.Millisecond)
	var cause error
	for _, a := range f.runner.active {
		end := a.cancel
		a.cancel = func(err error) {
			cause = err
			end(err)
		}
	}
	awaited, err := f.chain.Work(t.Context(), 1)
	require.NoError(t, err)
	now := time.Now()
	look := func(todo chain.Work) {
		now = now.Add(abandonAfter / 5)
		f.runner.abandon(todo, now)
	}
	for range 3 {
		for range abandonLooks - 1 {
			look(chain.Work{})
		}
		require.NoError(t, cause, "too few looks")
		look(awaited)
	}
	for range 3 * abandonLooks {
		f.runner.abandon(chain.Work{}, now)
	}
	require.NoError(t, cause, "too short a time")
	other := awaited
	other.Lots = append([]markettypes.LotWork(nil), awaited.Lots...)
	other.Lots[0].Attempt++
	for range 6 {
		look(other)
	}
	require.ErrorIs(t, cause, engine.ErrAbandoned)
	f.runner.wg.Wait()
	require.Empty(t, f.runner.active)
	require.NoError(t, f.work.Err())
	require.NotErrorIs(t, cause, context.Canceled)
}
