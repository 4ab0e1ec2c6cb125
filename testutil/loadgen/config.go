// SPDX-License-Identifier: Apache-2.0

// Package loadgen loads a network through RPC: requesters submit, and simulated
// providers answer with the sender of a real worker, without running anything.
package loadgen

import (
	"errors"
	"time"

	"github.com/cupel-network/cupel/testutil/net"
)

// Config is what a caller decides.
type Config struct {
	Requesters, Providers int
	Validators            int
	BlockTime             time.Duration
	// MaxGas of a block of an own network, 0 for the default.
	MaxGas uint64
	// Edits are further changes of an own network's genesis.
	Edits []net.Edit

	// A batch is one submit. One replica is an OPTIMISTIC task, which its
	// provider reveals without a commit.
	Tasks, Lot, Replicas uint
	// Rate of the first step in batches per second, and how much faster each
	// step is than the one before.
	Rate, Factor float64
	Steps        int
	// Step is the length of one, Drain how long its last tasks are waited for.
	Step, Drain time.Duration
	// Spam is how many accounts flood the network with transfers meanwhile.
	Spam int

	// Node is the RPC URL of a network that runs already, empty for an own one;
	// From is a key in the test keyring of FromHome that pays there.
	Node, From, FromHome string
	// Keep the folder of an own network.
	Keep bool
}

// Validate returns an error that names the flag of a field out of its range.
func (c Config) Validate() error {
	switch {
	case c.Requesters < 1 || c.Requesters > 100, c.Providers < c.operators() || c.Providers > 100:
		return errors.New("-requesters: 1 to 100; -providers: -replicas to 100, with one replica from 4")
	case c.Tasks < 1 || c.Tasks > 4_096 || c.Lot < 1 || c.Lot > 32 || c.Replicas < 1 || c.Replicas > 7:
		return errors.New("-tasks: 1 to 4096; -lot: 1 to 32; -replicas: 1 to 7")
	case c.Rate <= 0 || c.Factor <= 1 || c.Steps < 1:
		return errors.New("-rate is above 0, -factor above 1, -steps at least 1")
	case c.Node != "" && c.FromHome == "":
		return errors.New("-node needs -from-home: make localnet prints the requester's home")
	case c.Spam < 0 || c.Spam > 100:
		return errors.New("-spam: 0 to 100 accounts")
	}
	return nil
}

// operators is how many providers a task needs: one of one replica has
// verifiers in reserve.
func (c Config) operators() int {
	if c.Replicas == 1 {
		return 4
	}
	return int(c.Replicas)
}
