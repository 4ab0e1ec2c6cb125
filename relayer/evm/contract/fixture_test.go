// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	"github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/params"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	chainID = "cupel-1"
	// start is the time of the first block and of the first set of the vectors.
	start       = 1_800_000_000
	vectorsFile = "../../../x/oracle/types/checkpoint/testdata/vectors.json"
)

// vectors are those of x/oracle.
type vectors struct {
	ChainID string `json:"chain_id"`
	Leaves  []struct {
		Leaf checkpoint.Leaf `json:"leaf"`
		Hash checkpoint.Hash `json:"hash"`
	} `json:"leaves"`
	Trees []struct {
		Root   checkpoint.Hash     `json:"root"`
		Proofs [][]checkpoint.Hash `json:"proofs"`
	} `json:"trees"`
	Sets []struct {
		Set       checkpoint.Set  `json:"set"`
		Hash      checkpoint.Hash `json:"hash"`
		Threshold uint64          `json:"threshold,string"`
	} `json:"sets"`
	Headers []struct {
		Header     checkpoint.Header   `json:"header"`
		Set        int                 `json:"set"`
		Digest     checkpoint.Hash     `json:"digest"`
		Signatures []checkpoint.Signed `json:"signatures"`
	} `json:"headers"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	text, err := os.ReadFile(vectorsFile)
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(text, &v))
	require.NotEmpty(t, v.Leaves)
	require.NotEmpty(t, v.Trees)
	require.NotEmpty(t, v.Sets)
	require.NotEmpty(t, v.Headers)
	require.Equal(t, chainID, v.ChainID)
	return v
}

// entries returns the line of headers as the relayer carries them.
func (v vectors) entries(t *testing.T) []mirror.Entry {
	t.Helper()
	out := make([]mirror.Entry, len(v.Headers))
	for i, h := range v.Headers {
		out[i] = mirror.Entry{Header: h.Header, Set: v.Sets[h.Set].Set, Signatures: h.Signatures}
		if h.Header.IsSetChange() {
			out[i].Next = &v.Sets[h.Set+1].Set
		}
		require.NoError(t, out[i].Verify(checkpoint.NewDomain(chainID)))
	}
	return out
}

// fixture is a mirror on go-ethereum's simulated chain.
type fixture struct {
	t       *testing.T
	chain   *simulated.Backend
	account *bind.TransactOpts
	abi     *CupelMirror
	address common.Address
	created *types.Receipt
}

func newFixture(t *testing.T, set checkpoint.Set) *fixture {
	t.Helper()
	return newFixtureAt(t, set, osaka)
}

// A fork whose gas schedule a chain has: osaka, or the newest that go-ethereum
// knows, in which state costs more.
const (
	osaka  = "Osaka"
	newest = "newest"
)

func newFixtureAt(t *testing.T, set checkpoint.Set, fork string) *fixture {
	t.Helper()
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("relayer")))
	require.NoError(t, err)
	account := bind.NewKeyedTransactor(key, big.NewInt(1337))
	chain := simulated.NewBackend(types.GenesisAlloc{account.From: {Balance: big.NewInt(params.Ether)}},
		func(_ *node.Config, eth *ethconfig.Config) {
			eth.Genesis.Timestamp = start
			if fork == osaka {
				config := *eth.Genesis.Config
				config.AmsterdamTime, config.BogotaTime = nil, nil
				eth.Genesis.Config = &config
			}
		})
	t.Cleanup(func() { require.NoError(t, chain.Close()) })
	f := &fixture{t: t, chain: chain, account: account, abi: NewCupelMirror()}
	address, tx, err := Deploy(account, chain.Client(), deployment(set))
	require.NoError(t, err)
	f.address, f.created = address, f.mined(tx)
	return f
}

func deployment(set checkpoint.Set) Deployment {
	return Deployment{
		HomeChain: chainID, Set: set, MaxSetAge: 240 * time.Hour, OwnerDelay: 48 * time.Hour,
		Owner: common.Address{1}, Guardian: common.Address{2},
	}
}

func (f *fixture) mined(tx *types.Transaction) *types.Receipt {
	f.t.Helper()
	f.chain.Commit()
	receipt, err := f.chain.Client().TransactionReceipt(f.t.Context(), tx.Hash())
	require.NoError(f.t, err)
	require.Equal(f.t, types.ReceiptStatusSuccessful, receipt.Status)
	return receipt
}

// submit records an entry in one transaction.
func (f *fixture) submit(e mirror.Entry) *types.Receipt {
	f.t.Helper()
	data, err := PackEntry(e)
	require.NoError(f.t, err)
	tx, err := bind.Transact(f.abi.Instance(f.chain.Client(), f.address), f.account, data)
	require.NoError(f.t, err)
	return f.mined(tx)
}

// call returns the output of a view.
func (f *fixture) call(data []byte) []byte {
	f.t.Helper()
	out, err := f.chain.Client().CallContract(f.t.Context(), ethereum.CallMsg{To: &f.address, Data: data}, nil)
	require.NoError(f.t, err)
	return out
}

func (f *fixture) settledAt(leaf checkpoint.Leaf, proof []checkpoint.Hash) uint64 {
	f.t.Helper()
	nonce, err := f.abi.UnpackSettledAt(f.call(f.abi.PackSettledAt(FromLeaf(leaf), FromProof(proof))))
	require.NoError(f.t, err)
	settled, err := f.abi.UnpackIsSettled(f.call(f.abi.PackIsSettled(FromLeaf(leaf), FromProof(proof))))
	require.NoError(f.t, err)
	require.Equal(f.t, nonce != 0, settled)
	return nonce
}

// attestors are keys with the set of their addresses, all of the same power.
type attestors struct {
	set  checkpoint.Set
	keys map[checkpoint.Address]*secp256k1.PrivateKey
}

func newAttestors(id uint64, n int) attestors {
	out := attestors{set: checkpoint.Set{ID: id, Time: start}, keys: map[checkpoint.Address]*secp256k1.PrivateKey{}}
	for i := range n {
		secret := checkpoint.Keccak256(fmt.Appendf(nil, "attestor %d of set %d", i, id))
		key := secp256k1.PrivKeyFromBytes(secret[:])
		account := checkpoint.KeyAddress(key.PubKey())
		out.keys[account] = key
		out.set.Members = append(out.set.Members, checkpoint.Member{Address: account, Power: 1_000_000})
	}
	slices.SortFunc(out.set.Members, func(a, b checkpoint.Member) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	return out
}

// entry returns a header with the fewest signatures that seal it.
func (a attestors) entry(h checkpoint.Header, next *checkpoint.Set) mirror.Entry {
	h.Set, h.NextSet = a.set.Hash(), a.set.Hash()
	if next != nil {
		h.NextSet = next.Hash()
	}
	digest := checkpoint.NewDomain(chainID).Digest(h)
	var signed []checkpoint.Signed
	for _, m := range a.set.Members {
		signed = append(signed, checkpoint.Signed{Address: m.Address, Signature: checkpoint.Sign(a.keys[m.Address], digest)})
	}
	return mirror.Entry{Header: h, Set: a.set, Next: next, Signatures: a.set.Quorum(signed)}
}
