// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// healthyFor is how long an answer of the node counts.
const healthyFor = 30 * time.Second

// Metrics holds the attestor's Prometheus metrics and its health.
type Metrics struct {
	registry *prometheus.Registry

	signedTotal, sentTotal, refusedTotal         prometheus.Counter
	lastNonce, missed, dutiesNow, refusedNow, at prometheus.Gauge

	committedTotal, revealedTotal       prometheus.Counter
	lostShares, pausedUntil, idleMissed prometheus.Gauge

	mu     sync.Mutex
	health Health
	seen   time.Time
}

// Health is the answer of /healthz.
type Health struct {
	OK bool `json:"ok"`
	// Node reports whether the node has answered lately.
	Node   bool  `json:"node"`
	Height int64 `json:"height"`
	// Active is false until the account is registered, and after an absence.
	Active bool   `json:"active"`
	Missed uint32 `json:"missed"`
	// Refused counts open headers that must not be signed.
	Refused   int    `json:"refused"`
	Duties    int    `json:"duties"`
	LastNonce uint64 `json:"last_nonce"`
	// LostShares counts shares that are due and cannot be made.
	LostShares int `json:"lost_shares"`
}

// NewMetrics registers the metrics.
func NewMetrics() *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &Metrics{
		registry:     prometheus.NewRegistry(),
		signedTotal:  counter("attest_signed_total", "Signatures made; one that is made again counts again."),
		sentTotal:    counter("attest_sent_total", "Signatures in transactions that the node took."),
		refusedTotal: counter("attest_refused_total", "Times that a header was not signed because it does not hold."),
		lastNonce:    gauge("attest_last_nonce", "Highest nonce signed since the start."),
		missed:       gauge("attest_missed", "Headers missed in a row, as the chain counts them."),
		dutiesNow:    gauge("attest_duties", "Open headers without a signature of this attestor, 100 at most."),
		refusedNow:   gauge("attest_refused_open", "Open headers that must not be signed. Alert on more than 0."),
		at:           gauge("attest_height", "Height of the node."),

		committedTotal: counter("attest_beacon_committed_total", "Commitments to shares of the beacon that the node took."),
		revealedTotal:  counter("attest_beacon_revealed_total", "Shares of the beacon that the node took."),
		lostShares:     gauge("attest_beacon_lost", "Shares that are due and cannot be made. Alert on more than 0."),
		pausedUntil:    gauge("attest_beacon_paused_until", "Epoch until which the attestor is out of the beacon."),
		idleMissed:     gauge("attest_beacon_missed", "Epochs in a row without a commitment, as the chain counts them."),
	}
	m.registry.MustRegister(m.signedTotal, m.sentTotal, m.refusedTotal, m.lastNonce, m.missed, m.dutiesNow, m.refusedNow, m.at,
		m.committedTotal, m.revealedTotal, m.lostShares, m.pausedUntil, m.idleMissed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves /metrics and /healthz.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		health := m.Health()
		w.Header().Set("Content-Type", "application/json")
		if !health.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(health) // the client is gone if this fails
	})
	return mux
}

// Health returns what /healthz answers.
func (m *Metrics) Health() Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.health
	h.Node = time.Since(m.seen) < healthyFor
	h.OK = h.Node && h.Active && h.Refused == 0 && h.LostShares == 0
	return h
}

func (m *Metrics) update(change func(*Health)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.health)
}

func (m *Metrics) node(height int64) {
	m.at.Set(float64(height))
	m.update(func(h *Health) { h.Height, m.seen = height, time.Now() })
}

func (m *Metrics) record(own types.Attestor) {
	m.missed.Set(float64(own.Missed))
	m.pausedUntil.Set(float64(own.PausedUntil))
	m.idleMissed.Set(float64(own.BeaconMissed))
	m.update(func(h *Health) { h.Active, h.Missed = own.Active && !own.Tombstoned, own.Missed })
}

func (m *Metrics) signed(nonce uint64) {
	m.signedTotal.Inc()
	m.update(func(h *Health) {
		h.LastNonce = max(h.LastNonce, nonce)
		m.lastNonce.Set(float64(h.LastNonce))
	})
}

func (m *Metrics) sent(n int) { m.sentTotal.Add(float64(n)) }

func (m *Metrics) refuse() { m.refusedTotal.Inc() }

func (m *Metrics) duties(n int) {
	m.dutiesNow.Set(float64(n))
	m.update(func(h *Health) { h.Duties = n })
}

func (m *Metrics) open(n int) {
	m.refusedNow.Set(float64(n))
	m.update(func(h *Health) { h.Refused = n })
}

func (m *Metrics) committed() { m.committedTotal.Inc() }

func (m *Metrics) revealed() { m.revealedTotal.Inc() }

func (m *Metrics) lose(n int) {
	m.lostShares.Set(float64(n))
	m.update(func(h *Health) { h.LostShares = n })
}
