// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// polled returns a chain on which a committee awaits commitments, or votes, and
// one of its members.
func polled(t testing.TB, phase types.CommitteePhase) (*sim.Chain, *sim.Worker) {
	c := newMarket(t, 9, votes(1))
	differing(c)
	all(c, func(w *sim.Worker) {
		w.SkipVotes = true
		w.Vote = func(types.VerdictWork) []byte { return types.CompareVote(7, 0) }
	})
	submit(t, c, tolerant(sim.Submit(requester)))
	ok, err := c.Until(20, func() (bool, error) {
		v, err := c.Market.Committees.Get(c.Ctx, 1)
		return err == nil && v.Phase == types.CommitteePhaseCommit, nil
	})
	require.NoError(t, err)
	require.True(t, ok)
	v := verdictOf(t, c, 1)
	var member *sim.Worker
	for _, w := range c.Workers {
		if v.Current(w.ID) != nil {
			member = w
		}
	}
	if phase == types.CommitteePhaseReveal {
		for _, w := range c.Workers {
			if v.Current(w.ID) != nil {
				require.NoError(t, commitVote(c, w))
			}
		}
	}
	return c, member
}

func ballotOf(w *sim.Worker) types.VoteReveal {
	return w.VoteReveal(types.VerdictWork{Verdict: 1, Round: 1, Kind: types.CommitteeCompare})
}

func commitVote(c *sim.Chain, w *sim.Worker) error {
	return c.Deliver(func(ctx context.Context) error {
		_, err := c.Msgs().CommitVote(ctx, &types.MsgCommitVote{Worker: sim.Text(w.Hot), Votes: []types.VoteCommit{{
			Verdict: 1, Round: 1, Commitment: types.CommitVote(sim.ChainID, w.Operator, ballotOf(w)),
		}}})
		return err
	})
}

func TestCommitVote(t *testing.T) {
	type message = types.MsgCommitVote
	none := func(*testing.T, *sim.Chain, *sim.Worker) {}
	tests := map[string]struct {
		given func(*testing.T, *sim.Chain, *sim.Worker)
		edit  func(*message)
		err   error
	}{
		"valid": {none, func(*message) {}, nil},
		"twice the same": {
			func(t *testing.T, c *sim.Chain, w *sim.Worker) { require.NoError(t, commitVote(c, w)) },
			func(*message) {}, nil,
		},
		"another": {
			func(t *testing.T, c *sim.Chain, w *sim.Worker) { require.NoError(t, commitVote(c, w)) },
			func(m *message) { m.Votes[0].Commitment = make([]byte, 32) }, types.ErrCommitmentChanged,
		},
		"31 bytes":        {none, func(m *message) { m.Votes[0].Commitment = make([]byte, 31) }, types.ErrInvalidCommitment},
		"no bytes":        {none, func(m *message) { m.Votes[0].Commitment = nil }, types.ErrInvalidCommitment},
		"another round":   {none, func(m *message) { m.Votes[0].Round = 2 }, types.ErrNotSeated},
		"round 0":         {none, func(m *message) { m.Votes[0].Round = 0 }, types.ErrNotSeated},
		"no committee":    {none, func(m *message) { m.Votes[0].Verdict = 2 }, types.ErrVerdictNotFound},
		"no item":         {none, func(m *message) { m.Votes = nil }, types.ErrNoItems},
		"too many items":  {none, func(m *message) { m.Votes = make([]types.VoteCommit, types.MaxItems+1) }, types.ErrTooManyItems},
		"by the operator": {none, func(m *message) { m.Worker = sim.Text(requester) }, types.ErrUnknownProvider},
		"too late": {
			func(t *testing.T, c *sim.Chain, _ *sim.Worker) { later(t, c, 2_000) },
			func(*message) {}, types.ErrTooLate,
		},
	}
	for name, text := range addressCases() {
		tests["worker "+name] = struct {
			given func(*testing.T, *sim.Chain, *sim.Worker)
			edit  func(*message)
			err   error
		}{none, func(m *message) { m.Worker = text }, errAddress}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c, w := polled(t, types.CommitteePhaseCommit)
			tc.given(t, c, w)
			msg := message{Worker: sim.Text(w.Hot), Votes: []types.VoteCommit{{
				Verdict: 1, Round: 1, Commitment: types.CommitVote(sim.ChainID, w.Operator, ballotOf(w)),
			}}}
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error { _, err := c.Msgs().CommitVote(ctx, &msg); return err })
		})
	}
}

func TestRevealVote(t *testing.T) {
	type message = types.MsgRevealVote
	tests := map[string]struct {
		phase types.CommitteePhase
		edit  func(*message)
		err   error
	}{
		"valid":                  {types.CommitteePhaseReveal, func(*message) {}, nil},
		"before the others":      {types.CommitteePhaseCommit, func(*message) {}, types.ErrWrongPhase},
		"another vote":           {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Vote = types.CompareVote(3, 0) }, types.ErrCommitmentMismatch},
		"another salt":           {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Salt = make([]byte, 32) }, types.ErrCommitmentMismatch},
		"short salt":             {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Salt = m.Votes[0].Salt[1:] }, types.ErrInvalidVote},
		"a vote on other bits":   {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Vote = types.CompareVote(12, 0) }, types.ErrInvalidVote},
		"a vote of another kind": {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Vote = []byte{1} }, types.ErrInvalidVote},
		"no vote":                {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Vote = nil }, types.ErrInvalidVote},
		"another round":          {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Round = 2 }, types.ErrNotSeated},
		"no committee":           {types.CommitteePhaseReveal, func(m *message) { m.Votes[0].Verdict = 0 }, types.ErrVerdictNotFound},
		"by a stranger":          {types.CommitteePhaseReveal, func(m *message) { m.Worker = sim.Text(requester) }, types.ErrUnknownProvider},
		"no item":                {types.CommitteePhaseReveal, func(m *message) { m.Votes = nil }, types.ErrNoItems},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c, w := polled(t, tc.phase)
			msg := message{Worker: sim.Text(w.Hot), Votes: []types.VoteReveal{ballotOf(w)}}
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error { _, err := c.Msgs().RevealVote(ctx, &msg); return err })
			if tc.err == nil {
				_, err := c.Msgs().RevealVote(c.Ctx, &msg)
				require.NoError(t, err, "the same again is a no-op")
			}
		})
	}
}

// TestVotesOfAVoidedProviderAreRefused has a member found wrong elsewhere.
func TestVotesOfAVoidedProviderAreRefused(t *testing.T) {
	c, w := polled(t, types.CommitteePhaseCommit)
	load := loadOf(t, c, w)
	tick, err := c.Registry.Tick(c.Ctx)
	require.NoError(t, err)
	load.VoidClock = tick
	require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))
	require.ErrorIs(t, commitVote(c, w), types.ErrVoided)
}

func TestCrankOfACommittee(t *testing.T) {
	c, w := polled(t, types.CommitteePhaseCommit)
	crank := func(s types.Step) error {
		return c.Deliver(func(ctx context.Context) error {
			_, err := c.Msgs().Crank(ctx, &types.MsgCrank{Sender: sim.Text(w.Hot), Steps: []types.Step{s}})
			return err
		})
	}
	require.ErrorIs(t, crank(types.Step{Kind: types.StepVerdict, Batch: 1}), types.ErrNotDue)
	require.ErrorIs(t, crank(types.Step{Kind: types.StepVerdict, Batch: 2}), types.ErrVerdictNotFound)
	require.ErrorIs(t, crank(types.Step{Kind: types.StepVerdict, Batch: 1, Sub: 1}), types.ErrInvalidStep)
	require.ErrorIs(t, crank(types.Step{Kind: types.StepCase, Batch: 1}), types.ErrNotDue, "its case waits for it")
	later(t, c, 2_000)
	require.NoError(t, crank(types.Step{Kind: types.StepVerdict, Batch: 1}))
	require.NoError(t, c.Check())
	missed := verdictOf(t, c, 1)
	for _, m := range missed.Members {
		require.EqualValues(t, 80, m.Slashed, "who does not commit pays the no-show fee")
	}
}

func TestVoteQueries(t *testing.T) {
	c, w := polled(t, types.CommitteePhaseCommit)
	_, err := c.Query().Verdict(c.Ctx, nil)
	require.Error(t, err)
	_, err = c.Query().VerdictWork(c.Ctx, nil)
	require.Error(t, err)
	_, err = c.Query().Verdict(c.Ctx, &types.QueryVerdictRequest{Verdict: 7})
	require.ErrorContains(t, err, "NotFound")
	res, err := c.Query().VerdictWork(c.Ctx, &types.QueryVerdictWorkRequest{Provider: w.ID})
	require.NoError(t, err)
	require.Len(t, res.Verdicts, 1)
	v := res.Verdicts[0]
	require.Equal(t, []any{types.CommitteeCompare, types.CommitteePhaseCommit, types.MemberAssigned, types.ComparatorTolerance},
		[]any{v.Kind, v.CommitteePhase, v.Phase, v.Comparator})
	require.Len(t, v.Answers, 3)
	for _, a := range v.Answers {
		require.NotEmpty(t, a.Endpoint)
		require.Len(t, a.Result.Digest, types.HashSize)
	}
}
