// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// TestSessionReplay redeems one voucher in every way that could pay it twice.
func TestSessionReplay(t *testing.T) {
	c := parlour(t, 2)
	w := c.Workers[0]
	first, second := openSession(t, c, opening(c)), openSession(t, c, opening(c)) // the same key
	v := sign(t, "k", first, 1, 1_000_000)
	_, err := redeem(c, v)
	require.NoError(t, err)
	paid := c.Balance(w.Payout)

	res, err := redeem(c, v, v, v)
	require.NoError(t, err, "the same again is a no-op")
	require.Equal(t, []uint64{0, 0, 0}, res.Earned)
	moved := v
	moved.Session = second
	_, err = redeem(c, moved)
	require.ErrorIs(t, err, types.ErrVoucherSignature, "a voucher names its session")
	_, err = redeem(c, signOn(t, "cupel-other", "k", voucher.Voucher{Session: first, Sequence: 2, Amount: 60_000, Units: 2_000_000}))
	require.ErrorIs(t, err, types.ErrVoucherSignature, "a voucher names its chain")
	require.Equal(t, paid, c.Balance(w.Payout))

	// Nor after the refund, nor after the pruning.
	closedSession(t, c)
	for range 2 {
		_, err = redeem(c, sign(t, "k", first, 3, 3_000_000))
		require.Error(t, err)
		aDay(t, c)
		require.NoError(t, c.Blocks(35))
	}
	require.ErrorIs(t, err, types.ErrSessionNotFound)
	require.Equal(t, paid, c.Balance(w.Payout))
	require.NoError(t, c.Check())
}

// TestSessionOverspend signs more than is there, on one deposit and on many:
// no other session's coins are touched.
func TestSessionOverspend(t *testing.T) {
	c := parlour(t, 1)
	greedy := openSession(t, c, opening(c))
	openSession(t, c, opening(c))
	submit(t, c, lotOrder())
	others := c.Balance(marketAccount) - sessions
	for i := range uint64(5) {
		_, err := redeem(c, sign(t, "k", greedy, i+1, 1_000_000_000*(i+1)))
		require.NoError(t, err)
	}
	require.Equal(t, others, c.Balance(marketAccount))
	require.Zero(t, sessionOf(t, c, greedy).Remaining)
	require.NoError(t, c.Check())
}

// TestSessionCloseRace lets the requester close right before the provider
// redeems: the deposit is still whole.
func TestSessionCloseRace(t *testing.T) {
	c := parlour(t, 1)
	id := openSession(t, c, opening(c))
	v := sign(t, "k", id, 1, 3_000_000)
	_, err := closeSession(c, requester, id)
	require.NoError(t, err)
	res, err := redeem(c, v)
	require.NoError(t, err)
	require.Equal(t, []uint64{90_000}, res.Earned)
	require.Equal(t, types.SessionClosing, sessionOf(t, c, id).State, "a redeem does not stop the window")
	due := sessionOf(t, c, id).Session.Due
	_, err = closeSession(c, requester, id)
	require.NoError(t, err)
	require.Equal(t, due, sessionOf(t, c, id).Session.Due, "nor does a second close move it")
}

// TestSessionSelfDealing shows that paying oneself costs the split and earns
// no standing.
func TestSessionSelfDealing(t *testing.T) {
	c := parlour(t, 1)
	w := c.Workers[0]
	require.NoError(t, c.Fund(w.Operator, sessions))
	m := opening(c)
	m.Requester = sim.Text(w.Operator)
	before := c.Balance(w.Operator) + c.Balance(w.Payout)
	standing := exported(t, c).Reputation
	id := openSession(t, c, m)
	_, err := redeem(c, sign(t, "k", id, 1, 1_000_000))
	require.NoError(t, err)
	_, err = closeSession(c, w.Operator, id)
	require.NoError(t, err)
	require.Equal(t, before-16_500, c.Balance(w.Operator)+c.Balance(w.Payout))
	require.Equal(t, standing, exported(t, c).Reputation)
	require.Zero(t, loadOf(t, c, w).Completed)
}

// TestSessionPriceIsPinned raises the ask after the opening.
func TestSessionPriceIsPinned(t *testing.T) {
	c := parlour(t, 1)
	id := openSession(t, c, opening(c))
	p, err := c.Registry.Provider(c.Ctx, c.Workers[0].ID)
	require.NoError(t, err)
	p.Resources[1].Price = 3_000
	require.NoError(t, c.Registry.Providers.Set(c.Ctx, p.Id, p))
	dear := signOn(t, sim.ChainID, "k", voucher.Voucher{Session: id, Sequence: 1, Units: 1_000, Amount: 3_000})
	_, err = redeem(c, dear)
	require.ErrorIs(t, err, types.ErrInvalidVoucher)
	res, err := redeem(c, sign(t, "k", id, 1, 1_000))
	require.NoError(t, err)
	require.Equal(t, []uint64{chatAsk}, res.Earned)
}

// TestSessionOfAnotherDenomBurnsNothing sends the burn share to the treasury.
func TestSessionOfAnotherDenomBurnsNothing(t *testing.T) {
	c := parlour(t, 1)
	m := opening(c)
	m.Denom = otherDenom
	id := openSession(t, c, m)
	supply := c.Bank.Supply(c.Ctx, otherDenom)
	require.EqualValues(t, 12, sessionOf(t, c, id).Session.Price, "an ask of 30 ucupel at 2.5 ucupel per unit")
	_, err := redeem(c, signOn(t, sim.ChainID, "k", voucher.Voucher{Session: id, Sequence: 1, Units: 1_000_000, Amount: 12_000}))
	require.NoError(t, err)
	s := sessionOf(t, c, id).Session
	require.Equal(t, []uint64{5_400, 6_600, 0}, []uint64{s.Paid, s.Treasury, s.Burned})
	require.Equal(t, supply, c.Bank.Supply(c.Ctx, otherDenom))
	require.NoError(t, c.Check())
}
