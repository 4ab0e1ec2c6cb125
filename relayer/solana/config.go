// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"errors"
	"fmt"
	"time"

	solanago "github.com/gagliardetto/solana-go"
)

// Config is what a target needs to know beside its endpoints and its signer.
type Config struct {
	// Name of the target: its book in the journal.
	Name string
	// Anchor is where the line of headers starts.
	Anchor Anchor
	// Genesis is the hash that every endpoint must have.
	Genesis solanago.Hash
	// Quorum is how many endpoints must say the same; 0 is more than half.
	Quorum int
	// MaxLag is by how many slots an endpoint, or its history, may be behind
	// the others.
	MaxLag uint64
	// UnitPrice is the priority fee in micro-lamports per compute unit.
	UnitPrice uint64
	// Floor is the balance in lamports below which nothing is sent.
	Floor uint64
	// Poll is the time between two looks while something is in flight, Resend
	// the time after which the same bytes are sent again.
	Poll, Resend time.Duration
}

// Defaults of Config.
const (
	DefaultMaxLag = 150
	DefaultPoll   = time.Second
	DefaultResend = 2 * time.Second
)

// Validate names every field that is wrong.
func (c Config) Validate() error {
	var all []error
	if c.Name == "" {
		all = append(all, errors.New("the target has no name"))
	}
	if c.Genesis == (solanago.Hash{}) {
		all = append(all, errors.New("the genesis hash is missing"))
	}
	if c.MaxLag == 0 {
		all = append(all, errors.New("max lag is 0 slots, endpoints are never exactly alike"))
	}
	for field, d := range map[string]time.Duration{"poll": c.Poll, "resend": c.Resend} {
		if d <= 0 {
			all = append(all, fmt.Errorf("%s is %s, it must be above zero", field, d))
		}
	}
	if _, err := newLine(c.Anchor); err != nil {
		all = append(all, err)
	}
	return errors.Join(all...)
}
