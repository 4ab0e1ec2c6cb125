// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"
	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	oraclekeeper "github.com/cupel-network/cupel/x/oracle/keeper"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// attestors is a chain whose one validator attests with an account that owns
// nothing. It has made two headers.
type attestors struct {
	*chain
	key           *secp256k1.PrivateKey
	hot, stranger *person
	// encoded counts transactions: no two unordered ones have one timeout.
	encoded int
}

// attestTx is a transaction of attestations, to be edited.
type attestTx struct {
	from      *person
	msgs      []sdk.Msg
	gas       uint64
	fee       sdk.Coins
	granter   sdk.AccAddress
	payer     *person
	memo      string
	unordered bool
}

func newAttestors(t *testing.T) *attestors {
	t.Helper()
	Configure() // before the first address is written
	stranger := newPerson("stranger")
	short := func(c *chain, genesis map[string]json.RawMessage) {
		var oracle oracletypes.GenesisState
		c.app.AppCodec().MustUnmarshalJSON(genesis[oracletypes.ModuleName], &oracle)
		oracle.Params.CheckpointBlocks = 1
		genesis[oracletypes.ModuleName] = c.app.AppCodec().MustMarshalJSON(&oracle)
	}
	a := &attestors{chain: newChain(t, fundPeople([]*person{stranger}), short), hot: newPerson("hot"), stranger: stranger}
	seed := checkpoint.Keccak256([]byte("attestor"))
	a.key = secp256k1.PrivKeyFromBytes(seed[:])
	a.block()

	key := checkpoint.KeyAddress(a.key.PubKey())
	possession := checkpoint.Sign(a.key, checkpoint.NewDomain(testChainID).PossessionDigest(a.val, key))
	a.write(func(ctx sdk.Context) {
		server := oraclekeeper.NewMsgServer(a.app.OracleKeeper)
		_, err := server.RegisterAttestor(ctx, &oracletypes.MsgRegisterAttestor{
			Operator: sdk.AccAddress(a.val).String(), Key: key[:], Possession: possession[:], Account: a.hot.text,
		})
		require.NoError(t, err)
	})
	a.hot.number = a.app.AccountKeeper.GetAccount(a.app.NewContext(true), a.hot.address).GetAccountNumber()
	a.block()
	for i := range 2 {
		a.write(func(ctx sdk.Context) {
			leaf := oracletypes.Settled{Task: uint64(i), Leaf: checkpoint.Keccak256([]byte(fmt.Sprint(i)))}
			require.NoError(t, a.app.OracleKeeper.AddLeaves(ctx, []oracletypes.Settled{leaf}))
		})
		a.block()
	}
	require.EqualValues(t, 2, a.line().LastNonce)
	return a
}

// write changes the committed state between two blocks, as a message would.
func (a *attestors) write(change func(ctx sdk.Context)) {
	a.t.Helper()
	change(a.app.NewUncachedContext(false, a.header()).WithChainID(testChainID))
	a.block()
}

func (a *attestors) line() oracletypes.Line {
	a.t.Helper()
	line, err := a.app.OracleKeeper.Line.Get(a.app.NewContext(true))
	require.NoError(a.t, err)
	return line
}

func (a *attestors) attest(nonces ...uint64) *oracletypes.MsgAttest {
	a.t.Helper()
	msg := &oracletypes.MsgAttest{Account: a.hot.text}
	for _, nonce := range nonces {
		c, err := a.app.OracleKeeper.Checkpoints.Get(a.app.NewContext(true), nonce)
		require.NoError(a.t, err)
		header, err := c.Header.Decode()
		require.NoError(a.t, err)
		signature := checkpoint.Sign(a.key, checkpoint.NewDomain(testChainID).Digest(header))
		msg.Attestations = append(msg.Attestations, oracletypes.Attestation{Nonce: nonce, Signature: signature[:]})
	}
	return msg
}

// encode signs a transaction in the name of its sender and, if there is one,
// its fee payer.
func (a *attestors) encode(tx attestTx) []byte {
	a.t.Helper()
	config, mode := a.app.TxConfig(), signing.SignMode_SIGN_MODE_DIRECT
	builder := config.NewTxBuilder()
	require.NoError(a.t, builder.SetMsgs(tx.msgs...))
	builder.SetGasLimit(tx.gas)
	builder.SetFeeAmount(tx.fee)
	builder.SetMemo(tx.memo)
	builder.SetFeeGranter(tx.granter)
	if tx.unordered {
		builder.SetUnordered(true)
		a.encoded++
		builder.SetTimeoutTimestamp(a.now.Add(time.Minute + time.Duration(a.encoded)))
	}
	signers := []*person{tx.from}
	if tx.payer != nil {
		builder.SetFeePayer(tx.payer.address)
		signers = append(signers, tx.payer)
	}
	signatures := make([]signing.SignatureV2, len(signers))
	for i, p := range signers {
		signatures[i] = signing.SignatureV2{PubKey: p.key.PubKey(), Data: &signing.SingleSignatureData{SignMode: mode}, Sequence: p.sequence}
	}
	require.NoError(a.t, builder.SetSignatures(signatures...))
	for i, p := range signers {
		data := authsigning.SignerData{Address: p.text, ChainID: testChainID, AccountNumber: p.number, Sequence: p.sequence, PubKey: p.key.PubKey()}
		var err error
		signatures[i], err = clienttx.SignWithPrivKey(context.Background(), mode, data, builder, p.key, config, p.sequence)
		require.NoError(a.t, err)
	}
	require.NoError(a.t, builder.SetSignatures(signatures...))
	encoded, err := config.TxEncoder()(builder.GetTx())
	require.NoError(a.t, err)
	return encoded
}

func (a *attestors) check(tx []byte) *abci.ResponseCheckTx {
	a.t.Helper()
	response, err := a.app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
	require.NoError(a.t, err)
	return response
}

func TestAttestationsAreFree(t *testing.T) {
	tests := map[string]struct {
		edit func(a *attestors, tx *attestTx)
		code uint32
	}{
		"an account without coins": {edit: func(*attestors, *attestTx) {}},
		"unordered":                {edit: func(_ *attestors, tx *attestTx) { tx.unordered = true }},
		"two slots":                {edit: func(a *attestors, tx *attestTx) { tx.msgs = []sdk.Msg{a.attest(1, 2)} }},
		"two messages":             {edit: func(a *attestors, tx *attestTx) { tx.msgs = []sdk.Msg{a.attest(1), a.attest(2)} }},
		"all the gas":              {edit: func(_ *attestors, tx *attestTx) { tx.gas = maxFreeGas }},
		"the least gas":            {edit: func(_ *attestors, tx *attestTx) { tx.gas = minFreeGas + minFreeGasPerEntry }},
		"too little gas":           {edit: func(_ *attestors, tx *attestTx) { tx.gas = minFreeGas + minFreeGasPerEntry - 1 }, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"too much gas":             {edit: func(_ *attestors, tx *attestTx) { tx.gas = maxFreeGas + 1 }, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"no gas":                   {edit: func(_ *attestors, tx *attestTx) { tx.gas = 0 }, code: sdkerrors.ErrOutOfGas.ABCICode()},
		"too big": {edit: func(_ *attestors, tx *attestTx) {
			tx.msgs[0].(*oracletypes.MsgAttest).Attestations[0].Signature = make([]byte, maxFreeTxBytes)
		}, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"the slot twice": {edit: func(a *attestors, tx *attestTx) { tx.msgs = []sdk.Msg{a.attest(1, 1)} }, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"nine":           {edit: func(a *attestors, tx *attestTx) { tx.msgs = []sdk.Msg{a.attest(1, 2, 1, 2, 1, 2, 1, 2, 1)} }, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"none":           {edit: func(a *attestors, tx *attestTx) { tx.msgs = []sdk.Msg{a.attest()} }, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"not an attestor": {edit: func(a *attestors, tx *attestTx) {
			tx.from = a.stranger
			tx.msgs[0].(*oracletypes.MsgAttest).Account = a.stranger.text
		}, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"a forged signature": {edit: func(_ *attestors, tx *attestTx) {
			tx.msgs[0].(*oracletypes.MsgAttest).Attestations[0].Signature[9] ^= 1
		}, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"signed by a stranger": {edit: func(a *attestors, tx *attestTx) { tx.from = a.stranger }, code: sdkerrors.ErrInvalidPubKey.ABCICode()},
		"with a granter":       {edit: func(a *attestors, tx *attestTx) { tx.granter = a.stranger.address }, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"with a payer":         {edit: func(a *attestors, tx *attestTx) { tx.payer = a.stranger }, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"mixed with another message": {edit: func(a *attestors, tx *attestTx) {
			tx.msgs = append(tx.msgs, banktypes.NewMsgSend(a.hot.address, a.stranger.address, coins(1)))
		}, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"another message alone": {edit: func(a *attestors, tx *attestTx) {
			tx.from, tx.msgs = a.stranger, []sdk.Msg{banktypes.NewMsgSend(a.stranger.address, a.hot.address, coins(1))}
		}, code: sdkerrors.ErrInsufficientFee.ABCICode()},
		"a fee that it has not": {edit: func(_ *attestors, tx *attestTx) { tx.fee = coins(1_000_000) }, code: sdkerrors.ErrInsufficientFunds.ABCICode()},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := newAttestors(t)
			baseapp.SetMinGasPrices("1" + BaseDenom)(a.app.BaseApp)
			a.block() // the mempool's state learns the price
			tx := attestTx{from: a.hot, msgs: []sdk.Msg{a.attest(1)}, gas: 300_000}
			tc.edit(a, &tx)
			encoded := a.encode(tx)

			checked := a.check(encoded)
			require.Equal(t, tc.code, checked.Code, checked.Log)
			if tc.code != 0 {
				return
			}
			result := a.block(encoded).TxResults[0]
			require.Zero(t, result.Code, result.Log)
			a.block()
			require.NotZero(t, a.line().SealedNonce)
			require.True(t, a.app.BankKeeper.GetAllBalances(a.app.NewContext(true), a.hot.address).IsZero())
		})
	}
}

// Whatever a proposer puts into a block: what fills no slot and pays nothing
// does no work.
func TestNoFreeWorkInABlock(t *testing.T) {
	a := newAttestors(t)
	insufficient := sdkerrors.ErrInsufficientFee.ABCICode()
	first := a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{a.attest(1)}, gas: 200_000, unordered: true})
	again := a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{a.attest(1)}, gas: 200_000, unordered: true, memo: "again"})
	forged := a.attest(2)
	forged.Attestations[0].Signature[3] ^= 1
	bad := a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{forged}, gas: 200_000, unordered: true, memo: "bad"})
	results := a.block(first, again, bad).TxResults
	require.Zero(t, results[0].Code, results[0].Log)
	require.Equal(t, insufficient, results[1].Code, results[1].Log)
	require.Equal(t, insufficient, results[2].Code, results[2].Log)
}

// The mempool of a node holds one free transaction per slot; a paid one may
// come beside it.
func TestSlotIsFreeOnceInTheMempool(t *testing.T) {
	a := newAttestors(t)
	tx := attestTx{from: a.hot, msgs: []sdk.Msg{a.attest(1)}, gas: 200_000, unordered: true}
	first := a.encode(tx)
	require.Zero(t, a.check(first).Code)
	tx.memo = "again"
	require.Equal(t, sdkerrors.ErrInsufficientFee.ABCICode(), a.check(a.encode(tx)).Code)
	other := a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{a.attest(2)}, gas: 200_000, unordered: true, memo: "other"})
	require.Zero(t, a.check(other).Code)

	// A block without it frees the slot in the mempool's state again.
	a.block()
	recheck, err := a.app.CheckTx(&abci.RequestCheckTx{Tx: first, Type: abci.CheckTxType_Recheck})
	require.NoError(t, err)
	require.Zero(t, recheck.Code, recheck.Log)
	// Once the slot is filled, what still waits is dropped.
	require.Zero(t, a.block(first).TxResults[0].Code)
	stale, err := a.app.CheckTx(&abci.RequestCheckTx{Tx: a.encode(tx), Type: abci.CheckTxType_Recheck})
	require.NoError(t, err)
	require.NotZero(t, stale.Code)
}

// Who pays may send an attestation that is not free; it fails as a message.
func TestPaidAttestation(t *testing.T) {
	a := newAttestors(t)
	msg := a.attest(1)
	msg.Account = a.stranger.text
	paid := a.encode(attestTx{from: a.stranger, msgs: []sdk.Msg{msg}, gas: 200_000, fee: coins(1_000)})
	require.Zero(t, a.check(paid).Code)
	result := a.block(paid).TxResults[0]
	require.Equal(t, oracletypes.ErrUnknownAttestor.ABCICode(), result.Code, result.Log)
	require.Equal(t, oracletypes.ModuleName, result.Codespace)
}

// A simulation without a fee tells the gas, which the least of a free one covers.
func TestSimulateAttestation(t *testing.T) {
	a := newAttestors(t)
	encoded := a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{a.attest(1, 2)}, gas: maxFreeGas})
	info, _, err := a.app.Simulate(encoded)
	require.NoError(t, err)
	require.Less(t, info.GasUsed, uint64(minFreeGas+2*minFreeGasPerEntry))
}
