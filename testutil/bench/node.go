// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime/metrics"
	"runtime/pprof"
	"syscall"
	"time"

	"cosmossdk.io/log"
	"cosmossdk.io/store"
	abci "github.com/cometbft/cometbft/abci/types"
	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cryptoenc "github.com/cometbft/cometbft/crypto/encoding"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/app"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

const chainID = "cupel-bench-1"

// cost is what a number of blocks took.
type cost struct {
	check, finalize, commit time.Duration
	// cpu is the time of all threads: the garbage collector's as well, and
	// not that of other programs on the machine.
	cpu         time.Duration
	allocs, gas uint64
	blocks, txs int
}

func (c *cost) total() time.Duration { return c.check + c.finalize + c.commit }

// node is one node's application, driven block by block as CometBFT does.
type node struct {
	app       *app.App
	now       time.Time
	validator cmted25519.PubKey
	people    *people
	standing  string
	writes    *writes
	// row is what is measured now.
	row string
	// spent counts the blocks since it was last reset.
	spent cost
}

// newNode starts a chain from the genesis of the benchmark.
func newNode(db dbm.DB, home string, params genesisParams) (*node, error) {
	cupel, err := app.New(log.NewNopLogger(), db, nil, true, simtestutil.AppOptionsMap{flags.FlagHome: home},
		baseapp.SetChainID(chainID), baseapp.SetInterBlockCache(store.NewCommitKVStoreCacheManager()))
	if err != nil {
		return nil, err
	}
	pub, ok := cmted25519.GenPrivKeyFromSecret([]byte("validator")).PubKey().(cmted25519.PubKey)
	if !ok {
		return nil, fmt.Errorf("the validator's key is not ed25519")
	}
	n := &node{app: cupel, validator: pub, people: newPeople(), standing: params.standing, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if err := n.init(params); err != nil {
		return nil, err
	}
	if err := n.people.load(cupel); err != nil {
		return nil, err
	}
	if err := n.startBeacon(); err != nil {
		return nil, err
	}
	n.spent = cost{}
	return n, nil
}

// startBeacon makes the validator an attestor and runs blocks until its shares
// make the seeds.
func (n *node) startBeacon() error {
	tx, err := n.sign(n.people.attestor.operator, n.people.attestor.register())
	if err != nil {
		return err
	}
	if _, err := n.block([][]byte{tx}); err != nil {
		return err
	}
	ready := oracletypes.DefaultParams().CheckpointBlocks + 4*epochBlocks
	for range ready {
		if _, err := n.block(nil); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) init(params genesisParams) error {
	genesis, err := n.genesis(params)
	if err != nil {
		return err
	}
	state, err := json.Marshal(genesis)
	if err != nil {
		return err
	}
	key, err := cryptoenc.PubKeyToProto(n.validator)
	if err != nil {
		return err
	}
	consensus := app.ConsensusParams().ToProto()
	// The generator decides how full a block is, not the limit.
	consensus.Block.MaxGas = -1
	if _, err := n.app.InitChain(&abci.RequestInitChain{
		ChainId: chainID, Time: n.now, InitialHeight: 1, AppStateBytes: state, ConsensusParams: &consensus,
		Validators: []abci.ValidatorUpdate{{PubKey: key, Power: power}},
	}); err != nil {
		return err
	}
	_, err = n.block(nil)
	return err
}

// block checks, executes and commits transactions, and adds what that took. A
// transaction that fails is an error.
func (n *node) block(txs [][]byte) (*abci.ResponseFinalizeBlock, error) {
	owed, err := n.attest()
	if err != nil {
		return nil, err
	}
	for _, msg := range owed {
		tx, err := n.sign(n.people.attestor.hot, msg)
		if err != nil {
			return nil, err
		}
		txs = append(txs, tx)
	}
	request := n.request(txs)
	allocs, cpu := allocations(), cpuTime()
	start := time.Now()
	err = n.labelled("check", func() error { return n.check(txs) })
	if err != nil {
		return nil, err
	}
	checked := time.Now()
	var res *abci.ResponseFinalizeBlock
	if err := n.labelled("finalize", func() (err error) {
		res, err = n.app.FinalizeBlock(request)
		return err
	}); err != nil {
		return nil, err
	}
	finalized := time.Now()
	if err := n.labelled("commit", func() error {
		_, err := n.app.Commit()
		return err
	}); err != nil {
		return nil, err
	}
	n.spent.commit += time.Since(finalized)
	n.spent.check += checked.Sub(start)
	n.spent.finalize += finalized.Sub(checked)
	n.spent.cpu += cpuTime() - cpu
	n.spent.allocs += allocations() - allocs
	n.spent.blocks++
	n.spent.txs += len(txs)
	for i, result := range res.TxResults {
		if result.Code != 0 {
			return nil, fmt.Errorf("transaction %d of block %d: %s", i, request.Height, result.Log)
		}
		n.spent.gas += uint64(result.GasUsed)
	}
	return res, nil
}

func (n *node) check(txs [][]byte) error {
	for i, tx := range txs {
		res, err := n.app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
		if err != nil {
			return err
		}
		if res.Code != 0 {
			return fmt.Errorf("check of transaction %d: %s", i, res.Log)
		}
	}
	return nil
}

func (n *node) request(txs [][]byte) *abci.RequestFinalizeBlock {
	n.now = n.now.Add(time.Second)
	height := n.app.LastBlockHeight() + 1
	hash := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(chainID), uint64(height)))
	return &abci.RequestFinalizeBlock{
		Height: height, Time: n.now, Txs: txs, Hash: hash[:], ProposerAddress: n.validator.Address(),
		DecidedLastCommit: abci.CommitInfo{Votes: []abci.VoteInfo{{
			Validator:   abci.Validator{Address: n.validator.Address(), Power: power},
			BlockIdFlag: cmtproto.BlockIDFlagCommit,
		}}},
	}
}

// state returns a context that reads the last committed state.
func (n *node) state() sdk.Context { return n.app.NewContext(true).WithChainID(chainID) }

// invariants checks those of the four modules.
func (n *node) invariants() error {
	for _, check := range []func(context.Context) error{
		n.app.RegistryKeeper.CheckInvariants, n.app.OracleKeeper.CheckInvariants,
		n.app.ReputationKeeper.CheckInvariants, n.app.MarketKeeper.CheckInvariants,
	} {
		if err := check(n.state()); err != nil {
			return err
		}
	}
	return nil
}

// labelled runs a phase of a block under its name and that of the row in the CPU
// profile.
func (n *node) labelled(phase string, f func() error) (err error) {
	pprof.Do(context.Background(), pprof.Labels("phase", phase, "row", n.row), func(context.Context) { err = f() })
	return err
}

// cpuTime returns what this process has used of the processors so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // only for an argument that is not RUSAGE_SELF
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// allocations returns the number of heap objects allocated so far.
func allocations() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
