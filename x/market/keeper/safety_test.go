// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

func TestHireWaitsForAuditors(t *testing.T) {
	for name, tc := range map[string]struct {
		workers int
		state   types.TaskState
	}{
		"two could audit":   {2, types.TaskExpired},
		"three could audit": {3, types.TaskSettled},
	} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, tc.workers)
			m := sim.Optimistic(sim.Submit(requester))
			m.Hire = sim.Text(c.Workers[0].Operator)
			batch := submit(t, c, m)

			task := settle(t, c, batch, 3_000)

			require.Equal(t, tc.state, task.State)
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

func TestVoidedSeatOwesNothingForStayingSilent(t *testing.T) {
	for name, change := range map[string]func(*sim.Worker){
		"does not commit": func(w *sim.Worker) { w.Silent = true },
		"does not reveal": func(w *sim.Worker) { w.NoReveal = true },
	} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 6, auditRate(100))
			w := c.Workers[0]
			change(w)
			batch := drawUntil(t, c, w, sim.Submit(requester))
			require.NoError(t, c.Blocks(2))
			before := bondOf(t, c, w)
			load := loadOf(t, c, w)
			load.VoidClock = tick(t, c)
			require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))

			task := settle(t, c, batch, 3_000)

			require.Equal(t, types.TaskSettled, task.State)
			require.NotContains(t, task.Right, w.ID)
			require.Equal(t, before, bondOf(t, c, w), "it was not allowed to act")
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

func tick(t testing.TB, c *sim.Chain) uint64 {
	now, err := c.Registry.Tick(c.Ctx)
	require.NoError(t, err)
	return now
}

func TestMovementThatFailsHaltsNoBlockAndLosesNothing(t *testing.T) {
	c := newMarket(t, 4, auditRate(100))
	c.Bank.NoBurn = true
	batch := submit(t, c, sim.Submit(requester))

	task := settle(t, c, batch, 900)

	require.Equal(t, types.TaskSettled, task.State)
	claim, err := c.Market.Claimables.Get(c.Ctx, collections.Join([]byte(sim.Gov), sim.Denom))
	require.NoError(t, err)
	require.Equal(t, conserved(t, c, batch).Burned, claim)
	require.NoError(t, c.Check())
}

func TestSlashDoesNotWaitForOtherCases(t *testing.T) {
	c := newMarket(t, 9, auditRate(100))
	liar := c.Workers[0]
	liar.Run = sim.Wrong
	batch := drawUntil(t, c, liar, sim.Submit(requester))
	decided, err := c.Until(900, func() (bool, error) {
		view, err := c.Task(batch, 0)
		return view.State == types.TaskAgreed, err
	})
	require.NoError(t, err)
	require.True(t, decided)
	freeze := func(n uint32) { // as another case would
		for _, w := range c.Workers[1:] {
			load := loadOf(t, c, w)
			load.Freezes = n
			require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))
		}
	}
	freeze(1)
	require.NoError(t, c.Blocks(700))

	res, err := c.Query().Case(c.Ctx, &types.QueryCaseRequest{Task: types.TaskID(batch, 0)})
	require.NoError(t, err)
	require.Equal(t, types.CasePhaseDecided, res.Case.Phase, "the payments wait")
	require.Equal(t, 1_000*sim.CUPEL-bondOf(t, c, liar), res.Case.Slashed, "the slash does not")
	require.Positive(t, res.Case.Slashed)

	freeze(0)
	require.Equal(t, types.TaskSettled, settle(t, c, batch, 100).State)
	conserved(t, c, batch)
	idle(t, c)
}
