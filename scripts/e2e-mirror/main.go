// SPDX-License-Identifier: Apache-2.0

// Command e2e-mirror runs the whole way of a settlement to other chains with
// the real programs: four validators attest, workers settle jobs, a relayer
// mirrors to an EVM chain with the rules of the OP stack and to the Solana
// runtime, attestors join, rotate their keys and leave, and the relayer is
// killed at every step of its work. At the end everything is checked from the
// two chains alone. It needs what make build and make npm write. Its last line
// is JSON; the exit code is 0 only if all of it holds.
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

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/scale"
)

// limit bounds a run.
const limit = 30 * time.Minute

// size says how much is mirrored.
type size struct {
	settlements, checkpoints int
	crashes                  bool
}

// sizes by scale.
var sizes = map[string]size{
	"pr":   {settlements: 100, checkpoints: 5, crashes: true},
	"full": {settlements: 200, checkpoints: 10, crashes: true},
}

func main() {
	s := sizes[scale.Name()]
	keep := flag.Bool("keep", false, "keep the folder of the network")
	flag.IntVar(&s.settlements, "settlements", s.settlements, "least number of settlements to mirror")
	flag.IntVar(&s.checkpoints, "checkpoints", s.checkpoints, "least number of checkpoints to mirror before the crashes")
	flag.BoolVar(&s.crashes, "crashes", s.crashes, "kill the relayer at every step, on both chains")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(net.EndWithParent(ctx), s, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "e2e-mirror:", err)
		stop()
		os.Exit(1)
	}
}

// run makes everything in a folder of its own. The logs of a failure are kept.
func run(ctx context.Context, s size, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "cupel-mirror-")
	if err != nil {
		return err
	}
	// Workers read files by their real paths only.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	w := &world{size: s, dir: dir, start: time.Now()}
	err = w.play(ctx)
	failed := err != nil && ctx.Err() == nil
	if failed && w.Local != nil {
		fmt.Fprint(os.Stderr, w.Tails(25))
	}
	err = errors.Join(err, w.end())
	if keep || failed {
		fmt.Fprintf(os.Stderr, "The folder, logs included, is kept: %s\n", dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(dir))
}
