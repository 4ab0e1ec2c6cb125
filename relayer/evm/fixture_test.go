// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"bytes"
	"context"
	"log/slog"
	"math/big"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	"github.com/ethereum/go-ethereum/params"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const homeChain = "cupel-test-1"

// home stands for the Cupel chain: it seals whatever the test wants.
type home struct {
	domain checkpoint.Domain
	keys   map[checkpoint.Address]*secp256k1.PrivateKey
	set    checkpoint.Set // signs the next header
	root   checkpoint.Hash
	nonce  uint64
	leaves map[uint64][]checkpoint.Leaf
}

func newHome(now uint64) *home {
	h := &home{
		domain: checkpoint.NewDomain(homeChain), keys: map[checkpoint.Address]*secp256k1.PrivateKey{},
		leaves: map[uint64][]checkpoint.Leaf{},
	}
	h.set = h.newSet(1, now, 4)
	h.root = h.domain.GenesisRoot()
	return h
}

// newSet returns a set of equal members whose keys follow from its id.
func (h *home) newSet(id, now uint64, members int) checkpoint.Set {
	set := checkpoint.Set{ID: id, Time: now}
	for i := range members {
		seed := checkpoint.Keccak256([]byte("attestor"), []byte{byte(id), byte(i)})
		key := secp256k1.PrivKeyFromBytes(seed[:])
		address := checkpoint.KeyAddress(key.PubKey())
		h.keys[address] = key
		set.Members = append(set.Members, checkpoint.Member{Address: address, Power: 10})
	}
	slices.SortFunc(set.Members, func(a, b checkpoint.Member) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	return set
}

// checkpoint seals a checkpoint over leaves of its own.
func (h *home) checkpoint(leaves int) mirror.Entry {
	h.nonce++
	for i := range leaves {
		leaf := checkpoint.Leaf{
			Version: checkpoint.LeafVersion, HomeChain: homeChain, Task: h.nonce<<12 | uint64(i), Attempt: 1,
			Provider: bytes.Repeat([]byte{1}, 20), Requester: bytes.Repeat([]byte{2}, 20), Denom: "ucupel", Amount: 1_000,
			Result: checkpoint.Keccak256([]byte{byte(h.nonce), byte(i)}),
		}
		h.leaves[h.nonce] = append(h.leaves[h.nonce], leaf)
	}
	set := h.set.Hash()
	header := checkpoint.Header{
		Nonce: h.nonce, Height: 60 * h.nonce, Root: h.leavesRoot(h.nonce), PrevRoot: h.root,
		LeafCount: uint32(leaves), Set: set, NextSet: set,
	}
	h.root = header.Root
	return mirror.Entry{Header: header, Set: h.set, Signatures: h.sign(header, h.set)}
}

// change seals the change to a set.
func (h *home) change(next checkpoint.Set) mirror.Entry {
	h.nonce++
	header := checkpoint.Header{
		Nonce: h.nonce, Height: 60 * h.nonce, Root: h.root, PrevRoot: h.root, Set: h.set.Hash(), NextSet: next.Hash(),
	}
	entry := mirror.Entry{Header: header, Set: h.set, Next: &next, Signatures: h.sign(header, h.set)}
	h.set = next
	return entry
}

// leavesRoot returns the root of a checkpoint that was sealed.
func (h *home) leavesRoot(nonce uint64) checkpoint.Hash {
	var hashes []checkpoint.Hash
	for _, leaf := range h.leaves[nonce] {
		hashes = append(hashes, leaf.Hash())
	}
	tree, err := checkpoint.NewTree(hashes)
	if err != nil {
		panic(err)
	}
	return tree.Root()
}

func (h *home) sign(header checkpoint.Header, set checkpoint.Set) []checkpoint.Signed {
	var all []checkpoint.Signed
	for _, m := range set.Members {
		all = append(all, checkpoint.Signed{Address: m.Address, Signature: checkpoint.Sign(h.keys[m.Address], h.domain.Digest(header))})
	}
	return set.Quorum(all)
}

// chain is a simulated EVM chain with a mirror of home.
type chain struct {
	t       *testing.T
	backend *simulated.Backend
	client  Client
	home    *home
	mirror  common.Address
	from    uint64         // block of the deployment
	nobody  common.Address // an address without code
}

const ether = params.Ether

// newChain starts a chain on which the keys of accounts 0 to 9 have 100 ether.
func newChain(t *testing.T) *chain {
	t.Helper()
	alloc := types.GenesisAlloc{}
	for i := range 10 {
		alloc[account(i).Address()] = types.Account{Balance: new(big.Int).Mul(big.NewInt(100), big.NewInt(ether))}
	}
	backend := simulated.NewBackend(alloc)
	t.Cleanup(func() { require.NoError(t, backend.Close()) })
	client, ok := backend.Client().(Client)
	require.True(t, ok, "the simulated client is a Client")
	for range 150 { // until the base fee is at its lowest
		backend.Commit()
	}
	c := &chain{t: t, backend: backend, client: client, nobody: common.Address{1}}
	c.deploy()
	return c
}

// account returns the signer of a well-known key.
func account(i int) Signer {
	seed := checkpoint.Keccak256([]byte("account"), []byte{byte(i)})
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		panic(err)
	}
	return NewSigner(key)
}

// deploy makes a new home and deploys its mirror.
func (c *chain) deploy() {
	c.t.Helper()
	head, err := c.client.HeaderByNumber(c.t.Context(), nil)
	require.NoError(c.t, err)
	c.home = newHome(head.Time)
	code, err := contract.Deployment{
		HomeChain: homeChain, Set: c.home.set, MaxSetAge: 14 * 24 * time.Hour, OwnerDelay: 24 * time.Hour,
		Owner: account(8).Address(), Guardian: account(9).Address(),
	}.InitCode()
	require.NoError(c.t, err)
	receipt := c.execute(account(7), nil, code)
	require.Equal(c.t, types.ReceiptStatusSuccessful, receipt.Status)
	c.mirror, c.from = receipt.ContractAddress, receipt.BlockNumber.Uint64()
}

// execute sends a transaction and mines it.
func (c *chain) execute(from Signer, to *common.Address, data []byte) *types.Receipt {
	c.t.Helper()
	tx := c.transaction(from, to, data, 10*gwei)
	require.NoError(c.t, c.client.SendTransaction(c.t.Context(), tx))
	c.backend.Commit()
	receipt, err := c.client.TransactionReceipt(c.t.Context(), tx.Hash())
	require.NoError(c.t, err)
	return receipt
}

// transaction signs one at the account's next nonce.
func (c *chain) transaction(from Signer, to *common.Address, data []byte, feeCap int64) *types.Transaction {
	c.t.Helper()
	nonce, err := c.client.NonceAt(c.t.Context(), from.Address(), nil)
	require.NoError(c.t, err)
	tx, err := from.Sign(c.t.Context(), types.NewTx(&types.DynamicFeeTx{
		ChainID: params.AllDevChainProtocolChanges.ChainID, Nonce: nonce, To: to, Value: new(big.Int), Data: data,
		GasTipCap: big.NewInt(feeCap / 2), GasFeeCap: big.NewInt(feeCap), Gas: 6_000_000,
	}))
	require.NoError(c.t, err)
	return tx
}

// fund gives an account an ether.
func (c *chain) fund(to Signer) {
	c.t.Helper()
	from, address := account(7), to.Address()
	tx, err := from.Sign(c.t.Context(), types.NewTx(&types.DynamicFeeTx{
		ChainID: params.AllDevChainProtocolChanges.ChainID, Nonce: c.sent(from), To: &address, Value: big.NewInt(ether),
		GasTipCap: big.NewInt(gwei), GasFeeCap: big.NewInt(10 * gwei), Gas: 100_000,
	}))
	require.NoError(c.t, err)
	require.NoError(c.t, c.client.SendTransaction(c.t.Context(), tx))
	c.commit(1)
}

// commit mines blocks.
func (c *chain) commit(blocks int) {
	for range blocks {
		c.backend.Commit()
	}
}

// events returns the nonces of the headers that the mirror accepted, in order.
func (c *chain) events() []uint64 {
	c.t.Helper()
	logs, err := c.client.FilterLogs(c.t.Context(), ethereum.FilterQuery{Addresses: []common.Address{c.mirror}})
	require.NoError(c.t, err)
	abi := contract.NewCupelMirror()
	var out []uint64
	for i := range logs {
		if e, err := abi.UnpackCheckpointSubmittedEvent(&logs[i]); err == nil {
			out = append(out, e.Nonce)
		}
		if e, err := abi.UnpackAttestorsUpdatedEvent(&logs[i]); err == nil {
			out = append(out, e.Nonce)
		}
	}
	return out
}

// sent returns how many transactions of an account were mined.
func (c *chain) sent(from Signer) uint64 {
	c.t.Helper()
	nonce, err := c.client.NonceAt(c.t.Context(), from.Address(), nil)
	require.NoError(c.t, err)
	return nonce
}

// manual is a clock that only sleeping moves. Each sleep ends with wake, in
// which the chain goes on.
type manual struct {
	at   time.Time
	wake func()
}

func newManual(wake func()) *manual { return &manual{at: time.Unix(1_800_000_000, 0), wake: wake} }

func (m *manual) clock() clock {
	return clock{now: func() time.Time { return m.at }, sleep: func(ctx context.Context, d time.Duration) error {
		m.at = m.at.Add(d)
		m.wake()
		return ctx.Err()
	}}
}

// openJournal opens a new journal.
func openJournal(t *testing.T) *journal.Book {
	t.Helper()
	j, err := journal.Open(filepath.Join(t.TempDir(), "journal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j.Book("sim")
}

func poolConfig() PoolConfig {
	cfg := DefaultPoolConfig(params.AllDevChainProtocolChanges.ChainID.Uint64())
	cfg.MaxHeadAge, cfg.MaxHeadSkew, cfg.HeadTTL = 0, 0, 0 // the chain's time is its own
	return cfg
}

// target returns one over clients, with the manual clock.
func (c *chain) target(signer Signer, book *journal.Book, clock *manual, clients ...Client) *Target {
	c.t.Helper()
	return c.targetOf(signer, book, clock, DefaultSenderConfig(), clients...)
}

func (c *chain) targetOf(signer Signer, book *journal.Book, clock *manual, cfg SenderConfig, clients ...Client) *Target {
	c.t.Helper()
	var endpoints []Endpoint
	for i, client := range clients {
		endpoints = append(endpoints, Endpoint{Name: string(rune('a' + i)), Client: client})
	}
	pool, err := NewPool(poolConfig(), endpoints...)
	require.NoError(c.t, err)
	target, err := NewTarget(Config{Name: "sim", HomeChain: homeChain, Contract: c.mirror, Sender: cfg},
		pool, signer, book, slog.New(slog.DiscardHandler))
	require.NoError(c.t, err)
	target.sender.clock = clock.clock()
	return target
}
