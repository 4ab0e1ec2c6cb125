// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	oraclekeeper "github.com/cupel-network/cupel/x/oracle/keeper"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationkeeper "github.com/cupel-network/cupel/x/reputation/keeper"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// change is an update of the params of one module, at a block.
type change struct {
	at    int
	apply func(ctx context.Context, c *sim.Chain) error
}

// changes are random valid params of the four modules at random blocks. The
// providers can be drawn under all of them: whom nobody can audit is another matter.
func changes(t *rapid.T) []change {
	kinds := []func(*rapid.T) func(context.Context, *sim.Chain) error{marketChange, registryChange, reputationChange, oracleChange}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) change {
		return change{rapid.IntRange(0, 40).Draw(t, "at"), rapid.SampledFrom(kinds).Draw(t, "module")(t)}
	}), 1, 6).Draw(t, "changes")
}

func marketChange(t *rapid.T) func(context.Context, *sim.Chain) error {
	u32 := func(low, high uint32, name string) uint32 { return rapid.Uint32Range(low, high).Draw(t, name) }
	u64 := func(low, high uint64, name string) uint64 { return rapid.Uint64Range(low, high).Draw(t, name) }
	treasury, burn := u32(0, 6_000, "treasury"), u32(0, 2_000, "burn")
	window, commit, reveal := u64(1, 90, "window"), u64(1, 30, "commit"), u64(1, 30, "reveal")
	floor, fee, missed := u32(1, 10_000, "floor"), u32(0, 5_000, "fee"), u32(0, 5_000, "no-show")
	redraws, operators, value := u32(0, 5, "redraws"), u32(2, 9, "operators"), u32(1, 30_000, "value")
	return func(ctx context.Context, c *sim.Chain) error {
		_, p, err := c.Market.CurrentParams(ctx)
		if err != nil {
			return err
		}
		p.Split = types.Split{TreasuryBps: treasury, BurnBps: burn}
		p.WindowTicks, p.CommitTicks, p.RevealTicks = window, commit, reveal
		p.AuditFloorBps, p.RuntimeFeeBps, p.NoShowBps = floor, fee, missed
		p.MaxRedraws, p.MinOperators, p.ValueBps = redraws, operators, value
		_, err = c.Market.AddParams(ctx, p)
		return err
	}
}

func registryChange(t *rapid.T) func(context.Context, *sim.Chain) error {
	tickets, most := rapid.Uint64Range(1, 100).Draw(t, "ticket"), rapid.Uint32Range(1_000, 2_000).Draw(t, "most")
	jail, unbonding := rapid.Uint64Range(1, 5_000).Draw(t, "jail"), rapid.Uint64Range(20_000, 900_000).Draw(t, "unbonding")
	return func(ctx context.Context, c *sim.Chain) error {
		p, err := c.Registry.Params.Get(ctx)
		if err != nil {
			return err
		}
		p.TicketSize, p.MaxTickets, p.JailTicks, p.UnbondingTicks = tickets*sim.CUPEL, most, jail, unbonding
		_, err = registrykeeper.NewMsgServer(c.Registry).UpdateParams(ctx, &registrytypes.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: p})
		return err
	}
}

func reputationChange(t *rapid.T) func(context.Context, *sim.Chain) error {
	half, full := rapid.Uint64Range(3_600, 100_000_000).Draw(t, "half"), rapid.Uint64Range(1, 1_000_000_000).Draw(t, "full")
	rate, start := rapid.Uint32Range(1, 10_000).Draw(t, "rate"), rapid.Uint32Range(0, 600_000).Draw(t, "start")
	return func(ctx context.Context, c *sim.Chain) error {
		p := reputationtypes.DefaultParams()
		p.HalfLife, p.FullWeight, p.MinPrice, p.StartScore = half, full, 1, start
		p.Levels = []reputationtypes.Level{{Name: "all", AuditBps: rate}}
		_, err := reputationkeeper.NewMsgServer(c.Reputation).UpdateParams(ctx, &reputationtypes.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: p})
		return err
	}
}

func oracleChange(t *rapid.T) func(context.Context, *sim.Chain) error {
	blocks, points := rapid.Uint64Range(1, 20).Draw(t, "epoch"), rapid.Uint64Range(1, 20).Draw(t, "checkpoint")
	fallback := rapid.Uint32Range(1, 3).Draw(t, "fallback")
	return func(ctx context.Context, c *sim.Chain) error {
		p, err := c.Oracle.Params.Get(ctx)
		if err != nil {
			return err
		}
		p.EpochBlocks, p.CheckpointBlocks, p.FallbackEpochs = blocks, points, fallback
		_, err = oraclekeeper.NewMsgServer(c.Oracle).UpdateParams(ctx, &oracletypes.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: p})
		return err
	}
}

// pinnedWorld has a pool that can fund every audit: what an audit costs the
// audited task must not depend on when it is drawn.
func pinnedWorld(t require.TestingT) *sim.Chain {
	c, err := sim.New(shortWindows, func(g sim.Genesis) {
		p := g.Params()
		p.AuditFloorBps, p.MaxRedraws, p.MaxTries, p.RetentionTicks = 5_000, 2, 10, 1_000_000
	})
	require.NoError(t, err)
	require.NoError(t, c.Fund(requester, 1_000*sim.CUPEL))
	for i := range 9 {
		bond := uint64(10_000)
		if i < 2 { // those that may lie: too few tickets to outvote anybody, however a draw falls
			bond = 100
		}
		w, err := c.AddWorker(fmt.Sprintf("w%d", i), bond, 700+uint64(i)*10)
		require.NoError(t, err)
		w.Tolerant = true
	}
	pool := 100 * sim.CUPEL
	require.NoError(t, c.Bank.Mint(c.Ctx, marketAccount, sim.Denom, pool))
	require.NoError(t, c.Market.Pools.Set(c.Ctx, sim.Denom, pool))
	return c
}

// payoff is what became of a task's coins.
type payoff struct {
	State                            types.TaskState
	Paid, Treasury, Burned, Refunded uint64
}

// payoffs runs orders to their end, with changes on the way, and returns what
// became of each and how many changes were valid.
func payoffs(t require.TestingT, orders []types.MsgSubmit, lies int, changes []change) (out []payoff, applied int) {
	c := pinnedWorld(t)
	for i := range lies {
		c.Workers[i].Run = trapped
	}
	batches := make([]uint64, len(orders))
	for i, m := range orders {
		var err error
		batches[i], err = c.Buy(m)
		require.NoError(t, err)
	}
	require.NoError(t, c.Blocks(1)) // seats are drawn: what rules them is pinned
	for block := range 400 {
		for _, change := range changes {
			if change.at != block {
				continue
			}
			if c.Deliver(func(ctx context.Context) error { return change.apply(ctx, c) }) == nil {
				applied++
			}
		}
		require.NoError(t, c.Block())
		if block > 40 && over(t, c, batches) { // the last change is applied
			break
		}
	}
	require.NoError(t, c.Check())
	for _, batch := range batches {
		tally, err := c.Tally(batch)
		require.NoError(t, err)
		require.Zero(t, tally.OpenLots)
		task, err := c.Task(batch, 0)
		require.NoError(t, err)
		out = append(out, payoff{task.State, tally.Paid, tally.Treasury + tally.Pooled, tally.Burned, tally.Refunded})
	}
	return out, applied
}

// over reports whether nothing of batches is open.
func over(t require.TestingT, c *sim.Chain, batches []uint64) bool {
	for _, batch := range batches {
		tally, err := c.Tally(batch)
		require.NoError(t, err)
		if tally.OpenLots > 0 {
			return false
		}
	}
	return true
}

// TestParamsChangeNothingThatIsPinned: whatever governance sets in any module,
// and whenever, every coin of a task that has its seats goes where it would
// have gone without. It changes many of the params at random heights;
// TestEveryParamIsPinned changes each of them once.
func TestParamsChangeNothingThatIsPinned(t *testing.T) {
	sizedFrom(t, 25, 300)
	total := 0
	rapid.Check(t, func(t *rapid.T) {
		orders := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) types.MsgSubmit {
			m := sim.Submit(requester)
			m.Count, m.Limits.WallSeconds, m.Deadline = rapid.Uint32Range(1, 3).Draw(t, "count"), 1, 30
			if rapid.Bool().Draw(t, "optimistic") {
				return sim.Optimistic(m)
			}
			m.Replicas = rapid.Uint32Range(2, 4).Draw(t, "replicas")
			return m
		}), 1, 3).Draw(t, "orders")
		lies, updates := rapid.IntRange(0, 2).Draw(t, "liars"), changes(t)
		want, _ := payoffs(t, orders, lies, nil)
		got, applied := payoffs(t, orders, lies, updates)
		require.Equal(t, want, got)
		total += applied
	})
	require.NotZero(t, total, "no change was valid")
}
