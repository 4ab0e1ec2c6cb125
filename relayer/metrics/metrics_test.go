// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
)

func newMetrics(t *testing.T) (*Metrics, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	m, err := New(registry, "v1", []string{"base"})
	require.NoError(t, err)
	return m, registry
}

func TestMetrics(t *testing.T) {
	m, registry := newMetrics(t)
	m.Stepped(mirror.State{
		Name: "base", Head: 9, Progress: mirror.Progress{Sent: 7, Safe: 6, Final: 4}, Seen: time.Now(),
		PendingSince: time.Now().Add(-time.Minute), Paused: true, Reorgs: 2, Relayed: 3, Failures: 1,
	})
	m.LookFailed("base", fmt.Errorf("x: %w", mirror.ErrDisagreement))
	m.SendFailed("base", mirror.ErrLowBalance)
	m.Height("base", 12)
	m.Wallet("base", "0xaa", big.NewInt(5), big.NewInt(2), big.NewInt(1))
	text := scrape(t, registry)
	for _, line := range []string{
		`observed_headers_total{dst="base"} 9`,
		`relayed_headers_total{dst="base"} 3`,
		`chain_latest_height{chain="base"} 12`,
		`wallet_balance{address="0xaa",dst="base"} 5`,
		`wallet_floor{dst="base"} 2`,
		`fees_spent{dst="base"} 1`,
		`tx_errors_total{dst="base",kind="low_balance"} 1`,
		`tx_errors_total{dst="base",kind="disagreement"} 0`,
		`block_query_errors_total{dst="base",kind="disagreement"} 1`,
		`rpc_disagreement_total{dst="base"} 1`,
		`unrelayed{dst="base"} 2`,
		`nonce_gap{dst="base"} 5`,
		`reorg_total{dst="base"} 2`,
		`sent_nonce{dst="base"} 7`,
		`safe_nonce{dst="base"} 6`,
		`final_nonce{dst="base"} 4`,
		`paused{dst="base"} 1`,
		`stopped{dst="base"} 0`,
		`consecutive_failures{dst="base"} 1`,
		`oldest_pending_seconds{dst="base"} 6`,
		`build_info{`,
	} {
		require.Contains(t, text, "\ncupel_relayer_"+line)
	}
	_, err := New(registry, "v1", nil)
	require.Error(t, err, "a registry has room for one")
}

// scrape returns what a Prometheus server would read.
func scrape(t *testing.T, registry *prometheus.Registry) string {
	t.Helper()
	res := httptest.NewRecorder()
	Handler(registry, nil, nil, nil).ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, res.Code)
	return res.Body.String()
}

func TestServer(t *testing.T) {
	_, registry := newMetrics(t)
	ok := true
	handler := Handler(registry, func() Health { return Health{OK: ok, Targets: map[string]string{"base": ""}} },
		func(context.Context) any { return "status" }, func(context.Context) any { return func() {} })
	for path, want := range map[string]int{
		"/metrics": http.StatusOK, "/healthz": http.StatusOK, "/status": http.StatusOK,
		"/pending": http.StatusInternalServerError, "/other": http.StatusNotFound,
	} {
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, want, res.Code, path)
	}
	ok = false
	res := httptest.NewRecorder()
	handler.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	require.Equal(t, http.StatusServiceUnavailable, res.Code)
}

func TestServeStops(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, http.NotFoundHandler()) }()
	res, err := http.Get("http://" + l.Addr().String())
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.ErrorContains(t, Serve(t.Context(), l, nil), "serve")
}
