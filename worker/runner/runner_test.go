// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/access"
	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/manifest"
	"github.com/cupel-network/cupel/worker/salt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// fixture is a worker that can be stopped and started on one home.
type fixture struct {
	t       *testing.T
	home    string
	chain   *fakeChain
	engine  *fakeEngine
	prover  engine.Engine
	fetcher *fakeFetcher
	secret  salt.Secret
	ids     *crypt.Identities
	peer    func(access.Claims) ([]byte, error)
	asked   []string
	guard   Guard
	journal *journal.Journal
	runner  *Runner
	work    context.Context
	kill    context.CancelFunc
}

func newFixture(t *testing.T, tasks int, lotSize, replicas uint32) *fixture {
	t.Helper()
	return newFixtureOf(t, document(tasks), lotSize, replicas)
}

func newFixtureOf(t *testing.T, doc manifest.Manifest, lotSize, replicas uint32) *fixture {
	t.Helper()
	home := t.TempDir()
	input := filepath.Join(home, "input")
	require.NoError(t, os.WriteFile(input, []byte("module"), 0o600))
	f := &fixture{
		t: t, home: home, chain: newFakeChain(t, doc, lotSize, replicas),
		engine: &fakeEngine{}, fetcher: &fakeFetcher{path: input, missing: map[string]error{}},
		secret: salt.New([salt.Size]byte{1, 2, 3}),
	}
	f.start()
	t.Cleanup(f.stop)
	return f
}

func (f *fixture) start() {
	f.t.Helper()
	j, err := journal.Open(filepath.Join(f.home, "journal.db"), chainID)
	require.NoError(f.t, err)
	results, err := artifact.Open(filepath.Join(f.home, "results"), 0)
	require.NoError(f.t, err)
	sealed, err := artifact.Open(filepath.Join(f.home, "sealed"), 0)
	require.NoError(f.t, err)
	f.journal = j
	f.runner, err = New(Config{
		ChainID: chainID, Worker: "worker", Slots: 2, Poll: time.Millisecond, FetchFor: time.Millisecond,
		Grace: time.Second, Retention: time.Hour, Scratch: filepath.Join(f.home, "scratch"),
	}, Deps{
		Market: f.chain, Ledger: f.chain, Directory: f.chain, Outbox: f.chain, Fetcher: f.fetcher, Results: results, Vault: crypt.NewVault(f.ids, sealed), Keys: f,
		Journal: j, Secret: f.secret, Engines: map[string]engine.Engine{class: f.engine, proofClass: f.prover}, Observer: quiet{}, Guard: f.guard,
		Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(f.t, err)
	f.work, f.kill = context.WithCancel(f.t.Context())
}

// stop ends the worker as a crash does: nothing is finished.
func (f *fixture) stop() {
	if f.journal == nil {
		return
	}
	f.kill()
	f.runner.wg.Wait()
	require.NoError(f.t, f.journal.Close())
	f.journal = nil
}

func (f *fixture) restart() {
	f.stop()
	f.start()
}

// step is one look at the chain and the end of all jobs that it started.
func (f *fixture) step() error {
	err := f.runner.step(f.work, f.work)
	f.runner.wg.Wait()
	return err
}

// until steps until cond holds.
func (f *fixture) until(cond func() bool) {
	f.t.Helper()
	for range 200 {
		if f.chain.is(cond) {
			return
		}
		require.NoError(f.t, f.step())
	}
	f.t.Fatalf("not reached; the chain objects: %v", f.chain.mistake)
}

func (f *fixture) seat(lot uint32, phase markettypes.SeatPhase) func() bool {
	return func() bool { return f.chain.lots[lot].phase == phase }
}

func TestLotIsCommittedRevealedAndPaid(t *testing.T) {
	f := newFixture(t, 3, 2, 3)
	f.until(func() bool {
		return f.seat(0, markettypes.SeatCommitted)() && f.seat(1, markettypes.SeatCommitted)()
	})
	digest := f.lot(0).Runs[0].Digest
	require.False(t, f.public(digest), "nothing is served before the reveal")
	require.Equal(t, 3, f.engine.count())

	f.chain.with(func() { f.chain.lots[0].state = markettypes.TaskCommitted })
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.NoError(t, f.step())
	require.True(t, f.public(digest))
	require.True(t, f.lot(0).Confirmed)
	require.Equal(t, markettypes.SeatCommitted, f.chain.lots[1].phase, "the other lot is not revealed early")

	f.chain.with(func() { f.chain.lots[0].state = markettypes.TaskSettled })
	f.runner.tracked["lot/5/0/1"].next = time.Time{}
	require.NoError(t, f.step())
	require.Equal(t, journal.StepPaid, f.lot(0).Step)
	require.Empty(t, f.chain.mistake)
}

func TestRunProofsAreBoundToTaskAndOperator(t *testing.T) {
	f := newFixture(t, 2, 2, 1)
	f.until(f.seat(0, markettypes.SeatRevealed))
	answer := f.chain.lots[0].answer
	for i, run := range f.lot(0).Runs {
		want := markettypes.RunProof(markettypes.TaskID(5, uint32(i)), address(ours), run.Memory)
		require.Equal(t, want, answer.Proofs[32*i:32*i+32])
	}
	require.Zero(t, f.chain.said["commit/5/0/1"], "a lot with one seat is revealed without a commit")
}

func (f *fixture) lot(i uint32) journal.Lot {
	f.t.Helper()
	rec, ok, err := f.journal.Lot(journal.LotKey{Batch: 5, Lot: i, Attempt: 1})
	require.NoError(f.t, err)
	require.True(f.t, ok)
	return rec
}

func (f *fixture) public(digest []byte) bool {
	f.t.Helper()
	ok, err := f.journal.Public(digest)
	require.NoError(f.t, err)
	return ok
}

// TestRestartAtEveryStep stops the worker after every look at the chain, that
// is at every step of the journal, and demands one commitment and one reveal.
func TestRestartAtEveryStep(t *testing.T) {
	f := newFixture(t, 2, 2, 3)
	for range 20 {
		f.restart()
		require.NoError(t, f.step())
		if f.chain.is(f.seat(0, markettypes.SeatCommitted)) {
			f.chain.with(func() { f.chain.lots[0].state = markettypes.TaskCommitted })
		}
	}
	require.True(t, f.chain.is(f.seat(0, markettypes.SeatRevealed)))
	require.Empty(t, f.chain.mistake)
	require.Equal(t, 1, f.chain.said["commit/5/0/1"])
	require.Equal(t, 1, f.chain.said["reveal/5/0/1"])
	require.Equal(t, 2, f.engine.count(), "a finished run is never repeated")
}

// TestLostStatementsAreSaidAgain drops what was said right after the journal
// had it, as a crash between the journal and the network does.
func TestLostStatementsAreSaidAgain(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	require.NoError(t, f.step())
	commit := f.lot(0)
	commit.Step = journal.StepCommitted
	require.NoError(t, f.journal.PutLot(commit))
	f.restart()
	f.until(f.seat(0, markettypes.SeatCommitted))

	f.chain.with(func() { f.chain.lots[0].state = markettypes.TaskCommitted })
	reveal := f.lot(0)
	reveal.Step = journal.StepRevealed
	require.NoError(t, f.journal.PutLot(reveal))
	f.restart()
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.Empty(t, f.chain.mistake)
}

// TestLostDisk loses the journal after the commit: salt and results come back
// from the secret and a second run.
func TestLostDisk(t *testing.T) {
	f := newFixture(t, 2, 2, 3)
	f.until(f.seat(0, markettypes.SeatCommitted))
	f.stop()
	require.NoError(t, os.Remove(filepath.Join(f.home, "journal.db")))
	f.start()
	f.chain.with(func() { f.chain.lots[0].state = markettypes.TaskCommitted })
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.Empty(t, f.chain.mistake)
	require.Equal(t, 4, f.engine.count())
}

func TestUnreachableChainChangesNothing(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	f.until(f.seat(0, markettypes.SeatCommitted))
	before := f.lot(0)
	f.chain.with(func() { f.chain.down = true })
	for range 5 {
		require.ErrorIs(t, f.step(), chain.ErrUnknown)
		f.restart()
	}
	require.Equal(t, before.Step, f.lot(0).Step)
	require.True(t, bytes.Equal(before.Runs[0].Memory, f.lot(0).Runs[0].Memory))
	f.chain.with(func() { f.chain.down = false; f.chain.lots[0].state = markettypes.TaskCommitted })
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.Empty(t, f.chain.mistake)
}

func TestRedrawUsesTheRunAgain(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	f.until(f.seat(0, markettypes.SeatCommitted))
	f.chain.with(func() {
		l := f.chain.lots[0]
		l.attempt, l.phase, l.commit = 2, markettypes.SeatAssigned, nil
	})
	f.until(f.seat(0, markettypes.SeatCommitted))
	require.Equal(t, 1, f.engine.count())
	require.Empty(t, f.chain.mistake)
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		edit func(*fixture)
		want markettypes.Outcome
	}{
		"module cannot be fetched": {func(f *fixture) { f.fetcher.missing[digestOf("module")] = errGone }, markettypes.OutcomeInputUnavailable},
		"module is forbidden":      {func(f *fixture) { f.fetcher.missing[digestOf("module")] = artifact.ErrForbidden }, markettypes.OutcomeInputUnavailable},
		"wall limit":               {func(f *fixture) { f.engine.outcome = engine.OutcomeWall }, markettypes.OutcomeWall},
		"no engine":                {func(f *fixture) { f.runner.Engines = nil }, markettypes.OutcomeHostError},
		"manifest of another size": {func(f *fixture) { f.chain.batch.Count = 3 }, markettypes.OutcomeInputUnavailable},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 1, 1, 1)
			tc.edit(f)
			f.until(f.seat(0, markettypes.SeatRevealed))
			answer := f.chain.lots[0].answer
			require.Equal(t, []markettypes.Result{{Outcome: tc.want}}, answer.Results)
			require.Equal(t, make([]byte, 32), answer.Proofs)
			require.Empty(t, f.chain.mistake)
		})
	}
}

// TestFaultIsNotKept gives a later attempt the chance to do better.
func TestFaultIsNotKept(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	f.engine.outcome = engine.OutcomeWall
	f.until(f.seat(0, markettypes.SeatCommitted))
	f.engine.outcome = 0
	f.chain.with(func() {
		l := f.chain.lots[0]
		l.attempt, l.phase, l.commit = 2, markettypes.SeatAssigned, nil
	})
	f.until(f.seat(0, markettypes.SeatCommitted))
	rec, ok, err := f.journal.Lot(journal.LotKey{Batch: 5, Lot: 0, Attempt: 2})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, uint32(markettypes.OutcomeOK), rec.Runs[0].Outcome)
}

func TestStopIsNotAnOutcome(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	f.engine.block = make(chan struct{})
	require.NoError(t, f.runner.step(f.work, f.work))
	require.Eventually(t, func() bool { return f.engine.count() == 1 }, 5*time.Second, time.Millisecond)
	f.stop()
	f.engine.block = nil
	f.start()
	require.Equal(t, journal.StepRunning, f.lot(0).Step)
	f.until(f.seat(0, markettypes.SeatCommitted))
	require.Equal(t, uint32(markettypes.OutcomeOK), f.lot(0).Runs[0].Outcome)
}

func TestRunStopsWithinTheGrace(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	f.engine.block = make(chan struct{})
	f.runner.cfg.Grace = 10 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.runner.Run(ctx) }()
	require.Eventually(t, func() bool { return f.engine.count() == 1 }, 5*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

func TestPrunedBatchIsForgottenAfterTheRetention(t *testing.T) {
	f := newFixture(t, 1, 1, 1)
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.NoError(t, f.step())
	digest := f.lot(0).Runs[0].Digest
	f.chain.with(func() { f.chain.pruned = true })

	f.runner.swept = time.Time{}
	require.NoError(t, f.step())
	require.True(t, f.public(digest), "the retention is not over")

	f.runner.cfg.Retention, f.runner.swept = 0, time.Time{}
	require.NoError(t, f.step())
	require.False(t, f.public(digest))
	lots, err := f.journal.Lots()
	require.NoError(t, err)
	require.Empty(t, lots)
	left, err := os.ReadDir(filepath.Join(f.home, "results"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestInputsComeFromTheOtherSeats(t *testing.T) {
	f := newFixture(t, 1, 1, 3)
	module := digestOf("module")
	f.fetcher.missing[module] = errGone
	f.fetcher.mirror = "http://host3/artifacts/" + module
	f.until(f.seat(0, markettypes.SeatCommitted))
	require.Equal(t, uint32(markettypes.OutcomeOK), f.lot(0).Runs[0].Outcome)
	require.Equal(t, []string{"https://example.com/m.wasm", f.fetcher.mirror, "https://example.com/m.wasm"}, f.fetcher.asked)
}
