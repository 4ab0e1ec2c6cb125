// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

const (
	active   = "PROVIDER_STATUS_ACTIVE"
	draining = "PROVIDER_STATUS_DRAINING"
)

// priced is a provider whose worker follows a policy file.
type priced struct {
	w *world
	p *net.Provider
}

// newPriced puts a policy file into a worker's configuration.
func (w *world) newPriced(p *net.Provider, policy string) priced {
	w.t.Helper()
	path := filepath.Join(p.WorkerHome, "config.yaml")
	raw, err := os.ReadFile(path)
	require.NoError(w.t, err)
	before, after, found := strings.Cut(string(raw), "\npolicy:\n    file: \"\"\n")
	require.True(w.t, found)
	require.NoError(w.t, os.WriteFile(path, []byte(before+"\npolicy:\n    file: policy.yaml\n"+after), 0o600))
	x := priced{w, p}
	x.write(policy)
	return x
}

// write replaces the policy file, as an editor does.
func (x priced) write(policy string) {
	x.w.t.Helper()
	path := filepath.Join(x.p.WorkerHome, "policy.yaml")
	require.NoError(x.w.t, os.WriteFile(path+".new", []byte(policy), 0o600))
	require.NoError(x.w.t, os.Rename(path+".new", path))
}

// becomes waits for the provider's status on chain.
func (x priced) becomes(status, why string) {
	x.w.t.Helper()
	var now string
	err := net.Until(x.w.ctx, 200*time.Millisecond, func() (bool, error) {
		account, err := x.w.Provider(x.w.ctx, 0, x.p.Operator.Address)
		now = account.Status
		return now == status, err
	})
	require.NoError(x.w.t, err, "%s: the status is %s", why, now)
}

// shows waits for what the worker says: what it knows of the chain is some
// seconds old.
func (x priced) shows(what string, holds func() bool) {
	x.w.t.Helper()
	require.NoError(x.w.t, net.Until(x.w.ctx, 500*time.Millisecond, func() (bool, error) { return holds(), nil }), what)
}

// stays sees that the status is the same after the policy was looked at again.
func (x priced) stays(status string) {
	x.w.t.Helper()
	until := time.Now().Add(12 * time.Second) // the worker looks every 10 seconds
	for time.Now().Before(until) {
		require.Equal(x.w.t, status, x.w.provider(x.p).Status)
		time.Sleep(500 * time.Millisecond)
	}
}

// own reports whether the worker remembers a drain as the policy's.
func (x priced) own() bool {
	_, err := os.Stat(filepath.Join(x.p.WorkerHome, "drained-by-policy"))
	return err == nil
}

// reprice registers another ask with the operator's key, the only one that may.
func (x priced) reprice(ask uint64) {
	x.w.t.Helper()
	file := filepath.Join(x.p.Home, "update.yaml")
	text := fmt.Sprintf("payout: %s\nregion: local\nendpoint: %s\nencryption_key: %s\nresources:\n  - {class: %s, count: 4, price: %d}\n",
		x.p.Payout.Address, x.p.Endpoint, x.p.EncryptionKey, net.Class, ask)
	require.NoError(x.w.t, os.WriteFile(file, []byte(text), 0o600))
	_, err := x.w.Tx(x.w.ctx, x.p.Operator, "registry", "update-provider", file)
	require.NoError(x.w.t, err)
}

// degraded are the reasons that `cupel-worker status` gives.
func (x priced) degraded() (reasons []string) {
	x.w.t.Helper()
	var st struct{ Degraded []struct{ Reason string } }
	require.NoError(x.w.t, json.Unmarshal([]byte(x.w.worker(x.p, "status", "-o", "json")), &st))
	for _, d := range st.Degraded {
		reasons = append(reasons, d.Reason)
	}
	return reasons
}

func pricing(ask, floor int, more string) string {
	return fmt.Sprintf("classes:\n  %s: {ask: %d, floor: %d%s}\ndrain_below_floor: true\n", net.Class, ask, floor, more)
}

// TestPolicyDrains follows the price policy of a worker that runs: an ask below
// what the policy calls for drains the provider, whom no work is given then; a new
// ask, or an edited file, undoes that; a surge counts, a broken file does not, a
// crash forgets nothing, and a drain of the operator is never touched. What one
// requester may owe drains and undoes too.
func TestPolicyDrains(t *testing.T) {
	need(t)
	p := params()
	p.WindowTicks = 60 // what is at risk stays so for longer than the worker looks away
	w := newWorld(t, 4, 8*time.Minute, p, nil)
	cheap := w.newPriced(w.Providers[0], pricing(ask+100_000, ask+50_000, ""))
	careful := w.newPriced(w.Providers[1], "max_at_risk: 1\n")
	require.NoError(t, w.StartWorkers())

	cheap.becomes(draining, "the ask is below the floor")
	require.True(t, cheap.own())
	cheap.shows("the status", func() bool { return slices.Contains(cheap.degraded(), "drained_by_policy") })
	require.Contains(t, w.worker(cheap.p, "price"), "below the floor")

	file, _ := w.job(1)
	batch := w.submit(file)
	careful.becomes(draining, "a requester owes too much")
	task := w.final(batch)
	require.Equal(t, net.Settled, task.State, "what is assigned is served")
	require.True(t, slices.Contains(task.Providers, careful.p.ID))
	require.False(t, slices.Contains(task.Providers, cheap.p.ID), "a drained provider is given no work")
	careful.becomes(active, "it is paid")

	cheap.reprice(ask + 100_000)
	cheap.becomes(active, "the operator asks what the policy calls for")
	cheap.shows("the price", func() bool { return strings.Contains(w.worker(cheap.p, "price"), "ok") })
	cheap.shows("the status", func() bool { return len(cheap.degraded()) == 0 })

	// The file is edited under the running worker.
	cheap.write(pricing(ask+200_000, ask, ""))
	cheap.becomes(draining, "the policy asks for more")
	require.True(t, cheap.own())
	cheap.write(pricing(ask+100_000, ask, ""))
	cheap.becomes(active, "the policy asks for less again")

	// A surge at any time calls for half as much again, its ceiling for no more.
	cheap.write(pricing(ask+100_000, ask, ", surge: [{percent: 150}]"))
	cheap.becomes(draining, "a surge")
	cheap.p.Process().Kill()
	cheap.write(pricing(ask+100_000, ask, fmt.Sprintf(", ceiling: %d, surge: [{percent: 150}]", ask+100_000)))
	require.NoError(t, cheap.p.StartWorker())
	cheap.becomes(active, "after a crash the drain is still the policy's own")

	// What the operator drains stays drained, whatever the policy says.
	w.worker(cheap.p, "drain")
	require.False(t, cheap.own())
	cheap.write("classes: {" + net.Class + ": {ask: 1, floor: 2}}") // and it is broken
	cheap.stays(draining)
	w.worker(cheap.p, "drain", "--undo")
	cheap.becomes(active, "the operator's undo")
}
