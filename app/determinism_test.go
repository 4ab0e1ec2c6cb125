// SPDX-License-Identifier: Apache-2.0

package app

import (
	"crypto/sha256"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"cosmossdk.io/log"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// quietBlocks have no orders: they show what comes of those before.
const quietBlocks = 45

// node is a second application that executes the blocks of a market.
type node struct {
	t   testing.TB
	app *App
	db  dbm.DB
	// backend of db.
	backend dbm.BackendType
	// procs and gc are GOMAXPROCS and GOGC while it executes.
	procs, gc int
	// prepare happens before FinalizeBlock.
	prepare func(n *node, request *abci.RequestFinalizeBlock)
}

// nodes returns some that execute optimistically while they check transactions
// and some that restart every few blocks, on every database that a node can have.
func nodes(t *testing.T) []*node {
	all := []*node{
		{procs: 8, gc: 400, prepare: (*node).propose, backend: dbm.MemDBBackend},
		{procs: 1, gc: 40, prepare: (*node).restart, backend: dbm.GoLevelDBBackend},
		{procs: 2, gc: 100, prepare: (*node).propose, backend: dbm.PebbleDBBackend},
		{procs: 8, gc: 20, prepare: (*node).restart, backend: dbm.PebbleDBBackend},
	}
	for _, n := range all {
		var err error
		n.t = t
		n.db, err = dbm.NewDB("application", n.backend, t.TempDir())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, n.db.Close()) })
		n.load()
	}
	return all
}

func (n *node) load() {
	n.t.Helper()
	var err error
	n.app, err = New(log.NewNopLogger(), n.db, nil, true, appOptions(n.t), baseapp.SetChainID(testChainID))
	require.NoError(n.t, err)
}

// restart loads the application from its database every few blocks.
func (n *node) restart(request *abci.RequestFinalizeBlock) {
	if request.Height > 1 && request.Height%19 == 0 {
		n.load()
	}
}

// propose executes the block optimistically, in every third block after
// another one that was not decided, and checks transactions meanwhile.
func (n *node) propose(request *abci.RequestFinalizeBlock) {
	n.t.Helper()
	proposal := abci.RequestProcessProposal{
		Height: request.Height, Time: request.Time, Txs: request.Txs, Hash: request.Hash, ProposerAddress: request.ProposerAddress,
		ProposedLastCommit: request.DecidedLastCommit,
	}
	if request.Height%3 == 0 {
		other, hash := proposal, sha256.Sum256(request.Hash)
		other.Hash, other.Txs = hash[:], slices.Clone(request.Txs[:len(request.Txs)/2])
		n.process(&other)
		if request.Height%2 == 0 {
			return // the decided block is not the one that is being executed
		}
	}
	n.process(&proposal)
	for _, tx := range request.Txs {
		_, err := n.app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
		require.NoError(n.t, err)
	}
}

func (n *node) process(proposal *abci.RequestProcessProposal) {
	n.t.Helper()
	response, err := n.app.ProcessProposal(proposal)
	require.NoError(n.t, err)
	require.True(n.t, response.IsAccepted())
}

// execute executes and commits a block under the node's runtime settings.
func (n *node) execute(request *abci.RequestFinalizeBlock) *abci.ResponseFinalizeBlock {
	n.t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n.procs))
	defer debug.SetGCPercent(debug.SetGCPercent(n.gc))
	n.prepare(n, request)
	response, err := n.app.FinalizeBlock(request)
	require.NoError(n.t, err)
	_, err = n.app.Commit()
	require.NoError(n.t, err)
	return response
}

// TestDeterminism: five replicas that execute the same blocks in different ways,
// on different databases, have the same app hash and the same results after each.
func TestDeterminism(t *testing.T) {
	others, busyBlocks := nodes(t), scale.Of(t, 150, 1_000)-quietBlocks
	seen := map[string]int{}
	m := newMarket(t, 10, 30, others...)
	m.join()
	m.providers[3].Run, m.providers[7].Lazy = sometimesWrong, true
	traffic := &traffic{market: m, rand: rand.New(rand.NewPCG(1, 2))}
	for i := range busyBlocks + quietBlocks {
		// Who is caught all the time would keep everybody's coins frozen.
		m.providers[7].Lazy = i < 15
		count(seen, m.block(traffic.block(i < busyBlocks)...))
	}
	m.followers = others[:1]
	for range unbondingTicks { // until coins leave the bonds: little happens
		count(seen, m.block())
	}
	m.invariants()
	for _, kind := range []string{
		markettypes.EventTaskSubmitted, markettypes.EventTaskSettled, markettypes.EventSlashed,
		"cupel.market.v1.EventBatchEnded", "cupel.market.v1.EventCaseOpened", "cupel.market.v1.EventCaseClosed", "cupel.market.v1.EventBatchPruned",
		"cupel.market.v1.EventSeatMissed", "cupel.registry.v1.EventUnbonded", "refused", "accepted",
	} {
		require.NotZero(t, seen[kind], "no %s in %v", kind, seen)
	}

	// Nobody chose this state: it must survive an export as well.
	exported := export(t, m.app, false)
	requireSame(t, exported.AppState, m.begin(exported).state())
}

// sometimesWrong answers the tasks of one batch in ten wrong.
func sometimesWrong(task uint64) sim.Answer {
	if batch, _ := markettypes.SplitTaskID(task); batch%10 == 3 {
		return sim.Wrong(task)
	}
	return sim.Honest(task)
}

func count(seen map[string]int, response *abci.ResponseFinalizeBlock) {
	events := response.Events
	for _, result := range response.TxResults {
		events = append(events, result.Events...)
		if result.IsOK() {
			seen["accepted"]++
		} else {
			seen["refused"]++
		}
	}
	for _, e := range events {
		seen[e.Type]++
	}
}

// traffic makes blocks of random transactions; many of them must fail.
type traffic struct {
	*market
	rand *rand.Rand
	last [][]byte
}

// chance is true in percent of all cases.
func (r *traffic) chance(percent int) bool { return r.rand.IntN(100) < percent }

// block returns the transactions of the next block, with orders if it is busy.
func (r *traffic) block(busy bool) (txs [][]byte) {
	r.t.Helper()
	r.learn()
	for _, p := range r.requesters {
		if busy && r.chance(30) {
			txs = append(txs, r.sign(p, r.order(p)))
		}
		if r.chance(30) {
			txs = append(txs, r.sign(p, r.meddle(p)))
		}
	}
	for _, p := range r.providers {
		// A worker that does not look in for long misses its deadlines.
		p.Silent = r.rand.IntN(1+int(p.ID)) > 2
		if msgs := r.answers(p); len(msgs) > 0 {
			txs = append(txs, r.sign(p.worker, msgs...))
		}
		if r.chance(8) {
			txs = append(txs, r.sign(p.operator, r.manage(p)))
		}
	}
	r.rand.Shuffle(len(txs), func(i, j int) { txs[i], txs[j] = txs[j], txs[i] })
	if len(r.last) > 0 && r.chance(30) {
		txs = append(txs, r.last[r.rand.IntN(len(r.last))], []byte("not a transaction"))
	}
	r.last = txs
	return txs
}

// learn reads the sequences of all who sign: a transaction that the ante
// handler refuses uses none.
func (r *traffic) learn() {
	people := slices.Clone(r.requesters)
	for _, p := range r.providers {
		people = append(people, p.operator, p.worker)
	}
	ctx := r.app.NewContext(true)
	for _, p := range people {
		p.sequence = r.app.AccountKeeper.GetAccount(ctx, p.address).GetSequence()
	}
}

// order is a random submit.
func (r *traffic) order(p *person) sdk.Msg {
	msg := sim.Submit(p.address)
	msg.Count, msg.LotSize, msg.Limits.WallSeconds = 1+r.rand.Uint32N(12), r.rand.Uint32N(5), 1
	msg.Replicas = 2 + r.rand.Uint32N(3)
	msg.Deadline, msg.Tip = 5+r.rand.Uint64N(40), r.rand.Uint64N(20)
	msg.MaxPrice = marketAsk - 5 + r.rand.Uint64N(50)
	if r.chance(40) {
		msg = sim.Optimistic(msg)
	}
	return &msg
}
