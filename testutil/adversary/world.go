// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	abci "github.com/cometbft/cometbft/abci/types"
	cryptoenc "github.com/cometbft/cometbft/crypto/encoding"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/app"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const (
	chainID = "cupel-adversary-1"
	// txGas is the gas of one message. The gas of a block is the chain's.
	txGas = 50_000_000
)

// delivery is a message of the next block and what its sender does with the
// outcome.
type delivery struct {
	msg  sdk.Msg
	then func(*abci.ExecTxResult) error
}

// world is one chain with honest people and one bot on it.
type world struct {
	app       *app.App
	home      string
	now       time.Time
	attestors []*attestor
	random    *rand.Rand

	bot        *bot
	people     []*identity
	requesters []sdk.AccAddress
	rivals     []sdk.AccAddress // the bot's own requesters
	jobs       map[uint64]job   // by batch
	batches    []uint64
	final      int // batches[:final] have no open lot
	outbox     []delivery
	ledger     ledger
	// submitted counts the tasks that anybody bought, bought those of the bot.
	submitted, bought int
	votes             abci.CommitInfo // all validators sign every block
	decided           []uint64        // cases of the last block
	agreed            []uint64        // tasks agreed since a bot looked
	// sabotage changes the committed state before every block. Only the tests
	// that show that the harness can fail set it.
	sabotage func(context.Context, *world) error
}

// newWorld starts a chain from the default params of every module. Signatures
// and fees are not asked for; everything else is the node's application.
//
// The stores are in memory unless options say otherwise.
func newWorld(b *bot, seed uint64, options ...func(*baseapp.BaseApp)) (*world, error) {
	if len(options) == 0 {
		options = append(options, func(b *baseapp.BaseApp) { b.SetCMS(newMemoryStores()) })
	}
	home, err := os.MkdirTemp("", "cupel-adversary-")
	if err != nil {
		return nil, err
	}
	cupel, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), nil, false, simtestutil.AppOptionsMap{flags.FlagHome: home},
		append(options, baseapp.SetChainID(chainID))...)
	if err != nil {
		return nil, err
	}
	w := &world{
		app: cupel, home: home, bot: b, random: rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // a game is to be played again
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), jobs: map[uint64]job{}, ledger: newLedger(),
	}
	if err := w.populate(); err != nil {
		return nil, err
	}
	cupel.SetAnteHandler(unsigned)
	cupel.SetPreBlocker(w.preBlock)
	if err := cupel.LoadLatestVersion(); err != nil {
		return nil, err
	}
	return w, w.start()
}

// unsigned stands for the checks of a transaction's signatures and fees.
func unsigned(ctx sdk.Context, _ sdk.Tx, _ bool) (sdk.Context, error) {
	return ctx.WithGasMeter(storetypes.NewGasMeter(txGas)), nil
}

func (w *world) preBlock(ctx sdk.Context, _ *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
	res, err := w.app.PreBlocker(ctx, nil)
	if err == nil && w.sabotage != nil {
		err = w.sabotage(ctx, w)
	}
	return res, err
}

func (w *world) close() error {
	if err := w.app.Close(); err != nil {
		return err
	}
	return os.RemoveAll(w.home)
}

func (w *world) start() error {
	genesis, err := w.genesis()
	if err != nil {
		return err
	}
	state, err := json.Marshal(genesis)
	if err != nil {
		return err
	}
	validators := make([]abci.ValidatorUpdate, len(w.attestors))
	for i, a := range w.attestors {
		key, err := cryptoenc.PubKeyToProto(a.consensus)
		if err != nil {
			return err
		}
		validators[i] = abci.ValidatorUpdate{PubKey: key, Power: attestorPower}
		w.votes.Votes = append(w.votes.Votes, abci.VoteInfo{
			Validator: abci.Validator{Address: a.consensus.Address(), Power: attestorPower}, BlockIdFlag: cmtproto.BlockIDFlagCommit,
		})
	}
	consensus := app.ConsensusParams().ToProto()
	if _, err := w.app.InitChain(&abci.RequestInitChain{
		ChainId: chainID, Time: w.now, InitialHeight: 1, AppStateBytes: state, ConsensusParams: &consensus,
		Validators: validators,
	}); err != nil {
		return err
	}
	return w.awaitBeacon()
}

// send queues a message for the next block. What becomes of it is not looked at.
func (w *world) send(msg sdk.Msg) { w.outbox = append(w.outbox, delivery{msg: msg}) }

// must queues a message that the chain has to take.
func (w *world) must(msg sdk.Msg, then func(*abci.ExecTxResult) error) {
	w.outbox = append(w.outbox, delivery{msg, func(res *abci.ExecTxResult) error {
		if strings.Contains(res.Log, "no block gas left") || strings.Contains(res.Log, "block gas meter") {
			w.must(msg, then) // the block was full: it stays in the mempool
			return nil
		}
		if res.Code != 0 {
			return fmt.Errorf("%s: %s", sdk.MsgTypeURL(msg), res.Log)
		}
		if then == nil {
			return nil
		}
		return then(res)
	}})
}

// block executes and commits what was sent.
func (w *world) block() error {
	sent := w.outbox
	w.outbox = nil
	txs := make([][]byte, len(sent))
	for i, d := range sent {
		builder := w.app.TxConfig().NewTxBuilder()
		if err := builder.SetMsgs(d.msg); err != nil {
			return err
		}
		var err error
		if txs[i], err = w.app.TxConfig().TxEncoder()(builder.GetTx()); err != nil {
			return err
		}
	}
	w.now = w.now.Add(time.Second)
	height := w.app.LastBlockHeight() + 1
	hash := sha256.Sum256(binary.BigEndian.AppendUint64(fmt.Appendf(nil, "%s %d", w.bot.name, w.random.Uint64()), uint64(height)))
	res, err := w.app.FinalizeBlock(&abci.RequestFinalizeBlock{
		Height: height, Time: w.now, Txs: txs, Hash: hash[:], ProposerAddress: w.attestors[0].consensus.Address(),
		DecidedLastCommit: w.votes,
	})
	if err != nil {
		return err
	}
	if _, err := w.app.Commit(); err != nil {
		return err
	}
	for i, result := range res.TxResults {
		if result.Code == 0 {
			if err := w.observe(result.Events); err != nil {
				return err
			}
		}
		if sent[i].then != nil {
			if err := sent[i].then(result); err != nil {
				return fmt.Errorf("block %d: %w", height, err)
			}
		}
	}
	return w.observe(res.Events)
}

// state reads the last committed state.
func (w *world) state() sdk.Context { return w.app.NewContext(true).WithChainID(chainID) }

// settled reports whether every lot of every batch is final.
func (w *world) settled() (bool, error) {
	for ctx := w.state(); w.final < len(w.batches); w.final++ {
		tally, err := w.app.MarketKeeper.Tallies.Get(ctx, w.batches[w.final])
		if err != nil || tally.OpenLots > 0 {
			return false, err
		}
	}
	return true, nil
}

// invariants checks those of the four modules.
func (w *world) invariants() error {
	for _, check := range []func(context.Context) error{
		w.app.RegistryKeeper.CheckInvariants, w.app.OracleKeeper.CheckInvariants,
		w.app.ReputationKeeper.CheckInvariants, w.app.MarketKeeper.CheckInvariants,
	} {
		if err := check(w.state()); err != nil {
			return err
		}
	}
	return nil
}

// batchOf reads a batch, which never changes.
func (w *world) batchOf(ctx context.Context, id uint64) (markettypes.Batch, error) {
	return w.app.MarketKeeper.Batches.Get(ctx, id)
}
