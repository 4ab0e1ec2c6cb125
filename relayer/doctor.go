// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cupel-network/cupel/relayer/home"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// Level is how bad a finding is.
type Level string

// The levels.
const (
	LevelOK   Level = "ok"
	LevelWarn Level = "warn"
	LevelFail Level = "fail"
)

// Finding is the result of one check.
type Finding struct {
	Check string `json:"check"`
	Level Level  `json:"level"`
	// Text says what was found, Fix what to do about it unless all is well.
	Text string `json:"text"`
	Fix  string `json:"fix,omitempty"`
}

// report collects findings of one check.
type report struct {
	check string
	found []Finding
}

func (r *report) ok(format string, args ...any) {
	r.found = append(r.found, Finding{r.check, LevelOK, fmt.Sprintf(format, args...), ""})
}

func (r *report) warn(fix, format string, args ...any) {
	r.found = append(r.found, Finding{r.check, LevelWarn, fmt.Sprintf(format, args...), fix})
}

func (r *report) fail(fix, format string, args ...any) {
	r.found = append(r.found, Finding{r.check, LevelFail, fmt.Sprintf(format, args...), fix})
}

const (
	// minDisk is what a journal can need, with room to spare.
	minDisk = 256 << 20
	// maxClockSkew is how far this machine's clock may be from the chain's.
	maxClockSkew = 30 * time.Second
	// maxQuiet is how long a chain may make no block.
	maxQuiet = 2 * time.Minute
)

// Doctor checks everything that a relayer needs, from the disk to the balance
// of every account. It changes nothing and may run beside a relayer.
func Doctor(ctx context.Context, cfg Config) []Finding {
	var out []Finding
	for _, check := range []struct {
		name string
		run  func(context.Context, *report)
	}{
		{"home", func(_ context.Context, r *report) { checkDir(r, cfg.Dir) }},
		{"disk", func(_ context.Context, r *report) { checkDisk(r, cfg.Dir) }},
		{"journal", func(_ context.Context, r *report) { checkJournal(r, cfg) }},
	} {
		r := &report{check: check.name}
		check.run(ctx, r)
		out = append(out, r.found...)
	}
	r := &report{check: "anchor"}
	source, err := NewSource(cfg)
	if err != nil {
		r.fail("run cupel-relayer anchor, and compare the set's hash with what others publish", "%s", err)
		out = append(out, r.found...)
	} else {
		nodes := &report{check: "nodes"}
		checkNodes(ctx, nodes, cfg, source)
		checkLine(ctx, r, source)
		out = append(append(out, nodes.found...), r.found...)
	}
	for _, t := range cfg.Targets {
		r := &report{check: t.Name}
		checkTarget(ctx, r, cfg, t)
		out = append(out, r.found...)
	}
	return out
}

func checkDir(r *report, dir string) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		r.fail("run cupel-relayer init", "%s", err)
	case info.Mode().Perm()&0o077 != 0:
		r.fail("chmod 700 "+dir, "%s can be read by others (%s)", dir, info.Mode().Perm())
	default:
		r.ok("%s", dir)
	}
}

func checkDisk(r *report, dir string) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		r.fail("make the home available", "%s", err)
		return
	}
	free := st.Bavail * uint64(st.Bsize)
	if free < minDisk {
		r.fail("free some disk: without it no transaction can be sent", "%d MiB are free at %s", free>>20, dir)
		return
	}
	r.ok("%d MiB are free", free>>20)
}

func checkJournal(r *report, cfg Config) {
	j, err := journal.Open(cfg.Path(JournalName))
	if err != nil {
		r.warn("nothing, if a relayer runs with this home; else find who holds the file", "%s", err)
		return
	}
	if err := j.Close(); err != nil {
		r.fail("check the disk", "%s", err)
		return
	}
	r.ok("%s is free", JournalName)
}

func checkNodes(ctx context.Context, r *report, cfg Config, source *home.Source) {
	nodes, errs := source.Nodes(ctx)
	var highest home.NodeStatus
	for i, n := range nodes {
		if errs[i] == nil && n.ChainID == cfg.Home.ChainID && n.Height > highest.Height {
			highest = n
		}
	}
	for i, n := range nodes {
		switch {
		case errs[i] != nil:
			r.fail("start the node, or take it out of home.rpc", "%s", errs[i])
		case n.ChainID != cfg.Home.ChainID:
			r.fail("correct home.rpc or home.chain_id", "%s follows %s, not %s", n.Node, n.ChainID, cfg.Home.ChainID)
		case n.CatchingUp, n.Height < highest.Height-cfg.Home.MaxLagBlocks:
			r.warn("wait until the node has caught up: until then it is passed over", "%s is at height %d of %d", n.Node, n.Height, highest.Height)
		default:
			r.ok("%s follows %s at height %d", n.Node, n.ChainID, n.Height)
		}
	}
	if len(nodes) == 1 {
		r.warn("add a node of another operator to home.rpc", "there is one node only: if it hides headers, nothing shows it")
	}
	if highest.Height == 0 {
		return
	}
	switch quiet := time.Since(highest.Time); {
	case quiet < -maxClockSkew:
		r.fail("set the clock of this machine (NTP)", "the newest block is %s in the future", (-quiet).Round(time.Second))
	case quiet > maxQuiet:
		r.warn("check the chain, or set the clock of this machine (NTP)", "the newest block is %s old", quiet.Round(time.Second))
	default:
		r.ok("the clock agrees with the chain's")
	}
}

// checkLine checks that headers follow from the anchor.
func checkLine(ctx context.Context, r *report, source *home.Source) {
	head, err := source.Head(ctx)
	if err != nil {
		r.fail("mend the nodes first", "the line cannot be read: %s", err)
		return
	}
	anchor := source.Anchor()
	if head <= anchor.Nonce {
		r.ok("nonce %d, set %s; nothing is sealed after it", anchor.Nonce, anchor.Set)
		return
	}
	switch _, err := source.Entry(ctx, head); {
	case err == nil:
		r.ok("nonce %d, set %s; header %d follows from it", anchor.Nonce, anchor.Set, head)
	case mirror.Stops(err):
		r.fail("find out which is wrong: the nodes, or the anchor (home.chain_id, "+ConfigName+")", "header %d does not follow from it: %s", head, err)
	default:
		r.warn("try again; old headers need a node that keeps old states", "header %d cannot be read: %s", head, err)
	}
}

// checkTarget checks one target with a journal of its own, so that it may run
// beside a relayer.
func checkTarget(ctx context.Context, r *report, cfg Config, t TargetConfig) {
	err := WithPeer(ctx, cfg, t, func(peer Peer) error {
		working := 0
		for _, e := range peer.Endpoints(ctx) {
			if e.Err != nil {
				r.warn("mend the endpoint, or take it out of rpc", "%s: %s", e.Name, e.Err)
				continue
			}
			working++
			r.ok("%s is at %d", e.Name, e.Height)
		}
		if working == 0 {
			r.fail("add an RPC endpoint that works", "no endpoint of %s can be used", t.Name)
			return nil
		}
		if err := peer.Check(ctx); err != nil {
			r.fail("correct the contract, chain and home chain in "+ConfigName, "%s", err)
			return nil
		}
		progress, err := peer.Progress(ctx)
		if err != nil {
			r.fail("see the error: the mirror cannot be read", "%s", err)
			return nil
		}
		r.ok("the mirror has nonce %d, %d of them final", progress.Sent, progress.Final)
		if t.Type == TypeEVM && t.EVM.DeployBlock == 0 {
			r.warn("set evm.deploy_block to the block of the contract's deployment", "verify would read all blocks of %s from the first", t.Name)
		}
		checkBalance(ctx, r, peer)
		return nil
	})
	if err != nil {
		r.fail("correct the target in "+ConfigName+", or its key (chmod 600, the right password)", "%s", err)
	}
}

func checkBalance(ctx context.Context, r *report, peer Peer) {
	balance, err := peer.Balance(ctx)
	switch {
	case err != nil:
		r.warn("try again", "balance of %s: %s", peer.Address(), err)
	case balance.Cmp(peer.Floor()) < 0:
		r.fail("send coins to "+peer.Address(), "%s has %s, below balance_floor %s: nothing is sent", peer.Address(), balance, peer.Floor())
	default:
		r.ok("%s has %s, the floor is %s", peer.Address(), balance, peer.Floor())
	}
}

// WithPeer builds a target with an empty journal for the time of one call: to
// look, never to send.
func WithPeer(ctx context.Context, cfg Config, t TargetConfig, use func(Peer) error) (err error) {
	dir, err := os.MkdirTemp("", "cupel-relayer-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	j, err := journal.Open(filepath.Join(dir, JournalName))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	peer, err := NewPeer(ctx, cfg, t, j.Book(t.Name), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	return use(peer)
}
