// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// scored hires the first worker under SCORED.
func scored(c *sim.Chain, m types.MsgSubmit) types.MsgSubmit {
	m.Policy, m.Replicas, m.Hire = types.PolicyScored, 1, sim.Text(c.Workers[0].Operator)
	return m
}

// agreedScored runs a batch under SCORED until its first task is agreed.
func agreedScored(t testing.TB, c *sim.Chain) uint64 {
	batch := submit(t, c, scored(c, sim.Submit(requester)))
	ok, err := c.Until(20, func() (bool, error) {
		task, err := c.Task(batch, 0)
		return task.State == types.TaskAgreed, err
	})
	require.NoError(t, err)
	require.True(t, ok)
	return batch
}

func reject(c *sim.Chain, batch uint64) error {
	return c.Deliver(func(ctx context.Context) error {
		_, err := c.Msgs().Reject(ctx, &types.MsgReject{Requester: sim.Text(requester), Task: types.TaskID(batch, 0)})
		return err
	})
}

func accept(c *sim.Chain, batch uint64) error {
	return c.Deliver(func(ctx context.Context) error {
		_, err := c.Msgs().Accept(ctx, &types.MsgAccept{Requester: sim.Text(requester), Lots: []types.LotRef{{Batch: batch}}})
		return err
	})
}

func TestScoredSilenceIsPaid(t *testing.T) {
	c := newMarket(t, 6, votes(1))
	batch := agreedScored(t, c)

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.False(t, task.Disputed, "nothing is audited")
	require.EqualValues(t, 340, conserved(t, c, batch).Paid)
	standing, err := c.Reputation.Standing(c.Ctx, c.Workers[0].ID, 1)
	require.NoError(t, err)
	require.Zero(t, standing.Counted)
	idle(t, c)
}

func TestScoredAcceptPaysAtOnce(t *testing.T) {
	c := newMarket(t, 6, votes(1))
	batch := agreedScored(t, c)

	require.NoError(t, accept(c, batch))

	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskSettled, task.State)
	require.EqualValues(t, 340, c.Balance(c.Workers[0].Payout))
	require.ErrorIs(t, accept(c, batch), types.ErrNotScored)
	require.ErrorIs(t, reject(c, batch), types.ErrNotScored)
	require.NoError(t, c.Blocks(700))
	conserved(t, c, batch)
	idle(t, c)
}

func TestScoredRejection(t *testing.T) {
	tests := map[string]struct {
		vote   byte
		score  uint32
		state  types.TaskState
		reason types.Reason
		paid   uint64
	}{
		"all the evidence": {0b111111, 1_000, types.TaskSettled, types.ReasonNone, 170},
		"800":              {0b111101, 800, types.TaskSettled, types.ReasonNone, 170},
		"750":              {0b110111, 750, types.TaskFailed, types.ReasonRejected, 0},
		"nothing":          {0, 0, types.TaskFailed, types.ReasonRejected, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 8, votes(1))
			all(c, func(w *sim.Worker) { w.Vote = func(types.VerdictWork) []byte { return []byte{tc.vote} } })
			batch := agreedScored(t, c)
			require.NoError(t, reject(c, batch))
			require.ErrorIs(t, reject(c, batch), types.ErrNotScored)

			task := settle(t, c, batch, 2_000)

			require.Equal(t, []any{tc.state, tc.reason}, []any{task.State, task.Reason})
			res, err := c.Query().Case(c.Ctx, &types.QueryCaseRequest{Task: task.Task})
			require.NoError(t, err)
			require.Equal(t, tc.score, res.Case.Score)
			require.Equal(t, tc.paid, c.Balance(c.Workers[0].Payout), "half of the gross of 400 less the shares, or nothing")
			tally := conserved(t, c, batch)
			v := verdictOf(t, c, 1)
			require.Equal(t, tc.paid+uint64(len(v.Members))*v.Fee, tally.Paid)
			require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, c.Workers[0]), "nobody is slashed for a score")
			idle(t, c)
		})
	}
}

func TestScoredRefusals(t *testing.T) {
	c := newMarket(t, 6, votes(1))
	batch := agreedScored(t, c)
	task := types.TaskID(batch, 0)
	stranger := sim.Text(sim.Addr("stranger"))
	tests := map[string]struct {
		send func(context.Context) error
		err  error
	}{
		"reject by a stranger": {func(ctx context.Context) error {
			_, err := c.Msgs().Reject(ctx, &types.MsgReject{Requester: stranger, Task: task})
			return err
		}, types.ErrNotRequester},
		"reject no task": {func(ctx context.Context) error {
			_, err := c.Msgs().Reject(ctx, &types.MsgReject{Requester: sim.Text(requester), Task: task + 1})
			return err
		}, types.ErrBatchNotFound},
		"reject a batch that does not exist": {func(ctx context.Context) error {
			_, err := c.Msgs().Reject(ctx, &types.MsgReject{Requester: sim.Text(requester), Task: types.TaskID(99, 0)})
			return err
		}, types.ErrBatchNotFound},
		"accept by a stranger": {func(ctx context.Context) error {
			_, err := c.Msgs().Accept(ctx, &types.MsgAccept{Requester: stranger, Lots: []types.LotRef{{Batch: batch}}})
			return err
		}, types.ErrNotRequester},
		"accept nothing": {func(ctx context.Context) error {
			_, err := c.Msgs().Accept(ctx, &types.MsgAccept{Requester: sim.Text(requester)})
			return err
		}, types.ErrNoItems},
		"accept no lot": {func(ctx context.Context) error {
			_, err := c.Msgs().Accept(ctx, &types.MsgAccept{Requester: sim.Text(requester), Lots: []types.LotRef{{Batch: batch, Lot: 9}}})
			return err
		}, types.ErrLotNotFound},
		"a challenge": {func(ctx context.Context) error {
			_, err := c.Msgs().Challenge(ctx, &types.MsgChallenge{Sender: sim.Text(requester), Task: task, Kind: types.ChallengeWrong})
			return err
		}, types.ErrInvalidChallenge},
	}
	for name, text := range addressCases() {
		tests["reject by "+name] = struct {
			send func(context.Context) error
			err  error
		}{func(ctx context.Context) error {
			_, err := c.Msgs().Reject(ctx, &types.MsgReject{Requester: text, Task: task})
			return err
		}, errAddress}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { attempt(t, c, tc.err, tc.send) })
	}
	redundant := submit(t, c, sim.Submit(requester))
	require.NoError(t, c.Blocks(5))
	require.ErrorIs(t, accept(c, redundant), types.ErrNotScored)
	require.ErrorIs(t, reject(c, redundant), types.ErrNotScored)
	p := types.DefaultParams()
	require.NoError(t, c.Blocks(int(p.WindowTicks)))
	require.Error(t, reject(c, batch), "the window is over")
}

func TestScoredCaps(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.MsgSubmit)
		err  error
	}{
		"at the cap of a task": {func(m *types.MsgSubmit) { m.MaxPrice = 10_000_000 }, nil},
		"above it":             {func(m *types.MsgSubmit) { m.MaxPrice = 10_000_001 }, types.ErrScoredCap},
		"a lot at the cap":     {func(m *types.MsgSubmit) { m.MaxPrice, m.Count, m.LotSize = 10_000_000, 10, 10 }, nil},
		"a lot above it":       {func(m *types.MsgSubmit) { m.MaxPrice, m.Count, m.LotSize = 10_000_000, 11, 11 }, types.ErrScoredCap},
		"not hired":            {func(m *types.MsgSubmit) { m.Hire = "" }, types.ErrInvalidHire},
		"two replicas":         {func(m *types.MsgSubmit) { m.Replicas = 2 }, types.ErrInvalidReplicas},
		"with a tolerance":     {func(m *types.MsgSubmit) { *m = tolerant(*m) }, types.ErrInvalidComparator},
		"of an unsound class":  {func(m *types.MsgSubmit) { m.Class = unsound }, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 3, shortWindows)
			m := scored(c, sim.Submit(requester))
			m.Deadline, m.Limits.WallSeconds = 10, 1
			tc.edit(&m)
			attempt(t, c, tc.err, func(ctx context.Context) error { _, err := c.Msgs().Submit(ctx, &m); return err })
		})
	}
}

// TestScoredCapOfAnEpoch has more work than a provider may take in an epoch.
func TestScoredCapOfAnEpoch(t *testing.T) {
	c := newMarket(t, 3, votes(1), func(g sim.Genesis) { g.Params().Scored.MaxEpoch = 10_000_000 })
	m := scored(c, sim.Submit(requester))
	m.MaxPrice, m.Count, m.LotSize = 10_000_000, 3, 1
	batch := submit(t, c, m)
	require.NoError(t, c.Blocks(10))
	tally, err := c.Tally(batch)
	require.NoError(t, err)
	require.EqualValues(t, 1, tally.NextLot, "the others wait for the next epochs")
	settle(t, c, batch, 3_000)
	conserved(t, c, batch)
}

func quote(c *sim.Chain, uri string) types.MsgSubmitQuote {
	return types.MsgSubmitQuote{
		Sender: sim.Text(c.Workers[0].Operator), Class: sim.Class, Tee: types.TEETDX, Uri: uri,
		Sha256: make([]byte, types.HashSize), Epoch: 1,
	}
}

// judgeQuote submits a quote and runs its committee.
func judgeQuote(t testing.TB, c *sim.Chain, m types.MsgSubmitQuote) types.Committee {
	e, err := c.Oracle.Epoch(c.Ctx)
	require.NoError(t, err)
	m.Epoch = e.Number
	require.NoError(t, c.Fund(c.Workers[0].Operator, sim.CUPEL))
	res, err := c.Msgs().SubmitQuote(c.Ctx, &m)
	require.NoError(t, err)
	_, err = c.Until(300, func() (bool, error) { return verdictOf(t, c, res.Verdict).Phase == types.CommitteePhaseFinal, nil })
	require.NoError(t, err)
	v := verdictOf(t, c, res.Verdict)
	require.Equal(t, types.CommitteePhaseFinal, v.Phase)
	require.Zero(t, v.Held)
	return v
}

func TestAttestation(t *testing.T) {
	c := newMarket(t, 8, auditRate(10_000), votes(1))
	w := c.Workers[0]
	order := sim.Optimistic(sim.Submit(requester))
	order.Policy, order.Deadline = types.PolicyAttested, 2_000
	waiting := submit(t, c, order)
	require.NoError(t, c.Blocks(3))
	tally, err := c.Tally(waiting)
	require.NoError(t, err)
	require.Zero(t, tally.NextLot, "nobody is attested")

	before := c.Balance(w.Operator)
	v := judgeQuote(t, c, quote(c, "http://a/genuine"))
	require.Equal(t, types.QuoteVote(true, 0), v.Vote)
	require.Equal(t, before+sim.CUPEL-uint64(len(v.Members))*v.Fee, c.Balance(w.Operator), "the members are paid, the rest is back")
	load := loadOf(t, c, w)
	require.Positive(t, load.AttestedUntil)
	require.Equal(t, v.Id, load.AttestedBy)

	task := settle(t, c, waiting, 3_000)
	require.Equal(t, types.TaskSettled, task.State)
	require.Equal(t, w.ID, task.Providers[0])
	require.True(t, task.Disputed, "never without an audit rate")
	conserved(t, c, waiting)

	_, err = registrykeeper.NewMsgServer(c.Registry).RotateWorker(c.Ctx, &registrytypes.MsgRotateWorker{
		Operator: sim.Text(w.Operator), Worker: sim.Text(sim.Addr("other-key")),
	})
	require.NoError(t, err)
	require.Zero(t, loadOf(t, c, w).AttestedUntil, "another key needs another quote")
	idle(t, c)
}

func TestFalseQuoteEndsAnAttestation(t *testing.T) {
	c := newMarket(t, 8, votes(1))
	judgeQuote(t, c, quote(c, "http://a/genuine"))
	require.Positive(t, loadOf(t, c, c.Workers[0]).AttestedUntil)
	v := judgeQuote(t, c, quote(c, "http://a/forged"))
	require.Equal(t, types.QuoteVote(false, 1), v.Vote)
	require.Zero(t, loadOf(t, c, c.Workers[0]).AttestedUntil)
	idle(t, c)
}

func TestSubmitQuote(t *testing.T) {
	type message = types.MsgSubmitQuote
	tests := map[string]struct {
		edit func(*message)
		err  error
	}{
		"by the operator":    {func(*message) {}, nil},
		"by the worker":      {func(m *message) { m.Sender = sim.Text(sim.Addr("w0-hot")) }, nil},
		"by a stranger":      {func(m *message) { m.Sender = sim.Text(sim.Addr("stranger")) }, types.ErrUnknownProvider},
		"unknown class":      {func(m *message) { m.Class = "none" }, types.ErrInvalidClass},
		"class not offered":  {func(m *message) { m.Class = unsound }, types.ErrInvalidQuote},
		"no TEE":             {func(m *message) { m.Tee = 0 }, types.ErrInvalidQuote},
		"unknown TEE":        {func(m *message) { m.Tee = 3 }, types.ErrInvalidQuote},
		"short hash":         {func(m *message) { m.Sha256 = m.Sha256[1:] }, types.ErrInvalidQuote},
		"no hash":            {func(m *message) { m.Sha256 = nil }, types.ErrInvalidQuote},
		"no uri":             {func(m *message) { m.Uri = "" }, types.ErrInvalidQuote},
		"another scheme":     {func(m *message) { m.Uri = "ftp://a" }, types.ErrInvalidQuote},
		"of the next epoch":  {func(m *message) { m.Epoch = 2 }, types.ErrInvalidQuote},
		"of the epoch at 64": {func(m *message) { m.Epoch = 1<<64 - 1 }, types.ErrInvalidQuote},
		"as old as it may":   {func(m *message) { m.Epoch = 1 }, nil},
	}
	for name, text := range addressCases() {
		tests["sender "+name] = struct {
			edit func(*message)
			err  error
		}{func(m *message) { m.Sender = text }, errAddress}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 3, shortWindows)
			require.NoError(t, c.Fund(sim.Addr("w0"), sim.CUPEL))
			require.NoError(t, c.Fund(sim.Addr("w0-hot"), sim.CUPEL))
			e, err := c.Oracle.Epoch(c.Ctx)
			require.NoError(t, err)
			m := quote(c, "http://a/genuine")
			m.Epoch = e.Number
			tc.edit(&m)
			if m.Epoch == 2 {
				m.Epoch = e.Number + 1
			}
			if tc.err == nil {
				m.Epoch = e.Number
			}
			attempt(t, c, tc.err, func(ctx context.Context) error { _, err := c.Msgs().SubmitQuote(ctx, &m); return err })
			if tc.err == nil {
				attempt(t, c, types.ErrQuotePending, func(ctx context.Context) error { _, err := c.Msgs().SubmitQuote(ctx, &m); return err })
			}
		})
	}
}

// TestVotesStopTheClock checks that a breaker on votes stops every deadline.
func TestVotesStopTheClock(t *testing.T) {
	for _, m := range []sdk.Msg{&types.MsgCommitVote{}, &types.MsgRevealVote{}} {
		c := newMarket(t, 1)
		before, err := c.Registry.Tick(c.Ctx)
		require.NoError(t, err)
		c.Tripped[sdk.MsgTypeURL(m)] = true
		require.NoError(t, c.Blocks(5))
		after, err := c.Registry.Tick(c.Ctx)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
}
