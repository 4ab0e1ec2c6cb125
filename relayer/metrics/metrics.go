// SPDX-License-Identifier: Apache-2.0

// Package metrics holds the relayer's Prometheus metrics and serves them.
package metrics

import (
	"errors"
	"math/big"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// Namespace is the prefix of every metric.
const Namespace = "cupel_relayer"

// Metrics implements mirror.Observer.
type Metrics struct {
	states        *states
	height        *prometheus.GaugeVec
	balance       *prometheus.GaugeVec
	floor         *prometheus.GaugeVec
	spent         *prometheus.GaugeVec
	sendErrors    *prometheus.CounterVec
	lookErrors    *prometheus.CounterVec
	disagreements *prometheus.CounterVec
}

var _ mirror.Observer = (*Metrics)(nil)

// New registers the metrics with a registry. Version is that of the program,
// targets are the names of the mirrors.
func New(registry prometheus.Registerer, version string, targets []string) (*Metrics, error) {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: Namespace, Name: name, Help: help}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: Namespace, Name: name, Help: help}, labels)
	}
	m := &Metrics{
		states:        newStates(),
		height:        gauge("chain_latest_height", "Highest block seen of a chain.", "chain"),
		balance:       gauge("wallet_balance", "Balance of the account that pays, in wei or lamports.", "dst", "address"),
		floor:         gauge("wallet_floor", "Balance below which nothing is sent, in wei or lamports.", "dst"),
		spent:         gauge("fees_spent", "Fees of the transactions recorded since the start, in wei or lamports.", "dst"),
		sendErrors:    counter("tx_errors_total", "Entries that could not be recorded, by class of error.", "dst", "kind"),
		lookErrors:    counter("block_query_errors_total", "Failed looks at home or target, by class of error.", "dst", "kind"),
		disagreements: counter("rpc_disagreement_total", "Times that endpoints contradicted each other.", "dst"),
	}
	info := gauge("build_info", "Always 1.", "version", "go")
	info.WithLabelValues(version, runtime.Version()).Set(1)
	for _, target := range targets {
		// Alerts compare with zero: a counter must be there before its first event.
		m.disagreements.WithLabelValues(target)
		for _, kind := range mirror.Kinds() {
			m.sendErrors.WithLabelValues(target, kind)
			m.lookErrors.WithLabelValues(target, kind)
		}
	}
	var all []error
	for _, c := range []prometheus.Collector{m.states, m.height, m.balance, m.floor, m.spent, m.sendErrors, m.lookErrors, m.disagreements, info} {
		all = append(all, registry.Register(c))
	}
	return m, errors.Join(all...)
}

// Stepped implements mirror.Observer.
func (m *Metrics) Stepped(state mirror.State) { m.states.set(state) }

// LookFailed implements mirror.Observer.
func (m *Metrics) LookFailed(name string, err error) { m.failed(m.lookErrors, name, err) }

// SendFailed implements mirror.Observer.
func (m *Metrics) SendFailed(name string, err error) { m.failed(m.sendErrors, name, err) }

func (m *Metrics) failed(counter *prometheus.CounterVec, name string, err error) {
	counter.WithLabelValues(name, mirror.Kind(err)).Inc()
	if errors.Is(err, mirror.ErrDisagreement) {
		m.disagreements.WithLabelValues(name).Inc()
	}
}

// Height sets the highest block seen of a chain.
func (m *Metrics) Height(chain string, height int64) {
	m.height.WithLabelValues(chain).Set(float64(height))
}

// Wallet sets what the account of a target holds, must hold and has spent.
func (m *Metrics) Wallet(target, address string, balance, floor, spent *big.Int) {
	m.balance.WithLabelValues(target, address).Set(toFloat(balance))
	m.floor.WithLabelValues(target).Set(toFloat(floor))
	m.spent.WithLabelValues(target).Set(toFloat(spent))
}

func toFloat(n *big.Int) float64 {
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}
