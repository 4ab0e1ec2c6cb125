// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// each worker of a chain is changed.
func all(c *sim.Chain, change func(*sim.Worker)) {
	for _, w := range c.Workers {
		change(w)
	}
}

func bondOf(t testing.TB, c *sim.Chain, w *sim.Worker) uint64 {
	p, err := c.Registry.Provider(c.Ctx, w.ID)
	require.NoError(t, err)
	return p.Bond
}

func loadOf(t testing.TB, c *sim.Chain, w *sim.Worker) registrytypes.Load {
	l, err := c.Registry.Load(c.Ctx, w.ID)
	require.NoError(t, err)
	return l
}

// idle checks that no counter of work is left on any provider.
func idle(t testing.TB, c *sim.Chain) {
	for _, w := range c.Workers {
		l := loadOf(t, c, w)
		require.Zero(t, l.InFlight)
		require.Zero(t, l.Verifying)
		require.Zero(t, l.Freezes)
		require.Zero(t, l.PendingSlash)
	}
}

// drawUntil submits until the worker holds a seat of the newest batch.
func drawUntil(t testing.TB, c *sim.Chain, w *sim.Worker, m types.MsgSubmit) uint64 {
	for range 100 {
		batch := submit(t, c, m)
		require.NoError(t, c.Blocks(1))
		task, err := c.Task(batch, 0)
		require.NoError(t, err)
		if holds(task.Providers, w.ID) {
			return batch
		}
		settle(t, c, batch, 3_000)
	}
	require.Fail(t, "the worker was never drawn")
	return 0
}

func TestMissedSeatIsDrawnAgain(t *testing.T) {
	c := newMarket(t, 6, auditRate(100))
	silent := c.Workers[0]
	silent.Silent = true
	before := bondOf(t, c, silent)
	batch := drawUntil(t, c, silent, sim.Submit(requester))

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.NotContains(t, task.Right, silent.ID)
	require.Len(t, task.Right, 3)
	require.Equal(t, before-80, bondOf(t, c, silent), "the no-show fee is 10 %% of the maximal gross of 800")
	require.EqualValues(t, 1, loadOf(t, c, silent).Missed)
	conserved(t, c, batch)
	idle(t, c)
}

func TestNobodyCommits(t *testing.T) {
	c := newMarket(t, 6)
	all(c, func(w *sim.Worker) { w.Silent = true })
	batch := submit(t, c, sim.Submit(requester))

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.TaskFailed, task.State)
	require.Equal(t, types.ReasonNoShow, task.Reason)
	require.EqualValues(t, 3_000, conserved(t, c, batch).Refunded)
	idle(t, c)
}

func TestUnrevealedCommitIsWrong(t *testing.T) {
	c := newMarket(t, 6, auditRate(100))
	w := c.Workers[0]
	w.NoReveal = true
	before := bondOf(t, c, w)
	batch := drawUntil(t, c, w, sim.Submit(requester))

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 2)
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	require.Equal(t, before-bound, bondOf(t, c, w))
	p, err := c.Registry.Provider(c.Ctx, w.ID)
	require.NoError(t, err)
	require.Equal(t, registrytypes.ProviderJailed, p.Status)
	conserved(t, c, batch)
	idle(t, c)
}

func TestLateRevealLosesTheFeeOnly(t *testing.T) {
	c := newMarket(t, 6, auditRate(100))
	w := c.Workers[0]
	w.NoReveal = true
	batch := drawUntil(t, c, w, sim.Submit(requester))
	before := bondOf(t, c, w)
	_, err := c.Until(500, func() (bool, error) {
		task, err := c.Task(batch, 0)
		return task.State == types.TaskAgreed, err
	})
	require.NoError(t, err)
	lot, err := c.Query().Lot(c.Ctx, &types.QueryLotRequest{Batch: batch})
	require.NoError(t, err)
	var attempt uint32
	for _, s := range lot.Lot.Seats {
		if s.Provider == w.ID {
			attempt = s.Attempt
		}
	}

	_, err = c.Msgs().Reveal(c.Ctx, &types.MsgReveal{Worker: sim.Text(w.Hot), Lots: []types.LotReveal{
		w.Reveal(batch, types.LotWork{Attempt: attempt, Count: 1}),
	}})

	require.NoError(t, err)
	settle(t, c, batch, 2_000)
	require.Equal(t, before-80, bondOf(t, c, w))
	conserved(t, c, batch)
	idle(t, c)
}

func TestEverybodyWithholds(t *testing.T) {
	c := newMarket(t, 4)
	all(c, func(w *sim.Worker) { w.NoReveal = true })
	batch := submit(t, c, sim.Submit(requester))

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.ReasonNoReveal, task.Reason)
	require.EqualValues(t, 3_000, conserved(t, c, batch).Refunded)
	idle(t, c)
}

func TestHostFaultOfOneReplicaIsUnpaid(t *testing.T) {
	c := newMarket(t, 5, auditRate(100))
	w := c.Workers[0]
	w.Run = sim.Fault(types.OutcomeWall)
	before := bondOf(t, c, w)
	batch := drawUntil(t, c, w, sim.Submit(requester))

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 2)
	require.Equal(t, before, bondOf(t, c, w))
	conserved(t, c, batch)
	idle(t, c)
}

func TestTwoHostFaultsFailWithTheFee(t *testing.T) {
	c := newMarket(t, 5)
	all(c, func(w *sim.Worker) { w.Run = sim.Fault(types.OutcomeInputUnavailable) })
	batch := submit(t, c, sim.Submit(requester))

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskFailed, task.State)
	require.Equal(t, types.ReasonInputUnavailable, task.Reason)
	tally := conserved(t, c, batch)
	require.EqualValues(t, 3*100, tally.Pooled, "10 %% of the maximal gross of 1,000 each")
	require.Zero(t, tally.Paid)
	require.EqualValues(t, 2_700, tally.Refunded)
	idle(t, c)
}

func TestHostFaultOfTheOnlyReplicaIsReplaced(t *testing.T) {
	c := newMarket(t, 6)
	faulty := c.Workers[0]
	faulty.Run = sim.Fault(types.OutcomeHostError)
	batch := drawUntil(t, c, faulty, sim.Optimistic(sim.Submit(requester)))

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Len(t, task.Right, 2, "two added operators must be equal")
	require.NotContains(t, task.Right, faulty.ID)
	conserved(t, c, batch)
	idle(t, c)
}

func TestLazyAuditorIsCaught(t *testing.T) {
	c := newMarket(t, 9, auditRate(10_000))
	lazy := c.Workers[0]
	lazy.Lazy = true
	before := bondOf(t, c, lazy)
	for range 40 {
		batch := submit(t, c, sim.Submit(requester))
		task := settle(t, c, batch, 4_000)
		conserved(t, c, batch)
		require.Equal(t, types.TaskSettled, task.State)
		require.Equal(t, sim.Honest(task.Task).Result, task.Result)
		if bondOf(t, c, lazy) < before {
			break
		}
	}
	require.Less(t, bondOf(t, c, lazy), before, "it copies the public answer and knows no memory hash")
	for _, w := range c.Workers[1:] {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
	idle(t, c)
}

func TestUnfilledAuditPaysAUnanimousTask(t *testing.T) {
	c := newMarket(t, 3, auditRate(10_000))
	batch := submit(t, c, sim.Submit(requester))

	task := settle(t, c, batch, 3_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.True(t, task.Disputed)
	require.Len(t, task.Right, 3)
	res, err := c.Query().Case(c.Ctx, &types.QueryCaseRequest{Task: task.Task})
	require.NoError(t, err)
	require.True(t, res.Case.Unfilled)
	require.Positive(t, conserved(t, c, batch).Paid)
	idle(t, c)
}

func TestSmallSetDecidesByMajorityWithoutSlash(t *testing.T) {
	c := newMarket(t, 5, auditRate(100))
	liar := c.Workers[0]
	liar.Run = sim.Wrong
	batch := drawUntil(t, c, liar, sim.Submit(requester))

	task := settle(t, c, batch, 4_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Equal(t, sim.Honest(task.Task).Result, task.Result)
	require.Len(t, task.Right, 4)
	require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, liar), "a set that cannot be filled slashes nobody")
	conserved(t, c, batch)
	idle(t, c)
}

func TestOneDisputedTaskOfALot(t *testing.T) {
	c := newMarket(t, 9, auditRate(100))
	m := sim.Submit(requester)
	m.Count, m.LotSize = 40, 32
	var odd uint64
	liar := c.Workers[0]
	liar.Run = func(task uint64) sim.Answer {
		if _, index := types.SplitTaskID(task); index == 5 {
			odd = task
			return sim.Wrong(task)
		}
		return sim.Honest(task)
	}
	for odd == 0 {
		settle(t, c, submit(t, c, m), 4_000)
	}
	batch, _ := types.SplitTaskID(odd)

	res, err := c.Query().Tasks(c.Ctx, &types.QueryTasksRequest{Batch: batch})

	require.NoError(t, err)
	require.Len(t, res.Tasks, 40)
	for _, task := range res.Tasks {
		require.Equal(t, types.TaskSettled, task.State)
		require.Equal(t, sim.Honest(task.Task).Result, task.Result)
	}
	require.True(t, res.Tasks[5].Disputed)
	require.NotContains(t, res.Tasks[5].Right, liar.ID)
	require.Less(t, bondOf(t, c, liar), 1_000*sim.CUPEL)
	conserved(t, c, batch)
	idle(t, c)
}

func TestDirectHire(t *testing.T) {
	c := newMarket(t, 5)
	m := sim.Optimistic(sim.Submit(requester))
	m.Hire = sim.Text(c.Workers[3].Operator)
	batch := submit(t, c, m)

	task := settle(t, c, batch, 2_000)

	require.Equal(t, types.TaskSettled, task.State)
	require.Equal(t, []uint32{c.Workers[3].ID}, task.Providers)
	standing, err := c.Reputation.Standing(c.Ctx, c.Workers[3].ID, 1)
	require.NoError(t, err)
	require.Zero(t, standing.Counted, "a hired task earns no reputation")
	conserved(t, c, batch)
	idle(t, c)
}

func TestExpiryAndCancelRefundEverything(t *testing.T) {
	c := newMarket(t, 2) // three seats can never be filled
	before := c.Balance(requester)
	expired := submit(t, c, sim.Submit(requester))
	cancelled := submit(t, c, sim.Submit(requester))
	require.NoError(t, c.Blocks(3))

	_, err := c.Msgs().Cancel(c.Ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: cancelled})

	require.NoError(t, err)
	task := settle(t, c, expired, 200)
	require.Equal(t, types.TaskExpired, task.State)
	require.Equal(t, types.ReasonDeadline, task.Reason)
	task, err = c.Task(cancelled, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskCancelled, task.State)
	require.Equal(t, before, c.Balance(requester))
}

func TestEndedParamsRefund(t *testing.T) {
	c := newMarket(t, 4)
	all(c, func(w *sim.Worker) { w.Silent = true })
	assigned := submit(t, c, sim.Submit(requester))
	require.NoError(t, c.Blocks(1))
	far := sim.Submit(requester)
	far.MaxPrice = 1 // below every ask
	open := submit(t, c, far)
	_, err := c.Msgs().UpdateParams(c.Ctx, &types.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: types.DefaultParams()})
	require.NoError(t, err)
	_, err = c.Msgs().EndParams(c.Ctx, &types.MsgEndParams{Authority: sim.Text(sim.Gov), Version: 1})
	require.NoError(t, err)

	task := settle(t, c, assigned, 300)
	require.Equal(t, types.ReasonParamsEnded, task.Reason)
	require.EqualValues(t, 300, conserved(t, c, assigned).Paid)
	task = settle(t, c, open, 300)
	require.Equal(t, types.ReasonParamsEnded, task.Reason)
	idle(t, c)
}

func TestBlockedPayoutBecomesClaimable(t *testing.T) {
	c := newMarket(t, 4, auditRate(100))
	w := c.Workers[0]
	c.Bank.Blocked[string(w.Payout)] = true
	batch := drawUntil(t, c, w, sim.Submit(requester))
	settle(t, c, batch, 2_000)
	require.Zero(t, c.Balance(w.Payout))

	res, err := c.Query().Claimable(c.Ctx, &types.QueryClaimableRequest{Account: sim.Text(w.Payout)})
	require.NoError(t, err)
	require.Len(t, res.Claimables, 1)
	elsewhere := sim.Addr("elsewhere")
	_, err = c.Msgs().Claim(c.Ctx, &types.MsgClaim{Account: sim.Text(w.Payout), Recipient: sim.Text(elsewhere), Denom: sim.Denom})
	require.NoError(t, err)
	require.Equal(t, res.Claimables[0].Amount, c.Balance(elsewhere))
	_, err = c.Msgs().Claim(c.Ctx, &types.MsgClaim{Account: sim.Text(w.Payout), Denom: sim.Denom})
	require.ErrorIs(t, err, types.ErrNothingToClaim)
}

func TestTrippedCircuitStopsEveryClock(t *testing.T) {
	c := newMarket(t, 4, auditRate(100))
	all(c, func(w *sim.Worker) { w.Silent = true })
	batch := submit(t, c, sim.Submit(requester))
	require.NoError(t, c.Blocks(2))
	c.Tripped[sdk.MsgTypeURL(&types.MsgReveal{})] = true
	require.NoError(t, c.Blocks(1_000))
	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskAssigned, task.State)

	c.Tripped[sdk.MsgTypeURL(&types.MsgReveal{})] = false
	all(c, func(w *sim.Worker) { w.Silent = false })

	task = settle(t, c, batch, 2_000)
	require.Equal(t, types.TaskSettled, task.State)
	for _, w := range c.Workers {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
}

func TestLiarThatStaysAwayFromItsCaseIsSlashed(t *testing.T) {
	c := newMarket(t, 9, auditRate(100))
	liar := c.Workers[0]
	liar.Run, liar.SkipCases = sim.Wrong, true
	batch := drawUntil(t, c, liar, sim.Submit(requester))

	task := settle(t, c, batch, 4_000)

	require.Equal(t, sim.Honest(task.Task).Result, task.Result)
	bound, err := types.Bound(800, 100)
	require.NoError(t, err)
	require.Equal(t, 1_000*sim.CUPEL-bound-80, bondOf(t, c, liar), "its bound and the no-show fee of the case")
	conserved(t, c, batch)
	idle(t, c)
}

func TestHostFaultInACaseHurtsNobodyElse(t *testing.T) {
	c := newMarket(t, 9, auditRate(100))
	liar, faulty := c.Workers[0], c.Workers[1]
	liar.Run = sim.Wrong
	batch := drawUntil(t, c, liar, sim.Submit(requester))
	faulty.Run = sim.Fault(types.OutcomeWall) // it reveals before the others
	if task, err := c.Task(batch, 0); err != nil || holds(task.Providers, faulty.ID) {
		require.NoError(t, err)
		faulty = c.Workers[2]
		c.Workers[1].Run, faulty.Run = nil, sim.Fault(types.OutcomeWall)
	}

	task := settle(t, c, batch, 4_000)

	require.Equal(t, sim.Honest(task.Task).Result, task.Result)
	for _, w := range c.Workers[1:] {
		require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w))
	}
	require.Less(t, bondOf(t, c, liar), 1_000*sim.CUPEL)
	idle(t, c)
}

func TestSevenWithoutQuorum(t *testing.T) {
	c := newMarket(t, 9, auditRate(100))
	for i, w := range c.Workers {
		salt := uint64(i/3) << 40
		w.Run = func(task uint64) sim.Answer { return sim.Honest(task | salt) }
	}
	batch := submit(t, c, sim.Submit(requester))

	task := settle(t, c, batch, 4_000)

	require.Equal(t, types.ReasonNoQuorum, task.Reason)
	require.EqualValues(t, 9*100, conserved(t, c, batch).Paid)
	all(c, func(w *sim.Worker) { require.EqualValues(t, 1_000*sim.CUPEL, bondOf(t, c, w)) })
	idle(t, c)
}
