// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// bench is a case in its commit phase with the honest answer of one seat.
type bench struct {
	t      *testing.T
	c      *sim.Chain
	task   uint64
	worker *sim.Worker
	reveal types.CaseReveal
}

// newBench runs a task of one replica into its audit: two seats, the second
// one added.
func newBench(t *testing.T) *bench {
	c := newMarket(t, 5, shortWindows)
	m := sim.Optimistic(sim.Submit(requester))
	m.Deadline, m.Limits.WallSeconds = 10, 1
	batch := submit(t, c, m)
	for _, w := range c.Workers {
		w.SkipCases = true
	}
	b := &bench{t: t, c: c, task: types.TaskID(batch, 0)}
	open, err := c.Until(60, func() (bool, error) {
		v, err := c.Market.Cases.Get(c.Ctx, b.task)
		return err == nil && v.Phase == types.CasePhaseCommit, nil
	})
	require.NoError(t, err)
	require.True(t, open)
	v := caseOf(t, c, b.task)
	require.Len(t, v.Seats, 2)
	b.worker = workerOf(t, c, v.Seats[1].Provider)
	b.reveal = b.answer(v.Seats[1].Provider)
	return b
}

func (b *bench) answer(provider uint32) types.CaseReveal {
	v := caseOf(b.t, b.c, b.task)
	r, err := workerOf(b.t, b.c, provider).CaseReveal(b.c, types.CaseWork{Task: b.task, Attempt: v.Attempt, Others: v.Others(provider)})
	require.NoError(b.t, err)
	return r
}

func (b *bench) commitment(r types.CaseReveal) types.CaseCommit {
	return types.CaseCommit{Task: b.task, Attempt: r.Attempt, Commitment: types.CommitCaseAnswer(sim.ChainID, b.worker.Operator, r)}
}

// commits commits an answer of the added seat, and the honest one of the other.
func (b *bench) commits(r types.CaseReveal) {
	other := workerOf(b.t, b.c, caseOf(b.t, b.c, b.task).Seats[0].Provider)
	mine, theirs := b.commitment(r), b.commitment(r)
	theirs.Commitment = types.CommitCaseAnswer(sim.ChainID, other.Operator, b.answer(other.ID))
	require.NoError(b.t, b.commit(b.worker, mine))
	require.NoError(b.t, b.commit(other, theirs))
}

func (b *bench) commit(w *sim.Worker, item types.CaseCommit) error {
	return b.c.Deliver(func(ctx context.Context) error {
		_, err := b.c.Msgs().CommitCase(ctx, &types.MsgCommitCase{Worker: sim.Text(w.Hot), Cases: []types.CaseCommit{item}})
		return err
	})
}

func (b *bench) open(w *sim.Worker, item types.CaseReveal) error {
	return b.c.Deliver(func(ctx context.Context) error {
		_, err := b.c.Msgs().RevealCase(ctx, &types.MsgRevealCase{Worker: sim.Text(w.Hot), Cases: []types.CaseReveal{item}})
		return err
	})
}

// reopens lets the replica open its answer too.
func (b *bench) reopens() {
	replica := workerOf(b.t, b.c, caseOf(b.t, b.c, b.task).Seats[0].Provider)
	require.NoError(b.t, b.open(replica, b.answer(replica.ID)))
}

// stranger is a worker without a seat of the case.
func (b *bench) stranger() *sim.Worker {
	v := caseOf(b.t, b.c, b.task)
	for _, w := range b.c.Workers {
		if v.Seat(w.ID) == nil {
			return w
		}
	}
	require.FailNow(b.t, "everybody is seated")
	return nil
}

func (b *bench) blocks(n int) { require.NoError(b.t, b.c.Blocks(n)) }

func TestCommitCase(t *testing.T) {
	type message = types.MsgCommitCase
	once := func(b *bench) { require.NoError(b.t, b.commit(b.worker, b.commitment(b.reveal))) }
	all := func(b *bench) { b.commits(b.reveal) }
	size := func(n int) func(*bench, *message) {
		return func(_ *bench, m *message) { m.Cases[0].Commitment = make([]byte, n) }
	}
	none := func(*bench, *message) {}
	tests := map[string]struct {
		given func(*bench)
		edit  func(*bench, *message)
		err   error
	}{
		"valid":                  {nil, none, nil},
		"empty":                  {nil, size(0), types.ErrInvalidCommitment},
		"31 bytes":               {nil, size(31), types.ErrInvalidCommitment},
		"33 bytes":               {nil, size(33), types.ErrInvalidCommitment},
		"unknown batch":          {nil, func(_ *bench, m *message) { m.Cases[0].Task = types.TaskID(9, 0) }, types.ErrCaseNotFound},
		"task without a case":    {nil, func(_ *bench, m *message) { m.Cases[0].Task++ }, types.ErrCaseNotFound},
		"no task":                {nil, func(_ *bench, m *message) { m.Cases[0].Task = 0 }, types.ErrCaseNotFound},
		"earlier attempt":        {nil, func(_ *bench, m *message) { m.Cases[0].Attempt-- }, types.ErrNotSeated},
		"later attempt":          {nil, func(_ *bench, m *message) { m.Cases[0].Attempt++ }, types.ErrNotSeated},
		"without a seat":         {nil, func(b *bench, m *message) { m.Worker = sim.Text(b.stranger().Hot) }, types.ErrNotSeated},
		"operator signs":         {nil, func(b *bench, m *message) { m.Worker = sim.Text(b.worker.Operator) }, types.ErrUnknownProvider},
		"bad signer":             {nil, func(_ *bench, m *message) { m.Worker = "w" }, sdkerrors.ErrInvalidAddress},
		"no items":               {nil, func(_ *bench, m *message) { m.Cases = nil }, types.ErrNoItems},
		"1,001 items":            {nil, func(_ *bench, m *message) { m.Cases = make([]types.CaseCommit, 1_001) }, types.ErrTooManyItems},
		"identical repeat":       {once, none, nil},
		"another commitment":     {once, size(32), types.ErrCommitmentChanged},
		"repeat after the phase": {all, none, nil},
		"change after the phase": {all, size(32), types.ErrCommitmentChanged},
		"in the last tick":       {func(b *bench) { b.blocks(3) }, none, nil},
		"past the deadline":      {func(b *bench) { b.blocks(4) }, none, types.ErrTooLate},
		"void attempt":           {func(b *bench) { b.void() }, none, types.ErrVoided},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if tc.given != nil {
				tc.given(b)
			}
			msg := message{Worker: sim.Text(b.worker.Hot), Cases: []types.CaseCommit{b.commitment(b.reveal)}}
			tc.edit(b, &msg)
			attempt(t, b.c, tc.err, func(ctx context.Context) error {
				_, err := b.c.Msgs().CommitCase(ctx, &msg)
				return err
			})
		})
	}
}

func (b *bench) void() {
	d := &desk{t: b.t, c: b.c, worker: b.worker}
	d.void()
}

type caseRevealCase struct {
	given func(*bench)
	edit  func(*bench, *types.CaseReveal)
	err   error
}

func caseRevealShapes() map[string]caseRevealCase {
	bad := types.ErrInvalidReveal
	all := func(b *bench) { b.commits(b.reveal) }
	shape := func(f func(*types.CaseReveal)) caseRevealCase {
		return caseRevealCase{all, func(_ *bench, r *types.CaseReveal) { f(r) }, bad}
	}
	return map[string]caseRevealCase{
		"outcome missing":      shape(func(r *types.CaseReveal) { r.Result.Outcome = 0 }),
		"outcome unknown":      shape(func(r *types.CaseReveal) { r.Result.Outcome = 15 }),
		"digest of 31 bytes":   shape(func(r *types.CaseReveal) { r.Result.Digest = r.Result.Digest[1:] }),
		"units over the limit": shape(func(r *types.CaseReveal) { r.Result.Units = 1e9 + 1 }),
		"no proof":             shape(func(r *types.CaseReveal) { r.Proof = nil }),
		"proof of 31 bytes":    shape(func(r *types.CaseReveal) { r.Proof = r.Proof[1:] }),
		"proof of 33 bytes":    shape(func(r *types.CaseReveal) { r.Proof = append(r.Proof, 0) }),
		"cross list missing":   shape(func(r *types.CaseReveal) { r.Cross = nil }),
		"cross list too long":  shape(func(r *types.CaseReveal) { r.Cross = append(r.Cross, r.Cross[0]) }),
		"cross for another":    shape(func(r *types.CaseReveal) { r.Cross[0].Provider++ }),
		"cross proof short":    shape(func(r *types.CaseReveal) { r.Cross[0].Proof = r.Cross[0].Proof[1:] }),
		"cross proof missing":  shape(func(r *types.CaseReveal) { r.Cross[0].Proof = nil }),
		"fault with a proof": shape(func(r *types.CaseReveal) {
			r.Result, r.Cross = types.Result{Outcome: types.OutcomeWall}, nil
		}),
		"fault with a cross list": shape(func(r *types.CaseReveal) {
			r.Result, r.Proof = types.Result{Outcome: types.OutcomeWall}, nil
		}),
	}
}

func caseRevealStates() map[string]caseRevealCase {
	all := func(b *bench) { b.commits(b.reveal) }
	none := func(*bench, *types.CaseReveal) {}
	opened := func(b *bench) { all(b); require.NoError(b.t, b.open(b.worker, b.answer(b.worker.ID))) }
	other := func(_ *bench, r *types.CaseReveal) { r.Result.Units-- }
	return map[string]caseRevealCase{
		"valid":               {all, none, nil},
		"unknown task":        {all, func(_ *bench, r *types.CaseReveal) { r.Task++ }, types.ErrCaseNotFound},
		"earlier attempt":     {all, func(_ *bench, r *types.CaseReveal) { r.Attempt-- }, types.ErrNotSeated},
		"later attempt":       {all, func(_ *bench, r *types.CaseReveal) { r.Attempt++ }, types.ErrNotSeated},
		"before any commit":   {nil, none, types.ErrWrongPhase},
		"before all have":     {func(b *bench) { require.NoError(b.t, b.commit(b.worker, b.commitment(b.reveal))) }, none, types.ErrWrongPhase},
		"another result":      {all, other, types.ErrCommitmentMismatch},
		"another salt":        {all, func(_ *bench, r *types.CaseReveal) { r.Salt = make([]byte, types.HashSize) }, types.ErrCommitmentMismatch},
		"no salt":             {all, func(_ *bench, r *types.CaseReveal) { r.Salt = nil }, types.ErrInvalidReveal},
		"another proof":       {all, func(_ *bench, r *types.CaseReveal) { r.Proof[0] ^= 1 }, types.ErrCommitmentMismatch},
		"another cross proof": {all, func(_ *bench, r *types.CaseReveal) { r.Cross[0].Proof[0] ^= 1 }, types.ErrCommitmentMismatch},
		"identical repeat":    {opened, none, nil},
		"another afterwards":  {opened, other, types.ErrInvalidReveal},
		"past the deadline":   {func(b *bench) { all(b); b.blocks(4) }, none, types.ErrTooLate},
		"void attempt":        {func(b *bench) { all(b); b.void() }, none, types.ErrVoided},
		"after the case":      {func(b *bench) { opened(b); b.reopens(); b.blocks(25) }, other, types.ErrInvalidReveal},
		"of a smaller set":    {func(b *bench) { all(b); b.blocks(7) }, none, types.ErrWrongPhase},
	}
}

func TestRevealCase(t *testing.T) {
	tests := caseRevealShapes()
	for name, tc := range caseRevealStates() {
		tests[name] = tc
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if tc.given != nil {
				tc.given(b)
			}
			tc.edit(b, &b.reveal)
			attempt(t, b.c, tc.err, func(ctx context.Context) error {
				_, err := b.c.Msgs().RevealCase(ctx, &types.MsgRevealCase{Worker: sim.Text(b.worker.Hot), Cases: []types.CaseReveal{b.reveal}})
				return err
			})
		})
	}
}

// TestCaseAnswerIsTheFirstAnswer checks that a replica cannot answer its case
// otherwise than it answered the task, even if it commits to that.
func TestCaseAnswerIsTheFirstAnswer(t *testing.T) {
	edits := map[string]func(*types.CaseReveal){
		"result": func(r *types.CaseReveal) { r.Result.Units-- },
		"proof":  func(r *types.CaseReveal) { r.Proof[0] ^= 1 },
		"fault": func(r *types.CaseReveal) {
			r.Result, r.Proof, r.Cross = types.Result{Outcome: types.OutcomeHostError}, nil, nil
		},
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.worker = workerOf(t, b.c, caseOf(t, b.c, b.task).Seats[0].Provider)
			added := workerOf(t, b.c, caseOf(t, b.c, b.task).Seats[1].Provider)
			turn := b.answer(b.worker.ID)
			edit(&turn)
			require.NoError(t, b.commit(b.worker, b.commitment(turn)))
			theirs := b.commitment(turn)
			theirs.Commitment = types.CommitCaseAnswer(sim.ChainID, added.Operator, b.answer(added.ID))
			require.NoError(t, b.commit(added, theirs))
			require.ErrorIs(t, b.open(b.worker, turn), types.ErrInvalidReveal)
		})
	}
}
