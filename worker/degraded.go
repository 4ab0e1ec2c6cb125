// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"fmt"
	"time"

	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Reasons for which a worker is degraded. None of them makes it drop a job.
const (
	// DegradedChain means that no endpoint answers: what becomes of the work is
	// unknown, and it goes on.
	DegradedChain = "chain_unknown"
	// DegradedEndpoint means that some endpoints do not answer.
	DegradedEndpoint = "endpoint_down"
	// DegradedBalance means that nothing new is committed to for want of coins.
	DegradedBalance = "balance_low"
	// DegradedBudget means that the fees of this hour are nearly spent.
	DegradedBudget = "fee_budget"
	// DegradedDrain means that the price policy takes no new work.
	DegradedDrain = "drained_by_policy"
	// DegradedJournal means that the journal cannot be written.
	DegradedJournal = "journal"
)

var degradedReasons = []string{DegradedChain, DegradedEndpoint, DegradedBalance, DegradedBudget, DegradedDrain, DegradedJournal}

// Degraded is one thing that is not as it should be.
type Degraded struct {
	Reason string `json:"reason"`
	// Text says what it means and what to do.
	Text string `json:"text"`
}

// degraded lists what is not as it should be, in a fixed order.
func (s *Service) degraded() []Degraded {
	all := []Degraded{}
	say := func(reason, format string, args ...any) {
		all = append(all, Degraded{reason, fmt.Sprintf(format, args...)})
	}
	if at := s.runner.Snapshot().At; at.IsZero() || time.Since(at) > chainStale {
		say(DegradedChain, "the chain does not answer: running work goes on and is said when it does")
	}
	for _, e := range s.chain.Endpoints() {
		if !e.Up && !e.Since.IsZero() {
			say(DegradedEndpoint, "%s: %s", e.URL, e.Error)
		}
	}
	if s.balanceLow.Load() {
		say(DegradedBalance, "nothing new is committed to: send coins to whoever pays the fees")
	}
	if spent, limit := s.sender.Budget(); limit != 0 && spent > limit-limit/10 {
		say(DegradedBudget, "%d of %d ucupel of this hour's fees are spent", spent, limit)
	}
	if own, err := s.drainedByPolicy(); err == nil && own != "" && s.runner.Snapshot().Status == registrytypes.ProviderDraining.String() {
		say(DegradedDrain, "no new work is taken: %s", own)
	}
	if s.journal.Ping() != nil {
		say(DegradedJournal, "the journal cannot be written: free some space")
	}
	return all
}

// watchHealth brings the metrics of endpoints and of degraded operation up to
// date.
func (s *Service) watchHealth(ctx context.Context) {
	s.chain.Probe(ctx)
	for _, e := range s.chain.Endpoints() {
		s.metrics.Endpoint(e.URL, e.Up)
	}
	s.metrics.Disagreements(s.chain.Disagreements())
	now := make(map[string]bool)
	for _, d := range s.degraded() {
		now[d.Reason] = true
	}
	for _, reason := range degradedReasons {
		s.metrics.Degraded(reason, now[reason])
	}
}

// oneLine is the state in one line, for systemctl status.
func (s *Service) oneLine() string {
	snap := s.runner.Snapshot()
	text := fmt.Sprintf("height %d, %d lots, %d cases, %d running, %d pending", s.chain.Head().Height, snap.Lots, snap.Cases, snap.Running, s.sender.Pending())
	for _, d := range s.degraded() {
		text += "; " + d.Reason
	}
	return text
}
