// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// Limits of a transaction that goes without a fee. With the least gas it cannot
// fail after its checks: one that runs out would be free again and again.
const (
	maxFreeTxBytes     = 1_024
	maxFreeGas         = 700_000
	minFreeGas         = 100_000
	minFreeGasPerEntry = 70_000
)

// freeSlots knows which attestations and shares fill an open slot.
type freeSlots interface {
	FeeExempt(ctx context.Context, msgs []sdk.Msg) bool
}

// attestFeeDecorator lets an attestor send its signatures and what the beacon
// is owed without a fee, and everything else through the decorator that deducts
// fees. A transaction of nothing but these that is neither free nor pays is refused also in a
// block, where no minimum price holds: a proposer's friends get no free work.
type attestFeeDecorator struct {
	oracle freeSlots
	deduct sdk.AnteDecorator
}

// AnteHandle implements sdk.AnteDecorator.
func (d attestFeeDecorator) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	feeTx, ok := tx.(sdk.FeeTx)
	if !ok || simulate || !feeTx.GetFee().IsZero() || !onlyOwed(tx.GetMsgs()) {
		return d.deduct.AnteHandle(ctx, tx, simulate, next)
	}
	least := minFreeGas + minFreeGasPerEntry*entries(tx.GetMsgs())
	switch {
	case len(ctx.TxBytes()) > maxFreeTxBytes:
		return ctx, sdkerrors.ErrInsufficientFee.Wrapf("a free transaction has at most %d bytes, this has %d", maxFreeTxBytes, len(ctx.TxBytes()))
	case feeTx.GetGas() < least || feeTx.GetGas() > maxFreeGas:
		return ctx, sdkerrors.ErrInsufficientFee.Wrapf("a free transaction has a gas limit of %d to %d, this has %d", least, maxFreeGas, feeTx.GetGas())
	case !signsAlone(feeTx):
		return ctx, sdkerrors.ErrInsufficientFee.Wrap("a free transaction names no fee payer and no granter")
	case !d.oracle.FeeExempt(ctx, tx.GetMsgs()):
		return ctx, sdkerrors.ErrInsufficientFee.Wrap("only attestations and shares that fill open slots of a set's member are free: see the duties of the account")
	}
	return next(ctx, tx, simulate)
}

// onlyOwed reports whether messages are attestations or the beacon's and
// nothing else.
func onlyOwed(msgs []sdk.Msg) bool {
	for _, msg := range msgs {
		switch msg.(type) {
		case *oracletypes.MsgAttest, *oracletypes.MsgBeacon:
		default:
			return false
		}
	}
	return len(msgs) > 0
}

// entries returns the number of slots that messages fill.
func entries(msgs []sdk.Msg) uint64 {
	var sum uint64
	for _, msg := range msgs {
		switch msg := msg.(type) {
		case *oracletypes.MsgAttest:
			sum += uint64(len(msg.Attestations))
		case *oracletypes.MsgBeacon:
			for _, field := range [][]byte{msg.Commitment, msg.Share} {
				if len(field) > 0 {
					sum++
				}
			}
		}
	}
	return sum
}

// signsAlone reports whether a transaction has one signer, who is the fee payer.
func signsAlone(tx sdk.FeeTx) bool {
	if len(tx.FeeGranter()) > 0 {
		return false
	}
	signed, ok := tx.(interface{ GetSigners() ([][]byte, error) })
	if !ok {
		return false
	}
	signers, err := signed.GetSigners()
	return err == nil && len(signers) == 1 && bytes.Equal(signers[0], tx.FeePayer())
}
