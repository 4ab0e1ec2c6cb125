// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// whole checks that nobody has lost any of its bond.
func whole(t *testing.T, c *sim.Chain) {
	t.Helper()
	for _, w := range c.Workers {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
		require.Zero(t, loadOf(t, c, w).Missed)
	}
}

// TestUnprovableLotFails: a requester that names an audited circuit with files
// that nobody can prove pays two runtime fees, and no provider a no-show fee.
func TestUnprovableLotFails(t *testing.T) {
	c := newMarket(t, 4)
	withCircuits(t, c)
	all(c, func(w *sim.Worker) { w.Run = sim.Fault(types.OutcomeHostError) })
	m := proofOrder(2)
	m.LotSize = 2
	batch := submit(t, c, m)

	task := settle(t, c, batch, 30)

	require.Equal(t, types.TaskFailed, task.State)
	require.Equal(t, types.ReasonHostError, task.Reason)
	require.Len(t, task.Providers, 2, "two operators said so")
	require.Empty(t, task.Right)
	tally := conserved(t, c, batch)
	require.Equal(t, uint64(2*2*100), tally.Pooled, "two runtime fees of two tasks")
	require.Equal(t, tally.Escrowed-tally.Pooled, tally.Refunded)
	require.Zero(t, tally.Paid)
	whole(t, c)
	idle(t, c)
	_, err := c.Fork() // the state of it can be exported and imported
	require.NoError(t, err)
}

// TestReportedFaultIsDrawnAgain: one report has somebody else prove the lot, at
// once and without a fee.
func TestReportedFaultIsDrawnAgain(t *testing.T) {
	c := newMarket(t, 3)
	withCircuits(t, c)
	faulty := c.Workers[0]
	faulty.Run = sim.Fault(types.OutcomeInputUnavailable)
	batch := drawUntil(t, c, faulty, proofOrder(1))

	task := settle(t, c, batch, 30)

	require.Equal(t, types.TaskSettled, task.State)
	require.Contains(t, task.Providers, faulty.ID)
	require.NotContains(t, task.Right, faulty.ID)
	require.Zero(t, c.Balance(faulty.Payout))
	require.Zero(t, conserved(t, c, batch).Pooled)
	whole(t, c)
	idle(t, c)
}

// TestFaultsThatDifferCostNothing: what no two report is no reason for a fee.
func TestFaultsThatDifferCostNothing(t *testing.T) {
	c := newMarket(t, 4)
	withCircuits(t, c)
	for i, w := range c.Workers {
		w.Run = sim.Fault([]types.Outcome{types.OutcomeWall, types.OutcomeStack, types.OutcomeInputUnavailable, types.OutcomeHostError}[i])
	}
	batch := submit(t, c, proofOrder(1))

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.ReasonNoShow, task.Reason)
	tally := conserved(t, c, batch)
	require.Equal(t, tally.Escrowed, tally.Refunded)
	whole(t, c)
	idle(t, c)
}

// TestFaultOfAHiredProvider: it has no stand-in, and its word costs nothing.
func TestFaultOfAHiredProvider(t *testing.T) {
	c := newMarket(t, 2)
	withCircuits(t, c)
	hired := c.Workers[1]
	hired.Run = sim.Fault(types.OutcomeWall)
	m := proofOrder(1)
	m.Circuit, m.Hire = 2, sim.Text(hired.Operator)
	batch := submit(t, c, m)

	task := settle(t, c, batch, 30)

	require.Equal(t, []any{types.TaskFailed, types.ReasonWall}, []any{task.State, task.Reason})
	tally := conserved(t, c, batch)
	require.Equal(t, tally.Escrowed, tally.Refunded)
	whole(t, c)
	idle(t, c)
}

// TestFaultReport refuses what is neither a report nor a proof.
func TestFaultReport(t *testing.T) {
	wall, stack := types.Result{Outcome: types.OutcomeWall}, types.Result{Outcome: types.OutcomeStack}
	ok := types.Result{Outcome: types.OutcomeOK, Digest: make([]byte, types.HashSize)}
	tests := map[string]types.LotProof{
		"two reasons":     {Results: []types.Result{wall, stack}},
		"half a report":   {Results: []types.Result{wall, ok}},
		"with proofs":     {Results: []types.Result{wall, wall}, Proofs: [][]byte{{1}, {2}}},
		"too few":         {Results: []types.Result{wall}},
		"with a digest":   {Results: []types.Result{{Outcome: types.OutcomeWall, Digest: make([]byte, types.HashSize)}, wall}},
		"with units":      {Results: []types.Result{{Outcome: types.OutcomeWall, Units: 1}, wall}},
		"nothing":         {},
		"unknown outcome": {Results: []types.Result{{Outcome: 99}, {Outcome: 99}}},
	}
	for name, r := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 1)
			withCircuits(t, c)
			w := c.Workers[0]
			w.Silent = true
			m := proofOrder(2)
			m.LotSize = 2
			batch := submit(t, c, m)
			require.NoError(t, c.Blocks(1))
			r.Batch, r.Attempt = batch, 1

			_, err := c.Msgs().Prove(c.Ctx, &types.MsgProve{Worker: sim.Text(w.Hot), Lots: []types.LotProof{r}})

			require.Error(t, err)
			require.NotZero(t, loadOf(t, c, w).InFlight)
		})
	}
}
