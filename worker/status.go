// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/runner"
	"github.com/cupel-network/cupel/worker/server"
)

// Fixed figures of the sender and of the watch.
const (
	flushAfter  = 50 * time.Millisecond
	maxItems    = 100
	resendAfter = 3 * time.Second
	watchEvery  = 10 * time.Second
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
	// Degraded lists what is not as it should be.
	Degraded  []Degraded       `json:"degraded"`
	Endpoints []chain.Endpoint `json:"endpoints"`
	// Fees are those of this hour and their limit, in ucupel.
	FeesSpent uint64 `json:"fees_spent"`
	FeesLimit uint64 `json:"fees_limit"`
	// Prices compares the asks with the policy.
	Prices []Price `json:"prices,omitempty"`
	// Open is the work that is not released yet, by requester.
	Open []earnings.Risk `json:"open"`
}

func (s *Service) status(ctx context.Context) any {
	st := Status{
		Version: s.opts.version, ChainID: s.cfg.Chain.ID, Worker: s.signer.Address(), Height: s.chain.Head().Height,
		Healthy: s.health(ctx).OK, Work: s.runner.Snapshot(), Pending: s.sender.Pending(), Classes: []string{},
		Degraded: s.degraded(), Endpoints: s.chain.Endpoints(), Open: s.book.Risks(),
		Prices: Prices(s.policy.File(), s.runner.Provider().Resources, s.busy(), time.Now()),
	}
	st.FeesSpent, st.FeesLimit = s.sender.Budget()
	for class := range s.opts.engines {
		st.Classes = append(st.Classes, class)
	}
	slices.Sort(st.Classes)
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
		Public: s.journal, Files: []server.Files{s.results, s.inputs}, Sealed: s.sealed,
		Health: s.health, Status: s.status, Metrics: s.metrics.Handler(), Log: s.log.With("part", "server"),
	}
	public := server.Artifacts(opts)
	server.Private(public, opts, s.private())
	if s.cfg.HTTP.Operations == "" {
		server.Operations(public, opts)
		public.HandleFunc("GET /earnings", s.serveEarnings)
		return []http.Handler{public}
	}
	private := server.Artifacts(opts)
	server.Operations(private, opts)
	private.HandleFunc("GET /earnings", s.serveEarnings)
	return []http.Handler{public, private}
}
