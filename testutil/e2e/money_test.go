// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// worker runs a command of cupel-worker in a provider's home.
func (w *world) worker(p *net.Provider, args ...string) string {
	w.t.Helper()
	command := net.Command(w.ctx, p.Binary, append(args, "--home", p.WorkerHome)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(w.t, err, "%v", args)
	return string(out)
}

// booked is what the worker's book says it was paid and spent.
func (w *world) booked(p *net.Provider) (paid, estimated, fees uint64) {
	w.t.Helper()
	var r struct {
		Classes []struct{ Paid, Estimated uint64 }
		FeeSum  uint64 `json:"fee_sum"`
	}
	require.NoError(w.t, json.Unmarshal([]byte(w.worker(p, "earnings", "-o", "json")), &r))
	for _, c := range r.Classes {
		paid, estimated = paid+c.Paid, estimated+c.Estimated
	}
	return paid, estimated, r.FeeSum
}

// TestMoneyOfAWorker compares the worker's own book with its payout account,
// rotates a hot key under a running worker, and stops it in time.
func TestMoneyOfAWorker(t *testing.T) {
	need(t)
	w := newWorld(t, 3, 4*time.Minute, params(), nil)
	require.NoError(t, w.StartWorkers())
	file, _ := w.job(1)
	require.Equal(t, net.Settled, w.final(w.submit(file)).State)
	for _, provider := range w.Providers {
		w.waitBooked(provider)
	}

	first := w.Providers[0]
	out := w.worker(first, "key", "rotate", "second")
	address := strings.Fields(out[strings.Index(out, "cupel1"):])[0]
	first.Process().Stop()
	config := filepath.Join(first.WorkerHome, "config.yaml")
	raw, err := os.ReadFile(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config, []byte(strings.Replace(string(raw), "    name: worker\n", "    name: worker\n    next: second\n", 1)), 0o600))
	require.NoError(t, first.StartWorker())
	_, err = w.Tx(w.ctx, first.Operator, "bank", "send", first.Operator.Address, address, "1000000ucupel")
	require.NoError(t, err)
	_, err = w.Tx(w.ctx, first.Operator, "registry", "rotate-worker", address)
	require.NoError(t, err)
	file, _ = w.job(2)
	require.Equal(t, net.Settled, w.final(w.submit(file)).State, "all three are needed")
	account := w.provider(first)
	require.Equal(t, address, account.Worker)
	require.Zero(t, account.Missed, "nothing was missed in the rotation")
	w.waitBooked(first)

	start := time.Now()
	first.Process().Stop()
	require.Less(t, time.Since(start), 30*time.Second)
	require.NoError(t, first.Process().Wait(w.ctx), "SIGTERM is a clean end")
	w.waitBooked(first) // from the file: nobody runs
}

// waitBooked waits until the book has all that the payout account has.
func (w *world) waitBooked(p *net.Provider) {
	w.t.Helper()
	earned := w.earned(p)
	require.Positive(w.t, earned)
	var paid, estimated, fees uint64
	err := net.Until(w.ctx, time.Second, func() (bool, error) {
		paid, estimated, fees = w.booked(p)
		return paid >= earned, nil
	})
	require.NoError(w.t, err, "booked %d of %d", paid, earned)
	require.Equal(w.t, earned, paid)
	require.Zero(w.t, estimated, "every payment was read from its block")
	require.Positive(w.t, fees)
}
