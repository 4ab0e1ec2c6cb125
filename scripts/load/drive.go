// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"golang.org/x/sync/errgroup"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/worker/chain"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const (
	callTimeout = 10 * time.Second
	// maxLag is how many blocks an answer may be behind the last one.
	maxLag = 20
	// pollEvery is how often the next block is asked for.
	pollEvery = 20 * time.Millisecond
	// sendsAtOnce bounds the submits that wait for an answer.
	sendsAtOnce = 64
)

// kind is what a transaction is for.
type kind int

const (
	kindSubmit kind = iota
	kindAnswer
	kindSpam
)

// sent is a transaction that is not in a block yet.
type sent struct {
	kind kind
	// reply is what an answer is, to be tried again if it fails.
	reply  reply
	at     time.Time
	height int64
}

// order is a batch that has been submitted.
type order struct {
	at     time.Time
	height int64
	step   int
	open   uint32
}

// latency is what one lot took from submit to agreement.
type latency struct {
	step   int
	took   time.Duration
	blocks int64
	tasks  uint64
	at     time.Time
}

// driver submits at a rate, answers as providers, and watches the blocks.
type driver struct {
	*world
	client *chain.Client
	rpc    *rpchttp.HTTP

	// height is the last block that was read, tip the last that the node has.
	height, tip atomic.Int64

	step  atomic.Int64
	gasMu sync.Mutex
	gas   map[string]uint64

	mu       sync.Mutex
	inFlight map[[sha256.Size]byte]sent
	orders   map[uint64]*order
	agreed   []latency
	// answered are the lots and cases that an answer is on its way for.
	answered map[string]bool
	// delays are the blocks until an answer was in one.
	delays []int64
	counts counts
}

// counts add up over a run.
type counts struct {
	submitted, refusedSubmits, failed int
	spamSent, spamRefused, spamBlocks int
	blocks, fullBlocks                int
	firstFailure                      string
}

func dial(url string) (*rpchttp.HTTP, error) {
	return rpchttp.NewWithTimeout(url, "/websocket", uint(callTimeout.Seconds()))
}

func newDriver(ctx context.Context, w *world) (*driver, error) {
	rpc, err := dial(w.url)
	if err != nil {
		return nil, err
	}
	client, err := w.connect()
	if err != nil {
		return nil, err
	}
	d := &driver{
		world: w, client: client, rpc: rpc, gas: map[string]uint64{}, inFlight: map[[sha256.Size]byte]sent{},
		orders: map[uint64]*order{}, answered: map[string]bool{},
	}
	return d, d.join(ctx)
}

// join learns the account numbers and registers the providers.
func (d *driver) join(ctx context.Context) error {
	for _, a := range d.accounts() {
		ready, cancel := context.WithTimeout(ctx, callTimeout) // its first block may not be committed yet
		err := net.Until(ready, pollEvery, func() (bool, error) {
			var err error
			a.number, err = d.client.AccountNumber(ctx, a.text)
			return err == nil, err
		})
		cancel()
		if err != nil {
			return fmt.Errorf("account %s: %w", a.text, err)
		}
	}
	var group errgroup.Group
	for i, p := range d.providers {
		group.Go(func() error {
			tx, err := d.sign(ctx, p.operator, joinGas/40, leastPrice, p.register(i))
			if err == nil {
				err = deliver(ctx, d.client, tx)
			}
			if err != nil {
				return fmt.Errorf("register provider %d: %w", i, err)
			}
			res, err := d.client.Provider(ctx, p.operator.text)
			if err == nil {
				p.ID = res.Provider.Id
			}
			return err
		})
	}
	return group.Wait()
}

// deliver sends a transaction and waits until it is in a block.
func deliver(ctx context.Context, client *chain.Client, tx []byte) error {
	if err := client.Broadcast(ctx, tx); err != nil {
		return err
	}
	hash := hashOf(tx)
	var res chain.TxResult
	err := net.Until(ctx, 100*time.Millisecond, func() (bool, error) {
		var err error
		res, err = client.Tx(ctx, hash[:])
		return err == nil, err
	})
	if err == nil && res.Code != 0 {
		return fmt.Errorf("%s/%d: %s", res.Codespace, res.Code, res.Log)
	}
	return err
}

// run follows the chain, answers and floods while work runs.
func (d *driver) run(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	status, err := d.rpc.Status(ctx)
	if err != nil {
		return err
	}
	d.height.Store(status.SyncInfo.LatestBlockHeight)
	d.tip.Store(status.SyncInfo.LatestBlockHeight)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.watch(ctx) })
	group.Go(func() error { return d.follow(ctx) })
	for _, a := range d.spammers {
		group.Go(func() error { return d.flood(ctx, a) })
	}
	group.Go(func() error {
		defer cancel()
		return work(ctx)
	})
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// watch asks for the last block all the time.
func (d *driver) watch(ctx context.Context) error {
	for {
		status, err := d.rpc.Status(ctx)
		if err != nil {
			return err
		}
		d.tip.Store(status.SyncInfo.LatestBlockHeight)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// follow reads every block and lets the providers answer after each.
func (d *driver) follow(ctx context.Context) error {
	for {
		if d.tip.Load() > d.height.Load() {
			if err := d.block(ctx, d.height.Load()+1); err != nil {
				return err
			}
			// What is behind is read first: providers answer the last state.
			if d.height.Load() < d.tip.Load() {
				continue
			}
			if err := d.answer(ctx); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery / 2):
		}
	}
}

// block takes what a block says.
func (d *driver) block(ctx context.Context, height int64) error {
	block, err := d.rpc.Block(ctx, &height)
	if err != nil {
		return err
	}
	// A block is there a moment before its results.
	var results *coretypes.ResultBlockResults
	err = net.Until(ctx, pollEvery, func() (bool, error) {
		results, err = d.rpc.BlockResults(ctx, &height)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	now := time.Now()
	d.height.Store(height)
	d.mu.Lock()
	defer d.mu.Unlock()
	var gas uint64
	for i, tx := range block.Block.Txs {
		result := results.TxsResults[i]
		gas += uint64(result.GasWanted)
		hash := hashOf(tx)
		if s, ok := d.inFlight[hash]; ok {
			delete(d.inFlight, hash)
			d.landed(s, height, result)
		}
		d.events(result.Events, height, now)
	}
	d.events(results.FinalizeBlockEvents, height, now)
	d.counts.blocks++
	if d.maxGas > 0 && gas*10 >= d.maxGas*9 {
		d.counts.fullBlocks++
	}
	return nil
}

// landed notes a transaction of ours that is in a block.
func (d *driver) landed(s sent, height int64, result *abci.ExecTxResult) {
	if result.Code != 0 {
		d.fail(fmt.Sprintf("in block %d: %s", height, result.Log))
	}
	switch s.kind {
	case kindSpam:
		d.counts.spamBlocks++
	case kindAnswer:
		d.delays = append(d.delays, height-s.height)
		if result.Code != 0 {
			d.forget(s.reply)
		}
	case kindSubmit:
		for _, e := range result.Events {
			if e.Type == markettypes.EventTaskSubmitted {
				lots := (uint32(d.tasks) + uint32(d.lot) - 1) / uint32(d.lot)
				d.orders[number(e, markettypes.AttrBatch)] = &order{at: s.at, height: height, step: int(d.step.Load()), open: lots}
			}
		}
	}
}

func (d *driver) fail(what string) {
	d.counts.failed++
	if d.counts.firstFailure == "" {
		d.counts.firstFailure = what
	}
}

func (d *driver) events(events []abci.Event, height int64, now time.Time) {
	for _, e := range events {
		if e.Type != markettypes.EventTaskAgreed {
			continue
		}
		o, ok := d.orders[number(e, markettypes.AttrBatch)]
		if !ok || o.open == 0 {
			continue
		}
		o.open--
		d.agreed = append(d.agreed, latency{o.step, now.Sub(o.at), height - o.height, number(e, markettypes.AttrTaskCount), now})
	}
}

// number reads a decimal attribute of a flat event, 0 if there is none.
func number(e abci.Event, key string) uint64 {
	for _, a := range e.Attributes {
		if a.Key == key {
			n, err := strconv.ParseUint(a.Value, 10, 64)
			if err == nil {
				return n
			}
		}
	}
	return 0
}

// send broadcasts a transaction and remembers it.
func (d *driver) send(ctx context.Context, k kind, r reply, tx []byte) error {
	hash := hashOf(tx)
	d.mu.Lock()
	d.inFlight[hash] = sent{k, r, time.Now(), d.tip.Load()}
	d.mu.Unlock()
	err := d.client.Broadcast(ctx, tx)
	var refused *chain.AnswerError
	if err != nil && (errors.As(err, &refused) || !errors.Is(err, chain.ErrUnknown)) {
		d.mu.Lock()
		delete(d.inFlight, hash)
		d.mu.Unlock()
	}
	return err
}

// gasFor estimates the gas of messages once per name, with a reserve.
func (d *driver) gasFor(ctx context.Context, name string, a *account, msgs ...sdk.Msg) (uint64, error) {
	d.gasMu.Lock()
	defer d.gasMu.Unlock()
	if gas, ok := d.gas[name]; ok {
		return gas, nil
	}
	tx, err := d.sign(ctx, a, 0, leastPrice, msgs...)
	if err != nil {
		return 0, err
	}
	var res txtypes.SimulateResponse
	if err := d.client.Invoke(ctx, "/cosmos.tx.v1beta1.Service/Simulate", &txtypes.SimulateRequest{TxBytes: tx}, &res); err != nil {
		return 0, fmt.Errorf("estimate %s: %w", name, err)
	}
	d.gas[name] = res.GasInfo.GasUsed * 2
	return d.gas[name], nil
}

// submit sends one batch in the name of a requester.
func (d *driver) submit(ctx context.Context, i int) error {
	a := d.requesters[i%len(d.requesters)]
	msg := sim.Submit(a.bytes)
	msg.Requester, msg.Count, msg.LotSize, msg.Replicas = a.text, uint32(d.tasks), uint32(d.lot), uint32(d.replicas)
	msg.MaxPrice, msg.Deadline, msg.Limits.WallSeconds = ceiling, 10_000, 1
	gas, err := d.gasFor(ctx, "submit", a, &msg)
	if err != nil {
		return err
	}
	tx, err := d.sign(ctx, a, gas, submitPrice, &msg)
	if err != nil {
		return err
	}
	err = d.send(ctx, kindSubmit, reply{}, tx)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err == nil:
		d.counts.submitted++
	case errors.Is(err, sdkerrors.ErrMempoolIsFull):
		d.counts.refusedSubmits++
	case ctx.Err() == nil:
		d.fail("submit: " + err.Error())
	}
	return nil
}

// flood sends transfers as fast as the node takes them.
func (d *driver) flood(ctx context.Context, a *account) error {
	const transferGas = 100_000
	for ctx.Err() == nil {
		tx, err := d.sign(ctx, a, transferGas, leastPrice, transfer(a))
		if err != nil {
			return err
		}
		err = d.send(ctx, kindSpam, reply{}, tx)
		d.mu.Lock()
		d.counts.spamSent++
		if err != nil {
			d.counts.spamRefused++
		}
		d.mu.Unlock()
		if err != nil {
			time.Sleep(pollEvery)
		}
	}
	return ctx.Err()
}
