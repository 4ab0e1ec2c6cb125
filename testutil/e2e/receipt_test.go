// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// receiptVerdict is what `cupeld receipt verify` says.
type receiptVerdict struct {
	Verified, Trusted bool
	Task              uint64
	AnchorHash        string `json:"anchor_hash"`
	Payments          []struct {
		Amount uint64 `json:"amount,string"`
	}
}

// cupeld runs a command to its end and returns its standard output.
func (w *world) cupeld(args ...string) string {
	w.t.Helper()
	command := net.Command(w.ctx, w.Binaries.Cupeld, args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(w.t, err, "%v", args)
	return string(out)
}

// verifyReceipt checks a receipt without a node.
func (w *world) verifyReceipt(path string, more ...string) receiptVerdict {
	w.t.Helper()
	var v receiptVerdict
	out := w.cupeld(append([]string{"receipt", "verify", path, "-o", "json"}, more...)...)
	require.NoError(w.t, json.Unmarshal([]byte(out), &v))
	return v
}

// TestReceipt follows a job to the file that proves its payments: beside its
// results, fetched alone, and after the task has left state.
func TestReceipt(t *testing.T) {
	need(t)
	p := params()
	p.CheckpointBlocks = 5
	w := newWorld(t, 3, 10*time.Minute, p, func(s *net.Setup) {
		s.Edits = append(s.Edits, net.Edit{Path: "app_state.market.params.0.params.retention_ticks", Value: "150"})
	})
	require.NoError(t, w.StartWorkers())
	a, err := w.AddAttestor(w.ctx, w.Nodes[0], false)
	require.NoError(t, err)
	require.NoError(t, a.Register(w.ctx))
	require.NoError(t, a.Start(w.ctx))
	require.NoError(t, w.WaitSet(w.ctx, 1))
	file, _ := w.job(1)
	batch := w.submit(file)
	require.Equal(t, net.Settled, w.final(batch).State)
	paid := w.checkLedger(batch).Paid

	dir := filepath.Join(w.Dir, "results")
	w.cupeld("job", "results", "batch:1", "--out", dir, "--receipt", "wait", "--node", w.Nodes[0].TCP())
	path := filepath.Join(dir, "receipt.json")
	v := w.verifyReceipt(path)
	require.True(t, v.Verified)
	require.False(t, v.Trusted)
	require.Equal(t, net.TaskOf(batch), v.Task)
	var sum uint64
	for _, payment := range v.Payments {
		sum += payment.Amount
	}
	require.Equal(t, paid, sum)
	require.True(t, w.verifyReceipt(path, "--set", v.AnchorHash).Trusted)

	data, err := os.ReadFile(path)
	require.NoError(t, err)
	fetch := []string{"receipt", "fetch", "1/0", "--out", "-", "--node", w.Nodes[0].TCP()}
	require.Equal(t, string(data), w.cupeld(fetch...))
	require.NoError(t, net.Until(w.ctx, 500*time.Millisecond, func() (bool, error) {
		_, err := w.Tally(w.ctx, 0, batch)
		return err != nil, nil
	}))
	require.Equal(t, string(data), w.cupeld(fetch...), "a task that was pruned keeps its receipt")
}
