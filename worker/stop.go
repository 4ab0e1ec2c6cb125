// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"time"

	"github.com/cupel-network/cupel/worker/sdnotify"
)

// farewell is the part of work.grace in which what was finished last is sent.
const farewell = 5 * time.Second

// runnerGrace is what running tasks have at a stop, so that a stop with all its
// sending fits in work.grace.
func runnerGrace(grace time.Duration) time.Duration {
	return max(grace-2*farewell, grace/2)
}

// drainSender waits until every statement is in a block, or the farewell is
// over: the next start sends what is left.
func (s *Service) drainSender(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, min(farewell, max(s.cfg.Work.Grace/4, 100*time.Millisecond)))
	defer cancel()
	for s.sender.Pending() > 0 {
		select {
		case <-ctx.Done():
			s.log.Warn("not everything was said before the stop; the next start says it", "pending", s.sender.Pending())
			return nil
		case <-time.After(s.cfg.Chain.Poll):
		}
	}
	return nil
}

// notifyEvery is how often systemd is told the state; aliveFor is how long the
// runner may take for one look at the chain before the watchdog is not fed.
const (
	notifyEvery = 5 * time.Second
	aliveFor    = 5 * time.Minute
)

// notify tells systemd that the worker is ready and alive. Alive means that the
// runner goes on and the journal can be written; an unreachable chain is no
// reason for a restart.
func (s *Service) notify(ctx context.Context) error {
	bus := sdnotify.FromEnv()
	if !bus.Enabled() {
		return nil
	}
	send := func(state ...string) {
		if err := bus.Send(state...); err != nil {
			s.log.Warn("systemd was not told the state", "err", err)
		}
	}
	send(sdnotify.Ready, sdnotify.Status("working"))
	tick := time.NewTicker(notifyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			send(sdnotify.Stopping, sdnotify.Status("stopping: running tasks may finish"))
			return ctx.Err()
		case <-tick.C:
		}
		if at := s.runner.Alive(); time.Since(at) < aliveFor && s.journal.Ping() == nil {
			send(sdnotify.Watchdog, sdnotify.Status(s.oneLine()))
		}
	}
}
