// SPDX-License-Identifier: Apache-2.0

// Package metrics holds the worker's Prometheus metrics in a registry of its
// own.
package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cupel-network/cupel/worker/sender"
)

// Metrics implements the observers of the worker's parts.
type Metrics struct {
	health
	registry *prometheus.Registry
	jobs     *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	stages   *prometheus.HistogramVec
	running  prometheus.Gauge
	sent     *prometheus.CounterVec
	items    *prometheus.CounterVec
	done     *prometheus.CounterVec
	fees     *prometheus.CounterVec
	appeals  *prometheus.CounterVec
	balance  prometheus.Gauge
	height   prometheus.Gauge
}

var (
	_ sender.Observer = (*Metrics)(nil)

	buckets = []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}
)

// New registers the metrics. Version is that of the program.
func New(version string) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &Metrics{
		health:   newHealth(),
		registry: prometheus.NewRegistry(),
		jobs:     counter("worker_jobs_total", "Tasks that were executed, by outcome and class.", "state", "engine"),
		seconds:  histogram("worker_job_seconds", "Real time of one task.", "engine"),
		stages:   histogram("worker_stage_seconds", "Real time of one stage of an attempt.", "stage"),
		running:  gauge("worker_jobs_running", "Attempts that are fetched or executed now."),
		sent:     counter("worker_tx_sent_total", "Transactions that were signed and sent.", "kind"),
		items:    counter("worker_tx_items_total", "Items in the transactions sent.", "kind"),
		done:     counter("worker_tx_done_total", "Transactions that ended, by result.", "kind", "result"),
		fees:     counter("worker_fees_total", "Fees of the transactions that are in a block, in ucupel.", "kind"),
		appeals:  counter("worker_appeals_total", "Appeals against decisions, by what became of them.", "result"),
		balance:  gauge("worker_balance", "Balance of the worker's account, or of its fee granter, in ucupel."),
		height:   gauge("worker_chain_height", "Highest block seen."),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "worker_build_info", Help: "Always 1."}, []string{"version", "go"})
	info.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(m.jobs, m.seconds, m.stages, m.running, m.sent, m.items, m.done, m.fees, m.appeals, m.balance, m.height, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.register(m.registry)
	return m
}

// Register adds a collector, such as that of the GPUs.
func (m *Metrics) Register(c prometheus.Collector) error { return m.registry.Register(c) }

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Stage notes the time of a stage of an attempt.
func (m *Metrics) Stage(stage string, took time.Duration) {
	m.stages.WithLabelValues(stage).Observe(took.Seconds())
}

// JobDone counts a task that was executed.
func (m *Metrics) JobDone(state, class string, took time.Duration) {
	m.jobs.WithLabelValues(state, class).Inc()
	m.seconds.WithLabelValues(class).Observe(took.Seconds())
}

// Jobs sets the number of attempts under way.
func (m *Metrics) Jobs(running int) { m.running.Set(float64(running)) }

// TxSent counts a transaction and its items.
func (m *Metrics) TxSent(kind sender.Kind, items int) {
	m.sent.WithLabelValues(kind.String()).Inc()
	m.items.WithLabelValues(kind.String()).Add(float64(items))
}

// TxDone counts the end of a transaction.
func (m *Metrics) TxDone(kind sender.Kind, result string) {
	m.done.WithLabelValues(kind.String(), result).Inc()
}

// FeePaid counts what was spent on fees.
func (m *Metrics) FeePaid(kind sender.Kind, fee uint64) {
	m.fees.WithLabelValues(kind.String()).Add(float64(fee))
}

// Appeal counts what became of an appeal.
func (m *Metrics) Appeal(result string) { m.appeals.WithLabelValues(result).Inc() }

// Balance sets the balance in base units.
func (m *Metrics) Balance(amount float64) { m.balance.Set(amount) }

// Height sets the height of the chain.
func (m *Metrics) Height(height int64) { m.height.Set(float64(height)) }
