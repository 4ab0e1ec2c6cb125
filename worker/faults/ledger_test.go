// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const (
	chainID = "cupel-faults"
	class   = "test/v1"
	ours    = uint32(7)
	price   = 50
)

// ledger is a chain with one provider and one batch. A block is made every
// second of the clock.
type ledger struct {
	t        testing.TB
	enc      chain.Encoding
	worker   string
	operator []byte

	mu       sync.Mutex
	start    time.Time
	height   int64
	mempool  [][]byte
	txs      map[[32]byte]*coretypes.ResultTx
	batch    markettypes.Batch
	doc      []byte
	lots     []lot
	mistakes []string
}

// lot is the seat of this worker; the other seats always follow suit.
type lot struct {
	opens    int64
	phase    markettypes.SeatPhase
	state    markettypes.TaskState
	commit   []byte
	since    int64
	revealed markettypes.LotReveal
	settled  int64
}

func newLedger(t testing.TB, enc chain.Encoding, worker string, lots int) *ledger {
	doc := manifest.Manifest{
		Version: manifest.Version, Class: class,
		Module:   manifest.Ref{URI: "https://example.com/m.wasm", SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte("module"))), Size: 6},
		Template: manifest.Run{Args: []string{"run"}},
	}
	for i := range lots {
		doc.Tasks = append(doc.Tasks, manifest.Run{Args: []string{strconv.Itoa(i)}})
	}
	raw, err := doc.Encode()
	require.NoError(t, err)
	l := &ledger{
		t: t, enc: enc, worker: worker, operator: bytes.Repeat([]byte{9}, 20), start: time.Now(), doc: raw,
		txs: make(map[[32]byte]*coretypes.ResultTx), lots: make([]lot, lots),
		batch: markettypes.Batch{
			Id: 5, Requester: bytes.Repeat([]byte{1}, 20), Manifest: manifest.Hash(raw), Class: 1, Count: uint32(lots), LotSize: 1, Replicas: 3,
			Limits: markettypes.Limits{Units: 1_000_000_000, MemoryMib: 1, WallSeconds: 600, OutputKib: 64}, Denom: markettypes.BaseDenom, ParamsVersion: 1,
		},
	}
	for i := range l.lots {
		// One is assigned every 45 seconds: at any time there are some in each
		// phase.
		l.lots[i] = lot{opens: int64(1 + 45*i), phase: markettypes.SeatAssigned, state: markettypes.TaskAssigned}
	}
	l.advance()
	return l
}

func (l *ledger) now() time.Time { return l.start.Add(time.Duration(l.height) * time.Second) }

// advance makes the blocks that are due.
func (l *ledger) advance() {
	for want := 1 + int64(time.Since(l.start)/time.Second); l.height < want; {
		l.height++
		for _, raw := range l.mempool {
			l.deliver(raw)
		}
		l.mempool = nil
		for i := range l.lots {
			l.step(&l.lots[i])
		}
	}
}

// step lets the other seats commit 5 blocks after this one, and settles 30
// blocks after the reveal.
func (l *ledger) step(s *lot) {
	switch {
	case s.phase == markettypes.SeatCommitted && s.state == markettypes.TaskAssigned && l.height >= s.since+5:
		s.state = markettypes.TaskCommitted
	case s.state == markettypes.TaskAgreed && l.height >= s.since+30:
		s.state, s.settled = markettypes.TaskSettled, l.height
	}
}

func (l *ledger) deliver(raw []byte) {
	hash := sha256.Sum256(raw)
	if l.txs[hash] != nil {
		return
	}
	tx, err := l.enc.TxConfig.TxDecoder()(raw)
	require.NoError(l.t, err)
	if timed, ok := tx.(sdk.TxWithTimeoutTimeStamp); !ok || timed.GetTimeoutTimeStamp().Before(l.now()) {
		return // the node forgets it
	}
	for _, msg := range tx.GetMsgs() {
		switch m := msg.(type) {
		case *markettypes.MsgCommit:
			for _, c := range m.Lots {
				l.commit(c)
			}
		case *markettypes.MsgReveal:
			for _, r := range m.Lots {
				l.reveal(r)
			}
		case *registrytypes.MsgHeartbeat:
		default:
			l.wrong("unexpected %T", msg)
		}
	}
	l.txs[hash] = &coretypes.ResultTx{Hash: hash[:], Height: l.height, Tx: raw, TxResult: abci.ExecTxResult{GasUsed: 100_000}}
}

func (l *ledger) wrong(format string, args ...any) {
	l.mistakes = append(l.mistakes, fmt.Sprintf(format, args...))
}

func (l *ledger) commit(c markettypes.LotCommit) {
	s := &l.lots[c.Lot]
	switch {
	case s.commit != nil && !bytes.Equal(s.commit, c.Commitment):
		l.wrong("lot %d: a second commitment", c.Lot)
	case l.height < s.opens:
		l.wrong("lot %d: committed before it was assigned", c.Lot)
	case s.commit == nil:
		s.commit, s.phase, s.since = c.Commitment, markettypes.SeatCommitted, l.height
	}
}

func (l *ledger) reveal(r markettypes.LotReveal) {
	s := &l.lots[r.Lot]
	if s.phase == markettypes.SeatRevealed {
		return
	}
	if s.state != markettypes.TaskCommitted || !bytes.Equal(s.commit, markettypes.CommitLot(chainID, l.operator, r)) {
		l.wrong("lot %d: the reveal in state %s does not open the commitment", r.Lot, s.state)
		return
	}
	s.phase, s.state, s.since, s.revealed = markettypes.SeatRevealed, markettypes.TaskAgreed, l.height, r
}

// snapshot is a copy that stands still.
func (l *ledger) snapshot() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	return &ledger{
		t: l.t, enc: l.enc, worker: l.worker, operator: l.operator, start: l.start.Add(100 * 365 * 24 * time.Hour),
		height: l.height, txs: maps.Clone(l.txs), batch: l.batch, doc: l.doc, lots: slices.Clone(l.lots),
	}
}

// settled counts the lots that were paid.
func (l *ledger) settled() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	n := 0
	for _, s := range l.lots {
		if s.state == markettypes.TaskSettled {
			n++
		}
	}
	return n
}

func (l *ledger) query(path string, data []byte) abci.ResponseQuery {
	var out proto.Message
	switch path {
	case "/cupel.market.v1.Query/Work":
		out = l.work()
	case "/cupel.market.v1.Query/Batch":
		out = &markettypes.QueryBatchResponse{Batch: l.batch, Class: class, Requester: "requester"}
	case "/cupel.market.v1.Query/Manifest":
		out = &markettypes.QueryManifestResponse{Manifest: l.doc}
	case "/cupel.market.v1.Query/Params":
		out = &markettypes.QueryParamsResponse{Params: markettypes.DefaultParams()}
	case "/cupel.market.v1.Query/Lot":
		var req markettypes.QueryLotRequest
		require.NoError(l.t, proto.Unmarshal(data, &req))
		s := l.lots[req.Lot]
		out = &markettypes.QueryLotResponse{Lot: markettypes.Lot{
			State: s.state, SettledHeight: s.settled, Seats: []markettypes.Seat{{Provider: ours, Attempt: 1, Phase: s.phase, Price: price}},
		}}
	case "/cupel.registry.v1.Query/Provider":
		operator, err := chain.FormatAddress(l.operator)
		require.NoError(l.t, err)
		out = &registrytypes.QueryProviderResponse{Provider: registrytypes.Provider{Id: ours, Operator: operator, Worker: l.worker, Status: registrytypes.ProviderActive}}
	case "/cupel.registry.v1.Query/Classes":
		out = &registrytypes.QueryClassesResponse{Classes: []registrytypes.Class{{Id: 1, Name: class, Unit: registrytypes.UnitFuel}}}
	case "/cosmos.auth.v1beta1.Query/AccountInfo":
		out = &authtypes.QueryAccountInfoResponse{Info: &authtypes.BaseAccount{AccountNumber: 3}}
	default:
		return abci.ResponseQuery{Codespace: "sdk", Code: 6, Log: path, Height: l.height}
	}
	raw, err := proto.Marshal(out)
	require.NoError(l.t, err)
	return abci.ResponseQuery{Value: raw, Height: l.height}
}

func (l *ledger) work() *markettypes.QueryWorkResponse {
	out := &markettypes.QueryWorkResponse{Tick: uint64(l.height)}
	for i, s := range l.lots {
		if l.height < s.opens || s.phase == markettypes.SeatRevealed {
			continue
		}
		out.Lots = append(out.Lots, markettypes.LotWork{
			Batch: l.batch.Id, Lot: uint32(i), Attempt: 1, State: s.state, Phase: s.phase, First: uint32(i), Count: 1, Replicas: 3, Due: uint64(s.opens + 3600),
		})
	}
	return out
}

func (l *ledger) search(query string) *coretypes.ResultTxSearch {
	out := &coretypes.ResultTxSearch{}
	for hash, tx := range l.txs {
		if query == fmt.Sprintf("tx.hash='%X'", hash) {
			out.Txs, out.TotalCount = append(out.Txs, tx), 1
		}
	}
	return out
}

// results has the payments of a block.
func (l *ledger) results(text string) (*coretypes.ResultBlockResults, error) {
	height, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, err
	}
	out := &coretypes.ResultBlockResults{Height: height}
	for i, s := range l.lots {
		if s.settled != height {
			continue
		}
		out.FinalizeBlockEvents = append(out.FinalizeBlockEvents, abci.Event{Type: markettypes.EventTaskSettled, Attributes: []abci.EventAttribute{
			{Key: markettypes.AttrTaskID, Value: strconv.FormatUint(markettypes.TaskID(l.batch.Id, uint32(i)), 10)},
			{Key: markettypes.AttrProviders, Value: fmt.Sprintf("3,%d,8", ours)},
			{Key: markettypes.AttrAmounts, Value: "40,41,42"},
		}})
	}
	return out, nil
}
