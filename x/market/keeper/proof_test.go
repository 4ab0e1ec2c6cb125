// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"cosmossdk.io/collections"
	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/testutil/circuits"
	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	oraclekeeper "github.com/cupel-network/cupel/x/oracle/keeper"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// cube is one setup for all the tests of the package.
var cube = sync.OnceValues(circuits.NewCube)

func system(t require.TestingT) *circuits.System {
	s, err := cube()
	require.NoError(t, err)
	return s
}

// withCircuits registers an audited circuit as 1 and the same key as 2, which
// nobody has audited, and gives every worker a prover.
func withCircuits(t require.TestingT, c *sim.Chain) {
	s := system(t)
	owner := sim.Addr("circuit owner")
	require.NoError(t, c.Fund(owner, 1_000*sim.CUPEL))
	msgs := oraclekeeper.NewMsgServer(c.Oracle)
	for range 2 {
		_, err := msgs.RegisterCircuit(c.Ctx, &oracletypes.MsgRegisterCircuit{Owner: sim.Text(owner), Name: "cube/v1", Inputs: circuits.Inputs, Key: s.Key})
		require.NoError(t, err)
	}
	_, err := msgs.AuditCircuit(c.Ctx, &oracletypes.MsgAuditCircuit{Authority: sim.Text(sim.Gov), Circuit: 1, Audited: true, Note: "https://audits.example.com/cube"})
	require.NoError(t, err)
	for _, w := range c.Workers {
		w.Prover = s
	}
}

// statement is a number below the order of the curve.
func statement(n byte) []byte { return append(make([]byte, 31), n) }

// proofOrder buys tasks of the audited circuit.
func proofOrder(tasks uint32) types.MsgSubmit {
	m := sim.Submit(requester)
	m.Policy, m.Replicas, m.Circuit, m.Count, m.Deadline = types.PolicyProof, 0, 1, tasks, 60
	for i := range tasks {
		m.Statement = append(m.Statement, statement(byte(i)+2)...)
	}
	return m
}

func TestProofSettlesAtOnce(t *testing.T) {
	c := newMarket(t, 1)
	withCircuits(t, c)
	seen := &observer{c: c}
	supply := c.Bank.Supply(c.Ctx, sim.Denom)
	m := proofOrder(2)
	m.LotSize = 2
	batch := submit(t, c, m)
	before := c.Balance(c.Workers[0].Payout)

	require.NoError(t, seen.block()) // the worker is drawn and proves in the next block
	require.NoError(t, seen.block())

	for i := range uint32(2) {
		task, err := c.Task(batch, i)
		require.NoError(t, err)
		require.Equal(t, types.TaskSettled, task.State)
		require.Equal(t, circuits.Digest(statement(byte(i)+2)), task.Result.Digest)
	}
	tally := conserved(t, c, batch)
	// Two tasks at 800 ucupel for all of 10^9 fuel, of an escrow of 1,000 each.
	require.EqualValues(t, 400, tally.Refunded)
	require.EqualValues(t, 2*(800-80-40), tally.Paid)
	require.Zero(t, tally.Pooled)
	require.EqualValues(t, supply-2*40, c.Bank.Supply(c.Ctx, sim.Denom))
	require.Equal(t, before+tally.Paid, c.Balance(c.Workers[0].Payout))
	load := loadOf(t, c, c.Workers[0])
	require.Zero(t, load.BoundNow, "nothing is at stake")
	require.EqualValues(t, 1, load.Completed)
	idle(t, c)
	require.NoError(t, c.Check())
	require.Len(t, seen.leaves, 2)
	seen.checkLeaves(t)
	circuit, err := c.Oracle.CircuitByID(c.Ctx, 1)
	require.NoError(t, err)
	want := types.ProofLeaf(1, circuit.KeyHash, circuits.Digest(statement(2)))
	require.Equal(t, want, seen.leaves[0].Result[:])
	require.NotEqual(t, want, types.ProofLeaf(2, circuit.KeyHash, circuits.Digest(statement(2))))
}

func TestProofIsNeverAudited(t *testing.T) {
	c := newMarket(t, 8, auditRate(10_000))
	withCircuits(t, c)
	batch := submit(t, c, proofOrder(1))
	require.NoError(t, c.Blocks(100))
	task, err := c.Task(batch, 0)
	require.NoError(t, err)
	require.Equal(t, types.TaskSettled, task.State)
	_, err = c.Market.Cases.Get(c.Ctx, task.Task)
	require.Error(t, err)
	pool, err := c.Market.Pools.Get(c.Ctx, sim.Denom)
	require.Error(t, err, "the pool holds %d", pool)
}

func TestMissedProofIsDrawnAgain(t *testing.T) {
	c := newMarket(t, 4, shortWindows)
	withCircuits(t, c)
	silent := c.Workers[0]
	silent.Silent = true
	bond := bondOf(t, c, silent)
	m := proofOrder(1)
	m.Limits.WallSeconds = 1
	batch := drawUntil(t, c, silent, m)

	task := settle(t, c, batch, 100)

	require.Equal(t, types.TaskSettled, task.State)
	require.NotContains(t, task.Right, silent.ID)
	require.Less(t, bondOf(t, c, silent), bond, "the no-show fee")
	conserved(t, c, batch)
	idle(t, c)
}

func TestNobodyProves(t *testing.T) {
	c := newMarket(t, 3, shortWindows)
	withCircuits(t, c)
	all(c, func(w *sim.Worker) { w.Prover = nil })
	m := proofOrder(1)
	m.Limits.WallSeconds = 1
	batch := submit(t, c, m)

	task := settle(t, c, batch, 200)

	require.Equal(t, types.ReasonNoShow, task.Reason)
	require.EqualValues(t, 1_000, conserved(t, c, batch).Refunded)
	idle(t, c)
}

type proveCase struct {
	given func(*testing.T, *sim.Chain)
	edit  func(*types.LotProof)
	err   error
}

func proveShapes() map[string]proveCase {
	bad, reveal := types.ErrInvalidProof, types.ErrInvalidReveal
	edit := func(f func(*types.LotProof)) func(*types.LotProof) { return f }
	return map[string]proveCase{
		"valid":                   {nil, edit(func(*types.LotProof) {}), nil},
		"no results":              {nil, edit(func(r *types.LotProof) { r.Results = nil }), bad},
		"no proofs":               {nil, edit(func(r *types.LotProof) { r.Proofs = nil }), bad},
		"a proof too many":        {nil, edit(func(r *types.LotProof) { r.Proofs = append(r.Proofs, r.Proofs[0]) }), bad},
		"an empty proof":          {nil, edit(func(r *types.LotProof) { r.Proofs[1] = nil }), bad},
		"a proof of 255 bytes":    {nil, edit(func(r *types.LotProof) { r.Proofs[1] = r.Proofs[1][1:] }), bad},
		"a proof of 64 KiB":       {nil, edit(func(r *types.LotProof) { r.Proofs[1] = make([]byte, 64<<10) }), bad},
		"a flipped bit":           {nil, edit(func(r *types.LotProof) { r.Proofs[1][200] ^= 1 }), bad},
		"the other task's proof":  {nil, edit(func(r *types.LotProof) { r.Proofs[1] = r.Proofs[0] }), bad},
		"swapped":                 {nil, edit(func(r *types.LotProof) { r.Proofs[0], r.Proofs[1] = r.Proofs[1], r.Proofs[0] }), bad},
		"another digest":          {nil, edit(func(r *types.LotProof) { r.Results[0].Digest[31] ^= 1 }), bad},
		"no digest":               {nil, edit(func(r *types.LotProof) { r.Results[0].Digest = nil }), reveal},
		"a digest of zeros":       {nil, edit(func(r *types.LotProof) { r.Results[0].Digest = make([]byte, 32) }), reveal},
		"another outcome":         {nil, edit(func(r *types.LotProof) { r.Results[0].Outcome = types.OutcomeTrap }), bad},
		"a host-made outcome":     {nil, edit(func(r *types.LotProof) { r.Results[0] = types.Result{Outcome: types.OutcomeWall} }), bad},
		"an unknown outcome":      {nil, edit(func(r *types.LotProof) { r.Results[0].Outcome = 99 }), reveal},
		"fewer units":             {nil, edit(func(r *types.LotProof) { r.Results[0].Units-- }), bad},
		"more units than allowed": {nil, edit(func(r *types.LotProof) { r.Results[0].Units++ }), reveal},
		"unknown batch":           {nil, edit(func(r *types.LotProof) { r.Batch = 99 }), types.ErrBatchNotFound},
		"unknown lot":             {nil, edit(func(r *types.LotProof) { r.Lot = 1 }), types.ErrLotNotFound},
		"greatest lot":            {nil, edit(func(r *types.LotProof) { r.Lot = 1<<32 - 1 }), types.ErrLotNotFound},
		"another attempt":         {nil, edit(func(r *types.LotProof) { r.Attempt++ }), types.ErrNotSeated},
	}
}

func proveStates() map[string]proveCase {
	none := func(*types.LotProof) {}
	return map[string]proveCase{
		"too late": {func(t *testing.T, c *sim.Chain) {
			tick, err := c.Registry.Tick(c.Ctx)
			require.NoError(t, err)
			require.NoError(t, c.Registry.Ticks.Set(c.Ctx, tick+1_000))
			c.Ctx = c.Ctx.WithBlockTime(c.Ctx.BlockTime().Add(1_000_000_000_000))
		}, none, types.ErrTooLate},
		"jailed": {func(t *testing.T, c *sim.Chain) {
			require.NoError(t, c.Registry.Jail(c.Ctx, c.Workers[0].ID, "test"))
		}, none, types.ErrWrongPhase},
		"void": {func(t *testing.T, c *sim.Chain) {
			load := loadOf(t, c, c.Workers[0])
			tick, err := c.Registry.Tick(c.Ctx)
			require.NoError(t, err)
			load.VoidClock = tick
			require.NoError(t, c.Registry.SetLoad(c.Ctx, c.Workers[0].ID, load))
		}, none, types.ErrVoided},
	}
}

// proving returns a chain on which the only worker holds a lot of two tasks,
// and its answer.
func proving(t *testing.T) (*sim.Chain, *types.MsgProve) {
	t.Helper()
	c := passive(t, 1)
	withCircuits(t, c)
	m := proofOrder(2)
	m.LotSize = 2
	batch := submit(t, c, m)
	require.NoError(t, c.Blocks(1))
	b, err := c.Market.Batches.Get(c.Ctx, batch)
	require.NoError(t, err)
	answer, err := c.Workers[0].Proof(b, types.LotWork{Batch: batch, Attempt: 1, Count: 2})
	require.NoError(t, err)
	return c, &types.MsgProve{Worker: sim.Text(c.Workers[0].Hot), Lots: []types.LotProof{answer}}
}

func TestMsgProve(t *testing.T) {
	for _, table := range []map[string]proveCase{proveShapes(), proveStates()} {
		for name, tc := range table {
			t.Run(name, func(t *testing.T) {
				c, msg := proving(t)
				if tc.given != nil {
					tc.given(t, c)
				}
				tc.edit(&msg.Lots[0])
				attempt(t, c, tc.err, func(ctx context.Context) error {
					_, err := c.Msgs().Prove(ctx, msg)
					return err
				})
			})
		}
	}
	for name, signer := range addressCases() {
		t.Run("worker "+name, func(t *testing.T) {
			c, msg := proving(t)
			msg.Worker = signer
			attempt(t, c, sdkerrors.ErrInvalidAddress, func(ctx context.Context) error {
				_, err := c.Msgs().Prove(ctx, msg)
				return err
			})
		})
	}
}

func TestProofOfAnotherOperatorIsRefused(t *testing.T) {
	c, msg := proving(t)
	thief, err := c.AddWorker("thief", 1_000, 1)
	require.NoError(t, err)
	thief.Silent = true
	batch := submit(t, c, proofOrder(1)) // the same statement
	require.NoError(t, c.Blocks(1))
	lot, err := c.Market.Lots.Get(c.Ctx, collections.Join(batch, uint32(0)))
	require.NoError(t, err)
	holder := thief
	if lot.Seats[0].Provider != thief.ID {
		holder = c.Workers[0]
	}
	stolen := types.LotProof{Batch: batch, Attempt: 1, Results: msg.Lots[0].Results[:1], Proofs: msg.Lots[0].Proofs[:1]}
	_, err = c.Msgs().Prove(c.Ctx, &types.MsgProve{Worker: sim.Text(holder.Hot), Lots: []types.LotProof{stolen}})
	require.ErrorIs(t, err, types.ErrInvalidProof, "a proof is of one task and one operator")
}

func TestProveAgainIsANoOp(t *testing.T) {
	c, msg := proving(t)
	_, err := c.Msgs().Prove(c.Ctx, msg)
	require.NoError(t, err)
	before, money := exported(t, c), balances(t, c)
	msg.Lots[0].Proofs = [][]byte{nil, nil} // not looked at any more
	_, err = c.Msgs().Prove(c.Ctx, msg)
	require.NoError(t, err)
	require.Equal(t, before.Market, exported(t, c).Market)
	require.Equal(t, money, balances(t, c))
	msg.Lots[0].Results[0].Digest = bytes.Repeat([]byte{1}, 32)
	_, err = c.Msgs().Prove(c.Ctx, msg)
	require.ErrorIs(t, err, types.ErrWrongPhase)
}

func TestProofIsNotRevealed(t *testing.T) {
	c, _ := proving(t)
	reveal := c.Workers[0].Reveal(1, types.LotWork{Attempt: 1, Count: 2})
	attempt(t, c, types.ErrWrongPhase, func(ctx context.Context) error {
		_, err := c.Msgs().Reveal(ctx, &types.MsgReveal{Worker: sim.Text(c.Workers[0].Hot), Lots: []types.LotReveal{reveal}})
		return err
	})
}

func TestRevealedPolicyIsNotProved(t *testing.T) {
	c := passive(t, 3)
	withCircuits(t, c)
	m := sim.Submit(requester)
	m.Deadline, m.Limits.WallSeconds = 60, 1
	batch := submit(t, c, m)
	require.NoError(t, c.Blocks(1))
	attempt(t, c, types.ErrInvalidProof, func(ctx context.Context) error {
		_, err := c.Msgs().Prove(ctx, &types.MsgProve{Worker: sim.Text(c.Workers[0].Hot), Lots: []types.LotProof{{Batch: batch, Attempt: 1}}})
		return err
	})
}

// TestProofGasIsChargedFirst: whoever sends a bad proof pays for the check of it.
func TestProofGasIsChargedFirst(t *testing.T) {
	c, msg := proving(t)
	msg.Lots[0].Proofs[0][255] ^= 1
	meter := storetypes.NewGasMeter(10_000_000)
	_, err := c.Msgs().Prove(c.Ctx.WithGasMeter(meter), msg)
	require.ErrorIs(t, err, types.ErrInvalidProof)
	circuit, err := c.Oracle.CircuitByID(c.Ctx, 1)
	require.NoError(t, err)
	require.Greater(t, meter.GasConsumed(), circuit.VerifyGas())

	require.Panics(t, func() {
		_, _ = c.Msgs().Prove(c.Ctx.WithGasMeter(storetypes.NewGasMeter(circuit.VerifyGas()/2)), msg)
	}, "out of gas before the work")
}

func TestSubmitOfProofs(t *testing.T) {
	hire := func(c *sim.Chain, m *types.MsgSubmit) { m.Hire = sim.Text(c.Workers[0].Operator) }
	tests := map[string]struct {
		edit func(*sim.Chain, *types.MsgSubmit)
		err  error
	}{
		"valid":                         {func(*sim.Chain, *types.MsgSubmit) {}, nil},
		"hired":                         {hire, nil},
		"no circuit":                    {func(_ *sim.Chain, m *types.MsgSubmit) { m.Circuit = 0 }, types.ErrInvalidCircuit},
		"unknown circuit":               {func(_ *sim.Chain, m *types.MsgSubmit) { m.Circuit = 3 }, types.ErrInvalidCircuit},
		"a circuit that nobody audited": {func(_ *sim.Chain, m *types.MsgSubmit) { m.Circuit = 2 }, types.ErrInvalidCircuit},
		"hired for it":                  {func(c *sim.Chain, m *types.MsgSubmit) { m.Circuit = 2; hire(c, m) }, nil},
		"no statement":                  {func(_ *sim.Chain, m *types.MsgSubmit) { m.Statement = nil }, types.ErrInvalidCircuit},
		"a statement too few":           {func(_ *sim.Chain, m *types.MsgSubmit) { m.Statement = m.Statement[32:] }, types.ErrInvalidCircuit},
		"a byte too many":               {func(_ *sim.Chain, m *types.MsgSubmit) { m.Statement = append(m.Statement, 0) }, types.ErrInvalidCircuit},
		"32 tasks":                      {func(_ *sim.Chain, m *types.MsgSubmit) { m.Count, m.Statement = 32, make([]byte, 32*32) }, nil},
		"33 tasks":                      {func(_ *sim.Chain, m *types.MsgSubmit) { m.Count, m.Statement = 33, make([]byte, 33*32) }, types.ErrInvalidCount},
		"two replicas":                  {func(_ *sim.Chain, m *types.MsgSubmit) { m.Replicas = 2 }, types.ErrInvalidReplicas},
		"a value at stake":              {func(_ *sim.Chain, m *types.MsgSubmit) { m.ValueAtStake = 1 }, types.ErrInvalidPrice},
		"a circuit without the policy": {func(_ *sim.Chain, m *types.MsgSubmit) {
			m.Policy, m.Replicas, m.Statement = types.PolicyRedundant, 3, nil
		}, types.ErrInvalidCircuit},
		"a statement without the policy": {func(_ *sim.Chain, m *types.MsgSubmit) {
			m.Policy, m.Replicas, m.Circuit = types.PolicyRedundant, 3, 0
		}, types.ErrInvalidCircuit},
		"a model without a version": {func(_ *sim.Chain, m *types.MsgSubmit) { m.Model = 1 }, types.ErrInvalidModel},
		"a version without a model": {func(_ *sim.Chain, m *types.MsgSubmit) { m.ModelVersion = 1 }, types.ErrInvalidModel},
		"an unknown model":          {func(_ *sim.Chain, m *types.MsgSubmit) { m.Model, m.ModelVersion = 1, 1 }, types.ErrInvalidModel},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := passive(t, 1)
			withCircuits(t, c)
			m := proofOrder(2)
			tc.edit(c, &m)
			attempt(t, c, tc.err, func(ctx context.Context) error {
				_, err := c.Msgs().Submit(ctx, &m)
				return err
			})
		})
	}
}

// proofs turns a random submit into one of proofs, now and then, or names a model.
func (w *world) proofs(t *rapid.T, m *types.MsgSubmit) {
	if rapid.IntRange(0, 3).Draw(t, "model") == 0 {
		m.Model, m.ModelVersion = 1, rapid.Uint32Range(0, 2).Draw(t, "version")
	}
	if rapid.IntRange(0, 5).Draw(t, "proof") > 0 {
		return
	}
	m.Policy, m.Replicas, m.ValueAtStake = types.PolicyProof, 1, 0
	m.Circuit = rapid.Uint64Range(0, 2).Draw(t, "circuit")
	m.Count = min(m.Count, 4)
	m.LotSize = min(m.LotSize, m.Count)
	m.Statement = nil
	for i := range m.Count {
		m.Statement = append(m.Statement, statement(byte(i)+2)...)
	}
}

var leafResult = regexp.MustCompile("leaf_result=[0-9a-f]{64}")

// TestProofEvents compares the life of a proved task with its golden file. What
// depends on the verifying key, which is another in every run, is left out.
func TestProofEvents(t *testing.T) {
	c := newMarket(t, 1, shortWindows)
	withCircuits(t, c)
	withModel(t, c)
	m := using(proofOrder(1))
	m.Limits.WallSeconds, m.Deadline = 1, 10
	c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
	submit(t, c, m)
	var b strings.Builder
	for i := range 4 {
		render(t, &b, i, c.Ctx.EventManager().Events())
		endBlock(t, c, &b, i)
	}
	got := leafResult.ReplaceAllString(b.String(), "leaf_result=…")
	path := filepath.Join("testdata", "events", "proved.txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
