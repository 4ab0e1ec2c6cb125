// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/testutil/mirror"
	"github.com/cupel-network/cupel/testutil/net"
)

const (
	validators = 4
	workers    = 4
	replicas   = 3
	// tasks of one job: with three replicas each makes three settlements.
	tasks = 8
	ask   = 200_000
	// ceiling is the price of the jobs in ucupel per 10^9 fuel.
	ceiling = 500_000
)

// params are short windows and a checkpoint every few blocks.
func params() net.Params {
	return net.Params{
		WindowTicks: 5, CommitTicks: 300, RevealTicks: 150, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 10, CheckpointBlocks: 4,
	}
}

// world is the network, its mirrors and what has been submitted.
type world struct {
	size size
	*net.Local
	dir    string
	start  time.Time
	chains *mirror.Chains
	all    []*net.Attestor
	module string
	// crashing is the relayer that kills itself where it is told to.
	crashing string
	batches  []uint64
	crashed  int
}

// say prints a line with the time since the start.
func (w *world) say(format string, args ...any) {
	fmt.Printf("%6.1fs  %s\n", time.Since(w.start).Seconds(), fmt.Sprintf(format, args...))
}

func (w *world) end() error {
	err := w.chains.Stop()
	if w.Local != nil {
		err = errors.Join(err, w.Kill())
	}
	return err
}

// play is the whole run.
func (w *world) play(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		w.build, w.makeNetwork, w.makeMirrors, w.settleAndRotate, w.crashes, w.finish,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return w.report(ctx)
}

func (w *world) build(ctx context.Context) error {
	root, err := net.Root()
	if err != nil {
		return err
	}
	if w.module, err = guests.Compile(ctx, filepath.Join(root, "testutil", "guests", "hello")); err != nil || !w.size.crashes {
		return err
	}
	w.crashing, err = net.BuildUntagged(ctx, "cupel-relayer-crash", "./cmd/cupel-relayer", "cupelcrash")
	return err
}

// makeNetwork starts the chain, the workers, and three of the four attestors.
func (w *world) makeNetwork(ctx context.Context) error {
	binaries, err := net.Find()
	if err != nil {
		return err
	}
	p := params()
	s := net.Setup{
		Binaries: binaries, Dir: w.dir, ChainID: "cupel-mirror-1", Validators: validators, BlockTime: 300 * time.Millisecond, Edits: p.Edits(),
	}
	for range workers {
		s.Offers = append(s.Offers, net.Offer{Price: ask, Bond: net.Bond, Poll: 150 * time.Millisecond, Files: []string{filepath.Join(w.dir, "jobs")}})
	}
	if w.Local, err = net.NewLocal(ctx, s); err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	if err := w.Register(ctx); err != nil {
		return err
	}
	if err := w.StartWorkers(); err != nil {
		return err
	}
	w.say("four validators make blocks, %d workers wait for jobs", workers)
	w.all = make([]*net.Attestor, validators)
	err = net.Parallel(validators, func(i int) (err error) {
		if w.all[i], err = w.AddAttestor(ctx, w.Nodes[i], false); err != nil || i == validators-1 {
			return err
		}
		if err := w.all[i].Register(ctx); err != nil {
			return err
		}
		return w.all[i].Start(ctx)
	})
	if err != nil {
		return err
	}
	if err := w.WaitSet(ctx, 1); err != nil {
		return err
	}
	w.say("three of the four validators attest: set 1")
	return nil
}

func (w *world) makeMirrors(ctx context.Context) (err error) {
	if w.chains, err = mirror.Start(ctx, w.Network, filepath.Join(w.dir, "mirror"), mirror.Options{}); err != nil {
		return err
	}
	w.say("anvil --optimism %s, mirror %s; LiteSVM %s", w.chains.EVM.URL, w.chains.Contract, w.chains.SVM.URL)
	return w.chains.StartRelayer("")
}

// settle runs one job of 8 tasks to its end and waits for its checkpoint.
func (w *world) settle(ctx context.Context) error {
	dir := filepath.Join(w.dir, "jobs", fmt.Sprint(len(w.batches)))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	code, err := os.ReadFile(w.module)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "hello.wasm"), code, 0o600); err != nil {
		return err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "apiVersion: cupel/v1\nname: hello\nengine: wasm/v1-amd64\nmodule: {path: hello.wasm}\nsweep:\n")
	for i := range tasks {
		fmt.Fprintf(&text, "  - {args: [\"%d of job %d\"]}\n", i, len(w.batches))
	}
	fmt.Fprintf(&text, "limits: {fuel: 100000000, memory: 64MiB, wall: 60s, output: 64KiB}\nreplicas: %d\nprice: {max: %ducupel}\nlot_size: %d\ndeadline: 10m\n",
		replicas, ceiling, tasks)
	file := filepath.Join(dir, "job.yaml")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		return err
	}
	before, err := w.Line(ctx)
	if err != nil {
		return err
	}
	batch, err := w.Submit(ctx, file)
	if err != nil {
		return err
	}
	w.batches = append(w.batches, batch)
	for i := range uint64(tasks) {
		task, err := w.WaitFinal(ctx, batch<<12|i)
		if err != nil {
			return err
		}
		if task.State != net.Settled {
			return fmt.Errorf("task %d ended %s, %s", batch<<12|i, task.State, task.Reason)
		}
	}
	nonce, err := w.WaitCovered(ctx, before.Leaves+tasks*replicas)
	if err != nil {
		return err
	}
	w.say("job %d is settled, checkpoint %d covers it", batch, nonce)
	return nil
}

// summary is the last line.
type summary struct {
	Scale       string `json:"scale"`
	Checkpoints int    `json:"checkpoints"`
	SetChanges  int    `json:"set_changes"`
	Settlements uint64 `json:"settlements"`
	Kills       int    `json:"kills"`
	Base        struct {
		Nonce            uint64            `json:"nonce"`
		GasPerCheckpoint map[string]uint64 `json:"gas_per_checkpoint"`
		GasPerSettlement float64           `json:"gas_per_settlement"`
	} `json:"base"`
	Solana struct {
		Nonce        uint64 `json:"nonce"`
		Transactions int    `json:"transactions"`
	} `json:"solana"`
	Verified bool `json:"verified"`
}

func (s summary) print() error {
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(line))
	return err
}
