// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/testutil/circuits"
	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/oracle/keeper"
	"github.com/cupel-network/cupel/x/oracle/types"
)

var cube = sync.OnceValues(circuits.NewCube)

// bench is a chain with an account that can pay one fee and a half.
type bench struct {
	*sim.Chain
	system *circuits.System
	msgs   types.MsgServer
	reads  types.QueryServer
}

var maker = sim.Addr("maker")

func newBench(t testing.TB) *bench {
	t.Helper()
	system, err := cube()
	require.NoError(t, err)
	c, err := sim.New()
	require.NoError(t, err)
	require.NoError(t, c.Fund(maker, 150*sim.CUPEL))
	return &bench{c, system, keeper.NewMsgServer(c.Oracle), keeper.NewQueryServer(c.Oracle)}
}

func (b *bench) registration() types.MsgRegisterCircuit {
	return types.MsgRegisterCircuit{Owner: sim.Text(maker), Name: "cube/v1", Inputs: circuits.Inputs, Key: bytes.Clone(b.system.Key)}
}

func (b *bench) register(t testing.TB) uint64 {
	t.Helper()
	msg := b.registration()
	res, err := b.msgs.RegisterCircuit(b.Ctx, &msg)
	require.NoError(t, err)
	return res.Circuit
}

func TestRegisterCircuit(t *testing.T) {
	bad := types.ErrInvalidCircuit
	tests := map[string]struct {
		edit func(*bench, *types.MsgRegisterCircuit)
		err  error
	}{
		"valid":               {func(*bench, *types.MsgRegisterCircuit) {}, nil},
		"name of 2":           {func(_ *bench, m *types.MsgRegisterCircuit) { m.Name = "ab" }, bad},
		"name of 3":           {func(_ *bench, m *types.MsgRegisterCircuit) { m.Name = "abc" }, nil},
		"name of 48":          {func(_ *bench, m *types.MsgRegisterCircuit) { m.Name = strings.Repeat("a", 48) }, nil},
		"name of 49":          {func(_ *bench, m *types.MsgRegisterCircuit) { m.Name = strings.Repeat("a", 49) }, bad},
		"name with a space":   {func(_ *bench, m *types.MsgRegisterCircuit) { m.Name = "a cube" }, bad},
		"no inputs":           {func(_ *bench, m *types.MsgRegisterCircuit) { m.Inputs = 0 }, bad},
		"33 inputs":           {func(_ *bench, m *types.MsgRegisterCircuit) { m.Inputs = 33 }, bad},
		"other inputs":        {func(_ *bench, m *types.MsgRegisterCircuit) { m.Inputs = 5 }, bad},
		"no key":              {func(_ *bench, m *types.MsgRegisterCircuit) { m.Key = nil }, bad},
		"a byte too many":     {func(_ *bench, m *types.MsgRegisterCircuit) { m.Key = append(m.Key, 0) }, bad},
		"a key of 1 MiB":      {func(_ *bench, m *types.MsgRegisterCircuit) { m.Key = make([]byte, 1<<20) }, bad},
		"a key of zeros":      {func(_ *bench, m *types.MsgRegisterCircuit) { m.Key = make([]byte, len(m.Key)) }, bad},
		"a flipped bit":       {func(_ *bench, m *types.MsgRegisterCircuit) { m.Key[300] ^= 1 }, bad},
		"an owner of nothing": {func(_ *bench, m *types.MsgRegisterCircuit) { m.Owner = sim.Text(sim.Addr("poor")) }, sdkerrors.ErrInsufficientFunds},
		"no owner":            {func(_ *bench, m *types.MsgRegisterCircuit) { m.Owner = "" }, sdkerrors.ErrInvalidAddress},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			before := b.Balance(sim.Treasury)
			msg := b.registration()
			tc.edit(b, &msg)
			err := b.Deliver(func(ctx context.Context) error { _, err := b.msgs.RegisterCircuit(ctx, &msg); return err })
			require.ErrorIs(t, err, tc.err)
			require.NoError(t, b.Check())
			if tc.err != nil {
				require.Equal(t, before, b.Balance(sim.Treasury))
				_, err = b.reads.Circuit(b.Ctx, &types.QueryCircuitRequest{Circuit: 1})
				require.ErrorIs(t, err, types.ErrUnknownCircuit)
				return
			}
			require.Equal(t, before+100*sim.CUPEL, b.Balance(sim.Treasury))
			res, err := b.reads.Circuit(b.Ctx, &types.QueryCircuitRequest{Circuit: 1})
			require.NoError(t, err)
			require.Equal(t, msg.Key, res.Key)
			require.False(t, res.Circuit.Audited)
			require.Equal(t, types.HashKey(msg.Key), res.Circuit.KeyHash)
		})
	}
}

func TestAuditCircuit(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.MsgAuditCircuit)
		err  error
	}{
		"by governance":        {func(*types.MsgAuditCircuit) {}, nil},
		"by the owner":         {func(m *types.MsgAuditCircuit) { m.Authority = sim.Text(maker) }, sdkerrors.ErrUnauthorized},
		"of no circuit":        {func(m *types.MsgAuditCircuit) { m.Circuit = 2 }, types.ErrUnknownCircuit},
		"with a note of 257":   {func(m *types.MsgAuditCircuit) { m.Note = strings.Repeat("n", 257) }, types.ErrInvalidCircuit},
		"with a note of bytes": {func(m *types.MsgAuditCircuit) { m.Note = "\xff" }, types.ErrInvalidCircuit},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.register(t)
			msg := types.MsgAuditCircuit{Authority: sim.Text(sim.Gov), Circuit: 1, Audited: true, Note: "https://audits.example.com/1"}
			tc.edit(&msg)
			_, err := b.msgs.AuditCircuit(b.Ctx, &msg)
			require.ErrorIs(t, err, tc.err)
			c, err := b.Oracle.CircuitByID(b.Ctx, 1)
			require.NoError(t, err)
			require.Equal(t, tc.err == nil, c.Audited)
			require.NoError(t, b.Check())
		})
	}
}

func TestCircuitQueries(t *testing.T) {
	b := newBench(t)
	require.NoError(t, b.Fund(maker, 1_000*sim.CUPEL))
	for range 5 {
		b.register(t)
	}
	page, err := b.reads.Circuits(b.Ctx, &types.QueryCircuitsRequest{Pagination: &query.PageRequest{Limit: 3}})
	require.NoError(t, err)
	require.Len(t, page.Circuits, 3)
	rest, err := b.reads.Circuits(b.Ctx, &types.QueryCircuitsRequest{Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Len(t, rest.Circuits, 2)
	_, err = b.reads.Circuits(b.Ctx, nil)
	require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest)
	_, err = b.reads.Circuit(b.Ctx, nil)
	require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest)
}

func TestCircuitEvents(t *testing.T) {
	b := newBench(t)
	b.Ctx = b.Ctx.WithEventManager(sdk.NewEventManager())
	b.register(t)
	require.NoError(t, b.Oracle.AuditCircuit(b.Ctx, 1, true, "note"))
	var got []string
	for _, event := range b.Ctx.EventManager().ABCIEvents() {
		if !strings.HasPrefix(event.Type, "cupel.") {
			continue
		}
		_, err := sdk.ParseTypedEvent(event)
		require.NoError(t, err)
		line := event.Type
		for _, a := range event.Attributes {
			if a.Key == "key_hash" { // another setup in every run
				a.Value = "…"
			}
			line += " " + a.Key + "=" + a.Value
		}
		got = append(got, line)
	}
	require.Equal(t, []string{
		`cupel.oracle.v1.EventCircuitRegistered circuit="1" key_hash=… name="cube/v1" owner="` + sim.Text(maker) + `"`,
		`cupel.oracle.v1.EventCircuitAudited audited=true circuit="1" note="note"`,
	}, got)
}

func TestCircuitGenesis(t *testing.T) {
	b := newBench(t)
	b.register(t)
	require.NoError(t, b.Oracle.AuditCircuit(b.Ctx, 1, true, "note"))
	good, err := b.Oracle.ExportGenesis(b.Ctx)
	require.NoError(t, err)
	tests := map[string]struct {
		edit func(*types.GenesisState)
		err  error
	}{
		"as exported":           {func(*types.GenesisState) {}, nil},
		"without the key":       {func(g *types.GenesisState) { g.CircuitKeys = nil }, types.ErrInvalidGenesis},
		"with another key":      {func(g *types.GenesisState) { g.CircuitKeys[0].Key[9] ^= 1 }, types.ErrInvalidGenesis},
		"with a gap":            {func(g *types.GenesisState) { g.Circuits[0].Id, g.CircuitKeys[0].Circuit = 2, 2 }, types.ErrInvalidGenesis},
		"with an owner of none": {func(g *types.GenesisState) { g.Circuits[0].Owner = "x" }, types.ErrInvalidGenesis},
		"with points off the curve": {func(g *types.GenesisState) {
			g.CircuitKeys[0].Key[63] ^= 1
			g.Circuits[0].KeyHash = types.HashKey(g.CircuitKeys[0].Key)
		}, types.ErrInvalidGenesis},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			g := *good
			g.Circuits = append([]types.Circuit(nil), good.Circuits...)
			g.CircuitKeys = []types.CircuitKey{{Circuit: 1, Key: bytes.Clone(good.CircuitKeys[0].Key)}}
			tc.edit(&g)
			c := sim.Empty()
			err := c.Oracle.InitGenesis(c.Ctx, g)
			require.ErrorIs(t, err, tc.err)
			if err == nil {
				again, err := c.Oracle.ExportGenesis(c.Ctx)
				require.NoError(t, err)
				require.Equal(t, good, again)
			}
		})
	}
}

func TestVerifyProof(t *testing.T) {
	b := newBench(t)
	b.register(t)
	binding, statement := bytes.Repeat([]byte{3}, 32), append(make([]byte, 31), 5)
	digest, proof, err := b.system.Prove(binding, statement)
	require.NoError(t, err)
	inputs := halves(binding, digest, statement)
	require.NoError(t, b.Oracle.VerifyProof(b.Ctx, 1, proof, inputs))
	require.ErrorIs(t, b.Oracle.VerifyProof(b.Ctx, 2, proof, inputs), types.ErrUnknownCircuit)
	require.ErrorIs(t, b.Oracle.VerifyProof(b.Ctx, 1, proof[1:], inputs), types.ErrInvalidProof)
	require.ErrorIs(t, b.Oracle.VerifyProof(b.Ctx, 1, proof, inputs[1:]), types.ErrInvalidProof)
	for i := range inputs {
		wrong := append([][]byte(nil), inputs...)
		wrong[i] = append(make([]byte, 31), 77)
		require.ErrorIs(t, b.Oracle.VerifyProof(b.Ctx, 1, proof, wrong), types.ErrInvalidProof, "input %d", i)
	}
}

func halves(hashes ...[]byte) [][]byte {
	var out [][]byte
	for _, h := range hashes {
		for _, half := range [][]byte{h[16:], h[:16]} {
			out = append(out, append(make([]byte, 16), half...))
		}
	}
	return out
}

// sendGas and sendMicros are what MsgSend costs in FinalizeBlock, measured on
// the machine on which a bare pairing check of a proof took 920 µs.
const (
	sendGas    = 68_000
	sendMicros = 310
)

// TestProofGas: by time, a proof pays between half and twice what MsgSend pays.
// The times are those of one machine, taken side by side; the gas is the chain's.
// What the machine of the test needs is printed, not judged: it may be busy.
func TestProofGas(t *testing.T) {
	b := newBench(t)
	b.register(t)
	binding, statement := bytes.Repeat([]byte{3}, 32), append(make([]byte, 31), 5)
	digest, proof, err := b.system.Prove(binding, statement)
	require.NoError(t, err)
	inputs := halves(binding, digest, statement)
	best := time.Hour
	var used uint64
	for range 20 {
		meter := storetypes.NewInfiniteGasMeter()
		start := time.Now()
		require.NoError(t, b.Oracle.VerifyProof(b.Ctx.WithGasMeter(meter), 1, proof, inputs))
		best = min(best, time.Since(start))
		used = meter.GasConsumed()
	}
	t.Logf("a proof with %d inputs: %s at best, %d gas", len(inputs), best, used)
	fair := float64(sendGas) / sendMicros * 1_200 // 920 µs, the inputs' products and the subgroup check of B
	require.Greater(t, float64(used), fair/2)
	require.Less(t, float64(used), fair*2)

	meter := storetypes.NewGasMeter(used - types.ProofGas/2)
	require.Panics(t, func() { _ = b.Oracle.VerifyProof(b.Ctx.WithGasMeter(meter), 1, proof, inputs) })
}
