// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"math"
	"testing"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

var (
	errFunds   = sdkerrors.ErrInsufficientFunds
	errAddress = sdkerrors.ErrInvalidAddress
)

func TestRedeem(t *testing.T) {
	good := func(t *testing.T) types.SessionVoucher { return sign(t, "k", 1, 2, 2_000) }
	edit := func(change func(*types.SessionVoucher)) func(*testing.T) types.SessionVoucher {
		return func(t *testing.T) types.SessionVoucher { v := good(t); change(&v); return v }
	}
	raw := func(chain, key string, v voucher.Voucher) func(*testing.T) types.SessionVoucher {
		return func(t *testing.T) types.SessionVoucher { return signOn(t, chain, key, v) }
	}
	base := voucher.Voucher{Session: 1, Sequence: 2, Units: 2_000, Amount: 60}
	tests := map[string]struct {
		voucher func(*testing.T) types.SessionVoucher
		earned  uint64
		err     error
	}{
		"higher":              {good, 30, nil},
		"the same again":      {func(t *testing.T) types.SessionVoucher { return sign(t, "k", 1, 1, 1_000) }, 0, nil},
		"lower":               {func(t *testing.T) types.SessionVoucher { return sign(t, "k", 1, 9, 500) }, 0, nil},
		"same amount, later":  {func(t *testing.T) types.SessionVoucher { return sign(t, "k", 1, 9, 1_000) }, 0, nil},
		"higher, older":       {raw(sim.ChainID, "k", voucher.Voucher{Session: 1, Sequence: 1, Units: 2_000, Amount: 60}), 30, nil},
		"below the price":     {raw(sim.ChainID, "k", voucher.Voucher{Session: 1, Sequence: 2, Units: 2_000, Amount: 31}), 1, nil},
		"above the deposit":   {raw(sim.ChainID, "k", voucher.Voucher{Session: 1, Sequence: 2, Units: 1 << 40, Amount: sessions + 1}), sessions - 30, nil},
		"above the price":     {raw(sim.ChainID, "k", voucher.Voucher{Session: 1, Sequence: 2, Units: 2_000, Amount: 61}), 0, types.ErrInvalidVoucher},
		"most units":          {raw(sim.ChainID, "k", voucher.Voucher{Session: 1, Sequence: 2, Units: math.MaxInt64, Amount: 60}), 30, nil},
		"of another chain":    {raw("cupel-2", "k", base), 0, types.ErrVoucherSignature},
		"by another key":      {raw(sim.ChainID, "thief", base), 0, types.ErrVoucherSignature},
		"amount raised":       {edit(func(v *types.SessionVoucher) { v.Amount, v.Units = 90, 3_000 }), 0, types.ErrVoucherSignature},
		"sequence changed":    {edit(func(v *types.SessionVoucher) { v.Sequence++ }), 0, types.ErrVoucherSignature},
		"receipts changed":    {edit(func(v *types.SessionVoucher) { v.Receipts[3] ^= 1 }), 0, types.ErrVoucherSignature},
		"of another session":  {edit(func(v *types.SessionVoucher) { v.Session = 2 }), 0, types.ErrVoucherSignature},
		"of no session":       {edit(func(v *types.SessionVoucher) { v.Session = 0 }), 0, types.ErrSessionNotFound},
		"of a later session":  {edit(func(v *types.SessionVoucher) { v.Session = 99 }), 0, types.ErrSessionNotFound},
		"no amount":           {edit(func(v *types.SessionVoucher) { v.Amount = 0 }), 0, types.ErrInvalidVoucher},
		"64-bit amount":       {edit(func(v *types.SessionVoucher) { v.Amount = 1 << 63 }), 0, types.ErrInvalidVoucher},
		"no units":            {edit(func(v *types.SessionVoucher) { v.Units = 0 }), 0, types.ErrInvalidVoucher},
		"no sequence":         {edit(func(v *types.SessionVoucher) { v.Sequence = 0 }), 0, types.ErrInvalidVoucher},
		"no signature":        {edit(func(v *types.SessionVoucher) { v.Signature = nil }), 0, types.ErrInvalidVoucher},
		"short signature":     {edit(func(v *types.SessionVoucher) { v.Signature = v.Signature[:63] }), 0, types.ErrInvalidVoucher},
		"long signature":      {edit(func(v *types.SessionVoucher) { v.Signature = append(v.Signature, 0) }), 0, types.ErrInvalidVoucher},
		"zero signature":      {edit(func(v *types.SessionVoucher) { v.Signature = make([]byte, 64) }), 0, types.ErrVoucherSignature},
		"short receipts":      {edit(func(v *types.SessionVoucher) { v.Receipts = v.Receipts[:31] }), 0, types.ErrInvalidVoucher},
		"receipts that moved": {edit(func(v *types.SessionVoucher) { v.Receipts, v.Signature = v.Signature, v.Receipts }), 0, types.ErrInvalidVoucher},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := parlour(t, 2)
			openSession(t, c, opening(c))
			other := opening(c)
			other.VoucherKey = publicKey("other")
			openSession(t, c, other)
			_, err := redeem(c, sign(t, "k", 1, 1, 1_000))
			require.NoError(t, err)
			msg := types.MsgRedeem{Sender: sim.Text(sim.Addr("anybody")), Vouchers: []types.SessionVoucher{tc.voucher(t)}}
			attempt(t, c, tc.err, func(ctx context.Context) error {
				res, err := c.Msgs().Redeem(ctx, &msg)
				if err == nil {
					require.Equal(t, []uint64{tc.earned}, res.Earned)
				}
				return err
			})
		})
	}
}

func TestRedeemSender(t *testing.T) {
	c := parlour(t, 1)
	id := openSession(t, c, opening(c))
	for name, text := range addressCases() {
		msg := types.MsgRedeem{Sender: text, Vouchers: []types.SessionVoucher{sign(t, "k", id, 1, 1)}}
		t.Run(name, func(t *testing.T) {
			attempt(t, c, errAddress, func(ctx context.Context) error { _, err := c.Msgs().Redeem(ctx, &msg); return err })
		})
	}
	attempt(t, c, types.ErrNoItems, func(context.Context) error { _, err := redeem(c); return err })
	many := make([]types.SessionVoucher, types.MaxItems+1)
	attempt(t, c, types.ErrTooManyItems, func(context.Context) error { _, err := redeem(c, many...); return err })
}

// TestRedeemManySessions settles many sessions in one message, each failing alone.
func TestRedeemManySessions(t *testing.T) {
	c := parlour(t, 2)
	const n = 50
	vouchers := make([]types.SessionVoucher, 0, n+2)
	for i := range uint64(n) {
		m := opening(c)
		m.Provider = sim.Text(c.Workers[i%2].Operator)
		vouchers = append(vouchers, sign(t, "k", openSession(t, c, m), 1, 1_000*(i+1)))
	}
	bad := sign(t, "thief", 3, 5, 9_000)
	vouchers = append(vouchers, bad, vouchers[7])

	res, err := redeem(c, vouchers...)

	require.NoError(t, err)
	require.Len(t, res.Errors, 1)
	require.EqualValues(t, []uint32{n, 42}, []uint32{res.Errors[0].Index, res.Errors[0].Code})
	var sum uint64
	for i, earned := range res.Earned[:n] {
		require.Equal(t, uint64(30*(i+1)), earned)
		sum += earned
	}
	require.Equal(t, []uint64{0, 0}, res.Earned[n:])
	require.Equal(t, n*sessions-sum, c.Balance(marketAccount))
	require.NoError(t, c.Check())
}

// TestRedeemGasIsFlat shows that a voucher for 1,000,000 calls costs what one
// for a single call costs: both are one voucher.
func TestRedeemGasIsFlat(t *testing.T) {
	cost := func(calls uint64) uint64 {
		c := parlour(t, 1)
		m := opening(c)
		m.Deposit = 1_000_000 * chatAsk
		id := openSession(t, c, m)
		require.NoError(t, c.Blocks(2))
		v := sign(t, "k", id, calls, 1_000*calls) // a call of 1,000 tokens
		meter := storetypes.NewGasMeter(10_000_000)
		res, err := c.Msgs().Redeem(c.Ctx.WithGasMeter(meter), &types.MsgRedeem{Sender: sim.Text(requester), Vouchers: []types.SessionVoucher{v}})
		require.NoError(t, err)
		require.Equal(t, []uint64{calls * chatAsk}, res.Earned)
		return meter.GasConsumed()
	}
	one, many := cost(1), cost(999_999)
	t.Logf("gas of a redeem: %d for 1 call, %d for 999,999 calls", one, many)
	require.InDelta(t, one, many, float64(one)/20, "varints are longer, nothing else")
	require.Less(t, many, uint64(150_000))
	c := parlour(t, 1)
	m := opening(c)
	m.Deposit = 1_000_000 * chatAsk
	id := openSession(t, c, m)
	res, err := redeem(c, sign(t, "k", id, 1_000_000, 1_000_000_000))
	require.NoError(t, err)
	require.Equal(t, []uint64{1_000_000 * chatAsk}, res.Earned, "1,000,000 calls in one voucher")
}

// TestRedeemNeverDrifts pays in dust what could be paid at once: the same.
func TestRedeemNeverDrifts(t *testing.T) {
	c := parlour(t, 1, func(g sim.Genesis) { g.Params().Split = types.Split{TreasuryBps: 1_000, BurnBps: 501} })
	id := openSession(t, c, opening(c))
	for i := range uint64(700) {
		v := signOn(t, sim.ChainID, "k", voucher.Voucher{Session: id, Sequence: i + 1, Units: 1_000_000, Amount: i + 1})
		res, err := redeem(c, v)
		require.NoError(t, err)
		require.Equal(t, []uint64{1}, res.Earned)
	}
	s := sessionOf(t, c, id).Session
	at := types.Split{TreasuryBps: 1_000, BurnBps: 501}.Earned(700, true, 0, 0, 0)
	require.Equal(t, []uint64{at.Provider, at.Treasury, at.Burn}, []uint64{s.Paid, s.Treasury, s.Burned})
	require.Equal(t, []uint64{595, 70, 35}, []uint64{s.Paid, s.Treasury, s.Burned})
	require.NoError(t, c.Check())
}

// TestRedeemToABlockedPayout credits what the bank refuses.
func TestRedeemToABlockedPayout(t *testing.T) {
	c := parlour(t, 1)
	w := c.Workers[0]
	id := openSession(t, c, opening(c))
	c.Bank.Blocked[string(w.Payout)] = true
	_, err := redeem(c, sign(t, "k", id, 1, 1_000_000))
	require.NoError(t, err)
	res, err := c.Query().Claimable(c.Ctx, &types.QueryClaimableRequest{Account: sim.Text(w.Payout)})
	require.NoError(t, err)
	require.EqualValues(t, 13_500, res.Claimables[0].Amount)
	c.Bank.Blocked[string(requester)] = true
	_, err = closeSession(c, w.Operator, id)
	require.NoError(t, err)
	require.NoError(t, c.Check())
	_, err = c.Msgs().Claim(c.Ctx, &types.MsgClaim{Account: sim.Text(requester), Recipient: sim.Text(sim.Addr("vault")), Denom: sim.Denom})
	require.NoError(t, err)
	require.EqualValues(t, 70_000, c.Balance(sim.Addr("vault")))
}
