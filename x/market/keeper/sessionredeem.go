// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// voucherGas pays for the check of one signature: what the SDK charges for a
// secp256k1 one.
const voucherGas = 1_000

// Redeem pays out what a voucher earned above what was redeemed before, and
// returns it. A voucher that brings nothing new changes nothing.
func (k *Keeper) Redeem(ctx context.Context, v types.SessionVoucher, b *book) (uint64, error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	sdkCtx.GasMeter().ConsumeGas(voucherGas, "voucher signature")
	s, err := k.session(ctx, v.Session)
	if err != nil {
		return 0, err
	}
	if err := s.Check(sdkCtx.ChainID(), v); err != nil {
		return 0, err
	}
	if s.phase() == types.SessionClosed {
		return 0, types.ErrSessionClosed.Wrapf("session %d", s.Id)
	}
	total := min(v.Amount, s.Deposit)
	if total <= s.Redeemed {
		return 0, nil
	}
	if _, err := k.follow(ctx, s, b); err != nil {
		return 0, err
	}
	earned := total - s.Redeemed
	shares := s.params.Split.Earned(total, s.Denom == types.BaseDenom, s.Redeemed, s.Paid, s.Burned)
	s.earn(v, total, shares, b)
	s.Observe(s.now.tick)
	if err := k.emitSessionRedeemed(ctx, s, earned); err != nil {
		return 0, err
	}
	if s.State == types.SessionClosing && s.Held() == 0 {
		err = k.finish(ctx, s, s.Reason, b)
	} else {
		err = k.watch(ctx, s)
	}
	if err != nil {
		return 0, err
	}
	return earned, k.saveSession(ctx, s)
}

// earn books what a voucher brings.
func (s *session) earn(v types.SessionVoucher, total uint64, shares types.Shares, b *book) {
	s.Redeemed, s.Sequence, s.Units, s.Receipts = total, v.Sequence, v.Units, v.Receipts
	s.Paid += shares.Provider
	s.Treasury += shares.Treasury
	s.Burned += shares.Burn
	b.add(transfer{target: toProvider, provider: s.Provider, denom: s.Denom, amount: shares.Provider})
	b.add(transfer{target: toTreasury, denom: s.Denom, amount: shares.Treasury})
	b.add(transfer{target: toBurn, denom: s.Denom, amount: shares.Burn})
}
