// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/runner"
	"github.com/cupel-network/cupel/worker/server"
)

// Fixed figures of the sender and of the watch.
const (
	flushAfter     = 50 * time.Millisecond
	maxItems       = 100
	resendAfter    = 3 * time.Second
	heartbeatEvery = 5 * time.Minute
	watchEvery     = 10 * time.Second
	// chainStale is how old the last look at the chain may be in good health.
	chainStale = 30 * time.Second
)

// Status is what /status and cupel-worker status show.
type Status struct {
	Version string          `json:"version"`
	ChainID string          `json:"chain_id"`
	Worker  string          `json:"worker"`
	Height  int64           `json:"height"`
	Healthy bool            `json:"healthy"`
	Work    runner.Snapshot `json:"work"`
	// Pending is the number of statements that are not in a block yet.
	Pending int      `json:"pending"`
	Classes []string `json:"classes"`
}

func (s *Service) status(ctx context.Context) any {
	st := Status{
		Version: s.opts.version, ChainID: s.cfg.Chain.ID, Worker: s.signer.Address(), Height: s.chain.Head().Height,
		Healthy: s.health(ctx).OK, Work: s.runner.Snapshot(), Pending: s.sender.Pending(), Classes: []string{},
	}
	for class := range s.opts.engines {
		st.Classes = append(st.Classes, class)
	}
	return st
}

func (s *Service) health(context.Context) server.Health {
	snap := s.runner.Snapshot()
	h := server.Health{
		Chain: time.Since(snap.At) < chainStale, Height: s.chain.Head().Height, Jobs: snap.Running,
		Journal: s.journal.Ping() == nil,
	}
	h.OK = h.Chain && h.Journal
	return h
}

// handlers returns one handler per listener.
func (s *Service) handlers() []http.Handler {
	opts := server.Options{
		Public: s.journal, Files: []server.Files{s.results, s.inputs},
		Health: s.health, Status: s.status, Metrics: s.metrics.Handler(), Log: s.log.With("part", "server"),
	}
	public := server.Artifacts(opts)
	if s.cfg.HTTP.Operations == "" {
		server.Operations(public, opts)
		return []http.Handler{public}
	}
	private := server.Artifacts(opts)
	server.Operations(private, opts)
	return []http.Handler{public, private}
}

// watch looks after what changes slowly: balance, heartbeat interval, the size
// of the cache.
func (s *Service) watch(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		s.metrics.Height(s.chain.Head().Height)
		s.checkBalance(ctx)
		if err := s.inputs.Trim(ctx, s.isPublic); err != nil && ctx.Err() == nil {
			s.log.Warn("the cache was not trimmed", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *Service) isPublic(digest string) (bool, error) {
	raw, err := hex.DecodeString(digest)
	if err != nil {
		return true, err
	}
	return s.journal.Public(raw)
}

func (s *Service) checkBalance(ctx context.Context) {
	payer := s.signer.Address()
	if s.cfg.Fees.Granter != "" {
		payer = s.cfg.Fees.Granter
	}
	coin, err := s.chain.Balance(ctx, payer, chain.Denom)
	if err != nil || !coin.Amount.IsUint64() {
		return // unknown; the metric keeps the last value
	}
	s.metrics.Balance(float64(coin.Amount.Uint64()))
	if coin.Amount.Uint64() < s.cfg.Fees.MinBalance {
		s.log.Warn("the balance for fees is low", "account", payer, "balance", coin.String(), "min", s.cfg.Fees.MinBalance)
	}
}
