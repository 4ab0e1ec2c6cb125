// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"encoding/json"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

const (
	// personFunds is what genesis gives a person, in ucupel.
	personFunds = 100_000_000_000
	personGas   = 5_000_000
	personFee   = 5_000
)

// person signs transactions in order.
type person struct {
	key              *secp256k1.PrivKey
	address          sdk.AccAddress
	text             string
	number, sequence uint64
}

func newPerson(name string) *person {
	key := secp256k1.GenPrivKeyFromSecret([]byte(name))
	address := sdk.AccAddress(key.PubKey().Address())
	return &person{key: key, address: address, text: address.String()}
}

// fundPeople adds accounts with coins to a genesis and numbers them.
func fundPeople(people []*person) edit {
	return func(c *chain, genesis map[string]json.RawMessage) {
		cdc := c.app.AppCodec()
		var auth authtypes.GenesisState
		cdc.MustUnmarshalJSON(genesis[authtypes.ModuleName], &auth)
		accounts, err := authtypes.UnpackAccounts(auth.Accounts)
		require.NoError(c.t, err)
		var bank banktypes.GenesisState
		cdc.MustUnmarshalJSON(genesis[banktypes.ModuleName], &bank)
		for _, p := range people {
			p.number = uint64(len(accounts))
			accounts = append(accounts, authtypes.NewBaseAccount(p.address, p.key.PubKey(), p.number, 0))
			bank.Balances = append(bank.Balances, banktypes.Balance{Address: p.text, Coins: coins(personFunds)})
		}
		auth.Accounts, err = authtypes.PackAccounts(accounts)
		require.NoError(c.t, err)
		genesis[authtypes.ModuleName] = cdc.MustMarshalJSON(&auth)
		genesis[banktypes.ModuleName] = cdc.MustMarshalJSON(&bank)
	}
}

// sign returns a transaction with the person's next sequence.
func (c *chain) sign(p *person, msgs ...sdk.Msg) []byte {
	c.t.Helper()
	config := c.app.TxConfig()
	builder := config.NewTxBuilder()
	require.NoError(c.t, builder.SetMsgs(msgs...))
	builder.SetGasLimit(personGas)
	builder.SetFeeAmount(sdk.NewCoins(sdk.NewCoin(BaseDenom, sdkmath.NewInt(personFee))))
	mode := signing.SignMode_SIGN_MODE_DIRECT
	require.NoError(c.t, builder.SetSignatures(signing.SignatureV2{
		PubKey: p.key.PubKey(), Data: &signing.SingleSignatureData{SignMode: mode}, Sequence: p.sequence,
	}))
	data := authsigning.SignerData{
		Address: p.text, ChainID: testChainID, AccountNumber: p.number, Sequence: p.sequence, PubKey: p.key.PubKey(),
	}
	signature, err := clienttx.SignWithPrivKey(context.Background(), mode, data, builder, p.key, config, p.sequence)
	require.NoError(c.t, err)
	require.NoError(c.t, builder.SetSignatures(signature))
	p.sequence++
	tx, err := config.TxEncoder()(builder.GetTx())
	require.NoError(c.t, err)
	return tx
}
