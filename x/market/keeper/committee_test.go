// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// tolerant asks for a comparison of arrays of floats.
func tolerant(m types.MsgSubmit) types.MsgSubmit {
	m.Comparator, m.Tolerance = types.ComparatorTolerance, &types.Tolerance{Rel: 1_000_000, Dtype: types.DTypeFloat32}
	return m
}

// votes sets the rate at which committees vote again, and fees that the prices
// of the tests allow.
func votes(again uint32) func(sim.Genesis) {
	return func(g sim.Genesis) {
		p := g.Params()
		p.Committee.AgainBps, p.Committee.MinFee = again, 10
	}
}

// differing has every worker give another artifact that is close to the others.
func differing(c *sim.Chain) {
	for i, w := range c.Workers {
		w.Run = sim.Near(byte(i))
	}
}

// optIn has every provider accept to be slashed on the word of a committee.
func optIn(t testing.TB, c *sim.Chain) {
	for _, w := range c.Workers {
		p, err := c.Registry.Provider(c.Ctx, w.ID)
		require.NoError(t, err)
		p.Resources[0].Tolerances = true
		_, err = registrykeeper.NewMsgServer(c.Registry).UpdateProvider(c.Ctx, &registrytypes.MsgUpdateProvider{
			Operator: p.Operator, Payout: p.Payout, Region: p.Region, Endpoint: p.Endpoint, Resources: p.Resources,
		})
		require.NoError(t, err)
	}
}

func verdictOf(t testing.TB, c *sim.Chain, id uint64) types.Committee {
	res, err := c.Query().Verdict(c.Ctx, &types.QueryVerdictRequest{Verdict: id})
	require.NoError(t, err)
	return res.Committee
}

// slashed adds up what the members of a committee lost.
func slashed(v types.Committee) (sum uint64) {
	for _, m := range v.Members {
		sum += m.Slashed
	}
	return sum
}

func TestCloseResultsAreAgreedByACommittee(t *testing.T) {
	c := newMarket(t, 9, auditRate(100), votes(1))
	differing(c)
	batch := submit(t, c, tolerant(sim.Submit(requester)))

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 3, "all that are close are paid")
	v := verdictOf(t, c, 1)
	require.Equal(t, types.CommitteePhaseFinal, v.Phase)
	require.Equal(t, types.CompareVote(7, 0), v.Vote)
	require.Equal(t, 5, v.Seated(1))
	for _, m := range v.Members {
		require.NotContains(t, task.Providers, m.Provider)
		require.Equal(t, v.Fee, m.Paid)
	}
	require.Zero(t, slashed(v))
	lot, err := c.Query().Lot(c.Ctx, &types.QueryLotRequest{Batch: batch})
	require.NoError(t, err)
	require.Equal(t, lot.Lot.Vectors[lot.Lot.Seats[0].Vector-1].Results[0].Digest, task.Result.Digest, "the first replica's artifact is the result")
	conserved(t, c, batch)
	idle(t, c)
}

func TestEqualDigestsNeedNoCommittee(t *testing.T) {
	c := newMarket(t, 9, auditRate(100))
	before := c.Balance(requester)
	batch := submit(t, c, tolerant(sim.Submit(requester)))

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.False(t, task.Disputed)
	tally := conserved(t, c, batch)
	require.Equal(t, before-tally.Escrowed+tally.Refunded, c.Balance(requester), "what was held for committees is back")
	_, err := c.Query().Verdict(c.Ctx, &types.QueryVerdictRequest{Verdict: 1})
	require.Error(t, err)
}

func TestFarResultIsUnpaidAndNotSlashedByThree(t *testing.T) {
	c := newMarket(t, 9, auditRate(100), votes(1))
	differing(c)
	optIn(t, c)
	liar := c.Workers[0]
	liar.Run = sim.Wrong
	batch := drawUntil(t, c, liar, tolerant(sim.Submit(requester)))

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 2)
	require.NotContains(t, task.Right, liar.ID)
	require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, liar), "two operators are no quorum")
	conserved(t, c, batch)
	idle(t, c)
}

func TestFarResultIsSlashedByAQuorumIfItsProviderOptedIn(t *testing.T) {
	for name, opted := range map[string]bool{"opted in": true, "did not": false} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 12, auditRate(100), votes(1))
			differing(c)
			if opted {
				optIn(t, c)
			}
			liar := c.Workers[0]
			liar.Run = sim.Wrong
			m := tolerant(sim.Submit(requester))
			m.Replicas = 5
			batch := drawUntil(t, c, liar, m)

			task := settle(t, c, batch, 2_000)

			require.Len(t, task.Right, 4)
			bound, err := types.Bound(800, 100)
			require.NoError(t, err)
			if !opted {
				bound = 0
			}
			require.Equal(t, 1_000*sim.CUPEL-bound, bondOf(t, c, liar))
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

func TestAuditOfACloseResultIsCompared(t *testing.T) {
	c := newMarket(t, 12, auditRate(10_000), votes(1))
	differing(c)
	batch := submit(t, c, sim.Optimistic(tolerant(sim.Submit(requester))))

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.True(t, task.Disputed)
	require.Len(t, task.Right, 2, "the replica and its auditor")
	require.Equal(t, types.CompareVote(3, 0), verdictOf(t, c, 1).Vote)
	conserved(t, c, batch)
	idle(t, c)
}

func TestLiarIsFoundByTheAuditOfACloseResult(t *testing.T) {
	c := newMarket(t, 14, auditRate(10_000), votes(1))
	differing(c)
	optIn(t, c)
	liar := c.Workers[0]
	liar.Run = sim.Wrong
	batch := drawUntil(t, c, liar, sim.Optimistic(tolerant(sim.Submit(requester))))

	task := settle(t, c, batch, 4_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.NotContains(t, task.Right, liar.ID)
	require.Equal(t, sim.Honest(task.Task).Result.Digest[:31], task.Result.Digest[:31])
	require.Less(t, bondOf(t, c, liar), 1_000*sim.CUPEL)
	for _, w := range c.Workers[1:] {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
	conserved(t, c, batch)
	idle(t, c)
}

// TestComparedTaskIsStillAudited checks that differing results, which are the
// rule under a tolerance, do not escape the audit draw.
func TestComparedTaskIsStillAudited(t *testing.T) {
	c := newMarket(t, 14, auditRate(10_000), votes(1))
	differing(c)
	batch := submit(t, c, tolerant(sim.Submit(requester)))

	task := settle(t, c, batch, 4_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 4, "three replicas and an auditor")
	res, err := c.Query().Case(c.Ctx, &types.QueryCaseRequest{Task: task.Task})
	require.NoError(t, err)
	require.Equal(t, types.CaseAudit, res.Case.Kind)
	require.Equal(t, types.CompareVote(15, 0), verdictOf(t, c, 2).Vote)
	conserved(t, c, batch)
	idle(t, c)
}

func TestVoterAgainstTwoThirdsLosesItsValue(t *testing.T) {
	c := newMarket(t, 8, auditRate(100), votes(1))
	differing(c)
	odd := c.Workers[0]
	odd.Vote = func(w types.VerdictWork) []byte { return types.CompareVote(0, 0) }
	for range 40 {
		batch := submit(t, c, tolerant(sim.Submit(requester)))
		task := settle(t, c, batch, 2_000)
		require.Equal(t, types.TaskSettled, task.State)
		conserved(t, c, batch)
		if bondOf(t, c, odd) < 1_000*sim.CUPEL {
			break
		}
	}
	require.Equal(t, 1_000*sim.CUPEL-800, bondOf(t, c, odd), "its fee and one value at stake")
	idle(t, c)
}

func TestWithheldVotesGoToAFreshCommittee(t *testing.T) {
	c := newMarket(t, 13, auditRate(100), votes(1))
	differing(c)
	batch := submit(t, c, tolerant(sim.Submit(requester)))
	found, err := c.Until(20, func() (bool, error) {
		v, err := c.Market.Committees.Get(c.Ctx, 1)
		return err == nil && v.Phase == types.CommitteePhaseReveal && v.Count(types.MemberVoted) == 0 || err == nil && v.Phase == types.CommitteePhaseCommit, nil
	})
	require.NoError(t, err)
	require.True(t, found)
	v := verdictOf(t, c, 1)
	withheld := 0
	for _, w := range c.Workers {
		if v.Current(w.ID) != nil && withheld < 2 {
			w.NoReveal = true
			withheld++
		}
	}

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.TaskSettled, task.State)
	v = verdictOf(t, c, 1)
	require.EqualValues(t, 2, v.Round)
	require.False(t, v.Second)
	require.EqualValues(t, 2*800, slashed(v), "who commits and does not vote is against")
	conserved(t, c, batch)
	idle(t, c)
}

func TestUndecidedTaskIsRefundedLessTheRuntimeFees(t *testing.T) {
	c := newMarket(t, 13, auditRate(100), votes(1))
	differing(c)
	opinions := [][2]uint32{ // no two agree
		{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {0, 6}, {0, 7}, {3, 0}, {3, 4}, {5, 0}, {6, 0}, {7, 0},
	}
	for i, w := range c.Workers {
		w.Vote = func(types.VerdictWork) []byte { return types.CompareVote(opinions[i][0], opinions[i][1]) }
	}
	batch := submit(t, c, tolerant(sim.Submit(requester)))

	task := settle(t, c, batch, 3_000)

	v := verdictOf(t, c, 1)
	require.Empty(t, v.Vote)
	require.EqualValues(t, 2, v.Round)
	require.Equal(t, types.ReasonUnresolved, task.Reason)
	require.EqualValues(t, 3*100, conserved(t, c, batch).Paid)
	idle(t, c)
}

// TestSecondCommitteeOverturnsTheFirst has a first committee that lies as one.
func TestSecondCommitteeOverturnsTheFirst(t *testing.T) {
	c := newMarket(t, 14, auditRate(100), votes(10_000))
	differing(c)
	all(c, func(w *sim.Worker) {
		w.Vote = func(v types.VerdictWork) []byte {
			if v.Round == 1 {
				return types.CompareVote(3, 0) // it leaves the third out
			}
			return sim.Vote(v)
		}
	})
	batch := submit(t, c, tolerant(sim.Submit(requester)))

	task := settle(t, c, batch, 3_000)

	v := verdictOf(t, c, 1)
	require.True(t, v.Overturned(5))
	require.Equal(t, types.CompareVote(7, 0), v.Vote)
	require.Len(t, task.Right, 3)
	first := 0
	for _, m := range v.Members {
		if m.Round == 1 {
			first++
		}
	}
	require.EqualValues(t, first*800, slashed(v), "each of the first majority")
	for _, m := range v.Members {
		require.Equal(t, m.Round == 2, m.Paid > 0)
	}
	conserved(t, c, batch)
	idle(t, c)
}

func TestSecondCommitteeConfirmsTheFirst(t *testing.T) {
	c := newMarket(t, 14, auditRate(100), votes(10_000))
	differing(c)
	batch := submit(t, c, tolerant(sim.Submit(requester)))

	settle(t, c, batch, 3_000)

	v := verdictOf(t, c, 1)
	require.True(t, v.Second)
	require.Equal(t, 10, v.Seated(1)+v.Seated(2))
	for _, m := range v.Members {
		require.Equal(t, v.Fee, m.Paid)
	}
	require.Zero(t, slashed(v))
	conserved(t, c, batch)
	idle(t, c)
}

func TestThinCommitteeDecidesAndSlashesNobody(t *testing.T) {
	c := newMarket(t, 6, auditRate(100), votes(1))
	differing(c)
	odd := c.Workers[0]
	odd.Vote = func(types.VerdictWork) []byte { return types.CompareVote(0, 0) }
	batch := submit(t, c, tolerant(sim.Submit(requester)))

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, verdictOf(t, c, 1).Members, 3)
	require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, odd))
	conserved(t, c, batch)
	idle(t, c)
}

func TestUnservedAnswersAreUnpaid(t *testing.T) {
	c := newMarket(t, 12, auditRate(100), votes(1))
	differing(c)
	optIn(t, c)
	all(c, func(w *sim.Worker) {
		w.Vote = func(types.VerdictWork) []byte { return types.CompareVote(0b11110, 0b00001) }
	})
	m := tolerant(sim.Submit(requester))
	m.Replicas = 5
	batch := submit(t, c, m)

	task := settle(t, c, batch, 2_000)

	require.Len(t, task.Right, 4)
	require.NotContains(t, task.Right, task.Providers[0])
	all(c, func(w *sim.Worker) { require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w)) })
	conserved(t, c, batch)
	idle(t, c)
}

func TestNoTwoAnswersAreEqual(t *testing.T) {
	for name, tc := range map[string]struct {
		unavailable uint32
		right       int
		reason      types.Reason
	}{
		"all are served":  {0, 3, types.ReasonNone},
		"one is not":      {1, 2, types.ReasonNone},
		"none is served ": {7, 0, types.ReasonUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 9, auditRate(100), votes(1))
			differing(c)
			all(c, func(w *sim.Worker) {
				w.Vote = func(types.VerdictWork) []byte { return types.CompareVote(0, tc.unavailable) }
			})
			batch := submit(t, c, tolerant(sim.Submit(requester)))

			task := settle(t, c, batch, 2_000)

			require.Len(t, task.Right, tc.right, "the gross is split over all that serve theirs")
			require.Equal(t, tc.reason, task.Reason)
			all(c, func(w *sim.Worker) { require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w)) })
			conserved(t, c, batch)
			idle(t, c)
		})
	}
}

// TestTolerances breaks one thing of a valid submit.
func TestTolerances(t *testing.T) {
	topK := func(k, overlap uint32) func(*types.MsgSubmit) {
		return func(m *types.MsgSubmit) {
			m.Comparator, m.Tolerance = types.ComparatorTopK, &types.Tolerance{K: k, OverlapBps: overlap, Dtype: types.DTypeInt64}
		}
	}
	tests := map[string]struct {
		edit func(*types.MsgSubmit)
		err  error
	}{
		"valid":              {func(*types.MsgSubmit) {}, nil},
		"absolute":           {func(m *types.MsgSubmit) { m.Tolerance.Rel, m.Tolerance.Abs = 0, 1 }, nil},
		"none":               {func(m *types.MsgSubmit) { m.Tolerance = nil }, types.ErrInvalidTolerance},
		"zero":               {func(m *types.MsgSubmit) { m.Tolerance.Rel = 0 }, types.ErrInvalidTolerance},
		"relative of 1":      {func(m *types.MsgSubmit) { m.Tolerance.Rel = types.ToleranceUnit }, types.ErrInvalidTolerance},
		"relative below 1":   {func(m *types.MsgSubmit) { m.Tolerance.Rel = types.ToleranceUnit - 1 }, nil},
		"absolute 2^62":      {func(m *types.MsgSubmit) { m.Tolerance.Abs = 1 << 62 }, nil},
		"absolute 2^62 + 1":  {func(m *types.MsgSubmit) { m.Tolerance.Abs = 1<<62 + 1 }, types.ErrInvalidTolerance},
		"no type":            {func(m *types.MsgSubmit) { m.Tolerance.Dtype = 0 }, types.ErrInvalidTolerance},
		"unknown type":       {func(m *types.MsgSubmit) { m.Tolerance.Dtype = 5 }, types.ErrInvalidTolerance},
		"with k":             {func(m *types.MsgSubmit) { m.Tolerance.K = 1 }, types.ErrInvalidTolerance},
		"of EXACT":           {func(m *types.MsgSubmit) { m.Comparator = types.ComparatorExact }, types.ErrInvalidTolerance},
		"unknown comparator": {func(m *types.MsgSubmit) { m.Comparator = 4 }, types.ErrInvalidComparator},
		"most replicas":      {func(m *types.MsgSubmit) { m.Replicas = types.MaxTolerantReplicas }, nil},
		"more replicas":      {func(m *types.MsgSubmit) { m.Replicas = types.MaxTolerantReplicas + 1 }, types.ErrInvalidReplicas},
		"top k":              {topK(1, 0), nil},
		"top of all":         {topK(types.MaxTopK, types.BasisPoints), nil},
		"top none":           {topK(0, 0), types.ErrInvalidTolerance},
		"top too many":       {topK(types.MaxTopK+1, 0), types.ErrInvalidTolerance},
		"overlap above all":  {topK(1, types.BasisPoints+1), types.ErrInvalidTolerance},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 0, shortWindows)
			m := tolerant(sim.Submit(requester))
			m.Deadline, m.Limits.WallSeconds = 10, 1
			tc.edit(&m)
			attempt(t, c, tc.err, func(ctx context.Context) error { _, err := c.Msgs().Submit(ctx, &m); return err })
		})
	}
}

// TestCommitteeParams breaks one of the params of committees and scores.
func TestCommitteeParams(t *testing.T) {
	for name, edit := range map[string]func(*types.Params){
		"two members":        func(p *types.Params) { p.Committee.Members = 2 },
		"22 members":         func(p *types.Params) { p.Committee.Members = 22 },
		"no commits":         func(p *types.Params) { p.Committee.CommitTicks = 1 },
		"no reveals":         func(p *types.Params) { p.Committee.RevealTicks = 1 },
		"never again":        func(p *types.Params) { p.Committee.AgainBps = 0 },
		"again above all":    func(p *types.Params) { p.Committee.AgainBps = types.BasisPoints + 1 },
		"a fee above 10 %":   func(p *types.Params) { p.Committee.FeeBps = 1_001 },
		"no least fee":       func(p *types.Params) { p.Committee.MinFee = 0 },
		"no attestation":     func(p *types.Params) { p.Committee.AttestationTicks = 0 },
		"no epoch of quotes": func(p *types.Params) { p.Committee.QuoteEpochs = 0 },
		"no task":            func(p *types.Params) { p.Scored.MaxTask = 0 },
		"less than a task":   func(p *types.Params) { p.Scored.MaxEpoch = p.Scored.MaxTask - 1 },
		"five weights":       func(p *types.Params) { p.Scored.Weights = []uint32{200, 200, 200, 200, 200} },
		"weights of 999":     func(p *types.Params) { p.Scored.Weights = []uint32{149, 200, 150, 250, 150, 100} },
		"no threshold":       func(p *types.Params) { p.Scored.Threshold = 0 },
		"threshold of 1001":  func(p *types.Params) { p.Scored.Threshold = 1_001 },
	} {
		t.Run(name, func(t *testing.T) {
			p := types.DefaultParams()
			require.NoError(t, p.Validate())
			edit(&p)
			require.ErrorIs(t, p.Validate(), types.ErrInvalidParams)
		})
	}
}

// quoting is a chain on which a committee judges a quote and another is final.
func quoting(t *testing.T) *sim.Chain {
	c := newMarket(t, 8, shortWindows, votes(1))
	judgeQuote(t, c, quote(c, "http://a/genuine"))
	e, err := c.Oracle.Epoch(c.Ctx)
	require.NoError(t, err)
	m := quote(c, "http://a/genuine")
	m.Epoch = e.Number
	_, err = c.Msgs().SubmitQuote(c.Ctx, &m)
	require.NoError(t, err)
	return c
}
