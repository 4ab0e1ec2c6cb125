// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"golang.org/x/sync/errgroup"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

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
	// submitTries is how often a submit is sent while the mempool is full.
	submitTries = 50
)

// eventCaseOpened is said once per case: here, once per audit.
const eventCaseOpened = "cupel.market.v1.EventCaseOpened"

// kind is what a transaction is for.
type kind int

const (
	kindSubmit kind = iota
	kindAnswer
	kindSpam
)

// sent is a transaction that is not in a block yet.
type sent struct {
	kind   kind
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

// driver submits, lets the providers answer, and watches the blocks.
type driver struct {
	*world
	// client is that of the requesters.
	client *chain.Client
	rpc    *rpchttp.HTTP

	// height is the last block that was read, tip the last that the node has.
	height, tip atomic.Int64
	// made is when a block was there that is not read yet.
	made map[int64]time.Time

	step      atomic.Int64
	gasMu     sync.Mutex
	submitGas uint64

	mu       sync.Mutex
	inFlight map[[sha256.Size]byte]sent
	orders   map[uint64]*order
	agreed   []latency
	// agreedBatches are those of which every lot has agreed; settled is how
	// many tasks are, settledAt when the block of the last was there.
	agreedBatches, settled int
	settledAt              time.Time
	// audits are the cases that were opened.
	audits int
	// delays are the blocks until an answer was in one.
	delays []int64
	counts counts
}

// counts add up over a run.
type counts struct {
	refusedSubmits, failed            int
	spamSent, spamRefused, spamBlocks int
	blocks, fullBlocks                int
	firstFailure                      string
}

func dial(url string) (*rpchttp.HTTP, error) {
	return rpchttp.NewWithTimeout(url, "/websocket", uint(callTimeout.Seconds()))
}

// drive runs work with a driver of a network, and ends the network if it is an
// own one.
func drive(ctx context.Context, c Config, work func(*driver) error) (err error) {
	if err := c.Validate(); err != nil {
		return err
	}
	w, err := openWorld(ctx, c)
	if w != nil {
		defer func() { err = errors.Join(err, w.close()) }()
	}
	if err != nil {
		return err
	}
	d, err := newDriver(ctx, w)
	if err != nil {
		return err
	}
	return work(d)
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
	d := &driver{world: w, client: client, rpc: rpc, made: map[int64]time.Time{}, inFlight: map[[sha256.Size]byte]sent{}, orders: map[uint64]*order{}}
	if err := d.open(); err != nil {
		return nil, err
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
			tx, err := p.operator.sign(ctx, joinGas/40, leastPrice, p.register(i))
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
	for _, p := range d.providers {
		group.Go(func() error { return p.outbox.Run(ctx) })
		group.Go(func() error { return d.work(ctx, p) })
	}
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

// watch asks for the last block all the time, and notes when it was there.
func (d *driver) watch(ctx context.Context) error {
	for {
		status, err := d.rpc.Status(ctx)
		if err != nil {
			return err
		}
		d.mu.Lock()
		for h := d.tip.Load() + 1; h <= status.SyncInfo.LatestBlockHeight; h++ {
			d.made[h] = time.Now()
		}
		d.mu.Unlock()
		d.tip.Store(status.SyncInfo.LatestBlockHeight)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// follow reads every block. Nobody waits for it: a block with the settlements
// of thousands takes it longer than the chain.
func (d *driver) follow(ctx context.Context) error {
	return d.behind(ctx, d.height.Load, func(int64) error { return d.block(ctx, d.height.Load()+1) })
}

// behind calls do as long as blocks are there that were not seen yet.
func (d *driver) behind(ctx context.Context, seen func() int64, do func(tip int64) error) error {
	for {
		if tip := d.tip.Load(); tip > seen() {
			if err := do(tip); err != nil {
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
	var results results
	err = net.Until(ctx, pollEvery, func() (bool, error) {
		results, err = resultsOf(ctx, d.url, height)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	d.height.Store(height)
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.made[height]
	delete(d.made, height)
	var gas uint64
	for i, tx := range block.Block.Txs {
		result := results.Txs[i]
		gas += result.GasWanted
		hash := hashOf(tx)
		if s, ok := d.inFlight[hash]; ok {
			delete(d.inFlight, hash)
			d.landed(s, height, result)
		}
		d.events(result.Events, height, now)
	}
	d.events(results.Events, height, now)
	d.counts.blocks++
	if d.MaxGas > 0 && gas*10 >= d.MaxGas*9 {
		d.counts.fullBlocks++
	}
	return nil
}

// landed notes a transaction of ours that is in a block.
func (d *driver) landed(s sent, height int64, result txResult) {
	if result.Code != 0 {
		d.fail(fmt.Sprintf("in block %d: %s", height, result.Log))
	}
	switch s.kind {
	case kindSpam:
		d.counts.spamBlocks++
	case kindAnswer:
		d.delays = append(d.delays, height-s.height)
	case kindSubmit:
		for _, e := range result.Events {
			if e.Type == markettypes.EventTaskSubmitted {
				lots := (uint32(d.Tasks) + uint32(d.Lot) - 1) / uint32(d.Lot)
				d.orders[e.number(markettypes.AttrBatch)] = &order{at: s.at, height: height, step: int(d.step.Load()), open: lots}
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

func (d *driver) events(events []event, height int64, now time.Time) {
	for _, e := range events {
		switch e.Type {
		case markettypes.EventTaskAgreed:
			o, ok := d.orders[e.number(markettypes.AttrBatch)]
			if !ok || o.open == 0 {
				continue
			}
			if o.open--; o.open == 0 {
				d.agreedBatches++
			}
			d.agreed = append(d.agreed, latency{o.step, now.Sub(o.at), height - o.height, e.number(markettypes.AttrTaskCount), now})
		case markettypes.EventTaskSettled:
			if d.orders[e.batch()] != nil {
				d.settled, d.settledAt = d.settled+1, now
			}
		case eventCaseOpened:
			d.audits++
		case markettypes.EventTaskEnded:
			if d.orders[e.number(markettypes.AttrBatch)] != nil {
				d.fail("a task ended: " + fmt.Sprint(e.Attributes))
			}
		}
	}
}

// send broadcasts a transaction and remembers it. One that the mempool had no
// place for and that is sent again counts from the first time.
func (d *driver) send(ctx context.Context, client *chain.Client, k kind, tx []byte) error {
	hash := hashOf(tx)
	d.mu.Lock()
	_, again := d.inFlight[hash]
	if !again {
		d.inFlight[hash] = sent{k, time.Now(), d.tip.Load()}
	}
	d.mu.Unlock()
	err := client.Broadcast(ctx, tx)
	var refused *chain.AnswerError
	if again || !errors.As(err, &refused) || (k != kindSpam && errors.Is(err, sdkerrors.ErrMempoolIsFull)) {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.inFlight, hash)
	if k == kindAnswer {
		d.fail("answer: " + err.Error())
	}
	return err
}

// gasOf estimates the gas of a submit once, with a reserve.
func (d *driver) gasOf(ctx context.Context, a *account, msg sdk.Msg) (uint64, error) {
	d.gasMu.Lock()
	defer d.gasMu.Unlock()
	if d.submitGas > 0 {
		return d.submitGas, nil
	}
	tx, err := a.sign(ctx, 0, leastPrice, msg)
	if err != nil {
		return 0, err
	}
	var res txtypes.SimulateResponse
	if err := d.client.Invoke(ctx, "/cosmos.tx.v1beta1.Service/Simulate", &txtypes.SimulateRequest{TxBytes: tx}, &res); err != nil {
		return 0, fmt.Errorf("estimate a submit: %w", err)
	}
	d.submitGas = res.GasInfo.GasUsed * 2
	return d.submitGas, nil
}

// order is the submit of one batch.
func (c Config) order(a *account) *markettypes.MsgSubmit {
	msg := sim.Submit(a.bytes)
	if c.Replicas == 1 {
		msg = sim.Optimistic(msg)
	}
	msg.Requester, msg.Count, msg.LotSize, msg.Replicas = a.text, uint32(c.Tasks), uint32(c.Lot), uint32(c.Replicas)
	msg.MaxPrice, msg.Deadline, msg.Limits.WallSeconds = ceiling, 10_000, 1
	return &msg
}

// submit sends one batch in the name of a requester.
func (d *driver) submit(ctx context.Context, i int) error {
	a := d.requesters[i%len(d.requesters)]
	msg := d.order(a)
	gas, err := d.gasOf(ctx, a, msg)
	if err != nil {
		return err
	}
	tx, err := a.sign(ctx, gas, submitPrice, msg)
	if err != nil {
		return err
	}
	for range submitTries {
		err = d.send(ctx, d.client, kindSubmit, tx)
		if !errors.Is(err, sdkerrors.ErrMempoolIsFull) {
			break
		}
		d.mu.Lock()
		d.counts.refusedSubmits++
		d.mu.Unlock()
		time.Sleep(pollEvery)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, sdkerrors.ErrMempoolIsFull) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.fail("submit: " + err.Error())
	}
	return nil
}

func transfer(a *account) *banktypes.MsgSend {
	return &banktypes.MsgSend{FromAddress: a.text, ToAddress: a.text, Amount: sdk.NewCoins(sdk.NewInt64Coin(net.Denom, 1))}
}

// flood sends transfers as fast as the node takes them.
func (d *driver) flood(ctx context.Context, a *account) error {
	const transferGas = 100_000
	for ctx.Err() == nil {
		tx, err := a.sign(ctx, transferGas, leastPrice, transfer(a))
		if err != nil {
			return err
		}
		err = d.send(ctx, d.client, kindSpam, tx)
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
