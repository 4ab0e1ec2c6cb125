// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"errors"
	"testing"

	upgradetypes "cosmossdk.io/x/upgrade/types"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
)

// schedule plans an upgrade, as a passed proposal does, in the block after
// next. The handler comes after it: x/upgrade stops a binary that has one too
// early.
func (c *chain) schedule(name string) {
	c.t.Helper()
	plan := upgradetypes.Plan{Name: name, Height: c.app.LastBlockHeight() + 2}
	ctx := c.app.NewUncachedContext(false, c.header())
	require.NoError(c.t, c.app.UpgradeKeeper.ScheduleUpgrade(ctx, plan))
	c.block()
}

func TestUpgradePlanExecutes(t *testing.T) {
	c := newChain(t)
	c.block()
	ran := 0
	c.schedule("v2")
	c.app.registerUpgrade(Upgrade{Name: "v2", Migrate: func(context.Context, *App) error { ran++; return nil }})
	require.Zero(t, ran)

	c.block()
	require.Equal(t, 1, ran)
	c.block()
	require.Equal(t, 1, ran)
	height, err := c.app.UpgradeKeeper.GetDoneHeight(c.app.NewContext(true), "v2")
	require.NoError(t, err)
	require.EqualValues(t, c.app.LastBlockHeight()-1, height)
}

// TestChainStopsForAnUnknownPlan: a binary without the handler must not go on.
func TestChainStopsForAnUnknownPlan(t *testing.T) {
	c := newChain(t)
	c.block()
	c.schedule("v3")
	_, err := c.app.FinalizeBlock(&abci.RequestFinalizeBlock{Height: c.app.LastBlockHeight() + 1, Time: c.now})
	require.ErrorContains(t, err, "v3")
}

func TestFailedMigrationStopsTheChain(t *testing.T) {
	c := newChain(t)
	c.block()
	broken := errors.New("cannot migrate")
	c.schedule("v4")
	c.app.registerUpgrade(Upgrade{Name: "v4", Migrate: func(context.Context, *App) error { return broken }})
	_, err := c.app.FinalizeBlock(&abci.RequestFinalizeBlock{Height: c.app.LastBlockHeight() + 1, Time: c.now})
	require.ErrorIs(t, err, broken)
}
