// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	errorsmod "cosmossdk.io/errors"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// scene is a task in a state, with the worker that speaks to it and what it
// would say.
type scene struct {
	c     *sim.Chain
	batch uint64
	// worker holds the first open seat, if any, of the lot, the case or the
	// committee.
	worker *sim.Worker
}

func (s scene) task() uint64 { return types.TaskID(s.batch, 0) }

// stages are the states that a task can be in, and how it gets there.
var stages = []struct {
	name string
	make func(t *testing.T) scene
}{
	{"none", func(t *testing.T) scene { c := passive(t, 1); return scene{c, 9, c.Workers[0]} }},
	{"open", func(t *testing.T) scene { return staged(t, 1, nil, 0) }},
	{"assigned", func(t *testing.T) scene { return staged(t, 9, nil, 1) }},
	{"committed", func(t *testing.T) scene {
		s := staged(t, 9, nil, 1)
		all(s.c, func(w *sim.Worker) { w.Silent, w.NoReveal = false, true })
		require.NoError(t, s.c.Block())
		return s
	}},
	{"withheld", func(t *testing.T) scene {
		s := staged(t, 9, func(c *sim.Chain) { all(c, func(w *sim.Worker) { w.Silent = false; w.NoReveal = w.ID == 1 }) }, 0)
		for !holds(s.holders(t), 1) {
			s.batch = submit(t, s.c, shortOrder())
			require.NoError(t, s.c.Block())
		}
		s.worker = s.c.Workers[0]
		s.until(t, types.TaskAgreed)
		return s
	}},
	{"agreed", func(t *testing.T) scene {
		s := staged(t, 9, awake, 1)
		s.until(t, types.TaskAgreed)
		return s
	}},
	{"audit draw", func(t *testing.T) scene {
		s := staged(t, 3, func(c *sim.Chain) { awake(c); c.Workers[0].Run = sim.Wrong }, 1)
		return s.phase(t, types.CasePhaseDraw)
	}},
	{"case commit", func(t *testing.T) scene { return disputedScene(t).phase(t, types.CasePhaseCommit) }},
	{"case reveal", func(t *testing.T) scene {
		s := disputedScene(t).phase(t, types.CasePhaseCommit)
		all(s.c, func(w *sim.Worker) { w.SkipCases, w.NoReveal = false, true })
		return s.phase(t, types.CasePhaseReveal)
	}},
	{"case decided", func(t *testing.T) scene {
		s := disputedScene(t)
		all(s.c, func(w *sim.Worker) { w.SkipCases = false })
		return s.phase(t, types.CasePhaseDecided)
	}},
	{"jury", func(t *testing.T) scene {
		s := disputedScene(t)
		all(s.c, func(w *sim.Worker) { w.SkipCases = false })
		s = s.phase(t, types.CasePhaseDecided)
		all(s.c, func(w *sim.Worker) { w.SkipCases = true })
		appeal(t, s.c, requester, s.task())
		return s.phase(t, types.CasePhaseCommit)
	}},
	{"case closed", func(t *testing.T) scene {
		s := disputedScene(t)
		all(s.c, func(w *sim.Worker) { w.SkipCases = false })
		return s.phase(t, types.CasePhaseClosed)
	}},
	{"compared", func(t *testing.T) scene {
		c, member := polled(t, types.CommitteePhaseCommit)
		return scene{c, 1, member}
	}},
	{"compared reveal", func(t *testing.T) scene {
		c, member := polled(t, types.CommitteePhaseReveal)
		return scene{c, 1, member}
	}},
	{"settled", func(t *testing.T) scene {
		s := staged(t, 9, awake, 1)
		s.until(t, types.TaskSettled)
		return s
	}},
	{"failed", func(t *testing.T) scene {
		s := staged(t, 3, nil, 1)
		s.until(t, types.TaskFailed)
		return s
	}},
	{"expired", func(t *testing.T) scene {
		s := staged(t, 1, nil, 1)
		s.until(t, types.TaskExpired)
		return s
	}},
	{"cancelled", func(t *testing.T) scene {
		s := staged(t, 1, nil, 1)
		_, err := s.c.Msgs().Cancel(s.c.Ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: s.batch})
		require.NoError(t, err)
		return s
	}},
	{"scored", func(t *testing.T) scene {
		c := newMarket(t, 8, shortWindows, votes(1))
		m := scored(c, shortOrder())
		s := scene{c, submit(t, c, m), c.Workers[0]}
		s.until(t, types.TaskAgreed)
		return s
	}},
	{"rejected", func(t *testing.T) scene {
		c := newMarket(t, 8, shortWindows, votes(1))
		s := scene{c, submit(t, c, scored(c, shortOrder())), c.Workers[0]}
		s.until(t, types.TaskAgreed)
		all(c, func(w *sim.Worker) { w.SkipVotes = true })
		require.NoError(t, reject(c, s.batch))
		require.NoError(t, c.Blocks(2))
		return s
	}},
	{"to prove", func(t *testing.T) scene { return provedScene(t) }},
	{"proved", func(t *testing.T) scene {
		s := provedScene(t)
		awake(s.c)
		s.until(t, types.TaskSettled)
		return s
	}},
}

func awake(c *sim.Chain) { all(c, func(w *sim.Worker) { w.Silent = false }) }

func shortOrder() types.MsgSubmit {
	m := sim.Submit(requester)
	m.Deadline, m.Limits.WallSeconds = 10, 1
	return m
}

// staged buys a task from workers that do nothing, or what given says.
func staged(t *testing.T, workers int, given func(*sim.Chain), blocks int) scene {
	c := passive(t, workers, auditRate(100))
	if given != nil {
		given(c)
	}
	s := scene{c: c, batch: submit(t, c, shortOrder()), worker: c.Workers[0]}
	require.NoError(t, c.Blocks(blocks))
	if ids := s.holders(t); len(ids) > 0 {
		s.worker = workerOf(t, c, ids[0])
	}
	return s
}

func (s scene) holders(t *testing.T) []uint32 {
	task, err := s.c.Task(s.batch, 0)
	require.NoError(t, err)
	return task.Providers
}

func (s scene) until(t *testing.T, state types.TaskState) {
	t.Helper()
	inState(t, s.c, s.task(), state)
}

func (s scene) phase(t *testing.T, phase types.CasePhase) scene {
	t.Helper()
	k := inPhase(t, s.c, s.task(), phase)
	s.worker = workerOf(t, s.c, k.Seats[0].Provider)
	return s
}

// disputedScene has a liar among three replicas; nobody answers its case yet.
func disputedScene(t *testing.T) scene {
	c := newMarket(t, 24, shortWindows, auditRate(100))
	batch, _ := liarsBatch(t, c, 1, sim.Wrong)
	all(c, func(w *sim.Worker) { w.SkipCases = true })
	return scene{c: c, batch: batch}
}

func provedScene(t *testing.T) scene {
	c := passive(t, 1)
	withCircuits(t, c)
	batch := submit(t, c, proofOrder(1))
	require.NoError(t, c.Block())
	return scene{c, batch, c.Workers[0]}
}

// say is a message of the scene's worker, or of the requester, as right as it
// can be: what is refused is refused for the state.
var says = []struct {
	name string
	send func(ctx context.Context, s scene) error
}{
	{"commit", func(ctx context.Context, s scene) error {
		r := s.worker.Reveal(s.batch, types.LotWork{Attempt: s.attempt(), Count: 1})
		_, err := s.c.Msgs().Commit(ctx, &types.MsgCommit{Worker: sim.Text(s.worker.Hot), Lots: []types.LotCommit{{
			Batch: s.batch, Attempt: r.Attempt, Commitment: types.CommitLot(sim.ChainID, s.worker.Operator, r),
		}}})
		return err
	}},
	{"reveal", func(ctx context.Context, s scene) error {
		r := s.worker.Reveal(s.batch, types.LotWork{Attempt: s.attempt(), Count: 1})
		_, err := s.c.Msgs().Reveal(ctx, &types.MsgReveal{Worker: sim.Text(s.worker.Hot), Lots: []types.LotReveal{r}})
		return err
	}},
	{"commit-case", func(ctx context.Context, s scene) error {
		r := s.caseAnswer()
		_, err := s.c.Msgs().CommitCase(ctx, &types.MsgCommitCase{Worker: sim.Text(s.worker.Hot), Cases: []types.CaseCommit{{
			Task: s.task(), Attempt: r.Attempt, Commitment: types.CommitCaseAnswer(sim.ChainID, s.worker.Operator, r),
		}}})
		return err
	}},
	{"reveal-case", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().RevealCase(ctx, &types.MsgRevealCase{Worker: sim.Text(s.worker.Hot), Cases: []types.CaseReveal{s.caseAnswer()}})
		return err
	}},
	{"prove", func(ctx context.Context, s scene) error {
		r := types.LotProof{Batch: s.batch, Attempt: s.attempt(), Results: []types.Result{{Outcome: types.OutcomeWall}}}
		_, err := s.c.Msgs().Prove(ctx, &types.MsgProve{Worker: sim.Text(s.worker.Hot), Lots: []types.LotProof{r}})
		return err
	}},
	{"challenge", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().Challenge(ctx, &types.MsgChallenge{Sender: sim.Text(requester), Task: s.task(), Kind: types.ChallengeUnavailable})
		return err
	}},
	{"appeal", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().Appeal(ctx, &types.MsgAppeal{Sender: sim.Text(requester), Task: s.task()})
		return err
	}},
	{"cancel", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().Cancel(ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: s.batch})
		return err
	}},
	{"accept", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().Accept(ctx, &types.MsgAccept{Requester: sim.Text(requester), Lots: []types.LotRef{{Batch: s.batch}}})
		return err
	}},
	{"reject", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().Reject(ctx, &types.MsgReject{Requester: sim.Text(requester), Task: s.task()})
		return err
	}},
	{"commit-vote", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().CommitVote(ctx, &types.MsgCommitVote{Worker: sim.Text(s.worker.Hot), Votes: []types.VoteCommit{{
			Verdict: 1, Round: 1, Commitment: types.CommitVote(sim.ChainID, s.worker.Operator, ballotOf(s.worker)),
		}}})
		return err
	}},
	{"reveal-vote", func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().RevealVote(ctx, &types.MsgRevealVote{Worker: sim.Text(s.worker.Hot), Votes: []types.VoteReveal{ballotOf(s.worker)}})
		return err
	}},
	{"crank-lot", cranks(types.StepLot)},
	{"crank-case", cranks(types.StepCase)},
	{"crank-deadline", cranks(types.StepDeadline)},
	{"crank-prune", cranks(types.StepPrune)},
}

func cranks(kind types.StepKind) func(ctx context.Context, s scene) error {
	return func(ctx context.Context, s scene) error {
		_, err := s.c.Msgs().Crank(ctx, &types.MsgCrank{Sender: sim.Text(requester), Steps: []types.Step{{Kind: kind, Batch: s.batch}}})
		return err
	}
}

// attempt of the worker's seat of the lot, or 1.
func (s scene) attempt() uint32 {
	res, err := s.c.Query().Lot(s.c.Ctx, &types.QueryLotRequest{Batch: s.batch})
	if err != nil {
		return 1
	}
	for _, seat := range res.Lot.Seats {
		if seat.Provider == s.worker.ID {
			return seat.Attempt
		}
	}
	return 1
}

func (s scene) caseAnswer() types.CaseReveal {
	w := types.CaseWork{Task: s.task(), Attempt: 1}
	if k, err := s.c.Market.Cases.Get(s.c.Ctx, s.task()); err == nil {
		w.Attempt, w.Others = k.Attempt, k.Others(s.worker.ID)
	}
	r, err := s.worker.CaseReveal(s.c, w)
	if err != nil {
		panic(err)
	}
	return r
}

// TestStateMachine sends every message in every state and compares what is
// allowed, and the code of what is not, with the table. Codes are those of
// types/errors.go; ok is allowed.
func TestStateMachine(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s", "")
	for _, m := range says {
		fmt.Fprintf(&b, " %s", m.name)
	}
	for _, stage := range stages {
		s := stage.make(t)
		fmt.Fprintf(&b, "\n%-16s", stage.name)
		before := exported(t, s.c)
		for _, m := range says {
			err := s.c.Deliver(func(ctx context.Context) error {
				if err := m.send(ctx, s); err != nil {
					return err
				}
				require.NoError(t, s.c.Market.CheckInvariants(ctx), "%s: %s", stage.name, m.name)
				return errNotKept
			})
			cell := "ok"
			if err != errNotKept { //nolint:errorlint // it is not wrapped
				space, code, _ := errorsmod.ABCIInfo(err, false)
				cell = fmt.Sprint(code)
				require.Equal(t, types.ModuleName, space, "%s: %s: %v", stage.name, m.name, err)
			}
			fmt.Fprintf(&b, " %*s", len(m.name), cell)
		}
		require.Equal(t, before, exported(t, s.c), "%s: what is refused leaves no trace", stage.name)
	}
	got := strings.Split(b.String(), "\n")
	want := strings.Split(strings.TrimSpace(stateMachine), "\n")
	for i := range want {
		want[i] = strings.TrimRight(want[i], " ")
	}
	if !slices.Equal(want[1:], got[1:]) {
		t.Log("\n" + b.String())
	}
	require.Equal(t, want[1:], got[1:])
}

const stateMachine = `
commit reveal commit-case reveal-case prove challenge appeal cancel accept reject commit-vote reveal-vote crank-lot crank-case crank-deadline crank-prune
none                 18     18          20          20    18        18     20     18     18     18          70          70        18         18             18          18
open                 19     19          20          20    81        19     20     ok     76     76          70          70        19         20             33          33
assigned             ok     26          20          20    81        61     20     22     76     76          70          70        33         20             33          33
committed            ok     ok          20          20    81        61     20     22     76     76          70          70        33         20             33          33
withheld             26     ok          20          20    81        ok     20     22     76     76          70          70        33         20             33          33
agreed               26     ok          20          20    81        ok     20     22     76     76          70          70        33         20             33          33
audit draw           26     ok          26          26    81        62     63     22     76     76          70          70        33         ok             33          33
case commit          26     ok          ok          26    81        62     63     22     76     76          70          70        33         33             33          33
case reveal          26     ok          ok          ok    81        62     63     22     76     76          70          70        33         33             33          33
case decided         26     ok          26          ok    81        62     ok     22     76     76          70          70        33         33             33          33
jury                 26     ok          ok          26    81        62     64     22     76     76          70          70        33         33             33          33
case closed          26     ok          26          ok    81        62     63     22     76     76          70          70        ok         33             ok          33
compared             25     25          25          25    81        62     63     22     76     76          ok          26        33         33             33          33
compared reveal      25     25          25          25    81        62     63     22     76     76          ok          ok        33         33             33          33
settled              26     26          26          ok    81        62     63     22     76     76          70          70        33         33             ok          33
failed               26     26          20          20    81        61     20     22     76     76          70          70        33         20             ok          33
expired              19     19          20          20    81        19     20     22     76     76          70          70        19         20             ok          33
cancelled            19     19          20          20    81        19     20     22     76     76          70          70        19         20             33          33
scored               26     ok          20          20    81        60     20     22     ok     ok          70          70        33         20             33          33
rejected             26     ok          26          ok    81        60     63     22     ok     76          25          25        33         33             33          33
to prove             26     26          20          20    ok        60     20     22     76     76          70          70        33         20             33          33
proved               26     26          20          20    26        60     20     22     76     76          70          70        33         20             33          33
`
