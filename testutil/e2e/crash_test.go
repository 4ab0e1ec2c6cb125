// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// steps are those of the worker's journal, as CUPEL_CRASH_AFTER names them.
var steps = []string{"assigned", "fetched", "running", "executed", "committed", "revealed", "paid"}

// TestCrash kills a worker as kill -9 does after each step of its journal. With
// three providers for three replicas it always has a seat. After a restart the
// task settles, with one commit and one reveal of each seat and all bonds
// whole.
func TestCrash(t *testing.T) {
	need(t)
	crashing := build(t, "cupel-worker-crash", "./cmd/cupel-worker", "cupelcrash")
	w := newWorld(t, 3, 12*time.Minute, params(), func(s *net.Setup) { s.Workers[0] = crashing })
	victim := w.Providers[0]
	for _, p := range w.Providers[1:] {
		require.NoError(t, p.StartWorker())
	}
	for i, step := range steps {
		t.Run(step, func(t *testing.T) {
			w := &world{Local: w.Local, t: t, ctx: w.ctx, module: w.module, root: w.root}
			w.crashAfter(victim, step, i)
		})
	}
}

func (w *world) crashAfter(victim *net.Provider, step string, leaf int) {
	t := w.t
	require.NoError(t, victim.StartWorker("CUPEL_CRASH_AFTER="+step))
	defer func() { victim.Process().Stop() }()
	file, dir := w.job(leaf)
	batch := w.submit(file)
	require.Error(t, victim.Process().Wait(w.ctx), "the worker goes on after %s", step)
	require.True(t, victim.Process().Killed(), "the worker ended otherwise than by SIGKILL")
	require.NoError(t, victim.StartWorker())
	task := w.final(batch)
	require.Equal(t, net.Settled, task.State, task.Reason)
	require.Len(t, task.Right, 3)
	w.checkResult(batch, dir)
	w.checkLedger(batch)

	seats, err := w.Lot(w.ctx, batch, 0)
	require.NoError(t, err)
	require.Len(t, seats, 3)
	for _, s := range seats {
		require.Equal(t, "SEAT_PHASE_REVEALED", s.Phase, "provider %d", s.Provider)
		// The first draws are numbered from 1, later ones go on from there.
		require.LessOrEqual(t, int(s.Attempt), len(seats), "provider %d was drawn again", s.Provider)
	}
	for _, p := range w.Providers {
		account := w.provider(p)
		require.EqualValues(t, net.Bond, account.Bond)
		require.Zero(t, account.Slashed)
		require.Zero(t, account.Missed)
		require.Equal(t, 1, w.said(p, "MsgCommit", batch), "commits of %s", p.Name)
		require.Equal(t, 1, w.said(p, "MsgReveal", batch), "reveals of %s", p.Name)
	}
}

// said counts how often a provider's worker sent a statement on the first lot
// of a batch in a transaction that is in a block.
func (w *world) said(p *net.Provider, message string, batch uint64) int {
	w.t.Helper()
	txs, err := w.Txs(w.ctx, "message.sender='"+p.WorkerAddress+"' AND message.action='/cupel.market.v1."+message+"'")
	require.NoError(w.t, err)
	n := 0
	for _, tx := range txs {
		messages, err := tx.Market()
		require.NoError(w.t, err)
		for _, m := range messages {
			for _, lot := range m.Lots {
				if lot.Batch == batch && lot.Lot == 0 {
					n++
				}
			}
		}
	}
	return n
}
