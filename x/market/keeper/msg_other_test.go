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

type cancelCase struct {
	workers int
	given   func(*testing.T, *sim.Chain)
	edit    func(*types.MsgCancel)
	err     error
	tasks   uint32
}

func cancelCases() map[string]cancelCase {
	type message = types.MsgCancel
	signer := func(text string) func(*message) { return func(m *message) { m.Requester = text } }
	none := func(*message) {}
	blocks := func(n int) func(*testing.T, *sim.Chain) {
		return func(t *testing.T, c *sim.Chain) { require.NoError(t, c.Blocks(n)) }
	}
	cancelled := func(t *testing.T, c *sim.Chain) {
		_, err := c.Msgs().Cancel(c.Ctx, &message{Requester: sim.Text(requester), Batch: 1})
		require.NoError(t, err)
	}
	return map[string]cancelCase{
		"open":                {0, nil, none, nil, 3},
		"parked":              {0, blocks(2), none, nil, 3},
		"in the last tick":    {0, blocks(9), none, nil, 3},
		"expired":             {0, blocks(11), none, types.ErrNotOpen, 0},
		"twice":               {0, cancelled, none, types.ErrNotOpen, 0},
		"all assigned":        {5, blocks(1), none, types.ErrNotOpen, 0},
		"settled":             {0, blocks(30), none, types.ErrNotOpen, 0},
		"pruned":              {0, blocks(45), none, types.ErrBatchNotFound, 0},
		"some assigned":       {3, blocks(1), none, nil, 1},
		"unknown batch":       {0, nil, func(m *message) { m.Batch = 2 }, types.ErrBatchNotFound, 0},
		"no batch":            {0, nil, func(m *message) { m.Batch = 0 }, types.ErrBatchNotFound, 0},
		"greatest batch":      {0, nil, func(m *message) { m.Batch = 1<<64 - 1 }, types.ErrBatchNotFound, 0},
		"another account":     {0, nil, signer(sim.Text(sim.Addr("other"))), types.ErrNotRequester, 0},
		"authority":           {0, nil, signer(sim.Text(sim.Gov)), types.ErrNotRequester, 0},
		"no requester":        {0, nil, signer(""), sdkerrors.ErrInvalidAddress, 0},
		"of another network":  {0, nil, signer("cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a"), sdkerrors.ErrInvalidAddress, 0},
		"not bech32 at all":   {0, nil, signer("requester"), sdkerrors.ErrInvalidAddress, 0},
		"shorter than others": {0, nil, signer(sim.Text(requester[:4])), types.ErrNotRequester, 0},
	}
}

func TestCancel(t *testing.T) {
	for name, tc := range cancelCases() {
		t.Run(name, func(t *testing.T) {
			c := passive(t, tc.workers, func(g sim.Genesis) {
				if name == "some assigned" {
					g.Params().MaxLots = 2
				}
			})
			m := sim.Submit(requester)
			m.Count, m.Deadline = 3, 10
			submit(t, c, m)
			if tc.given != nil {
				tc.given(t, c)
			}
			msg, held := types.MsgCancel{Requester: sim.Text(requester), Batch: 1}, c.Balance(requester)
			tc.edit(&msg)
			var res *types.MsgCancelResponse
			attempt(t, c, tc.err, func(ctx context.Context) (err error) {
				res, err = c.Msgs().Cancel(ctx, &msg)
				return err
			})
			if tc.err == nil {
				require.Equal(t, tc.tasks, res.Tasks)
				require.EqualValues(t, tc.tasks*3_000, res.Refund)
				require.Equal(t, held+res.Refund, c.Balance(requester))
			}
		})
	}
}

func TestCrank(t *testing.T) {
	type message = types.MsgCrank
	step := func(kind types.StepKind, batch uint64, sub uint32) func(*message) {
		return func(m *message) { m.Steps = []types.Step{{Kind: kind, Batch: batch, Sub: sub}} }
	}
	lot := types.StepLot
	tests := map[string]struct {
		blocks int
		late   bool
		edit   func(*message)
		err    error
	}{
		"lot not due":           {1, false, step(lot, 1, 0), types.ErrNotDue},
		"lot due":               {1, true, step(lot, 1, 0), nil},
		"lot not assigned":      {0, false, step(lot, 1, 0), types.ErrLotNotFound},
		"unknown lot":           {1, false, step(lot, 1, 3), types.ErrLotNotFound},
		"unknown batch":         {1, false, step(lot, 9, 0), types.ErrBatchNotFound},
		"sub too large":         {1, false, step(lot, 1, 4_096), types.ErrInvalidStep},
		"batch too large":       {1, false, step(lot, types.MaxBatchID+1, 0), types.ErrInvalidStep},
		"no kind":               {1, false, step(0, 1, 0), types.ErrInvalidStep},
		"unknown kind":          {1, false, step(types.StepVerdict+1, 1, 0), types.ErrInvalidStep},
		"no session":            {1, false, step(types.StepSession, 1, 0), types.ErrSessionNotFound},
		"part of a session":     {1, false, step(types.StepSession, 1, 1), types.ErrInvalidStep},
		"negative kind":         {1, false, step(-1, 1, 0), types.ErrInvalidStep},
		"no case":               {1, false, step(types.StepCase, 1, 0), types.ErrCaseNotFound},
		"deadline not due":      {0, false, step(types.StepDeadline, 1, 0), types.ErrNotDue},
		"deadline due":          {0, true, step(types.StepDeadline, 1, 0), nil},
		"match of a ready one":  {0, false, step(types.StepMatch, 1, 0), nil},
		"match of an assigned":  {1, false, step(types.StepMatch, 1, 0), nil},
		"prune of an open one":  {1, false, step(types.StepPrune, 1, 0), types.ErrNotDue},
		"no steps":              {1, false, func(m *message) { m.Steps = nil }, types.ErrNoItems},
		"1,001 steps":           {1, false, func(m *message) { m.Steps = make([]types.Step, 1_001) }, types.ErrTooManyItems},
		"1,000 bad steps":       {1, false, func(m *message) { m.Steps = make([]types.Step, 1_000) }, types.ErrBatchNotFound},
		"no sender":             {1, true, func(m *message) { m.Sender = "" }, sdkerrors.ErrInvalidAddress},
		"sender of other chain": {1, true, func(m *message) { m.Sender = "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a" }, sdkerrors.ErrInvalidAddress},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := passive(t, 4)
			m := sim.Submit(requester)
			m.Count, m.Deadline = 3, 10
			submit(t, c, m)
			require.NoError(t, c.Blocks(tc.blocks))
			if tc.late {
				later(t, c, 100)
			}
			msg := message{Sender: sim.Text(sim.Addr("anybody"))}
			step(lot, 1, 0)(&msg)
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error {
				_, err := c.Msgs().Crank(ctx, &msg)
				return err
			})
		})
	}
}

// later moves the market clock and the time without a block.
func later(t *testing.T, c *sim.Chain, ticks int) {
	t.Helper()
	for range ticks {
		require.NoError(t, c.Registry.AdvanceTick(c.Ctx))
		c.Ctx = c.Ctx.WithBlockTime(c.Ctx.BlockTime().Add(c.BlockTime))
	}
}

// TestCrankItemsFailAlone does the good steps of a message once.
func TestCrankItemsFailAlone(t *testing.T) {
	c := passive(t, 4)
	batch, _ := assigned(t, c, lotOrder())
	later(t, c, 50)
	good := types.Step{Kind: types.StepLot, Batch: batch}

	res, err := c.Msgs().Crank(c.Ctx, &types.MsgCrank{Sender: sim.Text(requester), Steps: []types.Step{{Kind: 9, Batch: batch}, good, good}})

	require.NoError(t, err)
	require.Len(t, res.Errors, 2)
	require.EqualValues(t, []uint32{0, 36, 2, 33}, []uint32{res.Errors[0].Index, res.Errors[0].Code, res.Errors[1].Index, res.Errors[1].Code})
	require.NoError(t, c.Check())
}

// TestCrankOfAParkedBatch matches a batch that has used up its tries.
func TestCrankOfAParkedBatch(t *testing.T) {
	c := passive(t, 0)
	m := sim.Submit(requester)
	m.Deadline = 60
	batch := submit(t, c, m)
	require.NoError(t, c.Blocks(30))
	for i := range 4 {
		w, err := c.AddWorker("late"+string(rune('a'+i)), 1_000, 800)
		require.NoError(t, err)
		w.Silent = true
	}
	require.NoError(t, c.Blocks(5))
	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskOpen, task.State, "nothing wakes it by itself")
	_, err = c.Msgs().Crank(c.Ctx, &types.MsgCrank{Sender: sim.Text(requester), Steps: []types.Step{{Kind: types.StepMatch, Batch: batch}}})
	require.NoError(t, err)
	require.NoError(t, c.Blocks(1))
	task, err = c.Task(batch, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskAssigned, task.State)
}

func TestClaim(t *testing.T) {
	type message = types.MsgClaim
	none := func(*message) {}
	tests := map[string]struct {
		blocked bool
		edit    func(*message)
		err     error
	}{
		"to itself":                {false, none, nil},
		"to another":               {true, func(m *message) { m.Recipient = sim.Text(sim.Addr("vault")) }, nil},
		"to itself by name":        {false, func(m *message) { m.Recipient = m.Account }, nil},
		"still refused":            {true, none, sdkerrors.ErrUnauthorized},
		"of somebody else":         {false, func(m *message) { m.Account = sim.Text(sim.Addr("thief")) }, types.ErrNothingToClaim},
		"denom missing":            {false, func(m *message) { m.Denom = "" }, types.ErrNothingToClaim},
		"another denom":            {false, func(m *message) { m.Denom = otherDenom }, types.ErrNothingToClaim},
		"malformed denom":          {false, func(m *message) { m.Denom = "!" }, types.ErrNothingToClaim},
		"no account":               {false, func(m *message) { m.Account = "" }, sdkerrors.ErrInvalidAddress},
		"account of other chain":   {false, func(m *message) { m.Account = "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a" }, sdkerrors.ErrInvalidAddress},
		"bad recipient":            {false, func(m *message) { m.Recipient = "vault" }, sdkerrors.ErrInvalidAddress},
		"recipient of other chain": {false, func(m *message) { m.Recipient = "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a" }, sdkerrors.ErrInvalidAddress},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := passive(t, 0)
			m := sim.Submit(requester)
			m.Deadline = 10
			submit(t, c, m)
			c.Bank.Blocked[string(requester)] = true
			_, err := c.Msgs().Cancel(c.Ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: 1})
			require.NoError(t, err)
			c.Bank.Blocked[string(requester)] = tc.blocked
			msg := message{Account: sim.Text(requester), Denom: sim.Denom}
			tc.edit(&msg)
			claim := func(ctx context.Context) error { _, err := c.Msgs().Claim(ctx, &msg); return err }
			attempt(t, c, tc.err, claim)
			if tc.err == nil {
				require.Zero(t, c.Balance(marketAccount))
				attempt(t, c, types.ErrNothingToClaim, claim)
			}
		})
	}
}
