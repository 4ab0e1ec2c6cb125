// SPDX-License-Identifier: Apache-2.0

// Package runner drives every attempt that the chain assigned to this
// provider. It decides by what the chain says and by the journal, so that a
// restart at any point goes on where the last process stopped.
package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/judge"
	"github.com/cupel-network/cupel/worker/salt"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Market is what the runner asks about the work itself.
type Market interface {
	Work(ctx context.Context, provider uint32) (chain.Work, error)
	Batch(ctx context.Context, batch uint64) (*markettypes.QueryBatchResponse, error)
	Manifest(ctx context.Context, batch uint64) (*markettypes.QueryManifestResponse, error)
	// Circuit returns a verifying key.
	Circuit(ctx context.Context, id uint64) ([]byte, error)
}

// Ledger is what the runner asks about what became of its answers. Both return
// an error that wraps chain.ErrNotFound only if the chain says so.
type Ledger interface {
	Lot(ctx context.Context, batch uint64, lot uint32) (markettypes.Lot, error)
	Case(ctx context.Context, task uint64) (markettypes.Case, error)
}

// Directory finds providers.
type Directory interface {
	Provider(ctx context.Context, address string) (*registrytypes.QueryProviderResponse, error)
	ProviderByID(ctx context.Context, id uint32) (*registrytypes.QueryProviderResponse, error)
}

// Outbox sends statements to the chain, each once however often it is offered.
type Outbox interface {
	Offer(item sender.Item, height int64)
}

// Fetcher brings inputs to this machine.
type Fetcher interface {
	Fetch(ctx context.Context, src artifact.Source) (string, error)
	// Hold keeps content from being evicted until it is released.
	Hold(digest string) (release func())
	// Probe returns nil if the source sends the content now.
	Probe(ctx context.Context, src artifact.Source, uri string) error
}

// Results keeps the artifacts of finished runs by their digest.
type Results interface {
	Adopt(path, digest string) error
	Remove(digest string) error
}

// Observer is told what happened, for metrics.
type Observer interface {
	Stage(stage string, took time.Duration)
	JobDone(state, class string, took time.Duration)
	Jobs(running int)
	// Appeal counts what became of an appeal.
	Appeal(result string)
}

// Config of a Runner.
type Config struct {
	ChainID string
	// Worker is the bech32 address of the hot key.
	Worker string
	// Slots is the number of tasks that run at once.
	Slots int
	// Poll is the time between two looks at the chain.
	Poll time.Duration
	// FetchFor is how long an input is tried to be fetched.
	FetchFor time.Duration
	// Grace is how long running tasks may finish at a stop.
	Grace time.Duration
	// Retention is how long records outlive their batch.
	Retention time.Duration
	// Scratch is a directory for runs; what is in it is removed at start.
	Scratch string
	// Roots replace the certificates that quotes are judged by, for tests.
	Roots judge.Roots
}

// Deps are the parts that a Runner works with. All but Guard are required.
type Deps struct {
	Market Market
	Ledger Ledger
	// Committees may be nil: then no vote is cast.
	Committees Committees
	Directory  Directory
	Outbox     Outbox
	Fetcher    Fetcher
	Results    Results
	Vault      Vault
	Keys       KeyAsker
	Journal    *journal.Journal
	Secret     salt.Secret
	Engines    map[string]engine.Engine
	Observer   Observer
	Guard      Guard
	Log        *slog.Logger
}

// Runner is made by New and used by one Run at a time.
type Runner struct {
	cfg Config
	Deps
	slots chan struct{}
	jobs  jobCache
	locks keyedLocks
	wg    sync.WaitGroup
	beat  atomic.Int64

	// waits is why appeals wait, by task; only looks at the chain use it.
	waits map[uint64]string

	mu       sync.Mutex
	active   map[string]*running
	self     self
	tracked  map[string]*tracked
	swept    time.Time
	lastWork Snapshot
	// votes is what awaited a vote when the chain was last asked, at voted.
	votes []markettypes.VerdictWork
	voted time.Time
}

// self is the provider record of this worker as last seen.
type self struct {
	provider registrytypes.Provider
	operator []byte
	seen     time.Time
}

// Snapshot is what the last look at the chain showed.
type Snapshot struct {
	Provider uint32    `json:"provider"`
	Status   string    `json:"status"`
	Tick     uint64    `json:"tick"`
	Height   int64     `json:"height"`
	Lots     int       `json:"lots"`
	Cases    int       `json:"cases"`
	Running  int       `json:"running"`
	At       time.Time `json:"at"`
}

// maxPoll bounds the wait after failed looks at the chain.
const maxPoll = 3 * time.Second

// lastLookTime bounds the look at the chain after a stop.
const lastLookTime = 2 * time.Second

// New returns a Runner that knows what the journal knows.
func New(cfg Config, deps Deps) (*Runner, error) {
	if deps.Guard == nil {
		deps.Guard = free{}
	}
	r := &Runner{
		cfg: cfg, Deps: deps, slots: make(chan struct{}, cfg.Slots),
		active: make(map[string]*running), tracked: make(map[string]*tracked), waits: make(map[uint64]string),
	}
	return r, errors.Join(r.clean(), r.restore())
}

// Run drives all attempts until ctx is done. Tasks that run then have the
// grace time to finish; what they did is in the journal either way.
func (r *Runner) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	wait := r.cfg.Poll
	for ctx.Err() == nil {
		r.beat.Store(time.Now().UnixNano())
		err := r.step(ctx, work)
		if err == nil {
			wait = r.cfg.Poll
		} else if ctx.Err() == nil {
			wait = min(2*wait, maxPoll)
			r.Log.Warn("a look at the chain failed; nothing is concluded from it", "err", err, "again_in", wait)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	grace := time.AfterFunc(r.cfg.Grace, cancel)
	defer grace.Stop()
	r.wg.Wait()
	cancel()
	r.lastLook(ctx, work)
	return ctx.Err()
}

// lastLook says what was finished within the grace time; it starts nothing.
func (r *Runner) lastLook(ctx, work context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLookTime)
	defer cancel()
	if err := r.step(ctx, work); err != nil {
		r.Log.Warn("what was finished last is said after the next start", "err", err)
	}
}

// Alive returns when the runner last began a look at the chain, whether or not
// that succeeded; zero before the first.
func (r *Runner) Alive() time.Time {
	if n := r.beat.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// step is one look at the chain. Jobs that it starts live as long as work.
func (r *Runner) step(ctx, work context.Context) error {
	me, err := r.identify(ctx)
	if err != nil {
		return err
	}
	todo, err := r.Market.Work(ctx, me.provider.Id)
	if err != nil {
		return err
	}
	slices.SortStableFunc(todo.Lots, func(a, b markettypes.LotWork) int { return cmp.Compare(a.Due, b.Due) })
	slices.SortStableFunc(todo.Cases, func(a, b markettypes.CaseWork) int { return cmp.Compare(a.Due, b.Due) })
	var all []error
	for _, c := range todo.Cases {
		all = append(all, r.driveCase(work, me, c, todo.Height))
	}
	all = append(all, r.driveVotes(ctx, work, me, todo))
	for _, l := range todo.Lots {
		all = append(all, r.driveLot(work, me, l, todo.Height))
	}
	r.note(me, todo)
	r.abandon(todo, time.Now())
	if err := errors.Join(r.confirm(ctx, work, me, todo), r.sweep(ctx)); err != nil && ctx.Err() == nil {
		r.Log.Warn("earlier work was not looked up", "err", err)
	}
	return errors.Join(all...)
}

func (r *Runner) note(me self, todo chain.Work) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastWork = Snapshot{
		Provider: me.provider.Id, Status: me.provider.Status.String(), Tick: todo.Tick, Height: todo.Height,
		Lots: len(todo.Lots), Cases: len(todo.Cases), At: time.Now(),
	}
	r.Observer.Jobs(len(r.active))
}

// Snapshot returns what the last successful look at the chain showed.
func (r *Runner) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.lastWork
	s.Running = len(r.active)
	return s
}

// Provider returns the record of this worker's provider as last seen; its id is
// 0 before the first answer.
func (r *Runner) Provider() registrytypes.Provider {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.self.provider
}

// refreshSelf is how long the provider's record is believed.
const refreshSelf = 30 * time.Second

// identify returns the provider of this worker. A record that was seen once is
// used on while the chain does not answer.
func (r *Runner) identify(ctx context.Context) (self, error) {
	r.mu.Lock()
	me := r.self
	r.mu.Unlock()
	if time.Since(me.seen) < refreshSelf && me.provider.Id != 0 {
		return me, nil
	}
	res, err := r.Directory.Provider(ctx, r.cfg.Worker)
	if err != nil {
		if me.provider.Id != 0 {
			return me, nil
		}
		return self{}, fmt.Errorf("find the provider of worker %s: %w", r.cfg.Worker, err)
	}
	operator, err := chain.ParseAddress(res.Provider.Operator)
	if err != nil {
		return self{}, err
	}
	me = self{provider: res.Provider, operator: operator, seen: time.Now()}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.self.provider.Id == 0 {
		r.Log.Info("this worker's provider", "provider", me.provider.Id, "operator", me.provider.Operator, "status", me.provider.Status.String())
	}
	r.self = me
	return me, nil
}

// launch runs fn in the background unless one with this name runs already or
// too much is under way. Fn's error is logged; the next look tries again.
func (r *Runner) launch(ctx context.Context, name string, fn func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active[name] != nil || len(r.active) >= cap(r.slots)*4 || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r.active[name] = &running{cancel: cancel}
	r.wg.Go(func() {
		defer func() {
			cancel(nil)
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.active, name)
		}()
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("attempt is tried again", "attempt", name, "err", err)
		}
	})
}
