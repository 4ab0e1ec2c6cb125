// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// requesterFund is what a local network's requester has, in ucupel.
const requesterFund = 1_000_000 * CUPEL

// Local is a network with a requester and providers.
type Local struct {
	*Network
	Requester Key
	Providers []*Provider
}

// Setup says what a local network consists of.
type Setup struct {
	Binaries Binaries
	// Dir is the folder of everything.
	Dir        string
	ChainID    string
	Validators int
	BlockTime  time.Duration
	Offers     []Offer
	// Workers are the programs of the workers that are not Binaries.Worker.
	Workers map[int]string
	// Funds are further accounts at genesis.
	Funds []Fund
	Edits []Edit
}

// NewLocal claims ports, makes all keys and writes all files. Nothing runs
// until Start and Register.
func NewLocal(ctx context.Context, s Setup) (*Local, error) {
	n, err := New(s.Binaries, s.Dir, s.ChainID, s.Validators)
	if err != nil {
		return nil, err
	}
	l := &Local{Network: n}
	err = Parallel(2, func(i int) (err error) {
		if i == 0 {
			l.Requester, err = s.Binaries.AddKey(ctx, filepath.Join(s.Dir, "requester"), "requester")
		} else {
			l.Providers, err = n.AddProviders(ctx, s.Offers)
		}
		return err
	})
	if err != nil {
		return l, err
	}
	funds := append([]Fund{{l.Requester.Address, requesterFund}}, s.Funds...)
	for i, p := range l.Providers {
		funds = append(funds, p.Funds()...)
		if binary := s.Workers[i]; binary != "" {
			p.Binary = binary
		}
	}
	if err := n.Init(ctx, s.BlockTime, funds, append(l.governance(), s.Edits...)); err != nil {
		return l, err
	}
	return l, l.writeClient()
}

// governance makes votes short and lets the requester stop messages, so that
// both can be tried.
func (l *Local) governance() []Edit {
	permission := map[string]any{"level": "LEVEL_SUPER_ADMIN", "limit_type_urls": []string{}}
	return []Edit{
		{"app_state.gov.params.voting_period", "60s"},
		{"app_state.gov.params.expedited_voting_period", "30s"},
		{"app_state.circuit.account_permissions", []any{map[string]any{"address": l.Requester.Address, "permissions": permission}}},
	}
}

// writeClient configures cupeld in the requester's home, so that --home is all
// that a command needs.
func (l *Local) writeClient() error {
	dir := filepath.Join(l.Requester.Home, "config")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := fmt.Sprintf("chain-id = %q\nkeyring-backend = \"test\"\noutput = \"text\"\nnode = %q\nbroadcast-mode = \"sync\"\n",
		l.ChainID, l.Nodes[0].TCP())
	return os.WriteFile(filepath.Join(dir, "client.toml"), []byte(text), 0o600)
}

// Register bonds all providers at once by ordinary transactions.
func (l *Local) Register(ctx context.Context) error {
	return Parallel(len(l.Providers), func(i int) error { return l.Providers[i].Register(ctx) })
}

// StartWorkers runs the workers of all providers.
func (l *Local) StartWorkers() error {
	for _, p := range l.Providers {
		if err := p.StartWorker(); err != nil {
			return err
		}
	}
	return nil
}

// Submit runs `cupeld job run FILE --id-only` and returns the batch.
func (l *Local) Submit(ctx context.Context, file string) (uint64, error) {
	out, _, err := runTool(ctx, l.Binaries.Cupeld, "job", "run", file, "--from", l.Requester.Name, "--home", l.Requester.Home, "--id-only", "--yes")
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimSpace(string(out)), 10, 64)
}

// Results runs `cupeld job results BATCH` into a folder.
func (l *Local) Results(ctx context.Context, batch uint64, dir string) error {
	_, _, err := runTool(ctx, l.Binaries.Cupeld, "job", "results", strconv.FormatUint(batch, 10), "--home", l.Requester.Home, "--out", dir)
	return err
}
