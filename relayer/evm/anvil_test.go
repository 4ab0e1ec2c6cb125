// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/evm/anvil"
	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/npm"
)

// node is a mirror on a real anvil with the rules of the OP stack, reached over
// HTTP. It makes blocks when the sender sleeps.
type node struct {
	*anvil.Node
	t      *testing.T
	client *ethclient.Client
	home   *home
	mirror common.Address
	signer Signer
	book   *journal.Book
	target *Target
	clock  *manual
}

func newNode(t *testing.T) *node {
	t.Helper()
	npm.Require(t)
	started, err := anvil.Start(t.Context(), t.TempDir(), anvil.Options{BlockTime: -1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, started.Stop()) })
	endpoint, err := Dial(t.Context(), started.URL)
	require.NoError(t, err)
	n := &node{Node: started, t: t, client: endpoint.Client.(*ethclient.Client), book: openJournal(t)}
	n.clock = newManual(func() { n.mine(1) })
	n.signer = n.account(0)
	n.deploy()
	cfg := poolConfig()
	cfg.ChainID = 31337
	pool, err := NewPool(cfg, endpoint)
	require.NoError(t, err)
	n.target, err = NewTarget(Config{Name: "anvil", HomeChain: homeChain, Contract: n.mirror, Sender: DefaultSenderConfig()},
		pool, n.signer, n.book, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	n.target.sender.clock = n.clock.clock()
	return n
}

func (n *node) account(i int) Signer {
	n.t.Helper()
	key, err := crypto.HexToECDSA(strings.TrimPrefix(n.Accounts[i].Key, "0x"))
	require.NoError(n.t, err)
	return NewSigner(key)
}

func (n *node) deploy() {
	n.t.Helper()
	n.mine(1)
	head, err := n.client.HeaderByNumber(n.t.Context(), nil)
	require.NoError(n.t, err)
	n.home = newHome(head.Time)
	code, err := contract.Deployment{
		HomeChain: homeChain, Set: n.home.set, MaxSetAge: 14 * 24 * time.Hour, OwnerDelay: 24 * time.Hour,
		Owner: n.account(8).Address(), Guardian: n.account(9).Address(),
	}.InitCode()
	require.NoError(n.t, err)
	hash := n.send(n.account(7), nil, code)
	n.mine(1)
	receipt, err := n.client.TransactionReceipt(n.t.Context(), hash)
	require.NoError(n.t, err)
	require.Equal(n.t, types.ReceiptStatusSuccessful, receipt.Status)
	n.mirror = receipt.ContractAddress
}

func (n *node) send(from Signer, to *common.Address, data []byte) common.Hash {
	n.t.Helper()
	nonce, err := n.client.NonceAt(n.t.Context(), from.Address(), nil)
	require.NoError(n.t, err)
	tx, err := from.Sign(n.t.Context(), types.NewTx(&types.DynamicFeeTx{
		ChainID: big.NewInt(31337), Nonce: nonce, To: to, Value: new(big.Int), Data: data,
		GasTipCap: big.NewInt(gwei), GasFeeCap: big.NewInt(90 * gwei), Gas: 6_000_000,
	}))
	require.NoError(n.t, err)
	require.NoError(n.t, n.client.SendTransaction(n.t.Context(), tx))
	return tx.Hash()
}

func (n *node) mine(blocks uint64) {
	n.t.Helper()
	require.NoError(n.t, n.Mine(n.t.Context(), blocks))
}

func (n *node) progress() mirror.Progress {
	n.t.Helper()
	progress, err := n.target.Progress(n.t.Context())
	require.NoError(n.t, err)
	return progress
}

// follow submits until the target has all entries, as the loop does.
func (n *node) follow(entries []mirror.Entry) {
	n.t.Helper()
	for range 3 * len(entries) {
		sent := n.progress().Sent
		if sent == uint64(len(entries)) {
			return
		}
		require.NoError(n.t, n.target.Submit(n.t.Context(), entries[sent]))
	}
	require.Fail(n.t, "entries are missing")
}

func (n *node) once(count int) {
	n.t.Helper()
	c := &chain{t: n.t, client: n.client, mirror: n.mirror}
	var want []uint64
	for i := range count {
		want = append(want, uint64(i+1))
	}
	require.Equal(n.t, want, c.events())
}

func TestAnvilFinality(t *testing.T) {
	n := newNode(t)
	n.mine(100)
	require.NoError(t, n.target.Submit(t.Context(), n.home.checkpoint(1)))
	require.Equal(t, mirror.Progress{Sent: 1}, n.progress())
	n.mine(31)
	require.Equal(t, mirror.Progress{Sent: 1}, n.progress())
	n.mine(1)
	require.Equal(t, mirror.Progress{Sent: 1, Safe: 1}, n.progress(), "safe is 32 blocks behind")
	n.mine(31)
	require.Equal(t, mirror.Progress{Sent: 1, Safe: 1}, n.progress())
	n.mine(1)
	require.Equal(t, mirror.Progress{Sent: 1, Safe: 1, Final: 1}, n.progress(), "final is 64 blocks behind")
}

func TestAnvilReorg(t *testing.T) {
	for name, depth := range map[string]uint64{"1": 1, "5": 5, "64": 64} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			n.mine(80)
			var entries []mirror.Entry
			for range 4 {
				entries = append(entries, n.home.checkpoint(1))
				require.NoError(t, n.target.Submit(t.Context(), entries[len(entries)-1]))
			}
			before := n.progress()
			require.EqualValues(t, 4, before.Sent)
			require.NoError(t, n.Reorg(t.Context(), depth))
			require.Less(t, n.progress().Sent, before.Sent, "the cursor falls back")

			n.follow(entries)
			n.once(4)
			nonce, err := n.client.NonceAt(t.Context(), n.signer.Address(), nil)
			require.NoError(t, err)
			require.EqualValues(t, 4, nonce, "no transaction beyond those of the entries")
			n.mine(64)
			require.Equal(t, mirror.Progress{Sent: 4, Safe: 4, Final: 4}, n.progress())
		})
	}
}

func TestAnvilRollback(t *testing.T) {
	n := newNode(t)
	n.mine(80)
	entries := []mirror.Entry{n.home.checkpoint(1), n.home.checkpoint(1)}
	n.follow(entries)
	require.NoError(t, n.Rollback(t.Context(), 3))
	require.Zero(t, n.progress().Sent)
	n.follow(entries)
	n.once(2)
}

func TestAnvilDropped(t *testing.T) {
	n := newNode(t)
	entry := n.home.checkpoint(1)
	dropped := map[string]bool{}
	n.clock.wake = func() {
		if len(dropped) < 3 {
			for _, tx := range attemptsOf(t, n.book, 1) {
				if hash := tx.Hash().Hex(); !dropped[hash] {
					dropped[hash] = true
					require.NoError(t, n.Drop(t.Context(), hash))
				}
			}
		}
		n.mine(1)
	}
	require.NoError(t, n.target.Submit(t.Context(), entry))
	n.once(1)
	sent := attemptsOf(t, n.book, 1)
	require.Len(t, sent, 4)
	for _, tx := range sent {
		require.Equal(t, sent[0].Nonce(), tx.Nonce(), "raised at the same nonce")
	}
}

func TestAnvilBaseFee(t *testing.T) {
	n := newNode(t)
	ctx := t.Context()
	head, err := n.client.HeaderByNumber(ctx, nil)
	require.NoError(t, err)
	base := head.BaseFee.Uint64()

	// The base fee rises 50 times while the transaction is in the pool.
	spiked := false
	n.clock.wake = func() {
		if !spiked {
			spiked = true
			require.NoError(t, n.SetBaseFee(ctx, 50*base))
		}
		n.mine(1)
	}
	require.NoError(t, n.target.Submit(ctx, n.home.checkpoint(1)))
	n.once(1)
	sent := attemptsOf(t, n.book, 1)
	require.Greater(t, len(sent), 1, "the fees were raised")
	for _, tx := range sent {
		require.LessOrEqual(t, tx.GasFeeCap().Cmp(n.target.cfg.Sender.MaxFeeCap), 0)
	}

	// Above the limit nothing is signed; below it, it goes on.
	require.NoError(t, n.SetBaseFee(ctx, 1000*gwei))
	n.mine(1)
	entry := n.home.checkpoint(1)
	require.ErrorIs(t, n.target.Submit(ctx, entry), mirror.ErrFeeTooHigh)
	require.Empty(t, attemptsOf(t, n.book, 2))
	require.NoError(t, n.SetBaseFee(ctx, gwei))
	n.mine(1)
	require.NoError(t, n.target.Submit(ctx, entry))
	n.once(2)
}

func TestAnvilNonceUsedElsewhere(t *testing.T) {
	n := newNode(t)
	ctx := t.Context()
	entry := n.home.checkpoint(1)
	used := false
	n.clock.wake = func() {
		if !used {
			used = true
			for _, tx := range attemptsOf(t, n.book, 1) {
				require.NoError(t, n.Drop(ctx, tx.Hash().Hex()))
			}
			nobody := common.Address{1}
			n.send(n.signer, &nobody, nil)
		}
		n.mine(1)
	}
	require.NoError(t, n.target.Submit(ctx, entry))
	n.once(1)
	sent := attemptsOf(t, n.book, 1)
	require.Len(t, sent, 2)
	require.Equal(t, sent[0].Nonce()+1, sent[1].Nonce())
}

func TestAnvilHalted(t *testing.T) {
	n := newNode(t)
	abi := contract.NewCupelMirror()
	n.send(n.account(9), &n.mirror, abi.PackPause())
	n.mine(1)
	entry := n.home.checkpoint(1)
	err := n.target.Submit(t.Context(), entry)
	require.ErrorIs(t, err, mirror.ErrHalted)
	var revert *RevertError
	require.ErrorAs(t, err, &revert)
	require.Equal(t, "EnforcedPause", revert.Name)
	n.send(n.account(8), &n.mirror, abi.PackUnpause())
	n.mine(1)
	require.NoError(t, n.target.Submit(t.Context(), entry))

	require.NoError(t, n.Advance(t.Context(), 15*24*time.Hour))
	n.mine(1)
	require.ErrorIs(t, n.target.Submit(t.Context(), n.home.checkpoint(1)), mirror.ErrStaleSet)
}

// TestAnvilRestart stops in the middle: the context of the send ends, and
// another relayer with the same journal sends the same bytes.
func TestAnvilRestart(t *testing.T) {
	n := newNode(t)
	entry := n.home.checkpoint(1)
	ctx, cancel := context.WithCancel(t.Context())
	n.clock.wake = cancel
	require.ErrorIs(t, n.target.Submit(ctx, entry), mirror.ErrUnknown)
	require.NoError(t, n.DropAll(t.Context()))
	n.clock.wake = func() { n.mine(1) }
	require.NoError(t, n.target.Submit(t.Context(), entry))
	require.Len(t, attemptsOf(t, n.book, 1), 1)
	n.once(1)
}
