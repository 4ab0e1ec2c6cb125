// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/manifest"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const (
	chainID = "cupel-test"
	class   = "test/v1"
	ours    = uint32(7)
)

// address is the account of provider id.
func address(id uint32) []byte { return bytes.Repeat([]byte{byte(id)}, 20) }

func bech32(t testing.TB, id uint32) string {
	t.Helper()
	text, err := chain.FormatAddress(address(id))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// fakeChain is the state machine of lots and cases as one provider sees it. It
// takes the statements of the outbox at once and checks them as the chain does.
type fakeChain struct {
	t testing.TB

	mu     sync.Mutex
	height int64
	down   bool
	pruned bool
	// lost swallows what is said.
	lost    bool
	class   string
	batch   markettypes.Batch
	doc     []byte
	lots    map[uint32]*fakeLot
	cases   map[uint64]*fakeCase
	said    map[string]int
	mistake []string
}

type fakeLot struct {
	attempt  uint32
	state    markettypes.TaskState
	phase    markettypes.SeatPhase
	first    uint32
	count    uint32
	commit   []byte
	answer   markettypes.LotReveal
	proofs   markettypes.LotProof
	replicas uint32
}

type fakeCase struct {
	attempt  uint32
	kase     markettypes.CasePhase
	phase    markettypes.SeatPhase
	original bool
	others   []uint32
	commit   []byte
	answer   markettypes.CaseReveal
	// shown is the record of the case once it is decided.
	shown *markettypes.Case
}

func newFakeChain(t testing.TB, doc manifest.Manifest, lotSize, replicas uint32) *fakeChain {
	raw, err := doc.Encode()
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeChain{
		t: t, height: 1, class: doc.Class, doc: raw, lots: map[uint32]*fakeLot{}, cases: map[uint64]*fakeCase{}, said: map[string]int{},
		batch: markettypes.Batch{
			Id: 5, Manifest: manifest.Hash(raw), Count: uint32(len(doc.Tasks)), LotSize: lotSize, Replicas: replicas,
			Limits: markettypes.Limits{Units: 1000, MemoryMib: 1, WallSeconds: 10, OutputKib: 64},
		},
	}
	for i := range f.batch.Lots() {
		first, count := f.batch.LotTasks(i)
		f.lots[i] = &fakeLot{
			attempt: 1, state: markettypes.TaskAssigned, phase: markettypes.SeatAssigned,
			first: first, count: count, replicas: replicas,
		}
	}
	return f
}

func (f *fakeChain) lock() (func(), error) {
	f.mu.Lock()
	if f.down {
		f.mu.Unlock()
		return nil, chain.ErrUnknown
	}
	return f.mu.Unlock, nil
}

func (f *fakeChain) wrong(format string, args ...any) {
	f.mistake = append(f.mistake, fmt.Sprintf(format, args...))
}

// Work implements Market.
func (f *fakeChain) Work(context.Context, uint32) (chain.Work, error) {
	unlock, err := f.lock()
	if err != nil {
		return chain.Work{}, err
	}
	defer unlock()
	w := chain.Work{Tick: uint64(f.height), Height: f.height}
	for i, l := range f.lots {
		if l.phase == markettypes.SeatRevealed || l.state.Final() {
			continue
		}
		w.Lots = append(w.Lots, markettypes.LotWork{
			Batch: f.batch.Id, Lot: i, Attempt: l.attempt, State: l.state, Phase: l.phase,
			First: l.first, Count: l.count, Replicas: l.replicas,
		})
	}
	for task, c := range f.cases {
		if c.phase == markettypes.SeatRevealed {
			continue
		}
		w.Cases = append(w.Cases, markettypes.CaseWork{
			Task: task, Attempt: c.attempt, CasePhase: c.kase, Phase: c.phase, Original: c.original, Others: c.others,
		})
	}
	return w, nil
}

// Batch implements Market.
func (f *fakeChain) Batch(context.Context, uint64) (*markettypes.QueryBatchResponse, error) {
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if f.pruned {
		return nil, chain.ErrNotFound
	}
	return &markettypes.QueryBatchResponse{Batch: f.batch, Class: f.class}, nil
}

// Manifest implements Market.
func (f *fakeChain) Manifest(context.Context, uint64) (*markettypes.QueryManifestResponse, error) {
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return &markettypes.QueryManifestResponse{Manifest: f.doc}, nil
}

// Lot implements Ledger.
func (f *fakeChain) Lot(_ context.Context, _ uint64, lot uint32) (markettypes.Lot, error) {
	unlock, err := f.lock()
	if err != nil {
		return markettypes.Lot{}, err
	}
	defer unlock()
	if f.pruned {
		return markettypes.Lot{}, chain.ErrNotFound
	}
	l := f.lots[lot]
	var cases uint32
	for task := range f.cases {
		_, index := markettypes.SplitTaskID(task)
		if index >= l.first && index < l.first+l.count {
			cases |= 1 << (index - l.first)
		}
	}
	return markettypes.Lot{State: l.state, Cases: cases, Seats: []markettypes.Seat{
		{Provider: ours, Attempt: l.attempt, Phase: l.phase}, {Provider: 3, Attempt: l.attempt, Phase: markettypes.SeatAssigned},
	}}, nil
}

// Case implements Ledger.
func (f *fakeChain) Case(_ context.Context, task uint64) (markettypes.Case, error) {
	unlock, err := f.lock()
	if err != nil {
		return markettypes.Case{}, err
	}
	defer unlock()
	c := f.cases[task]
	if c == nil {
		return markettypes.Case{}, chain.ErrNotFound
	}
	if c.shown != nil {
		return *c.shown, nil
	}
	return markettypes.Case{
		Task: task, Attempt: c.attempt, Phase: c.kase, Seats: []markettypes.CaseSeat{{Provider: ours, Phase: c.phase}},
	}, nil
}

// Provider implements Directory.
func (f *fakeChain) Provider(context.Context, string) (*registrytypes.QueryProviderResponse, error) {
	return f.ProviderByID(context.Background(), ours)
}

// ProviderByID implements Directory.
func (f *fakeChain) ProviderByID(_ context.Context, id uint32) (*registrytypes.QueryProviderResponse, error) {
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return &registrytypes.QueryProviderResponse{Provider: registrytypes.Provider{
		Id: id, Operator: bech32(f.t, id), Status: registrytypes.ProviderActive, Endpoint: fmt.Sprintf("http://host%d", id),
	}}, nil
}

// Offer implements Outbox: the statement is in the next block.
func (f *fakeChain) Offer(item sender.Item, _ int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return
	}
	f.height++
	if f.lost {
		return
	}
	f.said[item.ID]++
	switch item.Kind {
	case sender.KindCommit:
		f.commit(item.Commit)
	case sender.KindReveal:
		f.reveal(item.Reveal)
	case sender.KindProve:
		f.prove(item.Prove)
	case sender.KindCommitCase:
		f.commitCase(item.CommitCase)
	case sender.KindRevealCase:
		f.revealCase(item.RevealCase)
	case sender.KindAppeal:
		f.appeal(item.Task)
	default:
		f.wrong("the runner said %s", item.ID)
	}
}

func (f *fakeChain) commit(c markettypes.LotCommit) {
	l := f.lots[c.Lot]
	switch {
	case l.attempt != c.Attempt:
		f.wrong("commit for attempt %d of %d", c.Attempt, l.attempt)
	case l.phase == markettypes.SeatCommitted && !bytes.Equal(l.commit, c.Commitment):
		f.wrong("another commitment was already made")
	case l.phase == markettypes.SeatAssigned:
		l.commit, l.phase = c.Commitment, markettypes.SeatCommitted
	}
}

func (f *fakeChain) reveal(r markettypes.LotReveal) {
	l := f.lots[r.Lot]
	if l.replicas > 1 && (l.state != markettypes.TaskCommitted || !bytes.Equal(markettypes.CommitLot(chainID, address(ours), r), l.commit)) {
		f.wrong("reveal of lot %d does not open the commitment in state %s", r.Lot, l.state)
		return
	}
	if len(r.Results) != int(l.count) || len(r.Proofs) != 32*int(l.count) {
		f.wrong("reveal of lot %d has %d results and %d bytes of proofs", r.Lot, len(r.Results), len(r.Proofs))
	}
	l.answer, l.phase, l.state = r, markettypes.SeatRevealed, markettypes.TaskAgreed
}

func (f *fakeChain) commitCase(c markettypes.CaseCommit) {
	k := f.cases[c.Task]
	switch {
	case k.attempt != c.Attempt:
		f.wrong("case commit for attempt %d of %d", c.Attempt, k.attempt)
	case k.phase == markettypes.SeatCommitted && !bytes.Equal(k.commit, c.Commitment):
		f.wrong("another case commitment was already made")
	case k.phase == markettypes.SeatAssigned:
		k.commit, k.phase = c.Commitment, markettypes.SeatCommitted
	}
}

func (f *fakeChain) revealCase(r markettypes.CaseReveal) {
	k := f.cases[r.Task]
	if k.kase != markettypes.CasePhaseReveal || !bytes.Equal(markettypes.CommitCaseAnswer(chainID, address(ours), r), k.commit) {
		f.wrong("case reveal does not open the commitment in phase %s", k.kase)
		return
	}
	k.answer, k.phase = r, markettypes.SeatRevealed
}

// appeal takes an appeal once, as the chain does.
func (f *fakeChain) appeal(task uint64) {
	c := f.cases[task].shown
	if c.Appealed || c.Phase != markettypes.CasePhaseDecided {
		f.wrong("an appeal of task %d, which has one", task)
		return
	}
	c.Appealed, c.Appellant = true, address(ours)
}

// with changes the state of the chain.
func (f *fakeChain) with(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.height++
	change()
}

// is reads the state of the chain.
func (f *fakeChain) is(cond func() bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return cond()
}

// fakeEngine writes its arguments as the artifact. It counts its runs.
type fakeEngine struct {
	mu      sync.Mutex
	runs    int
	outcome engine.Outcome
	block   chan struct{}
	// salt changes every result.
	salt string
}

// Class implements engine.Engine.
func (*fakeEngine) Class() string { return class }

// Run implements engine.Engine.
func (e *fakeEngine) Run(ctx context.Context, job engine.Job, scratch string) (engine.Result, error) {
	e.mu.Lock()
	e.runs++
	outcome, block, salt := e.outcome, e.block, e.salt
	e.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return engine.Result{Outcome: engine.OutcomeHostError}, ctx.Err()
		}
	}
	if outcome != 0 && !outcome.Deterministic() {
		return engine.Result{Outcome: outcome}, nil
	}
	content := salt + fmt.Sprint(job.Args, job.Env, hex.EncodeToString(job.Seed[:]))
	if job.Stdin != "" {
		stdin, err := os.ReadFile(job.Stdin)
		if err != nil {
			return engine.Result{}, err
		}
		content += string(stdin)
	}
	path := filepath.Join(scratch, "artifact.tar")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return engine.Result{}, err
	}
	return engine.Result{
		Outcome: engine.OutcomeOK, Fuel: 10, MemoryHash: sha256.Sum256([]byte("memory " + content)),
		Artifact: path, ArtifactSHA256: sha256.Sum256([]byte(content)),
	}, nil
}

func (e *fakeEngine) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runs
}

// fakeFetcher has every file but those that are missing.
type fakeFetcher struct {
	held atomic.Int32

	path    string
	mu      sync.Mutex
	missing map[string]error
	// mirror is the only source of what is missing, if set.
	mirror string
	asked  []string
}

// Hold implements Fetcher.
func (f *fakeFetcher) Hold(string) func() {
	f.held.Add(1)
	return func() { f.held.Add(-1) }
}

// Fetch implements Fetcher.
func (f *fakeFetcher) Fetch(_ context.Context, src artifact.Source) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, src.URIs...)
	if f.mirror != "" && slices.Contains(src.URIs, f.mirror) {
		return f.path, nil
	}
	return f.path, f.missing[src.SHA256]
}

// quiet implements Observer.
type quiet struct{}

// Stage implements Observer.
func (quiet) Stage(string, time.Duration) {}

// JobDone implements Observer.
func (quiet) JobDone(string, string, time.Duration) {}

// Jobs implements Observer.
func (quiet) Jobs(int) {}

// Appeal implements Observer.
func (quiet) Appeal(string) {}

var errGone = errors.New("no such host")

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func document(tasks int) manifest.Manifest {
	doc := manifest.Manifest{
		Version: manifest.Version, Class: class,
		Module:   manifest.Ref{URI: "https://example.com/m.wasm", SHA256: digestOf("module"), Size: 6},
		Template: manifest.Run{Args: []string{"run"}},
	}
	for i := range tasks {
		doc.Tasks = append(doc.Tasks, manifest.Run{Args: []string{fmt.Sprint(i)}})
	}
	return doc
}
