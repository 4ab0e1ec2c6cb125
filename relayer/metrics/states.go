// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// figure is one metric of a mirror's state.
type figure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(mirror.State) float64
}

// states shows the last state of every mirror. Ages are those at the scrape.
type states struct {
	figures []figure

	mu   sync.Mutex
	last map[string]mirror.State
}

func newStates() *states {
	s := &states{last: make(map[string]mirror.State)}
	add := func(kind prometheus.ValueType, name, help string, value func(mirror.State) float64) {
		desc := prometheus.NewDesc(prometheus.BuildFQName(Namespace, "", name), help, []string{"dst"}, nil)
		s.figures = append(s.figures, figure{desc, kind, value})
	}
	gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
	add(counter, "observed_headers_total", "Sealed headers of the home chain: the highest nonce.", func(s mirror.State) float64 { return float64(s.Head) })
	add(counter, "relayed_headers_total", "Headers that this process recorded.", func(s mirror.State) float64 { return float64(s.Relayed) })
	add(counter, "reorg_total", "Times that the target lost what it had recorded.", func(s mirror.State) float64 { return float64(s.Reorgs) })
	add(gauge, "sent_nonce", "Highest nonce in the target's newest state.", func(s mirror.State) float64 { return float64(s.Progress.Sent) })
	add(gauge, "safe_nonce", "Highest nonce that is safe.", func(s mirror.State) float64 { return float64(s.Progress.Safe) })
	add(gauge, "final_nonce", "Highest nonce that is final.", func(s mirror.State) float64 { return float64(s.Progress.Final) })
	add(gauge, "unrelayed", "Sealed headers that the target does not have.", func(s mirror.State) float64 { return float64(s.Lag()) })
	add(gauge, "nonce_gap", "Sealed headers that the target does not have for good.", func(s mirror.State) float64 {
		return float64(s.Head) - float64(min(s.Progress.Final, s.Head))
	})
	add(gauge, "oldest_pending_seconds", "Age of the oldest sealed header that the target does not have; 0 if it has all.", func(s mirror.State) float64 {
		return age(s.PendingSince)
	})
	add(gauge, "last_look_seconds", "Time since home and target were last read.", func(s mirror.State) float64 { return age(s.Seen) })
	add(gauge, "consecutive_failures", "Failed steps in a row.", func(s mirror.State) float64 { return float64(s.Failures) })
	add(gauge, "paused", "1 while the operator has paused the target.", func(s mirror.State) float64 { return flag(s.Paused) })
	add(gauge, "stopped", "1 while the target has stopped itself: look at its reason.", func(s mirror.State) float64 { return flag(s.Stopped) })
	return s
}

func (s *states) set(state mirror.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[state.Name] = state
}

// Describe implements prometheus.Collector.
func (s *states) Describe(out chan<- *prometheus.Desc) {
	for _, f := range s.figures {
		out <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (s *states) Collect(out chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, state := range s.last {
		for _, f := range s.figures {
			out <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(state), name)
		}
	}
}

func age(since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return time.Since(since).Seconds()
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
