// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"sync"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	dbm "github.com/cosmos/cosmos-db"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// senders are accounts of a chain that send coins.
type senders struct {
	*chain
	people []*person
}

func newSenders(t testing.TB, n int, followers ...*node) *senders {
	Configure()
	s := &senders{}
	for i := range n {
		s.people = append(s.people, newPerson(string(rune('a'+i))))
	}
	s.chain = newChain(t, fundPeople(s.people), func(c *chain, _ map[string]json.RawMessage) { c.followers = followers })
	s.block()
	return s
}

// send is a transfer of one person to the next.
func (s *senders) send(i int) []byte {
	from, to := s.people[i%len(s.people)], s.people[(i+1)%len(s.people)]
	return s.sign(from, banktypes.NewMsgSend(from.address, to.address, coins(1)))
}

func (c *chain) check(tx []byte, kind abci.CheckTxType) *abci.ResponseCheckTx {
	c.t.Helper()
	response, err := c.app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: kind})
	require.NoError(c.t, err)
	return response
}

// TestMemoChangesNothing: a node that has checked a block's transactions, one
// that remembers nothing and one that has not seen them have the same results,
// gas and app hash.
func TestMemoChangesNothing(t *testing.T) {
	checkFirst := func(n *node, request *abci.RequestFinalizeBlock) {
		for _, tx := range request.Txs {
			_, err := n.app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
			require.NoError(n.t, err)
		}
	}
	remembers := &node{t: t, db: dbm.NewMemDB(), procs: 2, gc: 100, prepare: checkFirst}
	forgets := &node{t: t, db: dbm.NewMemDB(), procs: 2, gc: 100, prepare: checkFirst}
	remembers.load()
	forgets.load()
	forgets.app.memo.limit = 0
	s := newSenders(t, 4, remembers, forgets)
	for height := range 5 {
		var txs [][]byte
		for i := range 8 {
			txs = append(txs, s.send(i))
		}
		forged := slices.Clone(s.send(height))
		forged[len(forged)-1] ^= 1
		results := s.block(append(txs, forged)...).TxResults
		for _, result := range results[:len(txs)] {
			require.Zero(t, result.Code, result.Log)
		}
		require.Equal(t, sdkerrors.ErrUnauthorized.ABCICode(), results[len(txs)].Code)
		s.people[height%4].sequence-- // the forged one used none
		require.Equal(t, 8*(height+1), remembers.app.memo.size())
	}
	require.Zero(t, forgets.app.memo.size())
	require.Zero(t, s.app.memo.size(), "a block teaches nothing")
}

// TestMemoKnowsNoForgery: no order of checks lets a wrong signature into a block.
func TestMemoKnowsNoForgery(t *testing.T) {
	s := newSenders(t, 2)
	refused := sdkerrors.ErrUnauthorized.ABCICode()
	good := s.send(0)
	forged := slices.Clone(good)
	forged[len(forged)-1] ^= 1

	require.Zero(t, s.check(good, abci.CheckTxType_New).Code)
	require.Equal(t, refused, s.block(forged).TxResults[0].Code, "beside one that is known")
	s.people[1].sequence = 0
	other := s.send(1)
	other[len(other)-1] ^= 1
	require.Zero(t, s.check(other, abci.CheckTxType_Recheck).Code, "a recheck verifies nothing")
	require.Equal(t, refused, s.block(other).TxResults[0].Code, "and teaches nothing")
	require.Equal(t, refused, s.check(other, abci.CheckTxType_New).Code)
	require.Equal(t, refused, s.block(other).TxResults[0].Code)
	require.Zero(t, s.block(good).TxResults[0].Code)
}

// verifications counts how often signatures would have been verified.
type verifications struct{ n int }

func (v *verifications) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	if ctx.IsSigverifyTx() {
		v.n++
	}
	return next(ctx, tx, simulate)
}

// TestMemoVerifiesOnce: after CheckTx a block verifies nothing, unless anything
// that the signature is over is another.
func TestMemoVerifiesOnce(t *testing.T) {
	s := newSenders(t, 2)
	raw := s.send(0)
	tx, err := s.app.TxConfig().TxDecoder()(raw)
	require.NoError(t, err)
	count := &verifications{}
	d := memoDecorator{memo: newSignatureMemo(8), accounts: s.app.AccountKeeper, verify: count}
	verified := func(ctx sdk.Context) bool {
		before := count.n
		_, err := d.AnteHandle(ctx, tx, false, func(ctx sdk.Context, _ sdk.Tx, _ bool) (sdk.Context, error) {
			require.True(t, ctx.IsSigverifyTx(), "what follows sees the node's setting")
			return ctx, nil
		})
		require.NoError(t, err)
		return count.n > before
	}
	deliver := s.app.NewUncachedContext(false, s.header()).WithTxBytes(raw).WithIsSigverifyTx(true)
	check := deliver.WithIsCheckTx(true)
	require.True(t, verified(deliver))
	require.True(t, verified(deliver), "a block teaches nothing")
	require.True(t, verified(check))
	require.False(t, verified(check))
	require.False(t, verified(deliver))
	require.True(t, verified(deliver.WithChainID("cupel-other-1")), "another chain")
	require.True(t, verified(deliver.WithBlockHeight(0)), "account numbers of a genesis")
	require.True(t, verified(deliver.WithTxBytes(append(slices.Clone(raw), 0))), "other bytes")
	require.True(t, verified(deliver.WithTxBytes(nil)), "no bytes")
	require.Zero(t, deliver.GasMeter().GasConsumed(), "looking it up is not charged")

	account := s.app.AccountKeeper.GetAccount(deliver, s.people[0].address)
	require.NoError(t, account.SetAccountNumber(account.GetAccountNumber()+1_000))
	changed, _ := deliver.CacheContext()
	s.app.AccountKeeper.SetAccount(changed, account)
	require.True(t, verified(changed), "another account number")
}

// TestMemoSkipsWhatStateDecides: a textual signature and a multisig's are
// verified every time.
func TestMemoSkipsWhatStateDecides(t *testing.T) {
	require.True(t, plain(&signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT}))
	require.True(t, plain(&signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON}))
	require.False(t, plain(&signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_TEXTUAL}))
	require.False(t, plain(&signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_UNSPECIFIED}))
	require.False(t, plain(&signing.MultiSignatureData{}))
}

func TestMemoIsBounded(t *testing.T) {
	const limit = 100
	m := newSignatureMemo(limit)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 10 * limit {
				var key memoKey
				binary.BigEndian.PutUint64(key[:], uint64(worker*10*limit+i))
				m.add(key)
				m.has(key)
				if size := m.size(); size > 2*limit {
					t.Errorf("%d entries", size)
					return
				}
			}
		})
	}
	wg.Wait()

	var used memoKey
	used[31] = 1
	m.add(used)
	for i := range 10 * limit {
		var key memoKey
		binary.BigEndian.PutUint64(key[8:], uint64(i)+1)
		m.add(key)
		require.True(t, m.has(used), "what is used stays")
	}
	require.False(t, m.has(memoKey{9: 1, 31: 9}))
}
