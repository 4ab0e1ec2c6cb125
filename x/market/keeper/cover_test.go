// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// coverSeeds makes the newest seed one of attestors, the least of whom has a stake.
func coverSeeds(t *testing.T, c *sim.Chain, stake uint64) {
	t.Helper()
	b, err := c.Oracle.Beacon.Get(c.Ctx)
	require.NoError(t, err)
	require.NoError(t, c.Oracle.BlockSeeds.Remove(c.Ctx, b.Final))
	require.NoError(t, c.Oracle.Covers.Set(c.Ctx, b.Final, stake))
}

// TestLargeBoundsAreAuditedEveryTime: a withheld share costs no more than its
// attestor has, so what stands behind a larger bound is not left to the draw.
func TestLargeBoundsAreAuditedEveryTime(t *testing.T) {
	const tasks = 30
	// At 1 % the bound of a value of 1,000 ucupel is 199 times that.
	const bound = 199_000
	for name, tc := range map[string]struct {
		stake uint64
		least int
		most  int
	}{
		"a stake of the bound":    {bound, 0, 5},
		"one ucupel less":         {bound - 1, tasks, tasks},
		"a stake of all there is": {1 << 62, 0, 5},
	} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 5, auditRate(100))
			m := sim.Submit(requester)
			m.Count, m.ValueAtStake = tasks, 1_000
			m.LotSize = 4
			batch := submit(t, c, m)
			for range 200 {
				coverSeeds(t, c, tc.stake)
				require.NoError(t, c.Blocks(1))
			}
			audited := 0
			for i := range uint32(tasks) {
				view, err := c.Task(batch, i)
				require.NoError(t, err)
				require.Contains(t, []types.TaskState{types.TaskAgreed, types.TaskSettled}, view.State)
				if view.Disputed {
					audited++
				}
			}
			require.GreaterOrEqual(t, audited, tc.least)
			require.LessOrEqual(t, audited, tc.most)
		})
	}
}
