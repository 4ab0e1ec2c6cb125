// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// beaconNow is what a node says of the beacon.
type beaconNow struct {
	Beacon struct {
		Final   uint64                 `json:"final,string"`
		Reveals *struct{ Commits int } `json:"reveals"`
	}
}

// TestBeacon runs a chain whose seeds come from the shares of its attestors, one
// of them killed and started again between commitment and share: jobs settle,
// and nobody loses stake.
func TestBeacon(t *testing.T) {
	need(t)
	a := newAttestors(t, func(p *net.Params) { p.EpochBlocks = 15 })
	now := func() (b beaconNow) {
		require.NoError(t, a.Query(a.ctx, 0, "/cupel/oracle/v1/beacon", &b))
		return b
	}
	fromShares := func(epoch uint64) bool {
		var res struct {
			Seed struct {
				FromBlock bool `json:"from_block"`
			}
		}
		require.NoError(t, a.Query(a.ctx, 0, fmt.Sprintf("/cupel/oracle/v1/seeds/%d", epoch), &res))
		return !res.Seed.FromBlock
	}
	// until waits for a seed of shares after an epoch.
	until := func(epoch uint64) (newest uint64) {
		require.NoError(t, net.Until(a.ctx, 200*time.Millisecond, func() (bool, error) {
			newest = now().Beacon.Final
			return newest > epoch && fromShares(newest), nil
		}))
		return newest
	}
	first := until(0)
	a.sealed(a.settle(0))
	a.all[1].Process().Kill()
	require.NoError(t, a.all[1].Start(a.ctx))
	until(until(first))
	a.sealed(a.settle(1))

	var attestors struct {
		Attestors []struct {
			Operator    string
			PausedUntil uint64 `json:"paused_until,string"`
		}
	}
	require.NoError(t, a.Query(a.ctx, 0, "/cupel/oracle/v1/attestors", &attestors))
	require.Len(t, attestors.Attestors, len(a.all))
	for _, attestor := range attestors.Attestors {
		require.Zero(t, attestor.PausedUntil, "%s is punished", attestor.Operator)
	}
}
