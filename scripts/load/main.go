// SPDX-License-Identifier: Apache-2.0

// Command load drives a network with requesters and simulated providers at
// rising rates, and prints the latency from submit to agreement and the knee.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// config is what a caller decides.
type config struct {
	requesters, providers int
	validators            int
	blockTime             time.Duration
	maxGas                uint64

	// A batch is one submit.
	tasks, lot, replicas uint
	// Rates are in batches per second.
	rate, factor float64
	steps        int
	step, drain  time.Duration
	// spam is how many accounts flood the network with transfers meanwhile.
	spam int

	// A network that runs already, and who pays there.
	node, from, fromHome string
	keep                 bool
}

func parse(args []string) (config, error) {
	var c config
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.IntVar(&c.requesters, "requesters", 8, "accounts that submit")
	f.IntVar(&c.providers, "providers", 8, "simulated providers")
	f.IntVar(&c.validators, "validators", 1, "validators of an own network")
	f.DurationVar(&c.blockTime, "block-time", 200*time.Millisecond, "pause after a block of an own network")
	f.Uint64Var(&c.maxGas, "max-gas", 0, "gas of a block of an own network, 0 for the default")
	f.UintVar(&c.tasks, "tasks", 32, "tasks of a batch, which is one transaction")
	f.UintVar(&c.lot, "lot", 32, "tasks of a lot, at most 32")
	f.UintVar(&c.replicas, "replicas", 3, "replicas of a task, at least 2")
	f.Float64Var(&c.rate, "rate", 2, "batches per second of the first step")
	f.Float64Var(&c.factor, "factor", 2, "how much faster each step is than the one before")
	f.IntVar(&c.steps, "steps", 8, "most steps")
	f.DurationVar(&c.step, "step", 10*time.Second, "length of a step")
	f.DurationVar(&c.drain, "drain", 20*time.Second, "how long a step's last tasks are waited for")
	f.IntVar(&c.spam, "spam", 0, "accounts that flood the network with transfers all the while")
	f.StringVar(&c.node, "node", "", "RPC URL of a network that runs already, instead of an own one")
	f.StringVar(&c.from, "from", "requester", "key that pays on that network")
	f.StringVar(&c.fromHome, "from-home", "", "home with that key in its test keyring")
	f.BoolVar(&c.keep, "keep", false, "keep the folder of an own network")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	return c, c.validate(f.NArg())
}

func (c config) validate(args int) error {
	switch {
	case args > 0:
		return errors.New("load takes flags only")
	case c.requesters < 1 || c.requesters > 100, c.providers < int(c.replicas) || c.providers > 100:
		return errors.New("-requesters: 1 to 100; -providers: -replicas to 100")
	case c.tasks < 1 || c.tasks > 4_096 || c.lot < 1 || c.lot > 32 || c.replicas < 2 || c.replicas > 7:
		return errors.New("-tasks: 1 to 4096; -lot: 1 to 32; -replicas: 2 to 7")
	case c.rate <= 0 || c.factor <= 1 || c.steps < 1:
		return errors.New("-rate is above 0, -factor above 1, -steps at least 1")
	case c.node != "" && c.fromHome == "":
		return errors.New("-node needs -from-home: make localnet prints the requester's home")
	case c.spam < 0 || c.spam > 100:
		return errors.New("-spam: 0 to 100 accounts")
	}
	return nil
}

func main() {
	c, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		_, err = run(ctx, c, os.Stdout)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run raises the rate until the network does not follow any more.
func run(ctx context.Context, c config, out io.Writer) (r *report, err error) {
	w, err := openWorld(ctx, c)
	if w != nil {
		defer func() { err = errors.Join(err, w.close()) }()
	}
	if err != nil {
		return nil, err
	}
	d, err := newDriver(ctx, w)
	if err != nil {
		return nil, err
	}
	r = newReport(c, out)
	err = d.run(ctx, func(ctx context.Context) error { return r.steps(ctx, d) })
	r.finish(d)
	return r, errors.Join(err, r.print())
}
