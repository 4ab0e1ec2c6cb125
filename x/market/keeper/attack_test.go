// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
)

// The tests of this file play somebody who wants more than its share. Each
// failed before the rule that it names was written.

// TestAuditorsAreDrawnByTicket: whoever registered first must not be every
// task's auditor.
func TestAuditorsAreDrawnByTicket(t *testing.T) {
	c := newMarket(t, 24, shortWindows)
	counts := map[uint32]int{}
	m := sim.Optimistic(sim.Submit(requester))
	m.Count, m.Deadline, m.Limits.WallSeconds = 60, 30, 1

	settle(t, c, submit(t, c, m), 400)

	for _, k := range exported(t, c).Market.Cases {
		for _, s := range k.Seats {
			if !s.Original {
				counts[s.Provider]++
			}
		}
	}
	require.Greater(t, len(counts), 12, "60 audits fall on %v", counts)
}
