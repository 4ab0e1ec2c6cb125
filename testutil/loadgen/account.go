// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

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

// account signs unordered transactions as a worker does.
type account struct {
	*chain.Signer
	bytes  sdk.AccAddress
	text   string
	number uint64
}

// newAccount makes the key of a name, which is in the ring once.
func newAccount(enc chain.Encoding, ring keyring.Keyring, chainID, seed, name string) (*account, error) {
	key := secp256k1.GenPrivKeyFromSecret([]byte(seed + " " + name))
	if err := ring.ImportPrivKeyHex(name, hex.EncodeToString(key.Key), string(hd.Secp256k1Type)); err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	signer, err := chain.NewSigner(enc, ring, name, chainID, "")
	if err != nil {
		return nil, err
	}
	return &account{Signer: signer, bytes: sdk.AccAddress(key.PubKey().Address()), text: signer.Address()}, nil
}

// timeouts makes no two transactions alike: the nonce of an unordered one is
// its timeout.
var timeouts atomic.Int64

// sign returns the bytes of a transaction at a price of a thousand gas.
func (a *account) sign(ctx context.Context, gas, price uint64, msg sdk.Msg) ([]byte, error) {
	return a.Sign(ctx, msg, chain.Terms{
		Account: a.number, Timeout: time.Now().Add(validFor + time.Duration(timeouts.Add(1))),
		Gas: gas, Fee: sdk.NewCoins(sdk.NewInt64Coin(net.Denom, int64((gas/1_000+1)*price))),
	})
}

func hashOf(tx []byte) [sha256.Size]byte { return sha256.Sum256(tx) }
