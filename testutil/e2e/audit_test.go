// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// TestUnfilledAudit audits every task of a network whose three providers all
// hold a seat: nobody is left to audit, and the task is paid none the less.
func TestUnfilledAudit(t *testing.T) {
	need(t)
	p := params()
	p.AuditFloorBPS = 10_000
	w := newWorld(t, 3, 5*time.Minute, p, func(s *net.Setup) {
		// The treasury's share has to cover the audits.
		s.Edits = append(s.Edits, net.Edit{Path: "app_state.market.params.0.params.split.treasury_bps", Value: 5_000})
	})
	require.NoError(t, w.StartWorkers())
	file, dir := w.job(1)
	batch := w.submit(file)
	task := w.final(batch)
	require.Equal(t, net.Settled, task.State, task.Reason)
	require.Len(t, task.Right, 3)
	w.checkResult(batch, dir)

	c, err := w.Case(w.ctx, task.Task)
	require.NoError(t, err)
	require.Equal(t, "CASE_KIND_AUDIT", c.Kind)
	require.True(t, c.Unfilled)
	tally := w.checkLedger(batch)
	var earned uint64
	for _, p := range w.Providers {
		require.NotZero(t, w.earned(p), p.Name)
		require.EqualValues(t, net.Bond, w.provider(p).Bond, p.Name)
		earned += w.earned(p)
	}
	require.Equal(t, tally.Paid, earned)
}
