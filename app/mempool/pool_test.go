// SPDX-License-Identifier: Apache-2.0

package mempool

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	protov2 "google.golang.org/protobuf/proto"

	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const denom = "ucupel"

var blank = sdk.Context{}.WithContext(context.Background())

// testTx is a transaction as the pool sees it: who signs, what, for how much.
type testTx struct {
	msgs      []sdk.Msg
	signers   []string
	sequences []uint64
	unordered bool
	fee       int64
	gas       uint64
	bytes     int
}

func (t *testTx) GetMsgs() []sdk.Msg                    { return t.msgs }
func (t *testTx) GetMsgsV2() ([]protov2.Message, error) { return nil, nil }
func (t *testTx) GetGas() uint64                        { return t.gas }
func (t *testTx) GetFee() sdk.Coins                     { return sdk.NewCoins(sdk.NewInt64Coin(denom, t.fee)) }
func (t *testTx) FeePayer() []byte                      { return []byte(t.signers[0]) }
func (t *testTx) FeeGranter() []byte                    { return nil }
func (t *testTx) GetTimeoutTimeStamp() time.Time        { return time.Unix(1, 0) }
func (t *testTx) GetUnordered() bool                    { return t.unordered }
func (t *testTx) GetPubKeys() ([]cryptotypes.PubKey, error) {
	return make([]cryptotypes.PubKey, len(t.signers)), nil
}

func (t *testTx) GetSigners() (all [][]byte, err error) {
	for _, s := range t.signers {
		all = append(all, []byte(s))
	}
	return all, nil
}

func (t *testTx) GetSignaturesV2() (all []signing.SignatureV2, err error) {
	for i := range t.signers {
		s := signing.SignatureV2{}
		if !t.unordered {
			s.Sequence = t.sequences[i]
		}
		all = append(all, s)
	}
	return all, nil
}

// workers are accounts with the bonds of their providers.
type workers map[string]uint64

func (w workers) ProviderByWorker(_ context.Context, worker sdk.AccAddress) (registrytypes.Provider, error) {
	bond, ok := w[string(worker)]
	if !ok {
		return registrytypes.Provider{}, errors.New("not a worker")
	}
	return registrytypes.Provider{Bond: bond}, nil
}

// pool is one under test with the names of what was put into it.
type pool struct {
	*Pool
	t     *testing.T
	names map[string]string
	raws  map[string][]byte
}

func newPool(t *testing.T, edits ...func(*Config)) *pool {
	config := Config{Size: 1_000, Bytes: 1 << 20, Denom: denom, Rechecked: true}
	for _, e := range edits {
		e(&config)
	}
	known := workers{"worker": 5, "worker2": 5, "retired": 0}
	return &pool{New(config, known), t, map[string]string{}, map[string][]byte{}}
}

// put checks a transaction for the first time, as CheckTx does.
func (p *pool) put(name string, tx *testTx) error {
	p.t.Helper()
	raw := append([]byte(name), make([]byte, tx.bytes)...)
	ctx, err := p.Admit(blank.WithTxBytes(raw), tx)
	if err != nil {
		return err
	}
	p.names[string(raw)], p.raws[name] = name, raw
	return p.Insert(ctx, tx)
}

func (p *pool) mustPut(name string, tx *testTx) {
	p.t.Helper()
	require.NoError(p.t, p.put(name, tx))
}

// proposed names the transactions of the next block.
func (p *pool) proposed(maxBytes, maxGas uint64) (names []string) {
	for _, raw := range p.Propose(maxBytes, maxGas) {
		names = append(names, p.names[string(raw)])
	}
	return names
}

const unlimited = 1 << 40

// tx is a transaction without a sequence.
func tx(signer string, msgs ...sdk.Msg) *testTx {
	return &testTx{msgs: msgs, signers: []string{signer}, unordered: true, fee: 100, gas: 100_000}
}

func (t *testTx) at(sequence uint64) *testTx {
	t.unordered, t.sequences = false, []uint64{sequence}
	return t
}

func (t *testTx) pays(fee int64) *testTx {
	t.fee = fee
	return t
}

func (t *testTx) weighs(bytes int) *testTx {
	t.bytes = bytes
	return t
}

func (t *testTx) needs(gas uint64) *testTx {
	t.gas = gas
	return t
}

var (
	send      = &banktypes.MsgSend{}
	reveal    = &markettypes.MsgReveal{}
	challenge = &markettypes.MsgChallenge{}
	attest    = &oracletypes.MsgAttest{}
)

func TestLanes(t *testing.T) {
	p := newPool(t)
	tests := map[string]struct {
		tx   *testTx
		lane Lane
	}{
		"a transfer":                             {tx("a", send), Open},
		"a submit":                               {tx("a", &markettypes.MsgSubmit{}), Open},
		"a crank":                                {tx("a", &markettypes.MsgCrank{}), Open},
		"a worker's commit":                      {tx("worker", &markettypes.MsgCommit{}), Answers},
		"a worker's reveal":                      {tx("worker", reveal), Answers},
		"a worker's proof":                       {tx("worker", &markettypes.MsgProve{}), Answers},
		"a worker's audit":                       {tx("worker", &markettypes.MsgCommitCase{}, &markettypes.MsgRevealCase{}), Answers},
		"a worker's vote":                        {tx("worker", &markettypes.MsgCommitVote{}, &markettypes.MsgRevealVote{}), Answers},
		"a worker's heartbeat":                   {tx("worker", &registrytypes.MsgHeartbeat{}), Answers},
		"a reveal of somebody who has no bond":   {tx("retired", reveal), Open},
		"a reveal of nobody's worker":            {tx("a", reveal), Open},
		"a reveal that another signs as well":    {&testTx{msgs: []sdk.Msg{reveal}, signers: []string{"worker", "a"}, unordered: true, gas: 1}, Open},
		"a reveal with a transfer":               {tx("worker", reveal, send), Open},
		"a challenge":                            {tx("a", challenge), Disputes},
		"an appeal, a redeem":                    {tx("a", &markettypes.MsgAppeal{}, &markettypes.MsgRedeem{}), Disputes},
		"a challenge with a reveal":              {tx("worker", challenge, reveal), Disputes},
		"an attestation and a share, for free":   {tx("v", attest, &oracletypes.MsgBeacon{}).pays(0), Free},
		"an attestation with a fee":              {tx("v", attest), Disputes},
		"an attestation with a transfer":         {tx("v", attest, send).pays(0), Open},
		"nothing":                                {tx("a"), Open},
		"evidence":                               {tx("a", &oracletypes.MsgSubmitEvidence{}), Disputes},
		"a challenge by who is a worker as well": {tx("worker", challenge), Disputes},
	}
	for name, tc := range tests {
		ctx, err := p.Admit(blank, tc.tx)
		require.NoError(t, err, name)
		require.Equal(t, tc.lane, ctx.Value(laneKey{}), name)
	}
}

func TestOrder(t *testing.T) {
	p := newPool(t)
	p.mustPut("cheap", tx("a", send).pays(1))
	p.mustPut("late attestation", tx("v", attest).pays(0))
	p.mustPut("dear", tx("b", send).pays(90))
	p.mustPut("poor challenge", tx("c", challenge).pays(1))
	p.mustPut("challenge", tx("d", challenge).pays(2))
	p.mustPut("reveal", tx("worker", reveal).pays(1))
	p.mustPut("second reveal", tx("worker", reveal).pays(99))
	p.mustPut("as dear", tx("c", send).pays(90))
	require.Equal(t, []string{
		"late attestation", "reveal", "second reveal", "challenge", "poor challenge", "dear", "as dear", "cheap",
	}, p.proposed(unlimited, 0))
	require.Equal(t, 8, p.CountTx(), "nothing leaves by being proposed")

	var selected []uint64
	for i := p.Select(blank, nil); i != nil; i = i.Next() {
		selected = append(selected, i.Tx().(sdk.FeeTx).GetFee().AmountOf(denom).Uint64())
	}
	require.Equal(t, []uint64{0, 1, 99, 2, 1, 90, 90, 1}, selected)
}

// TestPriceBelowOne: the usual prices are far below one base unit per gas.
func TestPriceBelowOne(t *testing.T) {
	require.EqualValues(t, 1_000, priceOf(tx("a").pays(100).needs(100_000), denom))
	require.EqualValues(t, 1_010, priceOf(tx("a").pays(101).needs(100_000), denom))
	require.Zero(t, priceOf(tx("a").needs(0), denom))
	require.Zero(t, priceOf(tx("a").pays(5), "other"))
	huge := &hugeFee{*tx("a").needs(1)}
	require.Equal(t, ^uint64(0), priceOf(huge, denom))
}

type hugeFee struct{ testTx }

func (*hugeFee) GetFee() sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(denom, sdkmath.NewIntWithDecimal(1, 70)))
}

func TestSequences(t *testing.T) {
	t.Run("an account's come in their order, whatever they pay", func(t *testing.T) {
		p := newPool(t)
		p.mustPut("a7", tx("a", send).at(7).pays(900))
		p.mustPut("a5", tx("a", send).at(5).pays(1))
		p.mustPut("a6", tx("a", send).at(6).pays(2))
		p.mustPut("b1", tx("b", send).at(1).pays(50))
		require.Equal(t, []string{"b1", "a5", "a6", "a7"}, p.proposed(unlimited, 0))
	})
	t.Run("an urgent one waits for its account", func(t *testing.T) {
		p := newPool(t)
		p.mustPut("w1", tx("worker", send).at(1))
		p.mustPut("w2", tx("worker", reveal).at(2))
		p.mustPut("unordered", tx("worker", reveal))
		p.mustPut("b", tx("b", send).pays(500))
		require.Equal(t, []string{"unordered", "b", "w1", "w2"}, p.proposed(unlimited, 0))
	})
	t.Run("a gap ends an account's", func(t *testing.T) {
		p := newPool(t)
		p.mustPut("a5", tx("a", send).at(5))
		p.mustPut("a7", tx("a", send).at(7))
		require.Equal(t, []string{"a5"}, p.proposed(unlimited, 0))
	})
	t.Run("what does not fit keeps back what follows", func(t *testing.T) {
		p := newPool(t)
		p.mustPut("a5", tx("a", send).at(5).weighs(500))
		p.mustPut("a6", tx("a", send).at(6))
		p.mustPut("b", tx("b", send).at(1).pays(1))
		require.Equal(t, []string{"b"}, p.proposed(100, 0))
	})
	t.Run("two signers", func(t *testing.T) {
		p := newPool(t)
		both := &testTx{msgs: []sdk.Msg{send}, signers: []string{"a", "b"}, sequences: []uint64{6, 3}, fee: 999, gas: 1}
		p.mustPut("both", both)
		p.mustPut("a5", tx("a", send).at(5).pays(1))
		p.mustPut("b2", tx("b", send).at(2).pays(2))
		p.mustPut("b4", tx("b", send).at(4).pays(9_999))
		require.Equal(t, []string{"b2", "a5", "both", "b4"}, p.proposed(unlimited, 0))
	})
	t.Run("unordered ones with one timeout are not each other", func(t *testing.T) {
		p := newPool(t)
		p.mustPut("one", tx("a", send))
		p.mustPut("two", tx("a", send))
		require.Len(t, p.proposed(unlimited, 0), 2)
	})
	t.Run("the same bytes twice are one", func(t *testing.T) {
		p := newPool(t)
		p.mustPut("one", tx("worker", reveal).at(4))
		p.mustPut("one", tx("worker", reveal).at(4))
		require.Equal(t, []string{"one"}, p.proposed(unlimited, 0))
		require.Equal(t, 1, p.answers["worker"])
	})
}

// TestShares: however many answers and disputes wait, others get a fifth of the
// bytes and of the gas; and what nobody else wants is theirs.
func TestShares(t *testing.T) {
	const gas, size = 100_000, 100
	for limit, room := range map[string][2]uint64{"gas": {unlimited, 100 * gas}, "bytes": {100 * (size + 10), unlimited}} {
		t.Run(limit, func(t *testing.T) {
			p := newPool(t)
			name := func(i int) string { return string(rune('A'+i%50)) + string(rune('A'+i/50)) }
			for i := range 120 {
				p.mustPut("r"+name(i), tx([]string{"worker", "worker2"}[i%2], reveal).needs(gas).weighs(size))
				p.mustPut("c"+name(i), tx("a", challenge).needs(gas).weighs(size))
			}
			kinds := func() map[byte]int {
				count := map[byte]int{}
				for _, n := range p.proposed(room[0], room[1]) {
					count[n[0]]++
				}
				return count
			}
			alone := kinds()
			total := alone['r'] + alone['c']
			require.GreaterOrEqual(t, total, 98, "a block is full: %v", alone)
			for i := range 50 {
				p.mustPut("s"+name(i), tx("b", send).needs(gas).weighs(size))
			}
			mixed := kinds()
			require.InDelta(t, total, mixed['r']+mixed['c']+mixed['s'], 2)
			require.InDelta(t, 60, mixed['r'], 3)
			require.InDelta(t, 20, mixed['c'], 3)
			require.InDelta(t, 20, mixed['s'], 3)
		})
	}
}

// TestAnswersOfOne: the transactions of one worker beyond its places are not
// refused, they wait with all others.
func TestAnswersOfOne(t *testing.T) {
	p := newPool(t)
	for i := range maxAnswers + 10 {
		p.mustPut(string(rune('a'+i)), tx("worker", reveal))
	}
	p.mustPut("other", tx("worker2", reveal))
	require.Equal(t, "other", p.proposed(unlimited, 0)[maxAnswers])
	p.Committed([][]byte{p.raws["a"]})
	p.mustPut("another", tx("worker", reveal))
	require.Equal(t, maxAnswers, p.answers["worker"])
}

func TestFull(t *testing.T) {
	for name, edit := range map[string]func(*Config){
		"transactions": func(c *Config) { c.Size = 100 },
		"bytes":        func(c *Config) { c.Bytes = 100 * 102 },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPool(t, edit)
			fill := func(kind string, limit int, next func() *testTx) error {
				for i := range limit {
					n := binary.BigEndian.AppendUint16([]byte(kind[:1]), uint16(i))
					if err := p.put(string(n[1:])+kind[:1], next().weighs(99)); err != nil {
						return err
					}
				}
				return nil
			}
			err := fill("send", 200, func() *testTx { return tx("a", send).pays(1_000_000) })
			require.ErrorIs(t, err, sdkerrors.ErrMempoolIsFull)
			require.ErrorContains(t, err, `above 80 % it takes only what is more urgent than the lane "open": send the same transaction again in a few blocks`)
			require.Equal(t, 80, p.CountTx())
			err = fill("challenge", 200, func() *testTx { return tx("a", challenge) })
			require.ErrorIs(t, err, sdkerrors.ErrMempoolIsFull)
			require.Equal(t, 90, p.CountTx())
			require.NoError(t, fill("reveal", 9, func() *testTx { return tx("worker", reveal) }))
			require.NoError(t, p.put("vvv", tx("v", attest).pays(0).weighs(99)))
			require.ErrorIs(t, fill("x", 2, func() *testTx { return tx("worker2", reveal) }), sdkerrors.ErrMempoolIsFull)
			require.Equal(t, 100, p.CountTx())
		})
	}
}

// TestFollowsCometBFT: what is in a block, fails a recheck or is not rechecked
// leaves; what a block that is not decided would have taken stays.
func TestFollowsCometBFT(t *testing.T) {
	p := newPool(t)
	for _, name := range []string{"one", "two", "three", "four"} {
		p.mustPut(name, tx("worker", reveal))
	}
	require.NoError(t, p.Remove(tx("worker", reveal)), "a block that is only executed")
	require.Equal(t, 4, p.CountTx())

	p.Committed([][]byte{p.raws["one"], []byte("of another node")})
	require.Empty(t, p.proposed(unlimited, 0), "none has been rechecked yet")
	p.Rechecked(p.raws["two"], true)
	p.Rechecked(p.raws["three"], false)
	p.Rechecked([]byte("not here"), true)
	require.Equal(t, []string{"two"}, p.proposed(unlimited, 0))
	p.mustPut("five", tx("worker", reveal))
	require.Equal(t, []string{"two", "five"}, p.proposed(unlimited, 0))
	p.Committed(nil)
	require.Equal(t, 2, p.CountTx(), "four was not rechecked: CometBFT has forgotten it")
	require.Equal(t, 2, p.answers["worker"])
	p.Committed(nil)
	require.Zero(t, p.CountTx())
	require.Zero(t, p.bytes)
	require.Empty(t, p.answers)
}

func TestWithoutRecheck(t *testing.T) {
	p := newPool(t, func(c *Config) { c.Rechecked = false })
	p.mustPut("one", tx("a", send))
	p.Committed(nil)
	p.Committed(nil)
	require.Equal(t, []string{"one"}, p.proposed(unlimited, 0))
}

// TestRandomly: blocks keep their limits, the order of sequences and no
// transaction twice, and the pool's sums are those of its entries.
func TestRandomly(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	msgs := []sdk.Msg{send, reveal, challenge, attest}
	signers := []string{"a", "b", "worker", "worker2"}
	for range 50 {
		p := newPool(t, func(c *Config) { c.Rechecked = false })
		next := map[string]uint64{}
		txs := map[string]*testTx{}
		for i := range 150 {
			signer := signers[r.IntN(len(signers))]
			made := tx(signer, msgs[r.IntN(len(msgs))]).pays(r.Int64N(50)).needs(1 + r.Uint64N(50)).weighs(r.IntN(200))
			if r.IntN(2) == 0 {
				made.at(next[signer])
				next[signer]++
			}
			name := string(binary.BigEndian.AppendUint16(nil, uint16(i)))
			txs[name] = made
			p.mustPut(name, made)
		}
		next = map[string]uint64{}
		for p.CountTx() > 0 {
			var gas, size uint64
			block := p.Propose(1_000, 100)
			require.NotEmpty(t, block)
			for _, raw := range block {
				size += uint64(len(raw))
				made := txs[p.names[string(raw)]]
				gas += made.gas
				if !made.unordered {
					require.Equal(t, next[made.signers[0]], made.sequences[0])
					next[made.signers[0]]++
				}
				delete(txs, p.names[string(raw)])
			}
			require.LessOrEqual(t, size, uint64(1_000))
			require.LessOrEqual(t, gas, uint64(100))
			require.Equal(t, slices.Clone(block), p.Propose(1_000, 100), "the same again")
			p.Committed(block)
			require.Equal(t, len(txs), p.CountTx())
		}
		require.Zero(t, p.bytes)
		require.Empty(t, p.answers)
	}
}

func TestConcurrently(t *testing.T) {
	p := newPool(t)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 100 {
				raw := []byte{byte(worker), byte(i)}
				ctx, err := p.Admit(blank.WithTxBytes(raw), tx("worker", reveal))
				if err != nil || p.Insert(ctx, tx("worker", reveal)) != nil {
					t.Error("refused")
					return
				}
				p.Propose(1_000, 1_000)
				p.Rechecked(raw, i%2 == 0)
				p.Committed([][]byte{raw})
			}
		})
	}
	wg.Wait()
}

// BenchmarkPropose: a full pool of which a block takes a part.
func BenchmarkPropose(b *testing.B) {
	p := New(Config{Size: 10_000, Bytes: 1 << 30, Denom: denom}, workers{"worker": 1})
	for i := range 5_000 {
		made := tx("a", send).at(uint64(i)).pays(int64(i % 97))
		ctx, err := p.Admit(blank.WithTxBytes(binary.BigEndian.AppendUint32(nil, uint32(i))), made)
		require.NoError(b, err)
		require.NoError(b, p.Insert(ctx, made))
	}
	for b.Loop() {
		p.Propose(4<<20, 100_000_000)
	}
}
