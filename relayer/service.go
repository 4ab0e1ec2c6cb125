// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/cupel-network/cupel/relayer/home"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/metrics"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// JournalName is the file of the transactions in flight in a relayer's home.
const JournalName = "journal.db"

// Back-off after failures to send: what it takes to mend an account or a chain
// is minutes.
const (
	firstBackoff = 5 * time.Second
	maxBackoff   = 15 * time.Minute
)

// stopWithin bounds a stop. What is in flight then stays in the journal.
const stopWithin = 25 * time.Second

// Option changes how a Service is built.
type Option func(*Service)

// WithVersion sets the version that metrics and status show.
func WithVersion(version string) Option { return func(s *Service) { s.version = version } }

// Service is a relayer that is ready to run.
type Service struct {
	cfg      Config
	log      *slog.Logger
	version  string
	journal  *journal.Journal
	source   *home.Source
	pauses   Pauses
	registry *prometheus.Registry
	metrics  *metrics.Metrics
	listener net.Listener
	lanes    []*lane
}

// lane is one target and its loop.
type lane struct {
	cfg    TargetConfig
	peer   Peer
	mirror *mirror.Mirror
	wallet wallet
}

// New opens everything that the relayer needs; no chain need answer. What was
// opened is closed again if it fails.
func New(ctx context.Context, cfg Config, log *slog.Logger, opts ...Option) (*Service, error) {
	s := &Service{cfg: cfg, log: log, version: "dev", pauses: NewPauses(cfg.Dir), registry: prometheus.NewRegistry()}
	for _, opt := range opts {
		opt(s)
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Service) open(ctx context.Context) (err error) {
	if err := s.cfg.Validate(); err != nil {
		return err
	}
	if s.journal, err = journal.Open(s.cfg.Path(JournalName)); err != nil {
		return err
	}
	if s.source, err = NewSource(s.cfg); err != nil {
		return err
	}
	var names []string
	for _, t := range s.cfg.Targets {
		names = append(names, t.Name)
	}
	if s.metrics, err = metrics.New(s.registry, s.version, names); err != nil {
		return err
	}
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, t := range s.cfg.Targets {
		if err := s.openLane(ctx, t); err != nil {
			return err
		}
	}
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Metrics.Listen); err != nil {
		return fmt.Errorf("metrics.listen: %w: give each relayer a port of its own", err)
	}
	return nil
}

func (s *Service) openLane(ctx context.Context, t TargetConfig) error {
	peer, err := NewPeer(ctx, s.cfg, t, s.journal.Book(t.Name), s.log)
	if err != nil {
		return err
	}
	m, err := mirror.New(mirror.Config{
		Name: t.Name, Poll: t.Poll, SubmitTimeout: t.SubmitTimeout, Backoff: firstBackoff, MaxBackoff: maxBackoff,
	}, s.source, peer, s.pauses, s.metrics, s.log)
	if err != nil {
		return err
	}
	s.lanes = append(s.lanes, &lane{cfg: t, peer: peer, mirror: m})
	return nil
}

// Listen is the address on which metrics and status are served.
func (s *Service) Listen() string { return s.listener.Addr().String() }

// Run mirrors until ctx is done. It closes the service and returns nil after a
// clean stop. A target that fails never ends it.
func (s *Service) Run(ctx context.Context) error {
	s.log.Info("relayer started", "version", s.version, "home_chain", s.cfg.Home.ChainID, "targets", len(s.lanes), "listen", s.Listen())
	group, groupCtx := errgroup.WithContext(ctx)
	for _, l := range s.lanes {
		group.Go(func() error { return l.mirror.Run(groupCtx) })
		group.Go(func() error { return s.watch(groupCtx, l) })
	}
	group.Go(func() error { return s.watchHome(groupCtx) })
	handler := metrics.Handler(s.registry, s.Health, func(context.Context) any { return s.Status() }, func(context.Context) any { return s.Pending() })
	group.Go(func() error { return metrics.Serve(groupCtx, s.listener, handler) })
	done := make(chan error, 1)
	go func() { done <- group.Wait() }()
	var err error
	select {
	case err = <-done:
	case <-groupCtx.Done():
		select {
		case err = <-done:
		case <-time.After(stopWithin):
			// The journal stays open: what still runs may write to it.
			return fmt.Errorf("not everything stopped within %s; what is in flight is in the journal", stopWithin)
		}
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil
	}
	s.log.Info("relayer stopped")
	return errors.Join(err, s.Close())
}

// Close releases what New opened. It is safe to call twice.
func (s *Service) Close() error {
	var all []error
	if s.listener != nil {
		if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			all = append(all, err)
		}
		s.listener = nil
	}
	if s.journal != nil {
		all = append(all, s.journal.Close())
		s.journal = nil
	}
	return errors.Join(all...)
}
