// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"fmt"

	sdkmath "cosmossdk.io/math"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"

	"github.com/cupel-network/cupel/app"
)

// How many of each take part.
const (
	requesters = 10
	providers  = 32
	senders    = 100
)

// Every transaction pays the same fee, so that none is cheaper by that.
const (
	txFee = 200
	txGas = 1_000_000_000_000
)

// account signs transactions in order.
type account struct {
	key              *secp256k1.PrivKey
	address          sdk.AccAddress
	text             string
	number, sequence uint64
}

func newAccount(name string, i int) *account {
	key := secp256k1.GenPrivKeyFromSecret(fmt.Appendf(nil, "%s %d", name, i))
	address := sdk.AccAddress(key.PubKey().Address())
	return &account{key: key, address: address, text: address.String()}
}

// provider is an operator with its hot key, which signs its answers.
type provider struct {
	*account
	id       uint32
	operator sdk.AccAddress
	payout   *account
	salt     [sha256.Size]byte
}

// people are those who sign: requesters, providers and senders.
type people struct {
	requesters, senders []*account
	providers           []*provider
	attestor            *attestor
}

func newPeople() *people {
	app.Configure()
	p := &people{attestor: newAttestor()}
	for i := range requesters {
		p.requesters = append(p.requesters, newAccount("requester", i))
	}
	for i := range senders {
		p.senders = append(p.senders, newAccount("sender", i))
	}
	for i := range providers {
		p.providers = append(p.providers, &provider{
			account: newAccount("worker", i), id: uint32(i) + 1, payout: newAccount("payout", i),
			operator: newAccount("operator", i).address, salt: sha256.Sum256(fmt.Appendf(nil, "salt %d", i)),
		})
	}
	return p
}

// all lists the accounts that genesis funds.
func (p *people) all() []*account {
	all := append(append([]*account{}, p.requesters...), p.senders...)
	for _, provider := range p.providers {
		all = append(all, provider.account, provider.payout)
	}
	return append(all, p.attestor.operator, p.attestor.hot)
}

// load reads the account numbers that the chain gave.
func (p *people) load(cupel *app.App) error {
	ctx := cupel.NewContext(true)
	for _, a := range p.all() {
		stored := cupel.AccountKeeper.GetAccount(ctx, a.address)
		if stored == nil {
			return fmt.Errorf("account %s is not in genesis", a.text)
		}
		a.number, a.sequence = stored.GetAccountNumber(), stored.GetSequence()
	}
	return nil
}

// sign returns the bytes of a transaction with the account's next sequence.
func (n *node) sign(a *account, msgs ...sdk.Msg) ([]byte, error) {
	config := n.app.TxConfig()
	builder := config.NewTxBuilder()
	if err := builder.SetMsgs(msgs...); err != nil {
		return nil, err
	}
	builder.SetGasLimit(txGas)
	builder.SetFeeAmount(sdk.NewCoins(sdk.NewCoin(app.BaseDenom, sdkmath.NewInt(txFee))))
	mode := signing.SignMode_SIGN_MODE_DIRECT
	if err := builder.SetSignatures(signing.SignatureV2{
		PubKey: a.key.PubKey(), Data: &signing.SingleSignatureData{SignMode: mode}, Sequence: a.sequence,
	}); err != nil {
		return nil, err
	}
	data := authsigning.SignerData{
		Address: a.text, ChainID: chainID, AccountNumber: a.number, Sequence: a.sequence, PubKey: a.key.PubKey(),
	}
	signature, err := clienttx.SignWithPrivKey(context.Background(), mode, data, builder, a.key, config, a.sequence)
	if err != nil {
		return nil, err
	}
	if err := builder.SetSignatures(signature); err != nil {
		return nil, err
	}
	a.sequence++
	return config.TxEncoder()(builder.GetTx())
}
