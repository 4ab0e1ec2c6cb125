// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"net/http"
	"time"

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
		Public: s.journal, Files: []server.Files{s.results, s.inputs}, Sealed: s.sealed,
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
