// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// hearing is what these tests read of a case that a jury heard.
type hearing struct {
	Kind, Phase, Appeal, Challenge, Claim string
	Appealed, Punished                    bool
	Seats                                 []net.Seat
	Missing                               []uint32
}

// hearing returns the case of a batch's first task.
func (w *world) hearing(batch uint64) hearing {
	w.t.Helper()
	var res struct{ Case hearing }
	require.NoError(w.t, w.Query(w.ctx, 0, fmt.Sprintf("/cupel/market/v1/cases/%d", net.TaskOf(batch)), &res))
	return res.Case
}

// TestAppealTurnsTheDecision has three liars out-vote the two honest workers of a
// set of five. Each of the two runs the task again; one asks for a jury with its
// own coins, and the jury finds for both: they keep their bonds and are paid, the
// liars lose theirs.
func TestAppealTurnsTheDecision(t *testing.T) {
	need(t)
	const liars, replicas, panel = 3, 5, 8
	lying := build(t, "liar", "./testutil/e2e/liar")
	p := params()
	p.WindowTicks = 60 // time enough to run a task again
	w := newWorld(t, panel, 5*time.Minute, p, func(s *net.Setup) {
		const market = "app_state.market.params.0.params."
		s.Edits = append(s.Edits, net.Edit{Path: market + "grow_to", Value: replicas}, net.Edit{Path: market + "quorum", Value: replicas/2 + 1})
		for i := range s.Offers {
			if i < liars {
				s.Workers[i] = lying
			}
			if i >= replicas {
				s.Offers[i].Price = ceiling + 1 // nobody hires them; a jury does not ask
			}
		}
	})
	require.NoError(t, w.StartWorkers())
	start := time.Now()
	file, dir := w.job(1)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	edited := strings.Replace(string(text), "replicas: 3", fmt.Sprintf("replicas: %d", replicas), 1)
	require.NotEqual(t, string(text), edited)
	require.NoError(t, os.WriteFile(file, []byte(edited), 0o600))
	batch := w.submit(file)
	task := w.final(batch)
	t.Logf("from submit to settled: %s", time.Since(start))
	require.Equal(t, net.Settled, task.State, task.Reason)
	w.checkResult(batch, dir)

	c := w.hearing(batch)
	require.Equal(t, "CASE_KIND_APPEAL", c.Kind)
	require.True(t, c.Appealed)
	require.Equal(t, "RULING_WON", c.Appeal)
	require.Len(t, c.Seats, panel)
	for _, s := range c.Seats {
		want := "VERDICT_RIGHT"
		if slices.ContainsFunc(w.Providers[:liars], func(p *net.Provider) bool { return p.ID == s.Provider }) {
			want = "VERDICT_WRONG"
		}
		require.Equal(t, want, s.Verdict, "provider %d", s.Provider)
	}
	for i, p := range w.Providers {
		account := w.provider(p)
		if i < liars {
			require.Equal(t, "PROVIDER_STATUS_JAILED", account.Status)
			require.NotZero(t, account.Slashed)
			require.Zero(t, w.earned(p))
			continue
		}
		require.EqualValues(t, net.Bond, account.Bond, p.Name)
		require.NotZero(t, w.earned(p), p.Name)
		balance, err := w.Balance(w.ctx, 0, p.WorkerAddress)
		require.NoError(t, err)
		require.Greater(t, balance, uint64(9*net.CUPEL), "%s: the bond is back, fees are gone", p.Name)
	}
	filed := 0
	appeals, err := w.Txs(w.ctx, "message.action='/cupel.market.v1.MsgAppeal'")
	require.NoError(t, err)
	for _, tx := range appeals {
		if tx.Code == 0 {
			filed++
		}
	}
	require.Equal(t, 1, filed)
	require.LessOrEqual(t, len(appeals), replicas-liars, "each says it once at most")
}
