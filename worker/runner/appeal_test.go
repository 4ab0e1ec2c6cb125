// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// staker is a guard that stakes what it is told to.
type staker struct {
	free

	mu     sync.Mutex
	stake  Stake
	asked  []AppealCase
	closed []markettypes.Ruling
}

// Appeal implements Guard.
func (g *staker) Appeal(_ context.Context, a AppealCase) (Stake, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, a)
	return g.stake, nil
}

// AppealClosed implements Guard.
func (g *staker) AppealClosed(_ context.Context, a AppealCase, _ uint64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = append(g.closed, a.Case.Appeal)
	return nil
}

func (g *staker) set(s Stake) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s.Account = g.stake.Account
	g.stake = s
}

// misjudged is a worker whose seat of a grown set was judged wrong.
type misjudged struct {
	*fixture
	guard *staker
	task  uint64
}

// newMisjudged has the worker answer its lot and a growth case, and a decision
// against it. With missed, it was away from the case.
func newMisjudged(t *testing.T, missed bool) *misjudged {
	t.Helper()
	m := &misjudged{fixture: newFixture(t, 1, 1, 1), task: markettypes.TaskID(5, 0), guard: &staker{}}
	m.guard.stake = Stake{Bond: 14, Account: bech32(t, ours)}
	m.fixture.guard = m.guard
	m.restart()
	m.until(m.seat(0, markettypes.SeatRevealed))
	require.NoError(t, m.step()) // it is confirmed
	m.openCase(m.task, true, 3, 4)
	phase := markettypes.SeatMissed
	if !missed {
		m.settleCase(m.task)
		phase = markettypes.SeatRevealed
	}
	m.decide(phase, result(m.lot(0).Runs[0]))
	return m
}

// decide shows the case as decided against the worker, which revealed ours.
func (m *misjudged) decide(phase markettypes.SeatPhase, mine markettypes.Result) {
	m.chain.with(func() {
		k := m.chain.cases[m.task]
		k.phase = markettypes.SeatRevealed // nothing awaits this provider
		theirs := mine
		theirs.Digest = bytes.Repeat([]byte{9}, 32)
		k.shown = &markettypes.Case{
			Task: m.task, Attempt: 1, Kind: markettypes.CaseGrowth, Phase: markettypes.CasePhaseDecided, State: markettypes.TaskAgreed,
			Result: theirs, Due: 600, Seats: []markettypes.CaseSeat{
				{Provider: 3, Original: true, Phase: markettypes.SeatRevealed, Result: theirs, Verdict: markettypes.VerdictRight},
				{Provider: ours, Original: true, Phase: phase, Result: mine, Verdict: markettypes.VerdictWrong, Bound: 700},
			},
		}
	})
}

func (m *misjudged) steps(n int) {
	m.t.Helper()
	for range n {
		require.NoError(m.t, m.step())
	}
	require.Empty(m.t, m.chain.mistake)
}

func (m *misjudged) appeals() int { return m.chain.said["appeal/20480"] }

func (m *misjudged) record() journal.Appeal {
	m.t.Helper()
	rec, ok, err := m.journal.Appeal(m.task)
	require.NoError(m.t, err)
	require.True(m.t, ok)
	return rec
}

// lookAgain has the worker look at everything that it tracks at the next step.
func (m *misjudged) lookAgain() { m.restart() }

func TestAppealsWhatItCanRepeat(t *testing.T) {
	for name, missed := range map[string]bool{"answered": false, "was away": true} {
		t.Run(name, func(t *testing.T) {
			m := newMisjudged(t, missed)
			for range 6 {
				m.lookAgain()
				m.steps(2)
			}
			require.Equal(t, 1, m.appeals())
			require.Equal(t, 2, m.engine.count(), "the run is repeated once, whatever the number of restarts")
			require.Equal(t, journal.StepRevealed, m.record().Step)
			require.EqualValues(t, 14, m.record().Bond)
			require.True(t, m.chain.cases[m.task].shown.Appealed)

			m.chain.with(func() {
				c := m.chain.cases[m.task].shown
				c.Phase, c.Attempt, c.Appeal = markettypes.CasePhaseClosed, 2, markettypes.RulingWon
			})
			for range 3 {
				m.lookAgain()
				m.steps(1)
			}
			require.Equal(t, journal.StepPaid, m.record().Step)
			require.Equal(t, []markettypes.Ruling{markettypes.RulingWon}, m.guard.closed, "said once")
		})
	}
}

// TestAppealIsNotSaidTwice: a worker that dies around the message says it again
// only while the chain has none.
func TestAppealIsNotSaidTwice(t *testing.T) {
	m := newMisjudged(t, false)
	m.chain.with(func() { m.chain.lost = true }) // it is on its way
	for range 3 {
		m.lookAgain()
		m.steps(2)
	}
	require.Greater(t, m.appeals()+len(m.guard.asked), 0)
	require.Equal(t, journal.StepRevealed, m.record().Step)
	m.chain.with(func() { m.chain.lost = false; m.chain.appeal(m.task) })
	for range 3 {
		m.lookAgain()
		m.steps(2)
	}
	require.Zero(t, m.appeals(), "the chain has it")
	require.Equal(t, 2, m.engine.count())
}

func TestAppealNeedsTheSameResultAgain(t *testing.T) {
	m := newMisjudged(t, false)
	m.engine.mu.Lock()
	m.engine.salt = "another machine"
	m.engine.mu.Unlock()
	for range 3 {
		m.lookAgain()
		m.steps(2)
	}
	require.Zero(t, m.appeals())
	require.Equal(t, "another run gave another result", m.record().Declined)
	require.Equal(t, 2, m.engine.count())
}

func TestAppealOfAFaultIsTriedAgain(t *testing.T) {
	m := newMisjudged(t, false)
	m.engine.mu.Lock()
	m.engine.outcome = engine.OutcomeStack
	m.engine.mu.Unlock()
	m.lookAgain()
	m.steps(2)
	require.Zero(t, m.appeals())
	require.Empty(t, m.record().Declined, "a fault of the host shows nothing")
	m.engine.mu.Lock()
	m.engine.outcome = 0
	m.engine.mu.Unlock()
	m.lookAgain()
	m.steps(2)
	m.lookAgain()
	m.steps(1)
	require.Equal(t, 1, m.appeals())
}

func TestAppealWaitsForCoins(t *testing.T) {
	m := newMisjudged(t, false)
	m.guard.set(Stake{Bond: 14, NotNow: "no coins"})
	for range 3 {
		m.lookAgain()
		m.steps(2)
	}
	require.Zero(t, m.appeals())
	require.Equal(t, journal.StepExecuted, m.record().Step, "nothing is declined for good")
	m.guard.set(Stake{Bond: 15})
	m.lookAgain()
	m.steps(1)
	require.Equal(t, 1, m.appeals())
	require.EqualValues(t, 15, m.record().Bond)
}

func TestNotAppealed(t *testing.T) {
	tests := map[string]struct {
		edit func(*misjudged, *markettypes.Case)
		why  string // empty if nothing is recorded
	}{
		"the policy says no": {
			edit: func(m *misjudged, _ *markettypes.Case) { m.guard.set(Stake{Never: "too dear"}) }, why: "too dear",
		},
		"the seat revealed something else": {
			edit: func(_ *misjudged, c *markettypes.Case) { c.Seats[1].Result.Digest = make([]byte, 32) },
			why:  "the journal has another result than the seat revealed",
		},
		"somebody has appealed": {edit: func(_ *misjudged, c *markettypes.Case) { c.Appealed = true }},
		"too late":              {edit: func(_ *misjudged, c *markettypes.Case) { c.Punished = true }},
		"only unpaid":           {edit: func(_ *misjudged, c *markettypes.Case) { c.Seats[1].Verdict = markettypes.VerdictUnpaid }},
		"its reveal is missing": {edit: func(_ *misjudged, c *markettypes.Case) { c.Seats[1].Phase = markettypes.SeatWithheld }},
		"not decided yet":       {edit: func(_ *misjudged, c *markettypes.Case) { c.Phase = markettypes.CasePhaseReveal }},
		"the task failed":       {edit: func(_ *misjudged, c *markettypes.Case) { c.State = markettypes.TaskFailed }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMisjudged(t, false)
			m.chain.with(func() { tc.edit(m, m.chain.cases[m.task].shown) })
			for range 2 {
				m.lookAgain()
				m.steps(2)
			}
			require.Zero(t, m.appeals())
			require.Equal(t, 1, m.engine.count(), "nothing is run again")
			rec, ok, err := m.journal.Appeal(m.task)
			require.NoError(t, err)
			require.Equal(t, tc.why != "", ok)
			require.Equal(t, tc.why, rec.Declined)
		})
	}
}

// TestOpenAppealsAreCounted: the guard is told what other appeals hold.
func TestOpenAppealsAreCounted(t *testing.T) {
	m := newMisjudged(t, false)
	for task, step := range map[uint64]journal.Step{1 << 12: journal.StepRevealed, 2 << 12: journal.StepPaid, 3 << 12: journal.StepExecuted} {
		require.NoError(t, m.journal.PutAppeal(journal.Appeal{Task: task, Step: step, Bond: 100 + task>>12}))
	}
	m.lookAgain()
	m.steps(2)
	require.NotEmpty(t, m.guard.asked)
	require.EqualValues(t, 101, m.guard.asked[0].Held)
}
