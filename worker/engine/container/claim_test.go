// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// TestClaimWaits: a run that the reaper looks at is not refused, it waits. After
// a restart both happen at once.
func TestClaimWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{running: make(map[string]chan struct{})}
		release, busy := h.tryClaim("job")
		require.Nil(t, busy)
		_, busy = h.tryClaim("job")
		require.NotNil(t, busy, "nobody else has it")
		other, busy := h.tryClaim("other")
		require.Nil(t, busy)
		other()

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := h.claim(ctx, "job")
		require.ErrorIs(t, err, context.Canceled)

		claimed := false
		go func() {
			release, err := h.claim(t.Context(), "job")
			claimed = err == nil
			release()
		}()
		synctest.Wait()
		require.False(t, claimed)
		release()
		synctest.Wait()
		require.True(t, claimed)
		require.Empty(t, h.running)
	})
}
