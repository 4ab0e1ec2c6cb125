// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// observer rebuilds leaves from the events of a chain, as people do.
type observer struct {
	c      *sim.Chain
	leaves []checkpoint.Leaf
	// settled are their hashes by task.
	settled []oracletypes.Settled
}

// block runs one block and reads what it emitted: messages, then its end.
func (o *observer) block() error {
	manager := o.c.Ctx.EventManager()
	if err := o.c.Block(); err != nil {
		return err
	}
	return o.read(manager)
}

func (o *observer) read(manager sdk.EventManagerI) error {
	for _, event := range manager.ABCIEvents() {
		if _, ok := types.SettledTask(event); !ok {
			continue
		}
		leaves, err := types.SettledLeaves(sim.ChainID, event)
		if err != nil {
			return err
		}
		for _, l := range leaves {
			if err := l.Validate(); err != nil {
				return err
			}
			o.leaves = append(o.leaves, l)
			o.settled = append(o.settled, oracletypes.Settled{Task: l.Task, Leaf: l.Hash()})
		}
	}
	return nil
}

// now returns an observer that has also read the messages since the last block.
func (o *observer) now() (*observer, error) {
	later := &observer{o.c, slices.Clone(o.leaves), slices.Clone(o.settled)}
	return later, later.read(o.c.Ctx.EventManager())
}

func (o *observer) blocks(t testing.TB, n int) {
	for range n {
		require.NoError(t, o.block())
		require.NoError(t, o.c.Check())
	}
}

// until runs blocks until every lot of a batch is final.
func (o *observer) until(t testing.TB, batch uint64, limit int) types.Tally {
	for range limit {
		tally, err := o.c.Tally(batch)
		require.NoError(t, err)
		if tally.OpenLots == 0 {
			return conserved(t, o.c, batch)
		}
		o.blocks(t, 1)
	}
	require.Fail(t, "not final")
	return types.Tally{}
}

func (o *observer) amount() uint64 {
	var sum uint64
	for _, l := range o.leaves {
		sum += l.Amount
	}
	return sum
}

// recorded reads the leaves that x/oracle holds.
func recorded(t require.TestingT, c *sim.Chain) []oracletypes.Settled {
	var out []oracletypes.Settled
	err := c.Oracle.Leaves.Walk(c.Ctx, nil, func(_ uint64, b oracletypes.LeafBlock) (bool, error) {
		for _, l := range b.Unpack() {
			hash, err := checkpoint.ToHash(l.Hash)
			if err != nil {
				return true, err
			}
			out = append(out, oracletypes.Settled{Task: l.Task, Leaf: hash})
		}
		return false, nil
	})
	require.NoError(t, err)
	return out
}

// checkLeaves checks that x/oracle holds exactly the leaves of the events,
// each once.
func (o *observer) checkLeaves(t require.TestingT) {
	if held := recorded(t, o.c); !slices.Equal(o.settled, held) { // faster than require
		require.Equal(t, o.settled, held)
	}
	seen := make(map[oracletypes.Settled]bool, len(o.settled))
	for _, l := range o.settled {
		require.False(t, seen[l], "task %d has a leaf twice", l.Task)
		seen[l] = true
	}
}

// noAudits: no verifier is paid, so what is paid is what the leaves say.
func noAudits(g sim.Genesis) { g.Registry.Classes[0].Sound = false }

func TestLeavesOfLots(t *testing.T) {
	for name, size := range map[string]uint32{"lots of 1": 1, "a lot of 32": 32} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 5, noAudits)
			o := &observer{c: c}
			m := sim.Submit(requester)
			m.Count, m.LotSize = 32, size
			m.Deadline = 500
			batch := submit(t, c, m)
			for {
				task, err := c.Task(batch, 0)
				require.NoError(t, err)
				if task.State == types.TaskAgreed {
					require.Zero(t, task.SettledHeight)
					break
				}
				o.blocks(t, 1)
			}
			require.Empty(t, recorded(t, c), "an agreed task is not final")

			tally := o.until(t, batch, 2_000)

			o.checkLeaves(t)
			require.Len(t, o.leaves, 32*3)
			require.Equal(t, tally.Paid, o.amount())
			for i := range m.Count {
				view, err := c.Task(batch, i)
				require.NoError(t, err)
				require.Equal(t, types.TaskSettled, view.State)
				require.NotZero(t, view.SettledHeight)
				o.checkTask(t, view)
			}
		})
	}
}

// checkTask checks that a settled task has one leaf for each right provider.
func (o *observer) checkTask(t testing.TB, view types.TaskView) {
	lot, err := o.c.Query().Lot(o.c.Ctx, &types.QueryLotRequest{Batch: view.Batch, Lot: view.Lot})
	require.NoError(t, err)
	var accounts [][]byte
	for _, id := range view.Right {
		p, err := o.c.Registry.Provider(o.c.Ctx, id)
		require.NoError(t, err)
		account, err := sim.Addresses.StringToBytes(p.Operator)
		require.NoError(t, err)
		accounts = append(accounts, account)
	}
	var found [][]byte
	for _, l := range o.leaves {
		if l.Task != view.Task {
			continue
		}
		found = append(found, l.Provider)
		l.Provider, l.Amount = nil, 0
		require.Equal(t, checkpoint.Leaf{
			Version: 1, HomeChain: sim.ChainID, Task: view.Task, Attempt: lot.Lot.Attempt, Requester: requester,
			Denom: sim.Denom, Result: checkpoint.Hash(view.Result.Digest),
		}, l)
	}
	require.ElementsMatch(t, accounts, found)
}

// TestLeavesOfCases follows tasks that were audited or disputed: only those
// that are paid for the result have a leaf, those that checked it have none.
func TestLeavesOfCases(t *testing.T) {
	tests := map[string]struct {
		workers, leaves int
		cast            func(*sim.Chain)
		order           func(types.MsgSubmit) types.MsgSubmit
		audits          uint32
	}{
		"audit of one replica":      {workers: 6, leaves: 1, order: sim.Optimistic, audits: 500},
		"audit of three":            {workers: 8, leaves: 3, audits: 10_000},
		"two liars in a grown set":  {workers: 9, leaves: -1, audits: 100, cast: liars(2)},
		"one of three fails itself": {workers: 5, leaves: -1, audits: 100, cast: func(c *sim.Chain) { c.Workers[0].Run = sim.Fault(types.OutcomeWall) }},
		"replaced only replica":     {workers: 6, leaves: -1, order: sim.Optimistic, audits: 100, cast: func(c *sim.Chain) { c.Workers[0].Run = sim.Fault(types.OutcomeHostError) }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, tc.workers, shortWindows, auditRate(tc.audits))
			if tc.cast != nil {
				tc.cast(c)
			}
			o := &observer{c: c}
			m := sim.Submit(requester)
			if tc.order != nil {
				m = tc.order(m)
			}
			m.Deadline, m.Limits.WallSeconds = 60, 1
			var paid uint64
			for range 12 {
				batch := submit(t, c, m)
				before := len(o.leaves)
				tally := o.until(t, batch, 3_000)
				paid += tally.Paid
				view, err := c.Task(batch, 0)
				require.NoError(t, err)
				require.Equal(t, types.TaskSettled, view.State)
				require.Positive(t, view.SettledHeight)
				if tc.leaves >= 0 {
					require.Len(t, o.leaves, before+tc.leaves)
				}
				require.LessOrEqual(t, len(o.leaves)-before, int(m.Replicas), "a verifier is paid, but not for the result")
				require.NotEmpty(t, o.leaves[before:])
			}
			o.checkLeaves(t)
			require.LessOrEqual(t, o.amount(), paid)
		})
	}
}

func liars(n int) func(*sim.Chain) {
	return func(c *sim.Chain) {
		for _, w := range c.Workers[:n] {
			w.Run = sim.Wrong
		}
	}
}

// TestNoLeaf: what is refunded, fails or is revealed late has no leaf.
func TestNoLeaf(t *testing.T) {
	tests := map[string]struct {
		cast  func(*sim.Chain)
		state types.TaskState
	}{
		"nobody commits": {func(c *sim.Chain) { all(c, func(w *sim.Worker) { w.Silent = true }) }, types.TaskFailed},
		"nobody reveals": {func(c *sim.Chain) { all(c, func(w *sim.Worker) { w.NoReveal = true }) }, types.TaskFailed},
		"all hosts fail": {func(c *sim.Chain) { all(c, func(w *sim.Worker) { w.Run = sim.Fault(types.OutcomeWall) }) }, types.TaskFailed},
		"cancelled":      {func(c *sim.Chain) { c.Workers = nil }, types.TaskCancelled},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 5)
			tc.cast(c)
			o := &observer{c: c}
			batch := submit(t, c, sim.Submit(requester))
			if tc.state == types.TaskCancelled {
				require.NoError(t, cancelFirst(c.Ctx, c))
			}
			o.until(t, batch, 3_000)
			view, err := c.Task(batch, 0)
			require.NoError(t, err)
			require.Equal(t, tc.state, view.State)
			require.Zero(t, view.SettledHeight)
			require.Empty(t, o.leaves)
			require.Empty(t, recorded(t, c))
		})
	}
}

func TestLateAndVoidSeatsHaveNoLeaf(t *testing.T) {
	c := newMarket(t, 6, noAudits)
	withholds := c.Workers[0]
	withholds.NoReveal = true
	batch := drawUntil(t, c, withholds, sim.Submit(requester))
	o := &observer{c: c}
	require.Empty(t, recorded(t, c))
	var right []uint32
	for len(right) == 0 {
		o.blocks(t, 1)
		view, err := c.Task(batch, 0)
		require.NoError(t, err)
		right = view.Right
	}
	g, err := c.Market.ExportGenesis(c.Ctx)
	require.NoError(t, err)
	(&world{c: c}).revealLate(withholds, g)
	load := loadOf(t, c, c.Workers[right[0]-1])
	load.VoidClock = 1 << 40 // a final wrong result elsewhere voids the second
	require.NoError(t, c.Registry.SetLoad(c.Ctx, right[0], load))

	tally := o.until(t, batch, 3_000)

	o.checkLeaves(t)
	require.Len(t, o.leaves, 1)
	require.EqualValues(t, c.Workers[right[1]-1].Operator, o.leaves[0].Provider)
	require.Equal(t, tally.Paid, o.amount())
}

// refusing is an oracle that takes no leaf.
type refusing struct {
	types.OracleKeeper
	panics bool
}

func (r refusing) AddLeaves(context.Context, []oracletypes.Settled) error {
	if r.panics {
		panic("no leaf")
	}
	return errors.New("no leaf")
}

// TestRefusedLeavesAreKept: a leaf that x/oracle refuses holds up neither the
// block nor the payment, survives an export, and is offered again.
func TestRefusedLeavesAreKept(t *testing.T) {
	for name, panics := range map[string]bool{"error": false, "panic": true} {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 5, auditRate(100))
			o := &observer{c: c}
			oracle := c.Market.Oracle
			c.Market.Oracle = refusing{oracle, panics}
			batch := submit(t, c, sim.Submit(requester))
			manager := c.Ctx.EventManager()
			for range 3_000 {
				tally, err := c.Tally(batch)
				require.NoError(t, err)
				if tally.OpenLots == 0 {
					break
				}
				manager = c.Ctx.EventManager()
				o.blocks(t, 1)
			}
			tally := conserved(t, c, batch)
			require.Positive(t, tally.Paid)
			require.Equal(t, tally.Paid, o.amount())
			require.Empty(t, recorded(t, c))
			require.True(t, has(manager.Events(), "cupel.market.v1.EventLeavesPending"))
			f, err := c.Fork()
			require.NoError(t, err)
			for _, chain := range []*sim.Chain{c, f} {
				g, err := chain.Market.ExportGenesis(chain.Ctx)
				require.NoError(t, err)
				require.Len(t, g.Leaves, 3)
			}

			c.Market.Oracle = oracle
			second := submit(t, c, sim.Submit(requester))
			o.until(t, second, 3_000)

			g, err := c.Market.ExportGenesis(c.Ctx)
			require.NoError(t, err)
			require.Empty(t, g.Leaves)
			require.ElementsMatch(t, o.settled, recorded(t, c))
		})
	}
}

func has(events sdk.Events, kind string) bool {
	for _, e := range events {
		if e.Type == kind {
			return true
		}
	}
	return false
}

func TestZeroDigestIsRefused(t *testing.T) {
	c := newMarket(t, 4)
	all(c, func(w *sim.Worker) {
		w.Tolerant = true
		w.Run = func(task uint64) sim.Answer {
			a := sim.Honest(task)
			a.Result.Digest = make([]byte, types.HashSize)
			return a
		}
	})
	batch := submit(t, c, sim.Submit(requester))
	require.Equal(t, types.ReasonNoReveal, settle(t, c, batch, 3_000).Reason)
	require.Empty(t, recorded(t, c))
}

// TestRetriedTasksStayWhole: leaves that are offered again in several blocks
// are not cut within a task, whose leaves shall be in one checkpoint.
func TestRetriedTasksStayWhole(t *testing.T) {
	const replicas, tasks = 3, 700 // 1,000 is no multiple of 3
	c := newMarket(t, 5, auditRate(100))
	for task := range uint64(tasks) {
		for i := range byte(replicas) {
			leaf := checkpoint.Keccak256([]byte{byte(task), byte(task >> 8), i})
			require.NoError(t, c.Market.Leaves.Set(c.Ctx, collections.Join(task, leaf[:])))
		}
	}
	o := &observer{c: c}
	left := replicas * tasks
	for range 3 {
		batch := submit(t, c, sim.Submit(requester))
		o.until(t, batch, 3_000)
		counts := map[uint64]int{}
		g, err := c.Market.ExportGenesis(c.Ctx)
		require.NoError(t, err)
		for _, l := range g.Leaves {
			counts[l.Task]++
		}
		for task, count := range counts {
			require.Equal(t, replicas, count, "task %d", task)
		}
		require.Less(t, len(g.Leaves), left)
		if left = len(g.Leaves); left == 0 {
			return
		}
	}
	require.Zero(t, left)
}
