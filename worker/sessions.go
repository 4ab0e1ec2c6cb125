// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"fmt"
	"net"

	"golang.org/x/sync/errgroup"

	"github.com/cupel-network/cupel/worker/sender"
	"github.com/cupel-network/cupel/worker/session"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// sessions is the front for OpenAI clients, where one is configured.
type sessions struct {
	store    *session.Store
	front    *session.Front
	listener net.Listener
}

// redeemOutbox hands vouchers to the sender.
type redeemOutbox struct{ sender *sender.Sender }

// Redeem implements session.Outbox.
func (o redeemOutbox) Redeem(v voucher.Signed, height int64) {
	o.sender.Offer(sender.Redeem(markettypes.NewSessionVoucher(v)), height)
}

// openSessions opens what the front needs. The sender must be open.
func (s *Service) openSessions(ctx context.Context) (err error) {
	cfg := s.cfg.SessionFiles()
	if !cfg.Enabled() {
		return nil
	}
	s.sessions = &sessions{}
	if s.sessions.store, err = session.OpenStore(s.cfg.Path("sessions.db"), s.cfg.Chain.ID); err != nil {
		return err
	}
	s.sessions.front, err = session.New(cfg, session.Deps{
		ChainID: s.cfg.Chain.ID, Chain: session.Link{Node: s.chain, Worker: s.signer.Address()}, Outbox: redeemOutbox{s.sender},
		Store: s.sessions.store, Observer: s.metrics.NewSessions(), Log: s.log.With("part", "sessions"),
	})
	if err != nil {
		return err
	}
	if s.sessions.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen); err != nil {
		return fmt.Errorf("listen on %s for sessions: %w", cfg.Listen, err)
	}
	return nil
}

// SessionFiles is the configuration of sessions with its files as paths from
// anywhere.
func (c Config) SessionFiles() session.Config {
	cfg := c.Sessions
	for _, file := range []*string{&cfg.Upstream.KeyFile, &cfg.TLS.Cert, &cfg.TLS.Key} {
		if *file != "" {
			*file = c.Path(*file)
		}
	}
	return cfg
}

// runSessions serves and redeems until ctx is done.
func (s *Service) runSessions(ctx context.Context, g *errgroup.Group) {
	if s.sessions == nil {
		return
	}
	s.log.Info("sessions are served", "listen", s.sessions.listener.Addr().String(), "models", len(s.cfg.Sessions.Models))
	g.Go(func() error { return s.sessions.front.Run(ctx) })
	g.Go(func() error { return s.sessions.front.Serve(ctx, s.sessions.listener, s.cfg.Work.Grace) })
}

// close closes the store; the listener is the server's, or unused.
func (s *sessions) close() error {
	if s == nil || s.store == nil {
		return nil
	}
	if s.listener != nil {
		_ = s.listener.Close() // closed already after a run
	}
	err := s.store.Close()
	s.store = nil
	return err
}
