// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

var challenger = sim.Addr("challenger")

// challengeable runs a task of three replicas until it is agreed: workers that
// tell lies are seated first. The bond of a challenge is 1 CUPEL.
func challengeable(t *testing.T, workers, liars int, lie func(uint64) sim.Answer, edits ...func(sim.Genesis)) (*sim.Chain, uint64) {
	t.Helper()
	c := newMarket(t, workers, append([]func(sim.Genesis){shortWindows, auditRate(100), undrawn}, edits...)...)
	require.NoError(t, c.Fund(challenger, 100*sim.CUPEL))
	batch, _ := liarsBatch(t, c, liars, lie)
	task := types.TaskID(batch, 0)
	inState(t, c, task, types.TaskAgreed)
	return c, task
}

// undrawn gives the first batch a number that the seed draws no audit of.
func undrawn(g sim.Genesis) { g.Market.NextBatch = 3 }

func inState(t *testing.T, c *sim.Chain, task uint64, state types.TaskState) {
	t.Helper()
	batch, index := types.SplitTaskID(task)
	found, err := c.Until(200, func() (bool, error) {
		v, err := c.Task(batch, index)
		return v.State == state, err
	})
	require.NoError(t, err)
	require.True(t, found)
}

// inPhase runs blocks until the case of a task is in a phase.
func inPhase(t *testing.T, c *sim.Chain, task uint64, phase types.CasePhase) types.Case {
	t.Helper()
	found, err := c.Until(200, func() (bool, error) {
		k, err := c.Market.Cases.Get(c.Ctx, task)
		return err == nil && k.Phase == phase, nil
	})
	require.NoError(t, err)
	require.True(t, found)
	return caseOf(t, c, task)
}

func challenge(t *testing.T, c *sim.Chain, task uint64, kind types.ChallengeKind) {
	t.Helper()
	require.NoError(t, c.Deliver(func(ctx context.Context) error {
		_, err := c.Msgs().Challenge(ctx, &types.MsgChallenge{Sender: sim.Text(challenger), Task: task, Kind: kind})
		return err
	}))
	require.NoError(t, c.Check())
}

func appeal(t *testing.T, c *sim.Chain, sender sdk.AccAddress, task uint64) {
	t.Helper()
	require.NoError(t, c.Deliver(func(ctx context.Context) error {
		_, err := c.Msgs().Appeal(ctx, &types.MsgAppeal{Sender: sim.Text(sender), Task: task})
		return err
	}))
	require.NoError(t, c.Check())
}

func settleTask(t *testing.T, c *sim.Chain, task uint64) types.TaskView {
	t.Helper()
	batch, _ := types.SplitTaskID(task)
	return settle(t, c, batch, 600)
}

// TestLostChallengePaysTheAddedSeat: the bond pays who ran the task again, the
// rest goes to the audit pool, and nobody who answered has more for it.
func TestLostChallengePaysTheAddedSeat(t *testing.T) {
	c, task := challengeable(t, 9, 0, nil)
	before := c.Balance(challenger)
	challenge(t, c, task, types.ChallengeWrong)
	require.Equal(t, before-sim.CUPEL, c.Balance(challenger))

	view := settleTask(t, c, task)

	require.Equal(t, types.TaskSettled, view.State)
	require.Len(t, view.Right, 4)
	k := caseOf(t, c, task)
	require.Equal(t, types.RulingLost, k.Challenge)
	require.Equal(t, before-sim.CUPEL, c.Balance(challenger))
	fee := uint64(400 - 200 - 20)
	require.Equal(t, fee, c.Balance(workerOf(t, c, k.Seats[3].Provider).Payout))
	require.Equal(t, sim.CUPEL-fee+uint64(400-200-20)/100, poolOf(t, c), "and the share of the task")
	for _, s := range k.Seats[:3] {
		require.Equal(t, fee, c.Balance(workerOf(t, c, s.Provider).Payout))
	}
	idle(t, c)
}

// TestWonChallengeReturnsTheBond: three replicas that tell the same lie are
// found by one challenge, and their slash pays for it.
func TestWonChallengeReturnsTheBond(t *testing.T) {
	c, task := challengeable(t, 9, 3, sim.Wrong)
	before := c.Balance(challenger)
	challenge(t, c, task, types.ChallengeWrong)

	view := settleTask(t, c, task)

	require.Equal(t, types.TaskSettled, view.State)
	require.Equal(t, sim.Honest(task).Result, view.Result)
	k := caseOf(t, c, task)
	require.Equal(t, types.RulingWon, k.Challenge)
	require.Equal(t, before, c.Balance(challenger))
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	for _, s := range k.Seats {
		w := workerOf(t, c, s.Provider)
		if s.Original {
			require.Equal(t, 1_000*sim.CUPEL-bound, bondOf(t, c, w))
			require.Zero(t, c.Balance(w.Payout))
		} else {
			require.Equal(t, uint64(180), c.Balance(w.Payout))
		}
	}
	batch, _ := types.SplitTaskID(task)
	conserved(t, c, batch)
	idle(t, c)
}

// TestUnavailableArtifactMovesTheDelivery: replicas that keep their artifact to
// themselves are not paid; those who ran the task again are, in their place.
func TestUnavailableArtifactMovesTheDelivery(t *testing.T) {
	for name, tc := range map[string]struct {
		replicas uint32
		gone     bool
		policy   types.Policy
	}{
		"three replicas": {3, false, types.PolicyRedundant},
		"one replica":    {1, false, types.PolicyOptimistic},
		"one that left":  {1, true, types.PolicyOptimistic},
	} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 9, shortWindows, auditRate(100), noFirstAudits, undrawn)
			require.NoError(t, c.Fund(challenger, 100*sim.CUPEL))
			fillPool(t, c, sim.CUPEL)
			m := sim.Submit(requester)
			m.Policy, m.Replicas, m.Deadline, m.Limits.WallSeconds = tc.policy, tc.replicas, 10, 1
			batch := submit(t, c, m)
			task := types.TaskID(batch, 0)
			inState(t, c, task, types.TaskAgreed)
			all(c, func(w *sim.Worker) { w.Unreachable = func(uint32) bool { return true } })
			for _, s := range lotOf(t, c, batch, 0).Seats {
				workerOf(t, c, s.Provider).SkipCases = tc.gone
			}
			before := c.Balance(challenger)
			challenge(t, c, task, types.ChallengeUnavailable)

			view := settleTask(t, c, task)

			k := caseOf(t, c, task)
			require.Equal(t, types.TaskSettled, view.State)
			require.Equal(t, sim.Honest(task).Result, view.Result)
			require.Equal(t, types.RulingWon, k.Challenge)
			require.Equal(t, before, c.Balance(challenger))
			require.Len(t, k.Missing, int(tc.replicas))
			if !tc.gone {
				require.Len(t, view.Right, 3, "those who serve it")
			}
			for _, s := range k.Seats {
				require.Equal(t, s.Original, c.Balance(workerOf(t, c, s.Provider).Payout) == 0)
				require.Equal(t, !s.Original, holds(view.Right, s.Provider))
				if !tc.gone {
					require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, workerOf(t, c, s.Provider)))
				}
			}
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

// noFirstAudits has nobody audited in full: the draw is left to chance.
func noFirstAudits(g sim.Genesis) {
	for i := range g.Reputation.Params.Levels {
		g.Reputation.Params.Levels[i].AuditBps = 100
	}
}

// TestFewReportsTakeNothing: one of three that says it cannot fetch, whatever it
// wants, takes nobody's pay.
func TestFewReportsTakeNothing(t *testing.T) {
	c, task := challengeable(t, 9, 0, nil)
	var reporter uint32
	for _, w := range c.Workers {
		w.Unreachable = func(uint32) bool {
			if reporter == 0 {
				reporter = w.ID
			}
			return reporter == w.ID
		}
	}
	challenge(t, c, task, types.ChallengeUnavailable)
	view := settleTask(t, c, task)
	k := caseOf(t, c, task)
	require.NotEmpty(t, k.Seat(reporter).Unavailable)
	require.Empty(t, caseOf(t, c, task).Missing)
	require.Equal(t, types.RulingLost, caseOf(t, c, task).Challenge)
	require.Len(t, view.Right, 6)
}

// TestJuryOverturnsTheSet: four liars of seven slash the honest
// three; an appeal turns it round.
func TestJuryOverturnsTheSet(t *testing.T) {
	c, task, k := liarsOfSeven(t)
	honest := workerOf(t, c, k.WrongSeats()[0])
	require.NoError(t, c.Fund(honest.Operator, 100*sim.CUPEL))
	before := c.Balance(honest.Operator)
	appeal(t, c, honest.Operator, task)
	require.Equal(t, before-sim.CUPEL, c.Balance(honest.Operator), "14 times 400 is below the least bond")
	require.NotZero(t, loadOf(t, c, honest).PendingSlash, "until the jury has decided")

	view := settleTask(t, c, task)

	require.Equal(t, sim.Honest(task).Result, view.Result)
	after := caseOf(t, c, task)
	require.Equal(t, types.RulingWon, after.Appeal)
	require.Equal(t, 21, after.Weight())
	require.Equal(t, before, c.Balance(honest.Operator))
	require.ElementsMatch(t, k.Servers(), after.WrongSeats())
	for _, w := range c.Workers {
		require.Equal(t, holds(after.WrongSeats(), w.ID), bondOf(t, c, w) < 1_000*sim.CUPEL)
	}
	batch, _ := types.SplitTaskID(task)
	conserved(t, c, batch)
	idle(t, c)
}

// liarsOfSeven has four liars in a set of seven, of which the others are judged
// wrong, and 21 operators in the class.
func liarsOfSeven(t *testing.T) (*sim.Chain, uint64, types.Case) {
	t.Helper()
	c := newMarket(t, 24, shortWindows, auditRate(100))
	all(c, func(w *sim.Worker) { w.Silent = true })
	m := sim.Submit(requester)
	m.Replicas, m.Deadline, m.Limits.WallSeconds = 7, 10, 1
	batch, seats := assigned(t, c, m)
	all(c, func(w *sim.Worker) { w.Silent = false })
	for _, s := range seats[:4] {
		workerOf(t, c, s.Provider).Run = sim.Wrong
	}
	task := types.TaskID(batch, 0)
	k := inPhase(t, c, task, types.CasePhaseDecided)
	require.Len(t, k.WrongSeats(), 3)
	require.Equal(t, sim.Wrong(task).Result, k.Result)
	return c, task, k
}

// TestLostAppealPaysTheJury: a liar that appeals loses its bond as well.
func TestLostAppealPaysTheJury(t *testing.T) {
	c := newMarket(t, 24, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 1, sim.Wrong)
	liar := workerOf(t, c, seats[0].Provider)
	require.NoError(t, c.Fund(liar.Hot, 100*sim.CUPEL))
	task := types.TaskID(batch, 0)
	inPhase(t, c, task, types.CasePhaseDecided)
	appeal(t, c, liar.Hot, task)

	view := settleTask(t, c, task)

	require.Equal(t, sim.Honest(task).Result, view.Result)
	k := caseOf(t, c, task)
	require.Equal(t, types.RulingLost, k.Appeal)
	require.Equal(t, 99*sim.CUPEL, c.Balance(liar.Hot))
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	require.Equal(t, 1_000*sim.CUPEL-bound, bondOf(t, c, liar))
	for _, s := range k.Seats {
		if s.Provider != liar.ID {
			require.Equal(t, uint64(180), c.Balance(workerOf(t, c, s.Provider).Payout))
		}
	}
	conserved(t, c, batch)
	idle(t, c)
}

// TestThinClassHearsAppeals: a jury that cannot be filled is all the class has.
func TestThinClassHearsAppeals(t *testing.T) {
	c := newMarket(t, 8, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 1, sim.Wrong)
	liar := workerOf(t, c, seats[0].Provider)
	require.NoError(t, c.Fund(liar.Operator, 100*sim.CUPEL))
	task := types.TaskID(batch, 0)
	inPhase(t, c, task, types.CasePhaseDecided)
	appeal(t, c, liar.Operator, task)

	require.Equal(t, types.TaskSettled, settleTask(t, c, task).State)

	require.Equal(t, types.RulingLost, caseOf(t, c, task).Appeal)
	require.Less(t, bondOf(t, c, liar), 1_000*sim.CUPEL)
	idle(t, c)
}

// TestChallengerAppeals: who lost a challenge may have a jury hear it.
func TestChallengerAppeals(t *testing.T) {
	c, task := challengeable(t, 24, 0, nil)
	challenge(t, c, task, types.ChallengeWrong)
	inPhase(t, c, task, types.CasePhaseDecided)
	appeal(t, c, challenger, task)

	view := settleTask(t, c, task)

	k := caseOf(t, c, task)
	require.Equal(t, 21, k.Weight())
	require.Len(t, view.Right, len(k.Seats))
	require.Equal(t, types.RulingLost, k.Appeal)
	require.Equal(t, 98*sim.CUPEL, c.Balance(challenger))
	idle(t, c)
}

// TestGrowthWithoutAddedSeats: where nobody can be added, the strict majority of
// the replicas decides and nobody is slashed.
func TestGrowthWithoutAddedSeats(t *testing.T) {
	c := newMarket(t, 3, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 1, sim.Wrong)

	task := settle(t, c, batch, 300)

	require.Equal(t, types.TaskSettled, task.State)
	require.Equal(t, sim.Honest(task.Task).Result, task.Result)
	require.Len(t, task.Right, 2)
	require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, workerOf(t, c, seats[0].Provider)))
	conserved(t, c, batch)
	idle(t, c)
}

// TestAsksAreConverted: a ceiling in another denom is worth what the rate says.
func TestAsksAreConverted(t *testing.T) {
	// 800 ucupel are 320 base units at 2.5 ucupel each.
	for price, state := range map[uint64]types.TaskState{319: types.TaskExpired, 320: types.TaskSettled} {
		c := newMarket(t, 4, shortWindows, auditRate(100))
		require.NoError(t, c.Bank.Mint(c.Ctx, requester, otherDenom, sim.CUPEL))
		m := sim.Submit(requester)
		m.Denom, m.MaxPrice, m.Deadline, m.Limits.WallSeconds = otherDenom, price, 10, 1
		batch := submit(t, c, m)

		task := settle(t, c, batch, 300)

		require.Equal(t, state, task.State)
		tally := conserved(t, c, batch)
		if state == types.TaskSettled {
			require.EqualValues(t, 3*160, tally.Escrowed-tally.Refunded, "half of 320 each")
		}
	}
}

// TestWithheldSeatOfALotIsPunishedWhileOthersWait: another case that freezes a
// replica holds back the payments, not the loss of who did not reveal.
func TestWithheldSeatOfALotIsPunishedWhileOthersWait(t *testing.T) {
	c := newMarket(t, 6, shortWindows, auditRate(100))
	w := c.Workers[0]
	w.NoReveal = true
	m := sim.Submit(requester)
	m.Deadline, m.Limits.WallSeconds = 10, 1
	batch := drawUntil(t, c, w, m)
	inState(t, c, types.TaskID(batch, 0), types.TaskAgreed)
	freeze := func(n uint32) {
		for _, other := range c.Workers[1:] {
			load := loadOf(t, c, other)
			load.Freezes = n
			require.NoError(t, c.Registry.SetLoad(c.Ctx, other.ID, load))
		}
	}
	before := bondOf(t, c, w)
	freeze(1)
	require.NoError(t, c.Blocks(60))
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	require.Equal(t, before-bound, bondOf(t, c, w))
	require.Equal(t, types.TaskAgreed, lotOf(t, c, batch, 0).State, "the payments wait")
	require.NoError(t, c.Blocks(20))
	require.Equal(t, before-bound, bondOf(t, c, w), "once")

	freeze(0)
	require.Equal(t, types.TaskSettled, settle(t, c, batch, 60).State)
	require.Equal(t, before-bound, bondOf(t, c, w))
	idle(t, c)
}

// TestFaultedSeatCostsThePoolNothing: a provider whose host fails at its own
// friend's task must not have the pool pay those who stand in.
func TestFaultedSeatCostsThePoolNothing(t *testing.T) {
	c := newMarket(t, 6, shortWindows)
	fillPool(t, c, sim.CUPEL)
	whole := func(task uint64) sim.Answer {
		a := sim.Honest(task)
		a.Result.Units = 1_000_000_000
		return a
	}
	all(c, func(w *sim.Worker) { w.Run = whole })
	faulty := c.Workers[0]
	faulty.Run = sim.Fault(types.OutcomeHostError)
	m := sim.Optimistic(sim.Submit(requester))
	m.MaxPrice, m.Deadline, m.Limits.WallSeconds = 800, 10, 1
	m.Hire = sim.Text(faulty.Operator)
	batch := submit(t, c, m)

	task := settle(t, c, batch, 300)

	require.Equal(t, types.TaskSettled, task.State)
	require.GreaterOrEqual(t, poolOf(t, c), sim.CUPEL)
	var paid []uint64
	for _, id := range task.Right {
		paid = append(paid, c.Balance(workerOf(t, c, id).Payout))
	}
	require.Len(t, paid, 2)
	require.InDelta(t, paid[0], paid[1], 60, "they share: %v", paid)
	conserved(t, c, batch)
	idle(t, c)
}

// TestUnbondingCoversEveryWindow: x/registry refuses a cooldown that ends
// before the last slash may come, whatever comes first.
func TestUnbondingCoversEveryWindow(t *testing.T) {
	c := newMarket(t, 0)
	p := registrytypes.DefaultParams()
	liability := types.DefaultParams().Liability(oracletypes.DefaultParams().EpochBlocks)
	require.Greater(t, p.UnbondingTicks, liability)
	p.UnbondingTicks = liability
	require.ErrorIs(t, c.Registry.SetParams(c.Ctx, p), registrytypes.ErrInvalidParams)
	p.UnbondingTicks++
	require.NoError(t, c.Registry.SetParams(c.Ctx, p))
}

// TestDefaultLiability: it is the wall limits, thirteen times, that a cooldown of
// 7 days has to outlast: a longer one needs a longer cooldown.
func TestDefaultLiability(t *testing.T) {
	p, week := types.DefaultParams(), registrytypes.DefaultParams().UnbondingTicks
	epoch := oracletypes.DefaultParams().EpochBlocks
	require.EqualValues(t, 583_168, p.Liability(epoch))
	require.Less(t, p.Liability(epoch), week)
	require.Greater(t, 13*p.WallTicks(p.MaxWallSeconds), p.Liability(epoch)*95/100)
	p.MaxWallSeconds *= 2
	require.Greater(t, p.Liability(epoch), week)
	c := newMarket(t, 0)
	_, err := c.Market.AddParams(c.Ctx, p)
	require.ErrorIs(t, err, types.ErrInvalidParams)
}

// TestUnbondingFloorSurvivesExport: the floor is not exported; it is that of all
// versions of the params again, also of one that has ended or was longer.
func TestUnbondingFloorSurvivesExport(t *testing.T) {
	c := newMarket(t, 1)
	longer, shorter := types.DefaultParams(), types.DefaultParams()
	longer.CommitTicks += 1_000
	shorter.MaxWallSeconds = 60
	for _, p := range []types.Params{longer, shorter} {
		_, err := c.Market.AddParams(c.Ctx, p)
		require.NoError(t, err)
	}
	_, err := c.Msgs().EndParams(c.Ctx, &types.MsgEndParams{Authority: sim.Text(sim.Gov), Version: 2})
	require.NoError(t, err)
	before, err := c.Registry.Floor.Get(c.Ctx)
	require.NoError(t, err)
	require.Equal(t, longer.Liability(oracletypes.DefaultParams().EpochBlocks), before)

	other, err := c.Fork()
	require.NoError(t, err)

	after, err := other.Registry.Floor.Get(other.Ctx)
	require.NoError(t, err)
	require.Equal(t, before, after)
	p := registrytypes.DefaultParams()
	p.UnbondingTicks = before
	require.ErrorIs(t, other.Registry.SetParams(other.Ctx, p), registrytypes.ErrInvalidParams)
}
