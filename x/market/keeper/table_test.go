// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	errorsmod "cosmossdk.io/errors"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// attempt delivers a message to a chain whose events are cleared. If it is to
// fail, the error must be the one wanted, and neither the modules nor a
// balance nor the events may show that it was sent.
func attempt(t *testing.T, c *sim.Chain, want error, message func(ctx context.Context) error) {
	t.Helper()
	c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
	before, money := exported(t, c), balances(t, c)
	err := c.Deliver(message)
	if want == nil {
		require.NoError(t, err)
		require.NoError(t, c.Check())
		return
	}
	require.ErrorIs(t, err, want)
	requireCode(t, want, err)
	require.Equal(t, before, exported(t, c))
	require.Equal(t, money, balances(t, c))
	require.Empty(t, c.Ctx.EventManager().Events())
}

// requireCode checks that a client sees the code of the error that was wanted.
// One that is joined or wrapped in the wrong way reaches clients as code 1.
func requireCode(t *testing.T, want, err error) {
	t.Helper()
	_, plain, _ := errorsmod.ABCIInfo(errors.New("plain"), false)
	wantSpace, wantCode, _ := errorsmod.ABCIInfo(want, false)
	space, code, _ := errorsmod.ABCIInfo(err, false)
	require.NotEqual(t, plain, code, "%v", err)
	if wantCode != plain {
		require.Equal(t, wantSpace, space, "%v", err)
		require.Equal(t, wantCode, code, "%v", err)
	}
}

func exported(t *testing.T, c *sim.Chain) sim.Genesis {
	t.Helper()
	g, err := c.Export()
	require.NoError(t, err)
	return g
}

// balances lists what the accounts of a test hold.
func balances(t *testing.T, c *sim.Chain) []string {
	t.Helper()
	accounts := []sdk.AccAddress{requester, sim.Treasury, marketAccount}
	for _, w := range c.Workers {
		accounts = append(accounts, w.Operator, w.Hot, w.Payout)
	}
	var out []string
	for _, a := range accounts {
		for _, denom := range []string{sim.Denom, otherDenom} {
			out = append(out, c.Bank.GetBalance(c.Ctx, a, denom).String())
		}
	}
	return out
}

// addressCases are the ways in which the address of a signer can be bad.
func addressCases() map[string]string {
	return map[string]string{
		"empty":        "",
		"not bech32":   "requester",
		"other prefix": "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a",
		"bad checksum": sim.Text(requester)[:len(sim.Text(requester))-1] + "q",
		"blank":        "   ",
		"over-long":    sim.Text(requester) + strings.Repeat("q", 500),
	}
}

// passive returns a chain of workers that the test itself speaks for.
func passive(t *testing.T, n int, edits ...func(sim.Genesis)) *sim.Chain {
	t.Helper()
	c := newMarket(t, n, append([]func(sim.Genesis){shortWindows}, edits...)...)
	for _, w := range c.Workers {
		w.Silent = true
	}
	return c
}

// assigned submits and runs the block that draws the seats of lot 0.
func assigned(t *testing.T, c *sim.Chain, m types.MsgSubmit) (batch uint64, seats []types.Seat) {
	t.Helper()
	batch = submit(t, c, m)
	require.NoError(t, c.Block())
	l := lotOf(t, c, batch, 0)
	require.Equal(t, types.TaskAssigned, l.State)
	return batch, l.Seats
}

func lotOf(t *testing.T, c *sim.Chain, batch uint64, lot uint32) types.Lot {
	t.Helper()
	res, err := c.Query().Lot(c.Ctx, &types.QueryLotRequest{Batch: batch, Lot: lot})
	require.NoError(t, err)
	return res.Lot
}

func caseOf(t *testing.T, c *sim.Chain, task uint64) types.Case {
	t.Helper()
	res, err := c.Query().Case(c.Ctx, &types.QueryCaseRequest{Task: task})
	require.NoError(t, err)
	return res.Case
}

// workerOf returns the worker of a provider.
func workerOf(t *testing.T, c *sim.Chain, id uint32) *sim.Worker {
	t.Helper()
	for _, w := range c.Workers {
		if w.ID == id {
			return w
		}
	}
	require.FailNow(t, "no such worker")
	return nil
}

// outsider returns a worker without a seat.
func outsider(t *testing.T, c *sim.Chain, seats []types.Seat) *sim.Worker {
	t.Helper()
	for _, w := range c.Workers {
		seated := false
		for _, s := range seats {
			seated = seated || s.Provider == w.ID
		}
		if !seated {
			return w
		}
	}
	require.FailNow(t, "everybody is seated")
	return nil
}
