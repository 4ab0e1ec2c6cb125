// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync/atomic"
	"time"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/chain"
)

// validFor is how long a transaction may wait for a block.
const validFor = 2 * time.Minute

// What a thousand gas cost in ucupel: who submits offers more than a flood, and
// answers the least that a node takes.
const (
	leastPrice  = 1
	submitPrice = 2
)

// account signs unordered transactions.
type account struct {
	key    *secp256k1.PrivKey
	bytes  sdk.AccAddress
	text   string
	number uint64
}

func newAccount(seed, name string, i int) (*account, error) {
	key := secp256k1.GenPrivKeyFromSecret(fmt.Appendf(nil, "%s %s %d", seed, name, i))
	a := &account{key: key, bytes: sdk.AccAddress(key.PubKey().Address())}
	var err error
	a.text, err = chain.FormatAddress(a.bytes)
	return a, err
}

// timeouts makes no two transactions alike: the nonce of an unordered one is
// its timeout.
var timeouts atomic.Int64

// encoder writes transactions of one chain.
type encoder struct {
	chain.Encoding
	chainID string
}

// sign returns the bytes of a transaction.
func (e encoder) sign(ctx context.Context, a *account, gas, price uint64, msgs ...sdk.Msg) ([]byte, error) {
	builder := e.TxConfig.NewTxBuilder()
	if err := builder.SetMsgs(msgs...); err != nil {
		return nil, err
	}
	builder.SetGasLimit(gas)
	builder.SetFeeAmount(sdk.NewCoins(sdk.NewInt64Coin(net.Denom, int64((gas/1_000+1)*price))))
	builder.SetUnordered(true)
	builder.SetTimeoutTimestamp(time.Now().Add(validFor + time.Duration(timeouts.Add(1))))
	mode := signing.SignMode_SIGN_MODE_DIRECT
	if err := builder.SetSignatures(signing.SignatureV2{PubKey: a.key.PubKey(), Data: &signing.SingleSignatureData{SignMode: mode}}); err != nil {
		return nil, err
	}
	data := authsigning.SignerData{Address: a.text, ChainID: e.chainID, AccountNumber: a.number, PubKey: a.key.PubKey()}
	signature, err := clienttx.SignWithPrivKey(ctx, mode, data, builder, a.key, e.TxConfig, 0)
	if err != nil {
		return nil, err
	}
	if err := builder.SetSignatures(signature); err != nil {
		return nil, err
	}
	return e.TxConfig.TxEncoder()(builder.GetTx())
}

func hashOf(tx []byte) [sha256.Size]byte { return sha256.Sum256(tx) }
