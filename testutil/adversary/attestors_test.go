// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// TestAWithheldShareCosts: the harness makes seeds of shares, at the rates of
// the params, and an attestor of a bot that withholds one is out of the beacon.
func TestAWithheldShareCosts(t *testing.T) {
	b := shareWithholder()
	kept := 0
	b.withhold = func(ctx context.Context, w *world, beacon oracletypes.Beacon) error {
		r := beacon.Reveals
		if r == nil || !r.Quorum() {
			return nil
		}
		mine, _, err := w.lastShares(ctx, beacon)
		for _, a := range mine {
			a.revealed = r.Epoch
			if kept++; kept > 1 {
				w.must(&oracletypes.MsgBeacon{Account: a.account.String(), Epoch: r.Epoch + 1, Share: a.share(r.Epoch)}, nil)
			}
		}
		return err
	}
	w, err := newWorld(b, 1)
	require.NoError(t, err)
	require.Greater(t, kept, b.attestors, "a round after the withheld one is full")
	ctx := w.state()
	beacon, err := w.app.OracleKeeper.Beacon.Get(ctx)
	require.NoError(t, err)
	_, doubled, ok, err := w.app.OracleKeeper.Judge(ctx, beacon.Final-1)
	require.NoError(t, err)
	require.True(t, ok)
	require.False(t, doubled)
	paused := 0
	for _, a := range w.attestors {
		attestor, err := w.app.OracleKeeper.Attestors.Get(ctx, a.operator)
		require.NoError(t, err)
		if attestor.PausedUntil > 0 {
			require.True(t, a.bot)
			paused++
		}
	}
	require.Equal(t, 1, paused)
	require.NoError(t, w.invariants())
	require.NoError(t, w.close())
}
