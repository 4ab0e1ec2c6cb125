// SPDX-License-Identifier: Apache-2.0

// Command localnet runs validators with their attestors, workers, and two chains
// with a relayer that mirrors to them as processes on this machine until Ctrl-C,
// and says how to use them. It needs what make build writes; the mirrors need
// Node and what make npm installs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cupel-network/cupel/relayer/npm"
	"github.com/cupel-network/cupel/testutil/mirror"
	"github.com/cupel-network/cupel/testutil/net"
)

// config is what the flags say.
type config struct {
	home       string
	validators int
	workers    int
	blockTime  time.Duration
	window     uint64
	forBlocks  int64
	mirrors    bool
}

func main() {
	var c config
	flag.StringVar(&c.home, "home", "", "folder that keeps the network, to go on with it later (default: a new one that is removed at the end)")
	flag.IntVar(&c.validators, "validators", 4, "number of validators")
	flag.IntVar(&c.workers, "workers", 4, "number of providers, each with a worker")
	flag.DurationVar(&c.blockTime, "block-time", time.Second, "pause after a block")
	flag.Uint64Var(&c.window, "window", 20, "blocks from agreement to payment (600 on a real chain)")
	flag.Int64Var(&c.forBlocks, "for", 0, "end after this many blocks (default: run until Ctrl-C)")
	flag.BoolVar(&c.mirrors, "mirrors", true, "also run anvil, LiteSVM and a relayer to both; needs Node and what make npm installs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := c.run(net.EndWithParent(ctx)); err != nil {
		fmt.Fprintln(os.Stderr, "localnet:", err)
		stop()
		os.Exit(1)
	}
}

func (c config) validate() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("argument %q: localnet takes flags only", flag.Arg(0))
	case c.validators < 1 || c.validators > 7:
		return fmt.Errorf("--validators %d: use 1 to 7", c.validators)
	case c.workers < 0 || c.workers > 14:
		return fmt.Errorf("--workers %d: use 0 to 14", c.workers)
	case c.blockTime < 50*time.Millisecond:
		return fmt.Errorf("--block-time %s: use at least 50ms", c.blockTime)
	case c.window < 2:
		return fmt.Errorf("--window %d: use at least 2", c.window)
	}
	return nil
}

// run keeps a network up until ctx is done, the blocks are made or one of its
// processes ends.
func (c config) run(ctx context.Context) (err error) {
	if err := c.validate(); err != nil {
		return err
	}
	start := time.Now()
	binaries, err := net.Find()
	if err != nil {
		return err
	}
	dir, temporary, err := c.folder()
	if err != nil {
		return err
	}
	if temporary {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	l, fresh, err := c.open(ctx, binaries, dir)
	if l != nil {
		end := l.Stop
		if temporary {
			end = l.Kill
		}
		defer func() { err = errors.Join(err, end()) }()
	}
	if err == nil {
		err = c.keepUp(ctx, l, fresh, start)
	}
	if ctx.Err() != nil {
		fmt.Println("stopping")
		return nil
	}
	if err != nil && l != nil {
		fmt.Fprint(os.Stderr, l.Tails(20))
	}
	return err
}

// keepUp starts the processes, says how to use them and watches them.
func (c config) keepUp(ctx context.Context, l *net.Local, fresh bool, began time.Time) (err error) {
	if err := c.start(ctx, l, fresh); err != nil {
		return err
	}
	chains, err := c.startMirrors(ctx, l)
	defer func() { err = errors.Join(err, chains.Stop()) }()
	if err != nil {
		return err
	}
	if err := c.guide(l, chains, time.Since(began)); err != nil {
		return err
	}
	return c.watch(ctx, l)
}

// folder returns where the network is, by its real path: workers read files
// by that only.
func (c config) folder() (dir string, temporary bool, err error) {
	if c.home == "" {
		dir, err = os.MkdirTemp("", "cupel-localnet-")
		temporary = true
	} else if dir, err = filepath.Abs(c.home); err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return "", false, err
	}
	dir, err = filepath.EvalSymlinks(dir)
	return dir, temporary, err
}

// start runs the processes. A new network's providers register first.
func (c config) start(ctx context.Context, l *net.Local, fresh bool) error {
	if err := l.Start(ctx); err != nil {
		return err
	}
	if fresh {
		fmt.Printf("registering %d providers\n", len(l.Providers))
		if err := l.Register(ctx); err != nil {
			return err
		}
		if err := l.Save(); err != nil {
			return err
		}
	}
	if err := l.StartWorkers(); err != nil {
		return err
	}
	fmt.Printf("%d validators begin to attest\n", len(l.Nodes))
	_, err := l.StartAttestors(ctx)
	return err
}

// startMirrors runs the chains that the network is mirrored to and a relayer.
// They start anew every time: what is mirrored is mirrored again. It returns
// nil where their tools are missing.
func (c config) startMirrors(ctx context.Context, l *net.Local) (*mirror.Chains, error) {
	if !c.mirrors {
		return nil, nil //nolint:nilnil // no mirrors are wanted, which is no error
	}
	if _, err := npm.Dir(); err != nil {
		if os.Getenv(npm.RequireEnv) == "1" {
			return nil, err
		}
		fmt.Printf("SKIP the mirrors: %s\n", err)
		return nil, nil //nolint:nilnil // as above
	}
	dir := filepath.Join(l.Dir, "mirror")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	fmt.Println("starting anvil and LiteSVM, deploying CupelMirror")
	chains, err := mirror.Start(ctx, l.Network, dir, mirror.Options{})
	if err != nil {
		return chains, err
	}
	return chains, chains.StartRelayer("")
}

// watch returns when the blocks have been made, with an error when a process
// has ended.
func (c config) watch(ctx context.Context, l *net.Local) error {
	first, err := l.Nodes[0].Height(ctx)
	if err != nil {
		return err
	}
	var ended error
	err = net.Until(ctx, time.Second, func() (bool, error) {
		if gone := l.Ended(); len(gone) > 0 {
			ended = fmt.Errorf("%s has ended by itself", gone[0].Name)
			return true, nil
		}
		height, err := l.Nodes[0].Height(ctx)
		if err == nil && c.forBlocks > 0 && height >= first+c.forBlocks {
			fmt.Printf("%d blocks are made\n", height-first)
			return true, nil
		}
		return false, err
	})
	return errors.Join(err, ended)
}
