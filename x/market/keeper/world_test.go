// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const (
	otherDenom = "ibc/usdc"
	unsound    = "cpu/v1"
	buyers     = 3
)

// sized sets how many sequences a property test runs, unless a flag says so.
func sized(t *testing.T, full int) { sizedFrom(t, 100, full) }

// sizedFrom is sized for sequences that take long.
func sizedFrom(t *testing.T, pr, full int) {
	checks := flag.Lookup("rapid.checks")
	if n := scale.Of(t, pr, full); n != 100 && checks.Value.String() == checks.DefValue {
		require.NoError(t, checks.Value.Set(strconv.Itoa(n)))
		t.Cleanup(func() { require.NoError(t, checks.Value.Set(checks.DefValue)) })
	}
}

// world is a chain with short windows on which anything may happen.
type world struct {
	c *sim.Chain
	// seen rebuilds the leaves from events.
	seen *observer
}

func buyer(i int) sdk.AccAddress { return sim.Addr(fmt.Sprintf("buyer%d", i)) }

// shortWindows makes every phase a few blocks long, so that a random sequence
// sees whole lives.
func shortWindows(g sim.Genesis) {
	p := g.Params()
	p.WindowTicks, p.CommitTicks, p.RevealTicks, p.MinTickMs = 20, 4, 4, 1_000
	p.MaxDeadlineTicks, p.RetentionTicks, p.MaxTries, p.UnfilledEpochs = 60, 30, 3, 1
	p.Split.TreasuryBps, p.MinValue, p.MaxWallSeconds = 5_000, 1, 40
	p.Committee.CommitTicks, p.Committee.RevealTicks, p.Committee.MinFee, p.Committee.AttestationTicks = 2, 2, 5, 40
	p.Session.MinDeposit, p.Session.MaxTicks, p.Session.DisputeTicks = 100, 60, 8
	p.Session.GraceTicks, p.Session.NoticeTicks = 4, 5
	p.Denoms = append(p.Denoms, types.Denom{Denom: otherDenom, Rate: 2_500_000})
	g.Oracle.Params.EpochBlocks = 5
	g.Registry.Params.JailTicks, g.Registry.Params.UnbondingTicks = 20, 30_000
	g.Registry.Classes = append(g.Registry.Classes, registrytypes.Class{Id: 2, Name: unsound, Unit: registrytypes.UnitFuel})
}

func newWorld(t *rapid.T) *world {
	c, err := sim.New(shortWindows, func(g sim.Genesis) {
		p := g.Params()
		p.AuditFloorBps = rapid.SampledFrom([]uint32{100, 2_000, 10_000}).Draw(t, "audit floor")
		p.MaxRedraws = rapid.Uint32Range(1, 3).Draw(t, "redraws")
		p.Challenge.MinBond = rapid.SampledFrom([]uint64{1, sim.CUPEL}).Draw(t, "least bond")
		if rapid.Bool().Draw(t, "smaller jury") {
			p.Challenge.Jury, p.Challenge.JurySlash = 19, 13
		}
		p.Candidates = rapid.SampledFrom([]uint32{4, 32}).Draw(t, "candidates")
		p.MaxReplicas = min(p.MaxReplicas, p.Candidates)
	})
	require.NoError(t, err)
	// Coins are released within a sequence, sooner than any params allow.
	params, err := c.Registry.Params.Get(c.Ctx)
	require.NoError(t, err)
	params.UnbondingTicks = 200
	require.NoError(t, c.Registry.Params.Set(c.Ctx, params))
	for i := range buyers {
		require.NoError(t, c.Fund(buyer(i), 100*sim.CUPEL)) // also for bonds of challenges
		require.NoError(t, c.Bank.Mint(c.Ctx, buyer(i), otherDenom, 100*sim.CUPEL))
	}
	for i := range rapid.IntRange(1, 10).Draw(t, "workers") {
		bond, ask := rapid.SampledFrom([]uint64{100, 1_000, 10_000}).Draw(t, "bond"), rapid.SampledFrom([]uint64{1, 800, 1_000}).Draw(t, "ask")
		w, err := c.AddWorker(fmt.Sprintf("w%d", i), bond, ask)
		require.NoError(t, err)
		w.Tolerant = true
		require.NoError(t, c.Fund(w.Operator, 10*sim.CUPEL))
		_, err = registrykeeper.NewMsgServer(c.Registry).UpdateProvider(c.Ctx, &registrytypes.MsgUpdateProvider{
			Operator: sim.Text(w.Operator), Endpoint: fmt.Sprintf("http://w%d", i),
			Resources: []registrytypes.Resource{{Class: sim.Class, Count: 8, Price: ask}, {Class: unsound, Count: 8, Price: ask}},
		})
		require.NoError(t, err)
	}
	withCircuits(t, c)
	withModel(t, c)
	w := &world{c, &observer{c: c}}
	w.check(t)
	return w
}

// behave makes a random worker act otherwise from now on.
func (w *world) behave(t *rapid.T) {
	k := w.c.Workers[rapid.IntRange(0, len(w.c.Workers)-1).Draw(t, "worker")]
	runs := []func(uint64) sim.Answer{
		nil, nil, sim.Wrong, sometimes(sim.Wrong), sim.Fault(types.OutcomeHostError),
		sometimes(sim.Fault(types.OutcomeWall)), sim.Fault(types.OutcomeInputUnavailable), trapped,
	}
	k.Run = runs[rapid.IntRange(0, len(runs)-1).Draw(t, "run")]
	flags := rapid.IntRange(0, 11).Draw(t, "flags")
	k.Silent, k.NoReveal, k.Lazy, k.SkipCases = flags == 1, flags == 2, flags == 3, flags == 4
}

// sometimes answers otherwise for every third task.
func sometimes(run func(uint64) sim.Answer) func(uint64) sim.Answer {
	return func(task uint64) sim.Answer {
		if (task+task>>12)%3 == 0 {
			return run(task)
		}
		return sim.Honest(task)
	}
}

// trapped is another deterministic answer, which uses all the units.
func trapped(task uint64) sim.Answer {
	a := sim.Honest(task)
	a.Result.Outcome, a.Result.Units = types.OutcomeTrap, 1_000_000_000
	return a
}

// order is a random submit, mostly valid.
func (w *world) order(t *rapid.T) types.MsgSubmit {
	m := sim.Submit(buyer(rapid.IntRange(0, buyers-1).Draw(t, "buyer")))
	m.Count = rapid.Uint32Range(1, 40).Draw(t, "count")
	m.LotSize = rapid.SampledFrom([]uint32{0, 1, 2, 7, 32}).Draw(t, "lot size")
	m.Replicas = rapid.Uint32Range(0, 5).Draw(t, "replicas")
	m.Limits.WallSeconds = 1
	m.Deadline = rapid.Uint64Range(0, 61).Draw(t, "deadline")
	m.Denom = rapid.SampledFrom([]string{sim.Denom, sim.Denom, otherDenom, "ibc/none"}).Draw(t, "denom")
	m.MaxPrice = rapid.SampledFrom([]uint64{0, 799, 800, 1_000}).Draw(t, "price")
	m.Tip = rapid.SampledFrom([]uint64{0, 0, 7}).Draw(t, "tip")
	m.ValueAtStake = rapid.SampledFrom([]uint64{0, 0, sim.CUPEL, types.MaxPrice}).Draw(t, "stake")
	if rapid.IntRange(0, 2).Draw(t, "optimistic") == 0 {
		m.Policy, m.Replicas = types.PolicyOptimistic, 1
		if rapid.Bool().Draw(t, "hire") {
			m.Hire = sim.Text(w.c.Workers[0].Operator)
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "unsound") == 0 {
		m.Class = unsound
	}
	judged(t, w.c, &m)
	w.proofs(t, &m)
	return m
}

// blocks runs blocks, some of them far apart or within one second.
func (w *world) blocks(t *rapid.T) {
	step := rapid.SampledFrom([]time.Duration{time.Second, time.Second, time.Second, 0, time.Hour}).Draw(t, "block time")
	w.c.BlockTime = step
	for range rapid.IntRange(1, 8).Draw(t, "blocks") {
		require.NoError(t, w.seen.block())
	}
	w.c.BlockTime = time.Second
}

// check holds after every step: the invariants, and what a test can derive
// from the exported state alone.
func (w *world) check(t require.TestingT) {
	require.NoError(t, w.c.Check())
	g, err := w.c.Export()
	require.NoError(t, err)
	require.NoError(t, g.Market.Validate())
	require.Empty(t, g.Market.Failed, "no step ever fails")
	w.checkCoins(t, g.Market)
	w.checkLoads(t, g.Market)
	w.checkLeaves(t, g.Market)
}

// checkLeaves checks that x/oracle holds what the events say, that no batch
// has leaves of more than it paid, and of exactly that if nobody was paid for
// anything but a result.
func (w *world) checkLeaves(t require.TestingT, g *types.GenesisState) {
	require.Empty(t, g.Leaves)
	seen, err := w.seen.now()
	require.NoError(t, err)
	seen.checkLeaves(t)
	sums := map[uint64]uint64{}
	for _, l := range seen.leaves {
		batch, _ := types.SplitTaskID(l.Task)
		sums[batch] += l.Amount
	}
	other := map[uint64]bool{} // batches that paid verifiers or runtime fees
	for _, c := range g.Cases {
		batch, _ := types.SplitTaskID(c.Task)
		other[batch] = true
	}
	for _, l := range g.Lots {
		other[l.Batch] = other[l.Batch] || l.Value.State == types.TaskFailed
	}
	for _, b := range g.Batches {
		id := b.Batch.Id
		require.LessOrEqual(t, sums[id], b.Tally.Paid, "batch %d", id)
		if !other[id] {
			require.Equal(t, b.Tally.Paid, sums[id], "batch %d", id)
		}
	}
}

// checkCoins checks that the module account holds exactly what is owed, that
// no coin appears or vanishes, and that final batches hold nothing.
func (w *world) checkCoins(t require.TestingT, g *types.GenesisState) {
	owed := map[string]uint64{sim.Denom: 0, otherDenom: 0}
	denoms := map[uint64]string{}
	for _, b := range g.Batches {
		denoms[b.Batch.Id] = b.Batch.Denom
		owed[b.Batch.Denom] += b.Tally.Escrow
		if b.Tally.OpenLots == 0 {
			require.Zero(t, b.Tally.Escrow, "batch %d", b.Batch.Id)
		}
	}
	for _, s := range g.Sessions {
		owed[s.Denom] += s.Held()
	}
	for _, v := range g.Committees {
		owed[v.Denom] += v.Held
	}
	for _, c := range g.Cases {
		batch, _ := types.SplitTaskID(c.Task)
		owed[denoms[batch]] += c.Reserve + c.Bond + c.AppealBond
		owed[sim.Denom] += c.Slashed
	}
	for _, c := range g.Claimables {
		owed[c.Denom] += c.Amount
	}
	for _, p := range g.Pools {
		owed[p.Denom] += p.Amount
	}
	account := authtypes.NewModuleAddress(types.ModuleName)
	for denom, amount := range owed {
		require.Equal(t, amount, w.c.Bank.GetBalance(w.c.Ctx, account, denom).Amount.Uint64(), "%s owed and held", denom)
		total, err := w.c.Bank.Total(w.c.Ctx, denom)
		require.NoError(t, err)
		require.Equal(t, total, w.c.Bank.Supply(w.c.Ctx, denom))
	}
}

// checkLoads derives the counters of every provider from lots and cases.
func (w *world) checkLoads(t require.TestingT, g *types.GenesisState) {
	want := map[uint32]*registrytypes.Load{}
	for _, k := range w.c.Workers {
		want[k.ID] = &registrytypes.Load{}
	}
	for _, l := range g.Lots {
		for _, s := range l.Value.Seats {
			switch {
			case s.Phase == types.SeatAssigned, s.Phase == types.SeatCommitted:
				want[s.Provider].InFlight++
			case (s.Phase == types.SeatWithheld || s.Phase == types.SeatLate) && l.Value.Due != 0 && !l.Value.Punished:
				want[s.Provider].PendingSlash += s.Bound
			}
		}
	}
	for _, c := range g.Cases {
		for _, s := range c.Seats {
			load := want[s.Provider]
			if s.Frozen {
				load.Freezes++
			}
			if !s.Original && (s.Phase == types.SeatAssigned || s.Phase == types.SeatCommitted) {
				load.Verifying++
			}
			if (c.Phase == types.CasePhaseDecided || c.Appealed) && s.Verdict == types.VerdictWrong && !c.Punished {
				load.PendingSlash += s.Bound
			}
		}
	}
	loadCommittees(g, want)
	for id, load := range want {
		got, err := w.c.Registry.Load(w.c.Ctx, id)
		require.NoError(t, err)
		require.Equal(t, []uint64{uint64(load.InFlight), uint64(load.Verifying), uint64(load.Freezes), load.PendingSlash},
			[]uint64{uint64(got.InFlight), uint64(got.Verifying), uint64(got.Freezes), got.PendingSlash},
			"in flight, verifying, freezes and pending slash of provider %d", id)
	}
}
