// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// fullSet runs a task of seven replicas, of which the first lies, until its
// case is decided; the second and the liar withhold what they answer in it.
func fullSet(t *testing.T) (*sim.Chain, uint64) {
	c := newMarket(t, 7, shortWindows, auditRate(100))
	c.Workers[0].Run = sim.Wrong
	m := sim.Submit(requester)
	m.Replicas, m.Deadline, m.Limits.WallSeconds = 7, 10, 1
	task := types.TaskID(submit(t, c, m), 0)
	phase := func(want types.CasePhase) func() (bool, error) {
		return func() (bool, error) {
			g, err := c.Market.ExportGenesis(c.Ctx)
			return err == nil && len(g.Cases) > 0 && g.Cases[0].Phase == want, err
		}
	}
	_, err := c.Until(10, phase(types.CasePhaseCommit))
	require.NoError(t, err)
	c.Workers[0].NoReveal, c.Workers[1].NoReveal = true, true
	found, err := c.Until(20, phase(types.CasePhaseDecided))
	require.NoError(t, err)
	require.True(t, found)
	return c, task
}

func (w *world) load(t *testing.T, i int) registrytypes.Load {
	load, err := w.c.Registry.Load(w.c.Ctx, w.c.Workers[i].ID)
	require.NoError(t, err)
	return load
}

// TestLateRevealInACase lowers the loss of who withheld the right answer to
// the no-show fee, and of nobody else.
func TestLateRevealInACase(t *testing.T) {
	c, task := fullSet(t)
	w := &world{c, &observer{c: c}}
	w.check(t)
	for i := range 2 {
		require.NotZero(t, w.load(t, i).PendingSlash)
		require.EqualValues(t, 1, w.load(t, i).Freezes)
	}
	late := func(i int, want error) {
		v, worker := caseOf(t, c, task), c.Workers[i]
		r, err := worker.CaseReveal(c, types.CaseWork{Task: task, Attempt: v.Attempt, Others: v.Others(worker.ID)})
		require.NoError(t, err)
		attempt(t, c, want, func(ctx context.Context) error {
			_, err := c.Msgs().RevealCase(ctx, &types.MsgRevealCase{Worker: sim.Text(worker.Hot), Cases: []types.CaseReveal{r}})
			return err
		})
	}
	late(0, types.ErrInvalidReveal)
	late(1, nil)
	w.check(t)
	require.Zero(t, w.load(t, 1).PendingSlash)
	require.Zero(t, w.load(t, 1).Freezes)
	bonds := []uint64{bondOf(t, c, c.Workers[0]), bondOf(t, c, c.Workers[1])}

	batch, _ := types.SplitTaskID(task)
	w.seen.until(t, batch, 100)

	late(1, types.ErrWrongPhase)
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	require.Equal(t, bonds[0]-bound, bondOf(t, c, c.Workers[0]))
	require.Equal(t, bonds[1]-80, bondOf(t, c, c.Workers[1]))
	require.Zero(t, c.Balance(c.Workers[1].Payout))
	idle(t, c)
	w.check(t)
}

// TestUnsoundDispute pays the largest group of a class in which a difference
// proves nothing, else everybody, and slashes nobody.
func TestUnsoundDispute(t *testing.T) {
	tests := map[string]struct {
		runs []func(uint64) sim.Answer
		paid int
	}{
		"two of three":   {[]func(uint64) sim.Answer{nil, nil, sim.Wrong}, 2},
		"all different":  {[]func(uint64) sim.Answer{nil, trapped, sim.Wrong}, 3},
		"two and a host": {[]func(uint64) sim.Answer{nil, sim.Wrong, sim.Fault(types.OutcomeWall)}, 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 3, shortWindows, func(g sim.Genesis) { g.Registry.Classes[0].Sound = false })
			for i, run := range tc.runs {
				c.Workers[i].Run = run
			}
			m := sim.Submit(requester)
			m.Deadline = 10
			batch := submit(t, c, m)
			task := settle(t, c, batch, 200)
			require.Equal(t, types.TaskSettled, task.State)
			require.Len(t, task.Right, tc.paid)
			for _, w := range c.Workers {
				p, err := c.Registry.Provider(c.Ctx, w.ID)
				require.NoError(t, err)
				require.Zero(t, p.Slashed)
				require.Equal(t, holds(task.Right, w.ID), c.Balance(w.Payout) > 0)
			}
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}
