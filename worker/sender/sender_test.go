// SPDX-License-Identifier: Apache-2.0

package sender

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/worker/chain"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// fakeChain makes a block every second of the virtual clock.
type fakeChain struct {
	mu       sync.Mutex
	start    time.Time
	height   int64
	sent     []*fakeTx
	blocks   map[string]chain.TxResult
	down     bool
	drop     bool
	refuse   error
	outcome  func(tx *fakeTx) chain.TxResult
	accounts int
}

// fakeTx is what the fake signer wrote.
type fakeTx struct {
	msg   sdk.Msg
	terms chain.Terms
	raw   []byte
	tries int
}

func newFakeChain() *fakeChain {
	return &fakeChain{start: time.Now(), blocks: map[string]chain.TxResult{}}
}

// Refresh implements Chain.
func (f *fakeChain) Refresh(context.Context) (chain.Head, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return chain.Head{}, chain.ErrUnknown
	}
	return chain.Head{Height: f.height, Time: time.Now().Truncate(time.Second)}, nil
}

// AccountNumber implements Chain.
func (f *fakeChain) AccountNumber(context.Context, string) (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts++
	return 3, nil
}

// Broadcast implements Chain: what is not dropped is in the next block.
func (f *fakeChain) Broadcast(_ context.Context, raw []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	tx := f.sent[binary.BigEndian.Uint64(raw)]
	tx.tries++
	switch {
	case f.down:
		return chain.ErrUnknown
	case f.refuse != nil:
		return f.refuse
	case f.drop:
		return nil
	}
	f.height++
	res := chain.TxResult{}
	if f.outcome != nil {
		res = f.outcome(tx)
	}
	res.Height = f.height
	sum := sha256.Sum256(raw)
	f.blocks[string(sum[:])] = res
	return nil
}

// Tx implements Chain.
func (f *fakeChain) Tx(_ context.Context, hash []byte) (chain.TxResult, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return chain.TxResult{}, chain.ErrUnknown
	}
	res, ok := f.blocks[string(hash)]
	if !ok {
		return res, chain.ErrNotFound
	}
	return res, nil
}

// Address implements Signer.
func (f *fakeChain) Address() string { return "worker" }

// Sign implements Signer.
func (f *fakeChain) Sign(_ context.Context, msg sdk.Msg, terms chain.Terms) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	raw := binary.BigEndian.AppendUint64(nil, uint64(len(f.sent)))
	f.sent = append(f.sent, &fakeTx{msg: msg, terms: terms, raw: raw})
	return raw, nil
}

func (f *fakeChain) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// txs returns copies of what was signed so far.
func (f *fakeChain) txs() []fakeTx {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]fakeTx, 0, len(f.sent))
	for _, tx := range f.sent {
		all = append(all, *tx)
	}
	return all
}

type silent struct{}

// TxSent implements Observer.
func (silent) TxSent(Kind, int) {}

// TxDone implements Observer.
func (silent) TxDone(Kind, string) {}

// FeePaid implements Observer.
func (silent) FeePaid(Kind, uint64) {}

func testConfig() Config {
	return Config{
		Flush: 50 * time.Millisecond, Tick: 300 * time.Millisecond, MaxItems: 100, TTL: time.Minute, Resend: 3 * time.Second,
		GasPrice: sdk.NewDecCoinFromDec("ucupel", sdkmath.LegacyNewDecWithPrec(1, 3)), MaxTxGas: 20_000_000,
	}
}

// inBubble runs fn beside a sender, on a virtual clock.
func inBubble(t *testing.T, cfg Config, fn func(t *testing.T, f *fakeChain, s *Sender)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeChain()
		s := New(cfg, f, f, silent{}, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		fn(t, f, s)
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

func commit(lot uint32) Item { return CommitLot(markettypes.LotCommit{Batch: 1, Lot: lot, Attempt: 1}) }

func reveal(lot uint32) Item {
	return RevealLot(markettypes.LotReveal{Batch: 1, Lot: lot, Attempt: 1, Results: make([]markettypes.Result, 1)})
}

func TestItemsShareATransaction(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		for lot := range uint32(5) {
			s.Offer(commit(lot), 1)
			s.Offer(commit(lot), 1)
		}
		for lot := range uint32(3) {
			s.Offer(reveal(lot), 1)
		}
		time.Sleep(time.Second)
		txs := f.txs()
		require.Len(t, txs, 2)
		require.Len(t, txs[0].msg.(*markettypes.MsgReveal).Lots, 3, "reveals go first")
		require.Len(t, txs[1].msg.(*markettypes.MsgCommit).Lots, 5)
		require.NotEqual(t, txs[0].terms.Timeout, txs[1].terms.Timeout)
		require.Equal(t, 1, f.accounts)
		require.Zero(t, s.Pending())
	})
}

func TestMaxItems(t *testing.T) {
	cfg := testConfig()
	cfg.MaxItems = 10
	inBubble(t, cfg, func(t *testing.T, f *fakeChain, s *Sender) {
		for lot := range uint32(25) {
			s.Offer(commit(lot), 1)
		}
		time.Sleep(time.Second)
		require.Len(t, f.txs(), 3)
	})
}

func TestWhatABlockTookIsNotSaidAgain(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		f.set(func() { f.height = 10 })
		s.Offer(commit(0), 10)
		time.Sleep(time.Second)
		s.Offer(commit(0), 10)
		time.Sleep(time.Second)
		require.Len(t, f.txs(), 1, "the caller had not seen block 11 yet")
		s.Offer(commit(0), 12)
		time.Sleep(time.Second)
		require.Len(t, f.txs(), 2, "block 12 still waits for it")
	})
}

// TestSameBytesUntilTheTimeout loses a transaction: the same bytes are sent
// until the block time is past the timeout, and only then is anything signed.
func TestSameBytesUntilTheTimeout(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		f.set(func() { f.drop = true })
		s.Offer(commit(0), 1)
		time.Sleep(50 * time.Second)
		s.Offer(commit(0), 2)
		txs := f.txs()
		require.Len(t, txs, 1)
		require.Greater(t, txs[0].tries, 10)

		time.Sleep(15 * time.Second)
		f.set(func() { f.drop = false })
		s.Offer(commit(0), 3)
		time.Sleep(time.Second)
		txs = f.txs()
		require.Len(t, txs, 2)
		require.True(t, txs[1].terms.Timeout.After(txs[0].terms.Timeout))
		require.Zero(t, s.Pending())
	})
}

func TestUnreachableChainIsUnknown(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		f.set(func() { f.down = true })
		s.Offer(commit(0), 1)
		time.Sleep(10 * time.Minute)
		require.Empty(t, f.txs(), "the block time is not known")
		require.Equal(t, 1, s.Pending())
		f.set(func() { f.down = false })
		time.Sleep(time.Second)
		require.Len(t, f.txs(), 1)
	})
}

// TestSilenceDoesNotExpire takes the chain away after the broadcast. However
// long it stays away, nothing is signed anew on this machine's clock alone.
func TestSilenceDoesNotExpire(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		f.set(func() { f.drop = true })
		s.Offer(commit(0), 1)
		time.Sleep(time.Second)
		f.set(func() { f.down = true })
		time.Sleep(time.Hour)
		s.Offer(commit(0), 2)
		require.Len(t, f.txs(), 1)
		require.Equal(t, 1, s.Pending())
	})
}

func TestRefusedItemWaits(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		f.set(func() {
			f.outcome = func(tx *fakeTx) chain.TxResult {
				at := slices.IndexFunc(tx.msg.(*markettypes.MsgCommit).Lots, func(c markettypes.LotCommit) bool { return c.Lot == 1 })
				return chain.TxResult{Items: []markettypes.ItemError{{Index: uint32(at), Codespace: "market", Code: markettypes.ErrWrongPhase.ABCICode()}}}
			}
		})
		for range 100 { // ten seconds of looks at the chain
			s.Offer(commit(0), 0)
			s.Offer(commit(1), 1<<40)
			time.Sleep(100 * time.Millisecond)
		}
		items := map[uint32]int{}
		for _, tx := range f.txs() {
			for _, l := range tx.msg.(*markettypes.MsgCommit).Lots {
				items[l.Lot]++
			}
		}
		require.Equal(t, 1, items[0], "the item that was taken is not said again")
		require.LessOrEqual(t, items[1], 4, "the refused one backs off")
		require.Greater(t, items[1], 1)
	})
}

func TestRefusedTransaction(t *testing.T) {
	tests := map[string]struct {
		err   error
		again int
	}{
		"no funds":        {answer(sdkerrors.ErrInsufficientFunds), 3},
		"mempool is full": {answer(sdkerrors.ErrMempoolIsFull), 1},
		"unknown":         {errors.New("reset by peer"), 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
				f.set(func() { f.refuse = tc.err })
				for range 100 {
					s.Offer(commit(0), 1)
					time.Sleep(100 * time.Millisecond)
				}
				require.LessOrEqual(t, len(f.txs()), tc.again, "signed transactions in ten seconds")
				f.set(func() { f.refuse = nil })
				for range 60 {
					s.Offer(commit(0), 1)
					time.Sleep(time.Second)
				}
				require.Zero(t, s.Pending())
			})
		})
	}
}

func answer(err interface {
	Codespace() string
	ABCICode() uint32
},
) error {
	return &chain.AnswerError{Codespace: err.Codespace(), Code: err.ABCICode()}
}

func TestOutOfGasIsSentAgainWithMore(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		f.set(func() {
			f.outcome = func(tx *fakeTx) chain.TxResult {
				if tx.terms.Gas < 600_000 {
					return chain.TxResult{Codespace: "sdk", Code: sdkerrors.ErrOutOfGas.ABCICode(), GasUsed: int64(tx.terms.Gas)}
				}
				return chain.TxResult{GasUsed: 550_000}
			}
		})
		for range 20 {
			s.Offer(commit(0), 0)
			time.Sleep(300 * time.Millisecond)
		}
		txs := f.txs()
		require.Greater(t, txs[len(txs)-1].terms.Gas, uint64(600_000))
		require.LessOrEqual(t, len(txs), 6)
	})
}

func TestFeeBudget(t *testing.T) {
	cfg := testConfig()
	cfg.FeePerHour = 700 // 150,000 + 80,000 gas at 0.001 are 230
	inBubble(t, cfg, func(t *testing.T, f *fakeChain, s *Sender) {
		for lot := range uint32(6) {
			s.Offer(commit(lot), 1)
			time.Sleep(time.Second)
		}
		require.Len(t, f.txs(), 3)
		require.Equal(t, sdk.NewCoins(sdk.NewInt64Coin("ucupel", 230)), f.txs()[0].terms.Fee)
		time.Sleep(time.Hour)
		require.Greater(t, len(f.txs()), 3, "the next hour has a budget of its own")
	})
}

func TestHoldKeepsFeesForReveals(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		s.Hold(true)
		s.Offer(commit(0), 1)
		s.Offer(reveal(1), 1)
		time.Sleep(time.Second)
		require.Len(t, f.txs(), 1)
		require.IsType(t, &markettypes.MsgReveal{}, f.txs()[0].msg)
		s.Hold(false)
		s.Offer(commit(0), 2)
		time.Sleep(time.Second)
		require.Len(t, f.txs(), 2)
	})
}

func TestTimeoutsAreUniqueAndBounded(t *testing.T) {
	cfg := testConfig()
	cfg.MaxItems = 1
	inBubble(t, cfg, func(t *testing.T, f *fakeChain, s *Sender) {
		for lot := range uint32(500) {
			s.Offer(commit(lot), 1)
		}
		start := time.Now()
		time.Sleep(time.Second)
		seen := map[time.Time]bool{}
		for _, tx := range f.txs() {
			require.False(t, seen[tx.terms.Timeout])
			seen[tx.terms.Timeout] = true
			require.Less(t, tx.terms.Timeout.Sub(start), 5*time.Minute)
		}
		require.Len(t, seen, 500)
	})
}

func TestMessages(t *testing.T) {
	for kind, item := range map[Kind]Item{
		KindReveal: reveal(0), KindCommit: commit(0), KindHeartbeat: Heartbeat(),
		KindCommitCase: CommitCase(markettypes.CaseCommit{Task: 1}), KindRevealCase: RevealCase(markettypes.CaseReveal{Task: 1}),
		KindCommitVote: CommitVote(markettypes.VoteCommit{Verdict: 1, Round: 1}), KindRevealVote: RevealVote(markettypes.VoteReveal{Verdict: 1, Round: 1}),
		KindRedeem: Redeem(markettypes.SessionVoucher{Session: 1, Sequence: 2}),
	} {
		require.Equal(t, kind, item.Kind)
		require.NotNil(t, message("worker", []Item{item}))
		require.NotContains(t, kind.String(), "Kind(")
	}
	require.Contains(t, kinds.String(), "Kind(")
}

func TestHeartbeatMayBeRepeated(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		for i := range 3 {
			s.Offer(Heartbeat(), int64(i))
			time.Sleep(time.Minute)
		}
		require.Len(t, f.txs(), 3)
	})
}

// TestAppealsAreSingle: a message asks for one jury.
func TestAppealsAreSingle(t *testing.T) {
	inBubble(t, testConfig(), func(t *testing.T, f *fakeChain, s *Sender) {
		for _, task := range []uint64{4096, 8192, 4096} {
			s.Offer(Appeal(task), 1)
		}
		time.Sleep(time.Second)
		txs := f.txs()
		require.Len(t, txs, 2)
		require.Equal(t, &markettypes.MsgAppeal{Sender: "worker", Task: 4096}, txs[0].msg)
		require.Equal(t, &markettypes.MsgAppeal{Sender: "worker", Task: 8192}, txs[1].msg)
		s.Offer(Appeal(4096), 0)
		time.Sleep(time.Second)
		require.Len(t, f.txs(), 2, "a block has it that was not seen yet")
	})
}

// TestEstimateOfProofs: a proof is priced as one, not as a reveal, and follows
// what proofs really took.
func TestEstimateOfProofs(t *testing.T) {
	s := New(testConfig(), nil, newFakeChain(), silent{}, slog.New(slog.DiscardHandler))
	// A reveal of one result is two units of gas, a proof five.
	require.EqualValues(t, 150+2*80, s.Estimate(1, false, true))
	require.EqualValues(t, 150+5*80, s.EstimateProof(1))
	require.EqualValues(t, 150+9*80, s.EstimateProof(2))
	s.gas.learn(KindProve, []Item{{Kind: KindProve, Prove: markettypes.LotProof{Results: make([]markettypes.Result, 1)}}}, 1_037_500, false)
	require.EqualValues(t, 150+5*300, s.EstimateProof(1))
	require.EqualValues(t, 150+2*80, s.Estimate(1, false, true))
}

// TestGasEstimate: figures of a chain, in gas used by reveals of one lot of four
// results and of ten lots of 32. Small transactions teach what suits large ones,
// after a few the limit is not three times of what is used, and a dearer one
// raises it at once.
func TestGasEstimate(t *testing.T) {
	lots := func(n, results int) (items []Item) {
		for range n {
			items = append(items, Item{Kind: KindReveal, Reveal: markettypes.LotReveal{Results: make([]markettypes.Result, results)}})
		}
		return items
	}
	const smallUsed, largeUsed = 82_000, 1_078_000
	table := newGasTable()
	for range 20 {
		table.learn(KindReveal, lots(1, 4), smallUsed, false)
	}
	require.Greater(t, table.limit(lots(10, 32)), uint64(largeUsed))
	for range 6 {
		table.learn(KindReveal, lots(10, 32), largeUsed, false)
	}
	require.Less(t, table.limit(lots(10, 32)), uint64(3*largeUsed))
	require.Greater(t, table.limit(lots(10, 32)), uint64(largeUsed*5/4))
	require.Greater(t, table.limit(lots(1, 4)), uint64(smallUsed*5/4))

	table.learn(KindReveal, lots(10, 32), 2*largeUsed, false)
	require.Greater(t, table.limit(lots(10, 32)), uint64(2*largeUsed))
	before := table.limit(lots(1, 4))
	table.learn(KindReveal, lots(1, 4), smallUsed, true)
	require.Greater(t, table.limit(lots(1, 4)), before)
}
