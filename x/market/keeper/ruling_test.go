// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// TestAppealOfALiarWithAFriendInTheJuryIsLost: a juror that votes with the liar
// is judged wrong as well. That must not count as something that the appeal
// has turned round, or every appeal of a coalition would return its bond.
func TestAppealOfALiarWithAFriendInTheJuryIsLost(t *testing.T) {
	c := newMarket(t, 24, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 1, sim.Wrong)
	liar := workerOf(t, c, seats[0].Provider)
	require.NoError(t, c.Fund(liar.Hot, 100*sim.CUPEL))
	task := types.TaskID(batch, 0)
	k := inPhase(t, c, task, types.CasePhaseDecided)
	require.Equal(t, []uint32{liar.ID}, k.WrongSeats())
	appeal(t, c, liar.Hot, task)
	var friend *sim.Worker
	for _, w := range c.Workers { // the first juror that is drawn
		w.SkipCases = true
	}
	k = inPhase(t, c, task, types.CasePhaseCommit)
	for _, w := range c.Workers {
		w.SkipCases = false
		if s := k.Seat(w.ID); friend == nil && s != nil && s.Round == k.Attempt && len(s.Proof) == 0 {
			friend = w
			w.Run = sim.Wrong
		}
	}
	require.NotNil(t, friend)

	settleTask(t, c, task)

	after := caseOf(t, c, task)
	require.ElementsMatch(t, []uint32{liar.ID, friend.ID}, after.WrongSeats())
	require.Equal(t, types.RulingLost, after.Appeal)
	require.Equal(t, 99*sim.CUPEL, c.Balance(liar.Hot))
	conserved(t, c, batch)
	idle(t, c)
}

// TestNarrowJuryPaysAndSlashesNobody: the majority of a jury says what is paid,
// but fewer than 14 of 21 votes slash nobody, and the liar that wanted to be
// heard has not won.
func TestNarrowJuryPaysAndSlashesNobody(t *testing.T) {
	c := newMarket(t, 30, shortWindows, auditRate(100))
	batch, seats := liarsBatch(t, c, 1, sim.Wrong)
	liar := workerOf(t, c, seats[0].Provider)
	require.NoError(t, c.Fund(liar.Hot, 100*sim.CUPEL))
	task := types.TaskID(batch, 0)
	inPhase(t, c, task, types.CasePhaseDecided)
	all(c, func(w *sim.Worker) { w.SkipCases = true })
	appeal(t, c, liar.Hot, task)
	k := inPhase(t, c, task, types.CasePhaseCommit)
	against := 0
	for _, s := range k.Seats {
		w := workerOf(t, c, s.Provider)
		if votes := k.Votes(s); !s.Original && len(s.Proof) == 0 && against+votes <= 9 {
			against += votes
			w.Run = sim.Wrong
		}
	}
	require.Greater(t, against, 7)
	all(c, func(w *sim.Worker) { w.SkipCases = false })

	view := settleTask(t, c, task)

	require.Equal(t, sim.Honest(task).Result, view.Result)
	after := caseOf(t, c, task)
	require.Empty(t, after.WrongSeats())
	require.Equal(t, types.RulingLost, after.Appeal)
	for _, w := range c.Workers {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
	conserved(t, c, batch)
	idle(t, c)
}

// TestChallengeDoesNotEscapeTheAudit: who challenges its own task chooses the
// block in which the seat is drawn, which the seed of the audit leaves nobody.
func TestChallengeDoesNotEscapeTheAudit(t *testing.T) {
	for name, tc := range map[string]struct {
		floor uint32
		seats int
	}{"drawn": {10_000, 5}, "not drawn": {100, 4}} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 9, shortWindows, auditRate(tc.floor), undrawn)
			require.NoError(t, c.Fund(challenger, 100*sim.CUPEL))
			m := sim.Submit(requester)
			m.Deadline, m.Limits.WallSeconds = 10, 1
			batch := submit(t, c, m)
			task := types.TaskID(batch, 0)
			inState(t, c, task, types.TaskAgreed)
			challenge(t, c, task, types.ChallengeWrong)

			view := settleTask(t, c, task)

			require.Equal(t, types.TaskSettled, view.State)
			k := caseOf(t, c, task)
			require.Len(t, k.Seats, tc.seats)
			require.Equal(t, types.RulingLost, k.Challenge)
			require.Equal(t, 99*sim.CUPEL, c.Balance(challenger))
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

// TestLiarsThatDifferAreHeardByAJury: who holds all first seats and meets an
// honest auditor must not escape by having another of its seats answer otherwise,
// so that nobody has a quorum and nobody can appeal.
func TestLiarsThatDifferAreHeardByAJury(t *testing.T) {
	c := newMarket(t, 24, shortWindows, auditRate(10_000))
	batch, seats := liarsBatch(t, c, 3, sim.Wrong)
	task := types.TaskID(batch, 0)
	all(c, func(w *sim.Worker) { w.SkipCases = true })
	k := inPhase(t, c, task, types.CasePhaseCommit)
	require.Equal(t, types.CaseAudit, k.Kind)
	all(c, func(w *sim.Worker) { w.SkipCases = false })
	_, err := c.Until(20, func() (bool, error) {
		k = caseOf(t, c, task)
		all(c, func(w *sim.Worker) { w.SkipCases = k.Kind == types.CaseGrowth })
		return k.Kind == types.CaseGrowth && k.Phase == types.CasePhaseCommit, nil
	})
	require.NoError(t, err)
	for i, s := range k.Seats[4:] { // the set has three equal liars and each of these
		w := workerOf(t, c, s.Provider)
		w.Run = func(task uint64) sim.Answer { return sim.Honest(task | uint64(i+1)<<40) }
	}
	all(c, func(w *sim.Worker) { w.SkipCases = false })

	view := settleTask(t, c, task)

	require.Equal(t, types.TaskSettled, view.State)
	require.Equal(t, sim.Honest(task).Result, view.Result)
	for _, s := range seats {
		require.Less(t, bondOf(t, c, workerOf(t, c, s.Provider)), 1_000*sim.CUPEL)
	}
	after := caseOf(t, c, task)
	require.Equal(t, []any{types.CaseAppeal, true, types.RulingNone}, []any{after.Kind, after.Appealed, after.Appeal})
	require.Zero(t, after.Reserve)
	conserved(t, c, batch)
	idle(t, c)
}
