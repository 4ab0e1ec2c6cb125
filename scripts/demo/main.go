// SPDX-License-Identifier: Apache-2.0

// Command demo shows Cupel's whole loop on this machine: a chain of one
// validator, four workers, one job from submit to settled, and an account of
// every coin. It needs what make build writes, and neither Docker nor a
// network. Its last line is JSON; the exit code is 0 only if everything that
// the chain says adds up.
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

	"github.com/cupel-network/cupel/testutil/jobs/sample"
	"github.com/cupel-network/cupel/testutil/net"
)

// limit bounds a run: a job whose audit is drawn takes longest.
const limit = 4 * time.Minute

func main() {
	keep := flag.Bool("keep", false, "keep the folder of the network")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(net.EndWithParent(ctx), *keep); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		stop()
		os.Exit(1)
	}
}

// run makes the network, runs the job and removes what it made. The logs of a
// failure are kept.
func run(ctx context.Context, keep bool) (err error) {
	d := &demo{start: time.Now(), out: os.Stdout}
	binaries, err := net.Find()
	if err != nil {
		return err
	}
	root, err := net.Root()
	if err != nil {
		return err
	}
	module, err := sample.Build(ctx, root)
	if err != nil {
		return err
	}
	d.start = time.Now()
	dir, err := os.MkdirTemp("", "cupel-demo-")
	if err != nil {
		return err
	}
	defer func() { err = d.end(ctx, dir, keep, err) }()
	// Workers read files by their real paths only.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	return d.play(ctx, setup(binaries, dir), root, module)
}

// end stops everything and removes the folder; after a failure it is kept.
func (d *demo) end(ctx context.Context, dir string, keep bool, err error) error {
	failed := err != nil && ctx.Err() == nil
	if d.local != nil {
		if failed {
			fmt.Fprint(os.Stderr, d.local.Tails(30))
		}
		err = errors.Join(err, d.local.Kill())
	}
	if keep || failed {
		fmt.Fprintf(os.Stderr, "The network's folder, logs included, is kept: %s\n", dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(dir))
}
