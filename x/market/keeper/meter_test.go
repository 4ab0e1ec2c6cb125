// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const bySecond = "container/v1-amd64"

// clocked returns a chain with a class in seconds that all workers offer for 10
// ucupel a second.
func clocked(t testing.TB, n int, sound bool, edits ...func(sim.Genesis)) *sim.Chain {
	c := newMarket(t, n, append(edits, func(g sim.Genesis) {
		g.Registry.Classes = append(g.Registry.Classes, registrytypes.Class{Id: 2, Name: bySecond, Unit: registrytypes.UnitSecond, Sound: sound})
	})...)
	for _, w := range c.Workers {
		p, err := c.Registry.Provider(c.Ctx, w.ID)
		require.NoError(t, err)
		_, err = registrykeeper.NewMsgServer(c.Registry).UpdateProvider(c.Ctx, &registrytypes.MsgUpdateProvider{
			Operator: p.Operator, Payout: p.Payout, Region: p.Region, Endpoint: p.Endpoint,
			Resources: []registrytypes.Resource{{Class: bySecond, Count: 8, Price: 10}},
		})
		require.NoError(t, err)
	}
	return c
}

// bill is a submit of one task of at most a number of seconds.
func bill(units uint64, processors uint32) types.MsgSubmit {
	m := sim.Submit(requester)
	m.Class, m.MaxPrice = bySecond, 10
	m.Limits.Units, m.Limits.Processors = units, processors
	return m
}

// claims is the honest answer with other units.
func claims(units uint64) func(uint64) sim.Answer {
	return func(task uint64) sim.Answer {
		a := sim.Honest(task)
		a.Result.Units = units
		return a
	}
}

func TestSecondsAreNotCompared(t *testing.T) {
	tests := map[string]struct {
		claims     []uint64
		replicas   uint32
		limit      uint64
		processors uint32
		units      uint64
	}{
		"the median of three":            {[]uint64{10, 20, 90}, 3, 100, 100, 20},
		"one claims all":                 {[]uint64{10, 11, 100}, 3, 100, 100, 11},
		"the lower of two":               {[]uint64{10, 20}, 2, 100, 100, 10},
		"never more than the chain saw":  {[]uint64{50, 60, 70}, 3, 100, 2, 2},
		"one processor if none is named": {[]uint64{50, 60, 70}, 3, 100, 0, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := clocked(t, len(tc.claims), false)
			for i, w := range c.Workers {
				w.Run = claims(tc.claims[i])
			}
			m := bill(tc.limit, tc.processors)
			m.Replicas = tc.replicas
			batch := submit(t, c, m)

			task := settle(t, c, batch, 2_000)

			require.Equal(t, types.TaskSettled, task.State)
			require.False(t, task.Disputed, "other seconds are no dispute")
			require.Equal(t, tc.units, task.Result.Units)
			tally := conserved(t, c, batch)
			require.Equal(t, tally.Escrowed-uint64(tc.replicas)*tc.units*10, tally.Refunded)
			idle(t, c)
		})
	}
}

func TestHiredSecondsAreCappedByTheClock(t *testing.T) {
	c := clocked(t, 3, false)
	w := c.Workers[0]
	w.Run, w.Silent = claims(100), true
	m := sim.Optimistic(bill(100, 4))
	m.Hire = sim.Text(w.Operator)
	batch := submit(t, c, m)
	require.NoError(t, c.Blocks(8)) // it is drawn in the first and answers in the one after the last
	w.Silent = false

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Equal(t, uint64(9*4), task.Result.Units, "four processors for nine seconds")
	conserved(t, c, batch)
}

// TestAuditOfSeconds pays what the first round agreed on, whatever the auditor
// measures, and slashes only another digest.
func TestAuditOfSeconds(t *testing.T) {
	c := clocked(t, 9, true, auditRate(10_000))
	for i, w := range c.Workers {
		w.Run = claims(uint64(10 + 10*i))
	}
	batch := submit(t, c, bill(100, 100))
	require.NoError(t, c.Blocks(3))
	agreed, err := c.Task(batch, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskAgreed, agreed.State)

	task := settle(t, c, batch, 2_000)

	require.True(t, task.Disputed)
	require.Len(t, task.Right, 4)
	require.Equal(t, agreed.Result, task.Result)
	for _, w := range c.Workers {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
	conserved(t, c, batch)
	idle(t, c)
}

func TestLiarOfSecondsIsOutvoted(t *testing.T) {
	c := clocked(t, 9, true, auditRate(100))
	for i, w := range c.Workers {
		w.Run = claims(uint64(10 + i))
	}
	liar := c.Workers[0]
	m := bill(1_000, 4_096)
	liar.Run = func(task uint64) sim.Answer {
		a := sim.Wrong(task)
		a.Result.Units = 1_000
		return a
	}
	batch := drawUntil(t, c, liar, m)

	task := settle(t, c, batch, 4_000)

	require.Equal(t, sim.Honest(task.Task).Result.Digest, task.Result.Digest)
	require.Less(t, task.Result.Units, uint64(20))
	require.Less(t, bondOf(t, c, liar), 1_000*sim.CUPEL)
	conserved(t, c, batch)
	idle(t, c)
}
