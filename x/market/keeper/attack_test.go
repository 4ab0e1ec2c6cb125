// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	storetypes "cosmossdk.io/store/types"
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

// fillPool gives the audit pool coins.
func fillPool(t *testing.T, c *sim.Chain, amount uint64) {
	require.NoError(t, c.Fund(marketAccount, amount))
	require.NoError(t, c.Market.Pools.Set(c.Ctx, sim.Denom, amount))
}

func poolOf(t *testing.T, c *sim.Chain) uint64 {
	pool, err := c.Market.Pools.Get(c.Ctx, sim.Denom)
	require.NoError(t, err)
	return pool
}

// TestFirstTasksPayForTheirAudits: somebody who buys from its own new
// providers must not live off the pool that audits them.
func TestFirstTasksPayForTheirAudits(t *testing.T) {
	c := newMarket(t, 6, shortWindows)
	fillPool(t, c, sim.CUPEL)
	m := sim.Optimistic(sim.Submit(requester))
	m.Count, m.Deadline, m.Limits.WallSeconds = 20, 30, 1

	settle(t, c, submit(t, c, m), 400)

	require.EqualValues(t, sim.CUPEL, poolOf(t, c))
}

// TestVerifiersAreNotPaidByALiarsUnits: what a liar claims to have used must
// not set what those who catch it earn, or the pool loses.
func TestVerifiersAreNotPaidByALiarsUnits(t *testing.T) {
	for name, units := range map[string]uint64{"most": 1_000_000_000, "none": 0} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 9, shortWindows, auditRate(100))
			fillPool(t, c, sim.CUPEL)
			lie := func(task uint64) sim.Answer {
				a := sim.Wrong(task)
				a.Result.Units = units
				return a
			}
			batch, seats := liarsBatch(t, c, 1, lie)
			settle(t, c, batch, 400)

			share := uint64(400 - 200 - 20) // of half of 10^9 units at 800 ucupel
			for _, w := range c.Workers {
				if w.ID != seats[0].Provider && holds(caseRight(t, c, batch), w.ID) {
					require.Equal(t, share, c.Balance(w.Payout))
				}
			}
		})
	}
}

// liarsBatch makes the first n seats of a task with three replicas lie.
func liarsBatch(t *testing.T, c *sim.Chain, n int, lie func(uint64) sim.Answer) (uint64, []types.Seat) {
	all(c, func(w *sim.Worker) { w.Silent = true })
	m := sim.Submit(requester)
	m.Deadline, m.Limits.WallSeconds = 10, 1
	batch, seats := assigned(t, c, m)
	all(c, func(w *sim.Worker) { w.Silent = false })
	for _, s := range seats[:n] {
		workerOf(t, c, s.Provider).Run = lie
	}
	return batch, seats
}

func caseRight(t *testing.T, c *sim.Chain, batch uint64) []uint32 {
	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	return task.Right
}

// TestWindowsEndBeforeTheUnbonding: a slash must still reach the coins.
func TestWindowsEndBeforeTheUnbonding(t *testing.T) {
	_, err := sim.New(func(g sim.Genesis) { g.Registry.Params.UnbondingTicks = 1_000 })
	require.ErrorIs(t, err, types.ErrInvalidParams)

	c := newMarket(t, 0)
	p := types.DefaultParams()
	p.WindowTicks = 700_000
	_, err = c.Market.AddParams(c.Ctx, p)
	require.ErrorIs(t, err, types.ErrInvalidParams)
}

// TestQuorumIsAMajorityOfALargeSet: four copiers that vouch for each other
// must not deny a result to the honest majority of a set beyond grow_to.
func TestQuorumIsAMajorityOfALargeSet(t *testing.T) {
	c := newMarket(t, 10, shortWindows, auditRate(10_000))
	for _, w := range c.Workers[:4] {
		w.Run = func(task uint64) sim.Answer {
			return sim.Answer{Result: sim.Honest(task).Result, Memory: make([]byte, 32)}
		}
	}
	m := sim.Submit(requester)
	m.Replicas, m.Deadline, m.Limits.WallSeconds = 9, 10, 1

	task := settle(t, c, submit(t, c, m), 400)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 6)
	for _, w := range c.Workers[4:] {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
}

// TestCasePhaseIsBounded: neither many verification seats nor seats that leave
// one by one may hold a case beyond what the unbonding allows for.
func TestCasePhaseIsBounded(t *testing.T) {
	c := newMarket(t, 9, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 1, sim.Wrong)
	for _, w := range c.Workers {
		load := loadOf(t, c, w)
		load.Verifying = 1 << 20
		require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))
	}
	workerOf(t, c, seats[0].Provider).SkipCases = true
	task := types.TaskID(batch, 0)
	_, err := c.Until(40, func() (bool, error) {
		k, err := c.Market.Cases.Get(c.Ctx, task)
		return err == nil && k.Phase == types.CasePhaseCommit, nil
	})
	require.NoError(t, err)

	k := caseOf(t, c, task)
	tick, err := c.Registry.Tick(c.Ctx)
	require.NoError(t, err)
	require.LessOrEqual(t, k.Due-tick, uint64(types.MaxWallSeconds)+4)
}

// TestStayingAwayFromAThinClass: where nobody is left to take its place, a liar
// that stays away must neither escape its slash nor cost the others their pay.
func TestStayingAwayFromAThinClass(t *testing.T) {
	c := newMarket(t, 7, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 1, sim.Wrong)
	liar := workerOf(t, c, seats[0].Provider)
	liar.SkipCases = true

	task := settle(t, c, batch, 400)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 6)
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	require.Equal(t, 1_000*sim.CUPEL-bound-80, bondOf(t, c, liar))
	idle(t, c)
}

// TestAuditorThatWithholdsPays: growing the set for nothing must not be free.
func TestAuditorThatWithholdsPays(t *testing.T) {
	c := newMarket(t, 9, shortWindows, auditRate(10_000))
	batch, seats := liarsBatch(t, c, 0, nil)
	all(c, func(w *sim.Worker) { w.NoReveal = true })
	for _, s := range seats {
		workerOf(t, c, s.Provider).NoReveal = false
	}
	task := types.TaskID(batch, 0)
	var auditor *sim.Worker
	_, err := c.Until(60, func() (bool, error) {
		k, err := c.Market.Cases.Get(c.Ctx, task)
		if err == nil && k.Attempt == 1 && auditor == nil {
			auditor = workerOf(t, c, k.Seats[3].Provider)
		}
		return err == nil && k.Attempt == 2, nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 1_000*sim.CUPEL-80, bondOf(t, c, auditor))
}

// TestRevealDoesNotPayForDraws: the gas of a reveal that opens disputes must not
// grow with the roster, or an honest seat cannot send it.
func TestRevealDoesNotPayForDraws(t *testing.T) {
	gas := func(workers int) uint64 {
		c := newMarket(t, workers, shortWindows, auditRate(100))
		all(c, func(w *sim.Worker) { w.Silent = true })
		m := sim.Submit(requester)
		m.Count, m.LotSize, m.Deadline, m.Limits.WallSeconds = 8, 8, 10, 1
		_, seats := assigned(t, c, m)
		for i, s := range seats {
			workerOf(t, c, s.Provider).Silent = false
			if i == 0 {
				workerOf(t, c, s.Provider).Run = sim.Wrong
			}
		}
		require.NoError(t, c.Block()) // commits
		c.Ctx = c.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		for _, s := range seats {
			w := workerOf(t, c, s.Provider)
			work, err := c.Query().Work(c.Ctx, &types.QueryWorkRequest{Provider: w.ID})
			require.NoError(t, err)
			require.Len(t, work.Lots, 1)
			c.Ctx = c.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
			_, err = c.Msgs().Reveal(c.Ctx, &types.MsgReveal{Worker: sim.Text(w.Hot), Lots: []types.LotReveal{w.Reveal(work.Lots[0].Batch, work.Lots[0])}})
			require.NoError(t, err)
		}
		return c.Ctx.GasMeter().GasConsumed()
	}
	few, many := gas(8), gas(250)
	require.InEpsilon(t, few, many, 0.2)
}

// TestNobodyWorksWhereNobodyMayAudit: a value that a new provider's bond covers
// and no auditor's must not buy a result for the runtime fee.
func TestNobodyWorksWhereNobodyMayAudit(t *testing.T) {
	c := newMarket(t, 6, shortWindows)
	m := sim.Optimistic(sim.Submit(requester))
	m.ValueAtStake, m.Deadline, m.Limits.WallSeconds = 900*sim.CUPEL, 10, 1

	task := settle(t, c, submit(t, c, m), 200)

	require.Equal(t, types.ReasonDeadline, task.Reason)
	require.Empty(t, task.Providers)
}

// TestTwoFaultsDoNotEndATaskThatHasAResult: two seats that report a fault must
// neither earn by it nor give the third one's result to the requester for the
// runtime fee.
func TestTwoFaultsDoNotEndATaskThatHasAResult(t *testing.T) {
	c := newMarket(t, 9, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 2, sim.Fault(types.OutcomeWall))

	task := settle(t, c, batch, 400)

	require.Equal(t, types.TaskSettled, task.State)
	require.Contains(t, task.Right, seats[2].Provider)
	require.Positive(t, c.Balance(workerOf(t, c, seats[2].Provider).Payout))
	for _, s := range seats[:2] {
		w := workerOf(t, c, s.Provider)
		require.Zero(t, c.Balance(w.Payout))
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
	idle(t, c)
}

// TestReportedFaultsEarnNothing: whoever reports a fault shows no run, so the
// runtime fee of the requester must not be theirs.
func TestReportedFaultsEarnNothing(t *testing.T) {
	c := newMarket(t, 9, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 3, sim.Fault(types.OutcomeHostError))

	task := settle(t, c, batch, 400)

	require.Equal(t, types.ReasonHostError, task.Reason)
	require.Positive(t, conserved(t, c, batch).Pooled)
	for _, s := range seats {
		require.Zero(t, c.Balance(workerOf(t, c, s.Provider).Payout))
	}
	idle(t, c)
}

// TestPendingSlashHoldsPayments: who withheld an answer must not be paid for
// others until its loss is final, which voids them.
func TestPendingSlashHoldsPayments(t *testing.T) {
	c := newMarket(t, 4, shortWindows, auditRate(100))
	w := c.Workers[0]
	m := sim.Submit(requester)
	m.Replicas, m.Deadline, m.Limits.WallSeconds = 3, 10, 1
	batch := drawUntil(t, c, w, m)
	_, err := c.Until(200, func() (bool, error) {
		task, err := c.Task(batch, 0)
		return task.State == types.TaskAgreed, err
	})
	require.NoError(t, err)
	load := loadOf(t, c, w)
	load.PendingSlash = 1
	require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))
	require.NoError(t, c.Blocks(60))
	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskAgreed, task.State)

	load = loadOf(t, c, w)
	load.PendingSlash = 0
	require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))

	require.Equal(t, types.TaskSettled, settle(t, c, batch, 400).State)
}
