// SPDX-License-Identifier: Apache-2.0

// Package worker is the provider's daemon: it runs what the chain assigns to
// its provider, commits to the results, reveals them and serves them.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/groth16"
	"github.com/cupel-network/cupel/worker/engine/wasm"
	"github.com/cupel-network/cupel/worker/inventory"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/judge"
	"github.com/cupel-network/cupel/worker/metrics"
	"github.com/cupel-network/cupel/worker/policy"
	"github.com/cupel-network/cupel/worker/runner"
	"github.com/cupel-network/cupel/worker/salt"
	"github.com/cupel-network/cupel/worker/sender"
	"github.com/cupel-network/cupel/worker/server"
)

// Option changes how a Service is built.
type Option func(*options)

type options struct {
	engines map[string]engine.Engine
	version string
	roots   judge.Roots
}

// WithEngine adds an engine, or replaces the built-in one of its class.
func WithEngine(e engine.Engine) Option {
	return func(o *options) { o.engines[e.Class()] = e }
}

// WithVersion sets the version that metrics and status show.
func WithVersion(version string) Option {
	return func(o *options) { o.version = version }
}

// WithRoots replaces the certificates that quotes are judged by, for tests.
func WithRoots(roots judge.Roots) Option {
	return func(o *options) { o.roots = roots }
}

// Service is a worker that is ready to run.
type Service struct {
	cfg     Config
	opts    options
	log     *slog.Logger
	chain   *chain.Client
	signer  *chain.Signer
	journal *journal.Journal
	inputs  *artifact.Store
	results *artifact.Store
	sealed  *artifact.Store
	vault   *crypt.Vault
	// identities open what is encrypted to the worker; nil if it has none.
	identities *crypt.Identities
	sender     *sender.Sender
	runner     *runner.Runner
	metrics    *metrics.Metrics
	listeners  []net.Listener
	sessions   *sessions
	monitor    *inventory.Monitor
	pool       *inventory.Pool
	book       *earnings.Book
	policy     *policy.Source
	// balanceLow is set while nothing new is committed to.
	balanceLow atomic.Bool
	// heartbeatTicks is the chain's interval, 0 until it is known.
	heartbeatTicks uint64
}

// New opens everything that the worker needs; the chain need not answer. What
// was opened is closed again if it fails. Ring holds the hot key.
func New(ctx context.Context, cfg Config, ring keyring.Keyring, log *slog.Logger, opts ...Option) (*Service, error) {
	s := &Service{cfg: cfg, log: log, opts: options{engines: make(map[string]engine.Engine), version: "dev"}}
	for _, opt := range opts {
		opt(&s.opts)
	}
	if err := s.open(ctx, ring); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Service) open(ctx context.Context, ring keyring.Keyring) error {
	if err := s.cfg.Validate(); err != nil {
		return err
	}
	s.metrics = metrics.New(s.opts.version)
	if err := s.openGPUs(); err != nil {
		return err
	}
	if err := s.openEngines(ctx); err != nil {
		return err
	}
	if err := s.openChain(ring); err != nil {
		return err
	}
	if err := s.openContainers(ctx); err != nil {
		return err
	}
	if err := s.openFiles(); err != nil {
		return err
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	if err := s.openWork(); err != nil {
		return err
	}
	return s.openSessions(ctx)
}

func (s *Service) openEngines(ctx context.Context) error {
	if !s.cfg.Engines.WASM.Enabled || s.opts.engines[wasm.Class] != nil {
		return nil
	}
	if s.cfg.Engines.WASM.Fleet != "" {
		return s.openFleet(ctx, wasm.Class)
	}
	eng, err := wasm.New(ctx, wasm.Options{
		CacheDir: s.cfg.Path("modules"), CacheBytes: s.cfg.Engines.WASM.CacheMiB << 20,
	})
	if err != nil {
		return err
	}
	for _, missing := range eng.Isolation().Missing {
		s.log.Warn("guests are not fully isolated", "class", wasm.Class, "missing", missing)
	}
	s.opts.engines[wasm.Class] = eng
	return s.openProver(eng)
}

// openProver adds the engine of proofs, whose witnesses guests compute. A
// provider that does not offer its class is never asked for one.
func (s *Service) openProver(guests *wasm.Engine) error {
	if s.opts.engines[groth16.Class] != nil {
		return nil
	}
	eng, err := groth16.New(groth16.Options{Witness: guests, Isolated: guests.Isolation().Namespaces})
	if err != nil {
		return err
	}
	s.opts.engines[groth16.Class] = eng
	return nil
}

func (s *Service) openChain(ring keyring.Keyring) (err error) {
	if s.chain, err = NewChain(s.cfg); err != nil {
		return err
	}
	s.signer, err = newSigner(s.cfg, ring)
	return err
}

// NewChain returns a client of the configured endpoints.
func NewChain(cfg Config) (*chain.Client, error) {
	return chain.New(chain.Options{
		ChainID: cfg.Chain.ID, Endpoints: cfg.Chain.RPC, Timeout: cfg.Chain.Timeout, MaxLag: cfg.Chain.MaxLagBlocks,
		Agree: cfg.Chain.agreed(),
	})
}

func (s *Service) openFiles() (err error) {
	if err = s.openBook(); err != nil {
		return err
	}
	if s.journal, err = journal.Open(s.cfg.Path("journal.db"), s.cfg.Chain.ID); err != nil {
		return err
	}
	if s.inputs, err = artifact.Open(s.cfg.Path("inputs"), s.cfg.Artifacts.CacheMiB<<20); err != nil {
		return err
	}
	s.inputs.Protect(s.isPublic)
	if s.results, err = artifact.Open(s.cfg.Path("results"), 0); err != nil {
		return err
	}
	return s.openVault()
}

func (s *Service) listen(ctx context.Context) error {
	for _, addr := range []string{s.cfg.HTTP.Listen, s.cfg.HTTP.Operations} {
		if addr == "" {
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", addr, err)
		}
		s.listeners = append(s.listeners, l)
	}
	return nil
}

func (s *Service) openWork() error {
	secret, err := salt.Load(s.cfg.Path(s.cfg.Key.Secret))
	if err != nil {
		return err
	}
	price, err := sdk.ParseDecCoin(s.cfg.Fees.GasPrice)
	if err != nil {
		return err
	}
	s.sender = sender.New(sender.Config{
		Flush: flushAfter, Tick: s.cfg.Chain.Poll, MaxItems: maxItems, TTL: s.cfg.Fees.TTL, Resend: resendAfter,
		GasPrice: price, FeePerHour: s.cfg.Fees.PerHour, MaxTxGas: s.cfg.Fees.MaxTxGas,
	}, s.chain, s.signer, s.spending(), s.log.With("part", "sender"))
	fetcher, err := s.openFetcher()
	if err != nil {
		return err
	}
	s.runner, err = runner.New(runner.Config{
		ChainID: s.cfg.Chain.ID, Worker: s.signer.Address(), Slots: s.cfg.Work.Slots, Poll: s.cfg.Chain.Poll,
		FetchFor: s.cfg.Work.FetchFor, Grace: runnerGrace(s.cfg.Work.Grace), Retention: s.cfg.Work.Retention,
		Scratch: filepath.Join(s.cfg.Home, "scratch"), Roots: s.opts.roots,
	}, runner.Deps{
		Market: s.chain, Ledger: s.chain, Committees: s.chain, Directory: s.directory(), Outbox: s.sender, Fetcher: fetcher, Results: s.results, Vault: s.vault, Keys: s.keyAsker(),
		Journal: s.journal, Secret: secret, Engines: s.opts.engines, Observer: s.metrics, Log: s.log.With("part", "runner"),
		Guard: policy.NewGuard(s.policy.File, s.chain, s.sender, s.book, s.log.With("part", "policy")).WithAppeals(s.appeals(), s.chain),
	})
	return err
}

// Run works until ctx is done. Running tasks then have the grace time to
// finish. It closes the service and returns nil after a clean stop.
func (s *Service) Run(ctx context.Context) error {
	s.log.Info("worker started", "version", s.opts.version, "address", s.signer.Address(), "chain", s.cfg.Chain.ID, "endpoint", s.cfg.HTTP.Endpoint)
	g, ctx := errgroup.WithContext(ctx)
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	g.Go(func() error { return s.sender.Run(sending) })
	g.Go(func() error {
		defer stopSending()
		return errors.Join(s.runner.Run(ctx), s.drainSender(sending))
	})
	g.Go(func() error { return s.notify(ctx) })
	g.Go(func() error { return s.watch(ctx) })
	for _, watch := range s.watchers() {
		g.Go(func() error { return watch(ctx) })
	}
	s.runSessions(ctx, g)
	for i, handler := range s.handlers() {
		l := s.listeners[i]
		g.Go(func() error { return server.Run(ctx, l, handler) })
	}
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	s.log.Info("worker stopped")
	return errors.Join(err, s.Close())
}

// Close releases what New opened. It is safe to call twice.
func (s *Service) Close() error {
	var all []error
	for _, l := range s.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			all = append(all, err)
		}
	}
	s.listeners = nil
	all = append(all, s.sessions.close())
	all = append(all, s.closeEngines())
	if s.book != nil {
		all = append(all, s.book.CloseFile())
		s.book = nil
	}
	if s.journal != nil {
		all = append(all, s.journal.Close())
		s.journal = nil
	}
	return errors.Join(all...)
}
