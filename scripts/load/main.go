// SPDX-License-Identifier: Apache-2.0

// Command load drives a network with requesters and simulated providers at
// rising rates, and prints the latency from submit to agreement and the knee.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cupel-network/cupel/testutil/loadgen"
)

func parse(args []string) (loadgen.Config, error) {
	var c loadgen.Config
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.IntVar(&c.Requesters, "requesters", 8, "accounts that submit")
	f.IntVar(&c.Providers, "providers", 8, "simulated providers")
	f.IntVar(&c.Validators, "validators", 1, "validators of an own network")
	f.DurationVar(&c.BlockTime, "block-time", 200*time.Millisecond, "pause after a block of an own network")
	f.Uint64Var(&c.MaxGas, "max-gas", 0, "gas of a block of an own network, 0 for the default")
	f.UintVar(&c.Tasks, "tasks", 32, "tasks of a batch, which is one transaction")
	f.UintVar(&c.Lot, "lot", 32, "tasks of a lot, at most 32")
	f.UintVar(&c.Replicas, "replicas", 3, "replicas of a task; 1 is OPTIMISTIC")
	f.Float64Var(&c.Rate, "rate", 2, "batches per second of the first step")
	f.Float64Var(&c.Factor, "factor", 2, "how much faster each step is than the one before")
	f.IntVar(&c.Steps, "steps", 8, "most steps")
	f.DurationVar(&c.Step, "step", 10*time.Second, "length of a step")
	f.DurationVar(&c.Drain, "drain", 20*time.Second, "how long a step's last tasks are waited for")
	f.IntVar(&c.Spam, "spam", 0, "accounts that flood the network with transfers all the while")
	f.StringVar(&c.Node, "node", "", "RPC URL of a network that runs already, instead of an own one")
	f.StringVar(&c.From, "from", "requester", "key that pays on that network")
	f.StringVar(&c.FromHome, "from-home", "", "home with that key in its test keyring")
	f.BoolVar(&c.Keep, "keep", false, "keep the folder of an own network")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	if f.NArg() > 0 {
		return c, errors.New("load takes flags only")
	}
	return c, c.Validate()
}

func main() {
	c, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		_, err = loadgen.Run(ctx, c, os.Stdout)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}
