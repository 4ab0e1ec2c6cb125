// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
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

// TestUnsoundClassSlashesNobody: where equal work may end otherwise on another
// machine, neither an audit nor a replacement may cost a bond.
func TestUnsoundClassSlashesNobody(t *testing.T) {
	tests := map[string]func(first *sim.Worker, m *types.MsgSubmit){
		"audit": func(_ *sim.Worker, m *types.MsgSubmit) { m.Replicas = 3 },
		"replacement": func(first *sim.Worker, m *types.MsgSubmit) {
			first.Run = sim.Fault(types.OutcomeHostError)
			m.Hire, m.Policy, m.Replicas = sim.Text(first.Operator), types.PolicyOptimistic, 1
		},
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 9, shortWindows, auditRate(10_000), func(g sim.Genesis) { g.Registry.Classes[0].Sound = false })
			for i, w := range c.Workers {
				machine := uint64(i%3) << 40
				w.Run = func(task uint64) sim.Answer { return sim.Honest(task | machine) }
			}
			m := sim.Submit(requester)
			m.Deadline, m.Limits.WallSeconds = 10, 1
			edit(c.Workers[0], &m)

			batch := submit(t, c, m)
			task := settle(t, c, batch, 400)

			require.Equal(t, types.TaskSettled, task.State)
			require.Positive(t, conserved(t, c, batch).Paid)
			for _, w := range c.Workers {
				require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
			}
			idle(t, c)
		})
	}
}
