// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func (f *fixture) openCase(task uint64, original bool, others ...uint32) {
	f.chain.with(func() {
		f.chain.cases[task] = &fakeCase{
			attempt: 1, kase: markettypes.CasePhaseDraw, phase: markettypes.SeatAssigned, original: original, others: others,
		}
	})
}

func (f *fixture) casePhase(task uint64, phase markettypes.SeatPhase) func() bool {
	return func() bool { return f.chain.cases[task].phase == phase }
}

// settle takes an open case to its reveal.
func (f *fixture) settleCase(task uint64) markettypes.CaseReveal {
	f.t.Helper()
	f.chain.with(func() { f.chain.cases[task].kase = markettypes.CasePhaseCommit })
	f.until(f.casePhase(task, markettypes.SeatCommitted))
	f.chain.with(func() { f.chain.cases[task].kase = markettypes.CasePhaseReveal })
	f.until(f.casePhase(task, markettypes.SeatRevealed))
	require.Empty(f.t, f.chain.mistake)
	return f.chain.cases[task].answer
}

func TestOriginalAnswersFromTheJournal(t *testing.T) {
	f := newFixture(t, 2, 2, 1)
	f.until(f.seat(0, markettypes.SeatRevealed))
	task := markettypes.TaskID(5, 1)
	f.openCase(task, true, 3, 9)
	f.restart()
	answer := f.settleCase(task)

	run := f.lot(0).Runs[1]
	require.Equal(t, 2, f.engine.count(), "the task is not run again")
	require.Equal(t, result(run), answer.Result)
	require.Equal(t, markettypes.RunProof(task, address(ours), run.Memory), answer.Proof)
	require.Equal(t, []markettypes.CrossProof{
		{Provider: 3, Proof: markettypes.RunProof(task, address(3), run.Memory)},
		{Provider: 9, Proof: markettypes.RunProof(task, address(9), run.Memory)},
	}, answer.Cross)
}

func TestAddedReplicaRunsTheTask(t *testing.T) {
	f := newFixture(t, 2, 2, 1)
	f.chain.with(func() { clear(f.chain.lots) })
	task := markettypes.TaskID(5, 1)
	f.openCase(task, false, 3)
	require.NoError(t, f.step())
	require.NoError(t, f.step())
	require.Equal(t, 1, f.engine.count(), "the task is run while seats are drawn")
	require.Empty(t, f.chain.said, "nothing is said before the set is complete")

	answer := f.settleCase(task)
	require.Equal(t, 1, f.engine.count())
	require.Len(t, answer.Cross, 1)
	require.NoError(t, f.step())
	require.True(t, f.public(answer.Result.Digest), "its artifact may be the delivery")
}

func TestCaseIsCommittedAgainWhenTheSetChanges(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	f.until(f.seat(0, markettypes.SeatRevealed))
	task := markettypes.TaskID(5, 0)
	f.openCase(task, true, 3)
	f.chain.with(func() { f.chain.cases[task].kase = markettypes.CasePhaseCommit })
	f.until(f.casePhase(task, markettypes.SeatCommitted))
	f.chain.with(func() {
		c := f.chain.cases[task]
		c.attempt, c.others, c.phase, c.commit = 2, []uint32{3, 4}, markettypes.SeatAssigned, nil
	})
	answer := f.settleCase(task)
	require.Equal(t, uint32(2), answer.Attempt)
	require.Len(t, answer.Cross, 2)
	require.Equal(t, 1, f.engine.count())
}

func TestCaseWithAFault(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	f.chain.with(func() { clear(f.chain.lots) })
	f.engine.outcome = engine.OutcomeStack
	task := markettypes.TaskID(5, 0)
	f.openCase(task, false, 3)
	answer := f.settleCase(task)
	require.Equal(t, markettypes.Result{Outcome: markettypes.OutcomeStack}, answer.Result)
	require.Empty(t, answer.Proof)
	require.Empty(t, answer.Cross)
}

func TestCaseAcrossRestarts(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	f.chain.with(func() { clear(f.chain.lots) })
	task := markettypes.TaskID(5, 0)
	f.openCase(task, false, 3, 4)
	for range 12 {
		f.restart()
		require.NoError(t, f.step())
		f.chain.with(func() {
			switch c := f.chain.cases[task]; {
			case c.kase == markettypes.CasePhaseDraw:
				c.kase = markettypes.CasePhaseCommit
			case c.phase == markettypes.SeatCommitted:
				c.kase = markettypes.CasePhaseReveal
			}
		})
	}
	require.True(t, f.chain.is(f.casePhase(task, markettypes.SeatRevealed)))
	require.Empty(t, f.chain.mistake)
	require.Equal(t, 1, f.engine.count())
	require.Equal(t, 1, f.chain.said["commit-case/"+"20480/1"])
	require.Equal(t, 1, f.chain.said["reveal-case/"+"20480/1"])
}
