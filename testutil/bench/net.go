// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	rpctypes "github.com/cometbft/cometbft/rpc/core/types"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/testutil/loadgen"
	testnet "github.com/cupel-network/cupel/testutil/net"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// netRow is what a network of one validator with real workers does.
type netRow struct {
	name string
	jobs int
	// blocks and time from submit to agreement, of a job alone on the network.
	blocks50, blocks95 int
	time50, time95     time.Duration
	// tasks of one batch that were settled, and how long that took.
	tasks   int
	settled time.Duration
}

// netWorkers are the providers: an OPTIMISTIC task needs four eligible ones.
const netWorkers = 5

// network runs jobs through a node's RPC and real workers, with blocks of a
// second and of 200 ms.
func (r *report) network(home string) error {
	pauses := []time.Duration{time.Second}
	if r.full {
		pauses = []time.Duration{200 * time.Millisecond, time.Second}
	}
	for _, pause := range pauses {
		row, err := r.runNetwork(filepath.Join(home, "net"+pause.String()), pause)
		if err != nil {
			return fmt.Errorf("blocks of %s: %w", pause, err)
		}
		r.latencies = append(r.latencies, row)
	}
	return r.sustain()
}

// sustainedOpen is how many batches wait for agreement at most while sustain
// runs: enough to fill blocks, so few that submits wait for no place.
const sustainedOpen = 64

// sustain settles batches of r1b100 through RPC. The providers answer with the
// sender of a worker and run nothing, so it is the chain, its node and the
// senders that are measured. The network has no attestor, so rates are doubled:
// half of them audits as many as in r1b100.
func (r *report) sustain() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	r.sustained, err = loadgen.Sustain(ctx, loadgen.Config{
		Requesters: 8, Providers: 8, Validators: 1, BlockTime: 200 * time.Millisecond,
		Tasks: 100, Lot: 32, Replicas: 1, Drain: 4 * time.Minute,
		Edits: []testnet.Edit{auditedAt(250), {Path: "app_state.market.params.0.params.audit_floor_bps", Value: 250}},
	}, r.pick(200, 2_000), sustainedOpen)
	if err != nil {
		return fmt.Errorf("sustained: %w", err)
	}
	return nil
}

// auditedAt gives every provider the best standing, of which a rate is audited.
func auditedAt(bps int) testnet.Edit {
	level := map[string]any{"name": trusted, "min_counted": "0", "min_score": 0, "audit_bps": bps}
	return testnet.Edit{Path: "app_state.reputation.params.levels", Value: []any{level}}
}

func (r *report) runNetwork(dir string, pause time.Duration) (row netRow, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	row.name = pause.String()
	l, err := startNetwork(ctx, dir, pause)
	if l != nil {
		defer func() { err = errors.Join(err, l.Kill()) }()
	}
	if err != nil {
		return row, err
	}
	client, err := rpchttp.New(l.Nodes[0].RPC(), "/websocket")
	if err != nil {
		return row, err
	}
	w := &watcher{client: client}
	row.jobs = r.pick(5, 20)
	var blocks []int
	var times []time.Duration
	for i := range row.jobs {
		life, err := w.job(ctx, l, dir, fmt.Sprint("job", i), 1)
		if err != nil {
			return row, err
		}
		blocks, times = append(blocks, int(life.agreed-life.submitted)), append(times, life.agreedTime.Sub(life.submittedTime))
	}
	slices.Sort(blocks)
	slices.Sort(times)
	last := len(blocks) - 1
	row.blocks50, row.blocks95, row.time50, row.time95 = blocks[last/2], blocks[last*95/100], times[last/2], times[last*95/100]
	row.tasks = r.pick(64, 512)
	life, err := w.job(ctx, l, dir, "many", row.tasks)
	row.settled = life.settledTime.Sub(life.submittedTime)
	return row, err
}

// startNetwork starts a validator and workers whose standing is the best.
func startNetwork(ctx context.Context, dir string, pause time.Duration) (*testnet.Local, error) {
	binaries, err := testnet.Current(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "jobs"), 0o755); err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	params := testnet.Params{WindowTicks: 8, CommitTicks: 600, RevealTicks: 300, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 4}
	s := testnet.Setup{
		Binaries: binaries, Dir: dir, ChainID: chainID, Validators: 1, BlockTime: pause,
		Edits: append(params.Edits(), auditedAt(500)),
	}
	for range netWorkers {
		s.Offers = append(s.Offers, testnet.Offer{
			Price: 30, Bond: testnet.Bond, Poll: pause / 2, Files: []string{filepath.Join(dir, "jobs")},
		})
	}
	l, err := testnet.NewLocal(ctx, s)
	if err != nil {
		return l, err
	}
	for _, step := range []func() error{
		func() error { return l.Start(ctx) }, func() error { return l.Register(ctx) }, l.StartWorkers,
	} {
		if err := step(); err != nil {
			return l, err
		}
	}
	return l, nil
}

// jobLife is when what happened to a batch.
type jobLife struct {
	submitted, agreed, settled             int64
	submittedTime, agreedTime, settledTime time.Time
}

// watcher reads the blocks of a node in order.
type watcher struct {
	client *rpchttp.HTTP
	height int64
}

// job submits a batch of tasks, each of one replica, and follows it until all
// of it is settled.
func (w *watcher) job(ctx context.Context, l *testnet.Local, dir, name string, tasks int) (life jobLife, err error) {
	file, err := writeJob(ctx, filepath.Join(dir, "jobs", name), name, tasks)
	if err != nil {
		return life, err
	}
	batch, err := l.Submit(ctx, file)
	if err != nil {
		return life, err
	}
	settled := 0
	err = w.follow(ctx, func(height int64, now time.Time, e abci.Event) (bool, error) {
		switch {
		case e.Type == markettypes.EventTaskSettled && number(e, markettypes.AttrTaskID)>>12 == batch:
			settled++
			life.settled, life.settledTime = height, now
		case e.Type == markettypes.EventTaskSubmitted && number(e, markettypes.AttrBatch) == batch:
			life.submitted, life.submittedTime = height, now
		case e.Type == markettypes.EventTaskAgreed && number(e, markettypes.AttrBatch) == batch:
			life.agreed, life.agreedTime = height, now
			return tasks == 1, nil
		case e.Type == markettypes.EventTaskEnded && number(e, markettypes.AttrBatch) == batch:
			return true, fmt.Errorf("%s ended: %v", name, e)
		}
		return settled == tasks, nil
	})
	return life, err
}

// writeJob writes a job of a program that greets its arguments.
func writeJob(ctx context.Context, dir, name string, tasks int) (string, error) {
	root, err := testnet.Root()
	if err != nil {
		return "", err
	}
	path, err := guests.Compile(ctx, filepath.Join(root, "testutil", "guests", "hello"))
	if err != nil {
		return "", err
	}
	module, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "hello.wasm"), module, 0o600); err != nil { //nolint:gosec // G703: the folder is the benchmark's own
		return "", err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "apiVersion: cupel/v1\nname: %s\nengine: %s\nmodule: {path: hello.wasm}\nsweep:\n", name, testnet.Class)
	for i := range tasks {
		fmt.Fprintf(&text, "  - {args: [%q, \"%d\"]}\n", name, i)
	}
	fmt.Fprintf(&text, "limits: {fuel: 900000000, memory: 64MiB, wall: 10s, output: 64KiB}\nreplicas: 1\nprice: {max: 50ucupel}\nlot_size: %d\ndeadline: 10m\n", min(tasks, 32))
	file := filepath.Join(dir, "job.yaml")
	return file, os.WriteFile(file, []byte(text.String()), 0o600)
}

// follow reads block after block and hands on the events, until done.
func (w *watcher) follow(ctx context.Context, see func(int64, time.Time, abci.Event) (done bool, err error)) error {
	for {
		height := w.height + 1
		res, err := w.results(ctx, height)
		if err != nil {
			return err
		}
		header, err := w.client.Header(ctx, &height)
		if err != nil {
			return err
		}
		w.height = height
		events := res.FinalizeBlockEvents
		for _, tx := range res.TxsResults {
			events = append(events, tx.Events...)
		}
		for _, e := range events {
			if done, err := see(height, header.Header.Time, e); err != nil || done {
				return err
			}
		}
	}
}

// results waits for the results of a block.
func (w *watcher) results(ctx context.Context, height int64) (res *rpctypes.ResultBlockResults, err error) {
	err = testnet.Until(ctx, 20*time.Millisecond, func() (bool, error) {
		res, err = w.client.BlockResults(ctx, &height)
		return err == nil, err
	})
	return res, err
}

func (r *report) printNet(w io.Writer) {
	if len(r.latencies) == 0 {
		return
	}
	fmt.Fprintf(w, "one validator, %d workers\tjobs\tsubmit to agreed p50\tp95\tp50\tp95\tbatch\tsettled after\tper second\t\n", netWorkers)
	for _, n := range r.latencies {
		fmt.Fprintf(w, "blocks of %s\t%d\t%d blocks\t%d blocks\t%.2f s\t%.2f s\t%d tasks\t%.1f s\t%.0f\t\n", n.name, n.jobs,
			n.blocks50, n.blocks95, n.time50.Seconds(), n.time95.Seconds(), n.tasks, n.settled.Seconds(), float64(n.tasks)/n.settled.Seconds())
	}
}

func (r *report) printSustained(w io.Writer) {
	s := r.sustained
	if s.Tasks == 0 {
		return
	}
	fmt.Fprintf(w, "through RPC with workers' senders\tbatches\ttasks\tsubmit to agreed p50\tagreed after\tper second\tsettled after\tper second\taudited\tblocks\tanswer txs\t\n")
	fmt.Fprintf(w, "r1b100, 8 providers, blocks of 200ms\t%d\t%d\t%.2f s\t%.1f s\t%.0f\t%.1f s\t%.0f\t%.1f %%\t%d\t%d\t\n",
		s.Batches, s.Tasks, s.P50.Seconds(), s.Agreed.Seconds(), float64(s.Tasks)/s.Agreed.Seconds(), s.Took.Seconds(), s.PerSecond(),
		100*float64(s.Audits)/float64(s.Tasks), s.Blocks, s.Answers)
}
