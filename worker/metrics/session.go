// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sessions are the metrics of the OpenAI-compatible front.
type Sessions struct {
	calls      *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	tokens     *prometheus.CounterVec
	earned     *prometheus.CounterVec
	unredeemed prometheus.Gauge
}

// NewSessions registers the metrics of the front.
func (m *Metrics) NewSessions() *Sessions {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	s := &Sessions{
		calls:  counter("worker_session_calls_total", "Calls that ended, by model, status and code of the error.", "model", "status", "code"),
		tokens: counter("worker_session_tokens_total", "Tokens sold, by model and direction.", "model", "direction"),
		earned: counter("worker_session_charged_total", "Charges of calls in base units, each rounded up.", "model"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "worker_session_seconds", Help: "Real time of a call.", Buckets: buckets,
		}, []string{"model"}),
		unredeemed: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "worker_session_unredeemed", Help: "What vouchers promise beyond what the chain has paid, in base units.",
		}),
	}
	m.registry.MustRegister(s.calls, s.seconds, s.tokens, s.earned, s.unredeemed)
	return s
}

// Call counts a call. Model is empty if the call named none that is on sale.
func (s *Sessions) Call(model string, status int, code string, took time.Duration) {
	s.calls.WithLabelValues(model, strconv.Itoa(status), code).Inc()
	s.seconds.WithLabelValues(model).Observe(took.Seconds())
}

// Charged counts tokens that were sold.
func (s *Sessions) Charged(model string, in, out, amount uint64) {
	s.tokens.WithLabelValues(model, "in").Add(float64(in))
	s.tokens.WithLabelValues(model, "out").Add(float64(out))
	s.earned.WithLabelValues(model).Add(float64(amount))
}

// Unredeemed sets what is not redeemed yet.
func (s *Sessions) Unredeemed(amount uint64) { s.unredeemed.Set(float64(amount)) }
