// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"slices"
	"testing"

	"cosmossdk.io/log"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// smallPool replaces a chain's application by one whose mempool takes few
// transactions and is rechecked as CometBFT's.
func smallPool(c *chain, size int) {
	c.t.Helper()
	options := simtestutil.AppOptionsMap{
		flags.FlagHome: c.t.TempDir(), "mempool.size": size, "mempool.max_txs_bytes": int64(1 << 20), "mempool.recheck": true,
	}
	var err error
	c.app, err = New(log.NewNopLogger(), dbm.NewMemDB(), nil, true, options, baseapp.SetChainID(testChainID))
	require.NoError(c.t, err)
}

// propose returns what the node would propose now.
func (c *chain) propose() [][]byte {
	c.t.Helper()
	response, err := c.app.PrepareProposal(&abci.RequestPrepareProposal{
		Height: c.app.LastBlockHeight() + 1, Time: c.now, MaxTxBytes: MaxBlockBytes, ProposerAddress: c.val,
	})
	require.NoError(c.t, err)
	return response.Txs
}

func (c *chain) pay(p *person) []byte {
	return c.sign(p, banktypes.NewMsgSend(p.address, p.address, coins(1)))
}

func TestAnswersGoFirst(t *testing.T) {
	m := newMarket(t, 2, 100)
	m.join()
	var spam [][]byte
	for range 40 {
		for _, p := range m.requesters {
			spam = append(spam, m.pay(p))
		}
	}
	for _, tx := range spam {
		require.Zero(t, m.check(tx, abci.CheckTxType_New).Code)
	}
	answer := m.sign(m.providers[0].worker, &registrytypes.MsgHeartbeat{Worker: m.providers[0].worker.text})
	false1 := m.sign(m.requesters[0], &registrytypes.MsgHeartbeat{Worker: m.requesters[0].text})
	require.Zero(t, m.check(false1, abci.CheckTxType_New).Code)
	require.Zero(t, m.check(answer, abci.CheckTxType_New).Code)
	proposed := m.propose()
	require.Equal(t, answer, proposed[0])
	require.Len(t, proposed, MaxBlockGas/personGas, "a block is as full as its gas")
	require.NotContains(t, proposed, false1, "who is no worker waits for what it sent before")
}

// TestUndecidedBlockTakesNothing: a block that was executed and not decided
// leaves the pool as it was, a decided one takes its transactions away.
func TestUndecidedBlockTakesNothing(t *testing.T) {
	s := newSenders(t, 3)
	s.block()
	txs := [][]byte{s.send(0), s.send(1), s.send(2)}
	for _, tx := range txs {
		require.Zero(t, s.check(tx, abci.CheckTxType_New).Code)
	}
	require.Equal(t, txs, s.propose())
	request := s.request(txs[:2])
	n := &node{t: t, app: s.app}
	n.process(&abci.RequestProcessProposal{
		Height: request.Height, Time: request.Time, Txs: txs, Hash: []byte("another block"), ProposerAddress: s.val,
		ProposedLastCommit: request.DecidedLastCommit,
	})
	response, err := s.app.FinalizeBlock(request)
	require.NoError(t, err)
	require.Zero(t, response.TxResults[0].Code, response.TxResults[0].Log)
	require.Equal(t, 3, s.app.pool.CountTx(), "decided, and not yet committed")
	_, err = s.app.Commit()
	require.NoError(t, err)
	require.Equal(t, txs[2:], s.propose())
	require.Zero(t, s.check(txs[2], abci.CheckTxType_Recheck).Code)
	require.Zero(t, s.block(txs[2]).TxResults[0].Code)
	require.Empty(t, s.propose())
}

// TestFullMempoolCostsNothing: what is refused because the pool is full can be
// sent again as it is, and the last fifth takes what is urgent.
func TestFullMempoolCostsNothing(t *testing.T) {
	Configure()
	const size = 20
	p := newPerson("spammer")
	c := newChain(t, func(c *chain, _ map[string]json.RawMessage) { smallPool(c, size) }, fundPeople([]*person{p}))
	c.block()
	var accepted [][]byte
	var refused []byte
	for range size {
		tx := c.pay(p)
		response := c.check(tx, abci.CheckTxType_New)
		if response.Code == 0 {
			accepted = append(accepted, tx)
			continue
		}
		require.Equal(t, sdkerrors.ErrMempoolIsFull.ABCICode(), response.Code)
		require.Contains(t, response.Log, "send the same transaction again in a few blocks")
		refused = tx
		break
	}
	require.Len(t, accepted, size*80/100)
	for _, result := range c.block(accepted[:5]...).TxResults {
		require.Zero(t, result.Code, result.Log)
	}
	for _, tx := range accepted[5:] {
		require.Zero(t, c.check(tx, abci.CheckTxType_Recheck).Code)
	}
	require.Zero(t, c.check(refused, abci.CheckTxType_New).Code, "its sequence is still the next")
	require.Equal(t, append(slices.Clone(accepted[5:]), refused), c.propose())
}

// TestFreeTransactionsGoFirst: what attestors owe comes before all who pay.
func TestFreeTransactionsGoFirst(t *testing.T) {
	a := newAttestors(t)
	a.block()
	paid := a.pay(a.stranger)
	free := a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{a.attest(1)}, gas: 200_000, unordered: true})
	require.Zero(t, a.check(paid).Code)
	require.Zero(t, a.check(free).Code)
	require.Equal(t, [][]byte{free, paid}, a.propose())
}

// TestAnyBlockIsAccepted: what a proposer puts into a block is judged by its
// execution; refusing it could only cost time.
func TestAnyBlockIsAccepted(t *testing.T) {
	s := newSenders(t, 2)
	s.block()
	txs := [][]byte{nil, []byte("not a transaction"), s.send(0), s.send(0)}
	txs = append(txs, txs[2])
	request := s.request(txs)
	n := &node{t: t, app: s.app}
	n.process(&abci.RequestProcessProposal{
		Height: request.Height, Time: request.Time, Txs: txs, Hash: request.Hash, ProposerAddress: s.val,
		ProposedLastCommit: request.DecidedLastCommit,
	})
	response, err := s.app.FinalizeBlock(request)
	require.NoError(t, err)
	var codes []bool
	for _, result := range response.TxResults {
		codes = append(codes, result.IsOK())
	}
	require.Equal(t, []bool{false, false, true, true, false}, codes)
}
