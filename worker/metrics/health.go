// SPDX-License-Identifier: Apache-2.0

package metrics

import "github.com/prometheus/client_golang/prometheus"

// health are the gauges of degraded operation.
type health struct {
	endpoints *prometheus.GaugeVec
	degraded  *prometheus.GaugeVec
	disagreed prometheus.Gauge
}

func newHealth() health {
	gauge := func(name, help, label string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{label})
	}
	return health{
		endpoints: gauge("worker_rpc_up", "1 if an RPC endpoint answered the last call, else 0.", "endpoint"),
		degraded:  gauge("worker_degraded", "1 while the worker is degraded for a reason, else 0.", "reason"),
		disagreed: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "worker_rpc_disagreements", Help: "Questions since the start on which no answer had enough endpoints behind it.",
		}),
	}
}

func (h health) register(r *prometheus.Registry) {
	r.MustRegister(h.endpoints, h.degraded, h.disagreed)
}

// Endpoint sets whether an endpoint answers.
func (h health) Endpoint(url string, up bool) { h.endpoints.WithLabelValues(url).Set(oneIf(up)) }

// Degraded sets whether the worker is degraded for a reason.
func (h health) Degraded(reason string, now bool) { h.degraded.WithLabelValues(reason).Set(oneIf(now)) }

// Disagreements sets how many questions found no agreement.
func (h health) Disagreements(n uint64) { h.disagreed.Set(float64(n)) }

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
