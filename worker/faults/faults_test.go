// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/metrics"
	"github.com/cupel-network/cupel/worker/policy"
	"github.com/cupel-network/cupel/worker/runner"
	"github.com/cupel-network/cupel/worker/salt"
	"github.com/cupel-network/cupel/worker/sender"
)

const (
	// outage is how long a fault lasts; runTime is what one task takes.
	outage  = 10 * time.Minute
	runTime = 4 * time.Minute
	lots    = 20
)

// slowEngine takes runTime and counts the runs that were torn down.
type slowEngine struct {
	mu       sync.Mutex
	runs     int
	tornDown int
}

// Class implements engine.Engine.
func (*slowEngine) Class() string { return class }

// Run implements engine.Engine.
func (e *slowEngine) Run(ctx context.Context, job engine.Job, scratch string) (engine.Result, error) {
	e.mu.Lock()
	e.runs++
	e.mu.Unlock()
	select {
	case <-ctx.Done():
		e.mu.Lock()
		defer e.mu.Unlock()
		e.tornDown++
		return engine.Result{}, ctx.Err()
	case <-time.After(runTime):
	}
	content := fmt.Sprint(job.Args)
	path := filepath.Join(scratch, "artifact.tar")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return engine.Result{}, err
	}
	return engine.Result{
		Outcome: engine.OutcomeOK, Fuel: 500_000_000, MemoryHash: sha256.Sum256([]byte("memory " + content)),
		Artifact: path, ArtifactSHA256: sha256.Sum256([]byte(content)),
	}, nil
}

// files has every input.
type files struct{ path string }

// Fetch implements runner.Fetcher.
func (f files) Fetch(context.Context, artifact.Source) (string, error) { return f.path, nil }

// Probe implements runner.Fetcher.
func (files) Probe(context.Context, artifact.Source, string) error { return nil }

// Hold implements runner.Fetcher.
func (files) Hold(string) func() { return func() {} }

// rig is a worker with its nodes.
type rig struct {
	ledger *ledger
	nodes  []*node
	client *chain.Client
	engine *slowEngine
	book   *earnings.Book
	runner *runner.Runner
	stop   func()
}

func newRig(t *testing.T, endpoints, agree int) *rig {
	t.Helper()
	enc, err := chain.NewEncoding()
	require.NoError(t, err)
	ring := keyring.NewInMemory(enc.Codec)
	_, _, err = ring.NewMnemonic("worker", keyring.English, hd.CreateHDPath(chain.CoinType, 0, 0).String(), "", hd.Secp256k1)
	require.NoError(t, err)
	signer, err := chain.NewSigner(enc, ring, "worker", chainID, "")
	require.NoError(t, err)

	r := &rig{ledger: newLedger(t, enc, signer.Address(), lots), engine: &slowEngine{}}
	byHost := make(map[string]*node)
	opts := chain.Options{ChainID: chainID, Timeout: 5 * time.Second, MaxLag: 10, Agree: agree}
	for i := range endpoints {
		host := fmt.Sprintf("node%d", i)
		byHost[host] = newNode(r.ledger)
		r.nodes = append(r.nodes, byHost[host])
		opts.Endpoints = append(opts.Endpoints, "http://"+host+":26657")
		go byHost[host].run()
	}
	opts.Dial = func(ctx context.Context, _, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return byHost[host].dial(ctx)
	}
	r.client, err = chain.New(opts)
	require.NoError(t, err)
	r.work(t, signer)
	return r
}

// work starts runner and sender as the worker does.
func (r *rig) work(t *testing.T, signer *chain.Signer) {
	t.Helper()
	dir := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	m := metrics.New("test")
	send := sender.New(sender.Config{
		Flush: 50 * time.Millisecond, Tick: time.Second, MaxItems: 100, TTL: time.Minute, Resend: 3 * time.Second,
		GasPrice: sdk.NewDecCoinFromDec(chain.Denom, sdkmath.LegacyMustNewDecFromStr("0.001")), FeePerHour: 5_000_000, MaxTxGas: 20_000_000,
	}, r.client, signer, m, log)
	j, err := journal.Open(filepath.Join(dir, "journal.db"), chainID)
	require.NoError(t, err)
	r.book, err = earnings.Open(filepath.Join(dir, "earnings.db"))
	require.NoError(t, err)
	results, err := artifact.Open(filepath.Join(dir, "results"), 0)
	require.NoError(t, err)
	require.NoError(t, salt.Create(filepath.Join(dir, "secret")))
	secret, err := salt.Load(filepath.Join(dir, "secret"))
	require.NoError(t, err)
	r.runner, err = runner.New(runner.Config{
		ChainID: chainID, Worker: signer.Address(), Slots: 8, Poll: time.Second, FetchFor: 30 * time.Second,
		Grace: time.Minute, Retention: 24 * time.Hour, Scratch: filepath.Join(dir, "scratch"),
	}, runner.Deps{
		Market: r.client, Ledger: r.client, Directory: r.client, Outbox: send, Fetcher: files{filepath.Join(dir, "secret")}, Results: results,
		Journal: j, Secret: secret, Engines: map[string]engine.Engine{class: r.engine}, Observer: m, Log: log,
		Guard: policy.NewGuard(policy.Fixed(policy.File{OverLimit: policy.OverDrain}).File, r.client, send, r.book, log),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = send.Run(ctx) })
	wg.Go(func() { _ = r.runner.Run(ctx) })
	r.stop = func() {
		cancel()
		wg.Wait()
		for _, n := range r.nodes {
			n.stop()
		}
		time.Sleep(time.Minute) // what a slow node still does comes to its end
		require.NoError(t, errors.Join(j.Close(), r.book.CloseFile()))
	}
}

// finish waits until all lots are paid and booked, and judges.
func (r *rig) finish(t *testing.T, within time.Duration) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(10 * time.Second) {
		if r.ledger.settled() == lots && len(r.book.Risks()) == 0 {
			break
		}
	}
	require.Equal(t, lots, r.ledger.settled(), "jobs dropped")
	require.Empty(t, r.ledger.mistakes)
	r.engine.mu.Lock()
	defer r.engine.mu.Unlock()
	require.Zero(t, r.engine.tornDown, "tear-downs")
	require.Equal(t, lots, r.engine.runs, "every task ran once")
	report, err := r.book.Report(2)
	require.NoError(t, err)
	require.Len(t, report.Classes, 1)
	require.Equal(t, uint64(lots), report.Classes[0].Settled)
	require.Equal(t, uint64(41*lots), report.Classes[0].Paid, "what the blocks say was paid")
	require.Zero(t, report.Classes[0].Estimated)
	require.Zero(t, report.Classes[0].Declined)
}

// TestTheOnlyNodeFails lets the only node fail for ten minutes in every way,
// while lots are in every phase. Nothing is dropped, and it recovers by itself.
func TestTheOnlyNodeFails(t *testing.T) {
	for f, name := range faultNames {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, 1, 1)
				time.Sleep(6 * time.Minute) // some are revealed, some run, some are not assigned yet
				before := r.ledger.settled()
				require.Positive(t, before)
				r.nodes[0].fails(f)
				time.Sleep(outage)
				during := r.ledger.settled()
				require.Less(t, during, lots, "the fault has an effect")
				r.nodes[0].fails(sound)
				r.finish(t, 30*time.Minute)
				t.Logf("paid before the fault %d, at its end %d, after it %d; dropped 0, torn down 0; %d requests", before, during, lots, r.nodes[0].asked)
				r.stop()
			})
		})
	}
}

// TestOneOfThreeNodesFails does the same with two sound nodes beside it, of
// which both must agree: nobody notices.
func TestOneOfThreeNodesFails(t *testing.T) {
	for f, name := range faultNames {
		broken := int(f) % 2 * 2 // the first or the last
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, 3, 2)
				time.Sleep(6 * time.Minute)
				r.nodes[broken].fails(f)
				time.Sleep(outage)
				require.GreaterOrEqual(t, r.ledger.settled(), 10, "work goes on during the fault")
				require.WithinDuration(t, time.Now(), r.runner.Snapshot().At, 15*time.Second)
				r.finish(t, 20*time.Minute)
				r.client.Probe(t.Context())
				for i, e := range r.client.Endpoints() {
					require.Equal(t, i != broken, e.Up, "%s: %s", e.URL, e.Error)
				}
				r.stop()
			})
		})
	}
}
