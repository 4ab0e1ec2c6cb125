// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// brief is a submit whose phases are short.
func brief() types.MsgSubmit {
	m := sim.Submit(requester)
	m.Deadline, m.Limits.WallSeconds = 20, 1
	return m
}

// compared is a chain with short windows whose providers accept comparisons.
func compared(t *testing.T, workers int) *sim.Chain {
	t.Helper()
	c := newMarket(t, workers, shortWindows, auditRate(100), votes(1))
	require.NoError(t, c.Fund(challenger, 100*sim.CUPEL))
	optIn(t, c)
	return c
}

// TestChallengeOfATolerantTaskIsCompared: who runs it again has another artifact,
// and a committee says whether it is close.
func TestChallengeOfATolerantTaskIsCompared(t *testing.T) {
	for name, tc := range map[string]struct {
		edit   func(*types.MsgSubmit)
		lie    bool
		ruling types.Ruling
		wrong  int
	}{
		"TOLERANCE, close": {func(m *types.MsgSubmit) { *m = tolerant(*m) }, false, types.RulingLost, 0},
		"TOLERANCE, far":   {func(m *types.MsgSubmit) { *m = tolerant(*m) }, true, types.RulingWon, 3},
		"TOPK, far": {func(m *types.MsgSubmit) {
			m.Comparator, m.Tolerance = types.ComparatorTopK, &types.Tolerance{K: 3, Dtype: types.DTypeInt32}
		}, true, types.RulingWon, 3},
	} {
		t.Run(name, func(t *testing.T) {
			c := compared(t, 16)
			if tc.lie {
				all(c, func(w *sim.Worker) { w.Run = sim.Wrong })
			}
			m := brief()
			tc.edit(&m)
			task := types.TaskID(submit(t, c, m), 0)
			inState(t, c, task, types.TaskAgreed)
			replicas := lotSeats(t, c, task)
			for i, w := range c.Workers {
				if !holds(replicas, w.ID) {
					w.Run = sim.Near(byte(i))
				}
			}
			before := c.Balance(challenger)
			challenge(t, c, task, types.ChallengeWrong)

			view := settleTask(t, c, task)

			k := caseOf(t, c, task)
			require.NotZero(t, k.Verdict, "a committee compared")
			require.Equal(t, types.TaskSettled, view.State)
			require.Equal(t, tc.ruling, k.Challenge)
			require.Len(t, k.WrongSeats(), tc.wrong)
			require.Equal(t, tc.ruling == types.RulingWon, c.Balance(challenger) == before)
			for _, w := range c.Workers {
				require.Equal(t, tc.lie && holds(replicas, w.ID), bondOf(t, c, w) < 1_000*sim.CUPEL)
			}
			batch, _ := types.SplitTaskID(task)
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

func lotSeats(t *testing.T, c *sim.Chain, task uint64) []uint32 {
	t.Helper()
	batch, _ := types.SplitTaskID(task)
	var ids []uint32
	for _, s := range lotOf(t, c, batch, 0).Seats {
		ids = append(ids, s.Provider)
	}
	return ids
}

// judgedTolerant has four liars in a first round of seven, of which a committee
// makes the others wrong.
func judgedTolerant(t *testing.T) (*sim.Chain, uint64, types.Case) {
	t.Helper()
	c := compared(t, 30)
	all(c, func(w *sim.Worker) { w.Silent = true })
	m := tolerant(brief())
	m.Replicas = 7
	batch, seats := assigned(t, c, m)
	differing(c)
	all(c, func(w *sim.Worker) { w.Silent = false })
	for _, s := range seats[:4] {
		workerOf(t, c, s.Provider).Run = sim.Wrong
	}
	task := types.TaskID(batch, 0)
	k := inPhase(t, c, task, types.CasePhaseDecided)
	require.Len(t, k.WrongSeats(), 3)
	return c, task, k
}

// TestJuryIsCompared: a jury of a tolerant task is heard by a committee, and
// takes back the verdicts before it with their pending slashes.
func TestJuryIsCompared(t *testing.T) {
	c, task, k := judgedTolerant(t)
	honest := workerOf(t, c, k.WrongSeats()[0])
	require.NoError(t, c.Fund(honest.Operator, 100*sim.CUPEL))
	before := c.Balance(honest.Operator)
	appeal(t, c, honest.Operator, task)
	require.Less(t, c.Balance(honest.Operator), before)

	view := settleTask(t, c, task)

	after := caseOf(t, c, task)
	require.Equal(t, types.TaskSettled, view.State)
	require.Equal(t, types.RulingWon, after.Appeal)
	require.Equal(t, 21, after.Weight())
	require.NotEqual(t, k.Verdict, after.Verdict)
	require.ElementsMatch(t, k.Servers(), after.WrongSeats())
	require.Equal(t, before, c.Balance(honest.Operator))
	for _, w := range c.Workers {
		require.Equal(t, holds(after.WrongSeats(), w.ID), bondOf(t, c, w) < 1_000*sim.CUPEL)
	}
	batch, _ := types.SplitTaskID(task)
	conserved(t, c, batch)
	idle(t, c)
}

// TestJuryThatIsUnresolvedSlashesNobody: the committee of a jury that cannot
// decide refunds the task, and nobody stays under a slash.
func TestJuryThatIsUnresolvedSlashesNobody(t *testing.T) {
	c, task, k := judgedTolerant(t)
	all(c, func(w *sim.Worker) { w.SkipVotes = true })
	honest := workerOf(t, c, k.WrongSeats()[0])
	require.NoError(t, c.Fund(honest.Operator, 100*sim.CUPEL))
	before := c.Balance(honest.Operator)
	appeal(t, c, honest.Operator, task)

	view := settleTask(t, c, task)

	require.Equal(t, types.TaskFailed, view.State)
	require.Equal(t, types.ReasonUnresolved, view.Reason)
	require.Equal(t, before, c.Balance(honest.Operator), "the bond is back")
	for _, s := range k.Seats {
		w := workerOf(t, c, s.Provider)
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
		require.Zero(t, loadOf(t, c, w).PendingSlash)
	}
	batch, _ := types.SplitTaskID(task)
	conserved(t, c, batch)
	idle(t, c)
}

// TestPoliciesThatMayBeChallenged: every policy whose result another run can
// contradict.
func TestPoliciesThatMayBeChallenged(t *testing.T) {
	c := newMarket(t, 9, shortWindows, auditRate(100), votes(1), func(g sim.Genesis) {
		g.Params().Committee.AttestationTicks = 2_000
	})
	require.NoError(t, c.Fund(challenger, 100*sim.CUPEL))
	judgeQuote(t, c, quote(c, "http://a/genuine"))
	m := brief()
	m.Policy, m.Replicas, m.Deadline = types.PolicyAttested, 1, 60
	task := types.TaskID(submit(t, c, m), 0)
	inState(t, c, task, types.TaskAgreed)
	challenge(t, c, task, types.ChallengeWrong)

	view := settleTask(t, c, task)

	require.Equal(t, types.TaskSettled, view.State)
	require.Equal(t, types.RulingLost, caseOf(t, c, task).Challenge)
	require.Len(t, view.Right, 2)

	order := scored(c, brief())
	order.Deadline = 60
	task = types.TaskID(submit(t, c, order), 0)
	inState(t, c, task, types.TaskAgreed)
	_, err := c.Msgs().Challenge(c.Ctx, &types.MsgChallenge{Sender: sim.Text(challenger), Task: task, Kind: types.ChallengeUnavailable})
	require.ErrorIs(t, err, types.ErrInvalidChallenge, "its dispute is a rejection")
	settleTask(t, c, task)
	idle(t, c)
}

// TestVoidedSeatOfACaseOwesNothing: who was found wrong elsewhere may not act in
// a case it was added to before, and does not pay for that.
func TestVoidedSeatOfACaseOwesNothing(t *testing.T) {
	for name, phase := range map[string]types.CasePhase{
		"before its commit": types.CasePhaseCommit,
		"before its reveal": types.CasePhaseReveal,
	} {
		t.Run(name, func(t *testing.T) {
			c, task := challengeable(t, 9, 0, nil)
			all(c, func(w *sim.Worker) {
				w.Silent = phase == types.CasePhaseCommit
				w.NoReveal = phase == types.CasePhaseReveal
			})
			challenge(t, c, task, types.ChallengeWrong)
			added := inPhase(t, c, task, phase).Seats[3]
			require.False(t, added.Original)
			w := workerOf(t, c, added.Provider)
			load := loadOf(t, c, w)
			load.VoidClock = tick(t, c)
			require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))
			for _, other := range c.Workers {
				if other != w {
					other.Silent, other.NoReveal = false, false
				}
			}

			view := settleTask(t, c, task)

			require.Equal(t, types.TaskSettled, view.State)
			require.NotContains(t, view.Right, w.ID)
			for _, w := range c.Workers {
				require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
			}
			idle(t, c)
		})
	}
}

// TestWithheldSeatIsPunishedBesideADecidedCase: a case that is decided and waits
// for its window freezes its liar, and with it the payments of the lot, but not
// the loss of who did not reveal.
func TestWithheldSeatIsPunishedBesideADecidedCase(t *testing.T) {
	c := newMarket(t, 12, shortWindows, auditRate(100))
	all(c, func(w *sim.Worker) { w.Silent = true })
	m := brief()
	m.Count, m.LotSize, m.Replicas = 2, 2, 4
	batch, seats := assigned(t, c, m)
	all(c, func(w *sim.Worker) { w.Silent = false })
	absent, liar := workerOf(t, c, seats[0].Provider), workerOf(t, c, seats[1].Provider)
	absent.NoReveal = true
	liar.Run = func(task uint64) sim.Answer {
		if _, index := types.SplitTaskID(task); index == 1 {
			return sim.Wrong(task)
		}
		return sim.Honest(task)
	}
	disputed := types.TaskID(batch, 1)
	inPhase(t, c, disputed, types.CasePhaseDecided)
	absent.NoReveal = false

	found, err := c.Until(100, func() (bool, error) { return bondOf(t, c, absent) < 1_000*sim.CUPEL, nil })

	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, types.CasePhaseDecided, caseOf(t, c, disputed).Phase, "which waits for its window")
	require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, liar), "the liar has time to appeal")
	settle(t, c, batch, 300)
	require.Less(t, bondOf(t, c, liar), 1_000*sim.CUPEL)
	conserved(t, c, batch)
	idle(t, c)
}

// TestStandInsForWhoClaimedLittle: those who take the place of a replica that
// claimed less than its task costs are paid as far as the escrow and the bonds
// go, and no step fails.
func TestStandInsForWhoClaimedLittle(t *testing.T) {
	little := func(task uint64) sim.Answer {
		a := sim.Wrong(task)
		a.Result.Units = 1_000_000
		return a
	}
	tests := map[string]struct {
		chain func(*testing.T) *sim.Chain
		order func() types.MsgSubmit
		first func(uint64) sim.Answer
		then  func(uint64) sim.Answer
	}{
		"seconds": {
			func(t *testing.T) *sim.Chain { return clocked(t, 9, true, auditRate(100), noFirstAudits) },
			func() types.MsgSubmit { return sim.Optimistic(bill(1_000, 100)) },
			claims(1), claims(90),
		},
		"fuel in a thin class": {
			func(t *testing.T) *sim.Chain { return newMarket(t, 4, shortWindows, auditRate(100), noFirstAudits) },
			func() types.MsgSubmit { return sim.Optimistic(brief()) },
			little, sim.Honest,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := tc.chain(t)
			require.NoError(t, c.Fund(challenger, 100*sim.CUPEL))
			all(c, func(w *sim.Worker) { w.Run = tc.first })
			batch := submit(t, c, tc.order())
			task := types.TaskID(batch, 0)
			inState(t, c, task, types.TaskAgreed)
			replica := lotSeats(t, c, task)[0]
			workerOf(t, c, replica).SkipCases = true
			all(c, func(w *sim.Worker) { w.Run, w.Unreachable = tc.then, func(uint32) bool { return true } })
			challenge(t, c, task, types.ChallengeUnavailable)

			view := settle(t, c, batch, 2_000)

			require.Equal(t, types.TaskSettled, view.State)
			require.NotContains(t, view.Right, replica)
			require.NotEmpty(t, view.Right)
			require.Zero(t, c.Balance(workerOf(t, c, replica).Payout))
			g, err := c.Export()
			require.NoError(t, err)
			require.Empty(t, g.Market.Failed)
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

// TestBoundsOutlastEverySlash: what a seat put at risk counts until no slash can
// follow any more, however long cases take.
func TestBoundsOutlastEverySlash(t *testing.T) {
	c := newMarket(t, 5)
	m := sim.Submit(requester)
	m.ValueAtStake = sim.CUPEL
	batch := submit(t, c, m)
	require.NoError(t, c.Blocks(1))
	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	w := workerOf(t, c, task.Providers[0])
	start := tick(t, c)
	liability, err := c.Registry.Floor.Get(c.Ctx)
	require.NoError(t, err)
	require.Greater(t, liability, uint64(500_000), "of the default windows")
	bound := lotOf(t, c, batch, 0).Seats[0].Bound
	require.GreaterOrEqual(t, bound, 19*sim.CUPEL)

	for after, covered := range map[uint64]bool{1: true, liability / 2: true, liability - 1: true, 2 * liability: false} {
		h := registrytypes.Horizon{Tick: start + after, Reach: liability}
		require.Equal(t, covered, loadOf(t, c, w).Bound(h) >= bound, "after %d ticks", after)
	}
	h, err := c.Registry.Horizon(c.Ctx)
	require.NoError(t, err)
	require.Equal(t, registrytypes.Horizon{Tick: start, Reach: liability}, h)
}
