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

	"github.com/cupel-network/cupel/testutil/guests"
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
	module, err := guests.Compile(ctx, filepath.Join(root, "testutil", "jobs", jobName))
	if err != nil {
		return err
	}
	d.start = time.Now()
	dir, err := os.MkdirTemp("", "cupel-demo-")
	if err != nil {
		return err
	}
	if d.net, err = net.New(binaries, dir, "cupel-demo-1", 1); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			fmt.Fprint(os.Stderr, d.net.Tails(30))
		}
		err = errors.Join(err, d.net.Stop())
		if keep || err != nil && ctx.Err() == nil {
			fmt.Fprintf(os.Stderr, "The network's folder, logs included, is kept: %s\n", dir)
			return
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	if err := copyJob(root, module, filepath.Join(dir, "job")); err != nil {
		return err
	}
	return d.play(ctx)
}
