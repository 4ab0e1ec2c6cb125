// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/cupel-network/cupel/testutil/jobs/sample"
	"github.com/cupel-network/cupel/testutil/net"
)

const (
	workers  = 4
	replicas = 3
	// ceiling is the price that the job offers, ask that of the first worker,
	// in ucupel per 10^9 fuel; each further one asks askStep more. The job's
	// own figures are hard to follow: micro-coins.
	ceiling = 500_000
	ask     = 200_000
	askStep = 10_000
)

// params are what the demo's genesis changes, so that a visitor sees the end.
var params = net.Params{
	WindowTicks: 5, CommitTicks: 20, RevealTicks: 10, MinTickMS: 100, AuditFloorBPS: 500, EpochBlocks: 3, CheckpointBlocks: 3,
}

// demo is one run.
type demo struct {
	start time.Time
	out   io.Writer
	local *net.Local
}

// setup describes the demo's network below dir.
func setup(binaries net.Binaries, dir string) net.Setup {
	s := net.Setup{
		Binaries: binaries, Dir: dir, ChainID: "cupel-demo-1", Validators: 1, BlockTime: time.Second, Edits: params.Edits(),
	}
	for i := range workers {
		s.Offers = append(s.Offers, net.Offer{
			Price: uint64(ask + askStep*i), Bond: net.Bond, Poll: 200 * time.Millisecond, Files: []string{jobDir(dir)},
		})
	}
	return s
}

func jobDir(dir string) string { return filepath.Join(dir, "job") }

// say prints a line with the time since the start.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, "%5.1fs  %s\n", time.Since(d.start).Seconds(), fmt.Sprintf(format, args...))
}

// summary is the last line.
type summary struct {
	Task              uint64 `json:"task"`
	State             string `json:"state"`
	Replicas          int    `json:"replicas"`
	Agreed            int    `json:"agreed"`
	Paid              uint64 `json:"paid"`
	Treasury          uint64 `json:"treasury"`
	Burned            uint64 `json:"burned"`
	Refunded          uint64 `json:"refunded"`
	Escrow            uint64 `json:"escrow"`
	ResultSHA256      string `json:"result_sha256"`
	Mirror            proof  `json:"mirror"`
	SubmitToSettledMS int64  `json:"submit_to_settled_ms"`
	WallMS            int64  `json:"wall_ms"`
}

// play is the demo from the first key to the last coin.
func (d *demo) play(ctx context.Context, s net.Setup, root, module string) error {
	file, err := sample.Copy(root, module, jobDir(s.Dir), ceiling, 777)
	if err != nil {
		return err
	}
	if err := d.makeNetwork(ctx, s); err != nil {
		return err
	}
	if err := d.register(ctx); err != nil {
		return err
	}
	if _, err := d.local.StartAttestors(ctx); err != nil {
		return err
	}
	d.say("the validator attests: cupeld attest signs checkpoints with a key of its own")
	before, err := d.photograph(ctx)
	if err != nil {
		return err
	}
	job, err := d.runJob(ctx, file)
	if err != nil {
		return err
	}
	if err := sample.Check(jobDir(s.Dir), job.dir); err != nil {
		return fmt.Errorf("the result is wrong: %w", err)
	}
	d.say("agreed after %.1fs, settled after %.1fs", job.agreed.Seconds(), job.settled.Seconds())
	d.say("the result is right: this program computed the same Merkle root itself")
	after, err := d.photograph(ctx)
	if err != nil {
		return err
	}
	a, err := d.account(ctx, job, before, after)
	if err != nil {
		return err
	}
	a.print(d)
	if err := a.check(); err != nil {
		return err
	}
	mirrored, err := d.mirror(ctx, job)
	if err != nil {
		return err
	}
	return d.conclude(job, a, mirrored)
}

func (d *demo) conclude(job jobRun, a account, mirrored proof) error {
	line, err := json.Marshal(summary{
		Task: a.task.Task, State: stateName(a.task.State), Replicas: len(a.task.Providers), Agreed: a.agreed(),
		Paid: a.tally.Paid, Treasury: a.tally.Treasury + a.tally.Pooled, Burned: a.tally.Burned,
		Refunded: a.tally.Refunded, Escrow: a.tally.Escrowed, ResultSHA256: a.task.Result.Digest.String(), Mirror: mirrored,
		SubmitToSettledMS: job.settled.Milliseconds(), WallMS: time.Since(d.start).Milliseconds(),
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.out, "%s\n", line)
	return err
}

// makeNetwork makes all keys, the genesis that funds them, and starts the chain.
func (d *demo) makeNetwork(ctx context.Context, s net.Setup) (err error) {
	d.say("making keys: a requester, and an operator, a payout account and a worker for each of %d providers", workers)
	if d.local, err = net.NewLocal(ctx, s); err != nil {
		return err
	}
	d.say("genesis of %s, not that of a real chain: a challenge window of %d blocks (600 by default), epochs of %d (30), checkpoints every %d (60),",
		s.ChainID, params.WindowTicks, params.EpochBlocks, params.CheckpointBlocks)
	d.say("  at least %d blocks to commit and %d to reveal (60), no inflation and no tax on fees, so that all coins are the job's",
		params.CommitTicks, params.RevealTicks)
	if err := d.local.Start(ctx); err != nil {
		return err
	}
	node := d.local.Nodes[0]
	d.say("one validator makes a block every second: rpc %s, rest %s, grpc %s", node.RPC(), node.REST(), node.GRPC())
	return nil
}

// register bonds the providers by ordinary transactions and starts their
// workers.
func (d *demo) register(ctx context.Context) error {
	d.say("$ cupeld tx registry register provider.yaml --from operator   (%d times, each with a bond of 100 CUPEL)", workers)
	if err := d.local.Register(ctx); err != nil {
		return err
	}
	if err := d.local.StartWorkers(); err != nil {
		return err
	}
	for i, p := range d.local.Providers {
		d.say("%s is provider %d: asks %d ucupel per 10^9 fuel, worker process %d serves %s",
			p.Name, p.ID, ask+askStep*i, p.Process().PID(), p.Endpoint)
	}
	return nil
}
