// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// newBeacon is a chain whose one attestor has a slot in the open round.
func newBeacon(t *testing.T) *attestors {
	t.Helper()
	a := newAttestors(t)
	for range 70 {
		if a.beacon().Commits != nil {
			return a
		}
		a.block()
	}
	require.Fail(t, "no round opens")
	return nil
}

func (a *attestors) beacon() oracletypes.Beacon {
	a.t.Helper()
	b, err := a.app.OracleKeeper.Beacon.Get(a.app.NewContext(true))
	require.NoError(a.t, err)
	return b
}

var testShare = bytes.Repeat([]byte{9}, oracletypes.ShareSize)

// owed is a commitment for the current epoch.
func (a *attestors) owed() *oracletypes.MsgBeacon {
	epoch := a.beacon().Commits.Epoch
	return &oracletypes.MsgBeacon{Account: a.hot.text, Epoch: epoch, Commitment: oracletypes.BeaconCommitment(testChainID, epoch, a.val, testShare)}
}

func TestBeaconIsFree(t *testing.T) {
	refused := sdkerrors.ErrInsufficientFee.ABCICode()
	tests := map[string]struct {
		edit func(a *attestors, tx *attestTx, msg *oracletypes.MsgBeacon)
		code uint32
	}{
		"a commitment": {edit: func(*attestors, *attestTx, *oracletypes.MsgBeacon) {}},
		"with an attestation": {edit: func(a *attestors, tx *attestTx, _ *oracletypes.MsgBeacon) {
			tx.msgs, tx.gas = append(tx.msgs, a.attest(1)), minFreeGas+2*minFreeGasPerEntry
		}},
		"with an empty attestation": {edit: func(a *attestors, tx *attestTx, _ *oracletypes.MsgBeacon) {
			tx.msgs = append(tx.msgs, a.attest())
		}, code: refused},
		"twice": {edit: func(_ *attestors, tx *attestTx, msg *oracletypes.MsgBeacon) {
			tx.msgs = append(tx.msgs, msg)
		}, code: refused},
		"another epoch": {edit: func(_ *attestors, _ *attestTx, msg *oracletypes.MsgBeacon) { msg.Epoch++ }, code: refused},
		"wrong size":    {edit: func(_ *attestors, _ *attestTx, msg *oracletypes.MsgBeacon) { msg.Commitment = msg.Commitment[1:] }, code: refused},
		"a share that nobody owes": {edit: func(_ *attestors, _ *attestTx, msg *oracletypes.MsgBeacon) {
			msg.Share = testShare
		}, code: refused},
		"nothing": {edit: func(_ *attestors, _ *attestTx, msg *oracletypes.MsgBeacon) { msg.Commitment = nil }, code: refused},
		"a stranger": {edit: func(a *attestors, tx *attestTx, msg *oracletypes.MsgBeacon) {
			tx.from, msg.Account = a.stranger, a.stranger.text
		}, code: refused},
		"too little gas": {edit: func(_ *attestors, tx *attestTx, _ *oracletypes.MsgBeacon) {
			tx.gas = minFreeGas + minFreeGasPerEntry - 1
		}, code: refused},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := newBeacon(t)
			baseapp.SetMinGasPrices("1" + BaseDenom)(a.app.BaseApp)
			a.block()
			msg := a.owed()
			tx := attestTx{from: a.hot, msgs: []sdk.Msg{msg}, gas: 200_000}
			tc.edit(a, &tx, msg)
			encoded := a.encode(tx)
			checked := a.check(encoded)
			require.Equal(t, tc.code, checked.Code, checked.Log)
			result := a.block(encoded).TxResults[0]
			require.Equal(t, tc.code, result.Code, result.Log)
			if tc.code == 0 {
				require.EqualValues(t, 1, a.beacon().Commits.Commits)
				require.Less(t, result.GasUsed, int64(minFreeGas+minFreeGasPerEntry))
			}
		})
	}
}

// TestBeaconSeedsTheChain: a commitment and its share, both free, make the seed;
// the slot is free once, in the mempool and in a block.
func TestBeaconSeedsTheChain(t *testing.T) {
	a := newBeacon(t)
	refused := sdkerrors.ErrInsufficientFee.ABCICode()
	send := func(msg *oracletypes.MsgBeacon, memo string) []byte {
		return a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{msg}, gas: 200_000, unordered: true, memo: memo})
	}
	epoch := a.beacon().Commits.Epoch
	first, again := send(a.owed(), ""), send(a.owed(), "again")
	require.Zero(t, a.check(first).Code)
	require.Equal(t, refused, a.check(again).Code)
	results := a.block(first, again).TxResults
	require.Zero(t, results[0].Code, results[0].Log)
	require.Equal(t, refused, results[1].Code)
	for a.beacon().Reveals == nil || a.beacon().Reveals.Epoch != epoch {
		a.block()
	}
	share := &oracletypes.MsgBeacon{Account: a.hot.text, Epoch: epoch + 1, Share: testShare}
	wrong := *share
	wrong.Share = bytes.Repeat([]byte{8}, oracletypes.ShareSize)
	require.Equal(t, refused, a.check(send(&wrong, "wrong")).Code)
	revealed := send(share, "")
	require.Zero(t, a.check(revealed).Code)
	require.Equal(t, refused, a.check(send(share, "again")).Code)
	require.Zero(t, a.block(revealed).TxResults[0].Code)
	_, doubled, ok, err := a.app.OracleKeeper.Judge(a.app.NewContext(true), epoch)
	require.NoError(t, err)
	require.True(t, ok)
	require.False(t, doubled)
	require.True(t, a.app.BankKeeper.GetAllBalances(a.app.NewContext(true), a.hot.address).IsZero())
}
