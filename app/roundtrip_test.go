// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"encoding/json"
	"testing"

	sdkmath "cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// moment is a state that a chain is exported in.
type moment struct {
	// reach brings a new chain there.
	reach func(m *market)
	// resume undoes what kept it there.
	resume func(m *market)
	// check looks at a chain on which everything has settled.
	check func(m *market)
}

func moments() map[string]moment {
	nothing := func(*market) {}
	return map[string]moment{
		"empty":      {nothing, nothing, nothing},
		"mid-commit": {reachMidCommit, nothing, allSettled},
		"unbonding":  {reachUnbonding, nothing, unbonded},
		"dispute":    {reachDispute, answerCases, liarSlashed},
	}
}

// reachMidCommit: of every lot with three seats some have committed, and
// another batch waits for seats.
func reachMidCommit(m *market) {
	m.join()
	m.accepted(m.submit())
	for _, p := range m.providers[:len(m.providers)/2] {
		p.Silent = true
	}
	m.work()
	for _, p := range m.providers {
		p.Silent = false
	}
	m.accepted(m.submit(func(s *markettypes.MsgSubmit) { s.MaxPrice = marketAsk - 1 }))
	require.NotZero(m.t, m.lots(func(l markettypes.Lot) bool {
		phases := map[markettypes.SeatPhase]int{}
		for _, s := range l.Seats {
			phases[s.Phase]++
		}
		return phases[markettypes.SeatAssigned] > 0 && phases[markettypes.SeatCommitted] > 0
	}))
}

func allSettled(m *market) {
	require.Equal(m.t, 3, m.lots(func(l markettypes.Lot) bool { return l.State == markettypes.TaskSettled }))
}

// reachUnbonding: lots are agreed and not paid, one provider unbonds a part
// and one has deregistered.
func reachUnbonding(m *market) {
	m.join()
	part, gone := m.providers[0], m.providers[len(m.providers)-1]
	m.accepted(m.sign(gone.operator, &registrytypes.MsgDeregister{Operator: gone.operator.text}))
	m.accepted(m.submit())
	agreed := func(l markettypes.Lot) bool { return l.State == markettypes.TaskAgreed }
	m.until(10, "agreement", func() bool { return m.lots(agreed) == 3 })
	m.accepted(m.sign(part.operator, &registrytypes.MsgUnbond{
		Operator: part.operator.text, Amount: sdk.NewCoin(BaseDenom, sdkmath.NewInt(marketBond/4)),
	}))
	registry, err := m.app.RegistryKeeper.ExportGenesis(m.app.NewContext(true))
	require.NoError(m.t, err)
	require.Len(m.t, registry.Unbondings, 2)
	require.Equal(m.t, 3, m.lots(agreed))
}

func unbonded(m *market) {
	allSettled(m)
	before := int64(personFunds - marketBond - 2*personFee)
	for p, want := range map[*provider]int64{
		m.providers[0]:                  before + marketBond/4,
		m.providers[len(m.providers)-1]: before + marketBond,
	} {
		require.Equal(m.t, want, m.app.BankKeeper.GetBalance(m.app.NewContext(true), p.Operator, BaseDenom).Amount.Int64())
	}
	gone, err := m.app.RegistryKeeper.Provider(m.app.NewContext(true), uint32(len(m.providers)))
	require.NoError(m.t, err)
	require.Equal(m.t, registrytypes.ProviderRetired, gone.Status)
}

// reachDispute: a wrong result has made sets grow, and audits are open.
func reachDispute(m *market) {
	m.join()
	for _, p := range m.providers {
		p.SkipCases = true
	}
	m.accepted(m.submit(func(s *markettypes.MsgSubmit) { *s = sim.Optimistic(*s) }))
	m.until(15, "an audit", func() bool { return m.openCases(markettypes.CaseAudit) > 0 })
	// Whoever is drawn first for this batch answers wrong.
	m.accepted(m.submit())
	for _, p := range m.providers {
		if len(m.answers(p)) > 0 {
			p.Run = sim.Wrong
			break
		}
	}
	m.until(10, "a dispute", func() bool { return m.openCases(markettypes.CaseGrowth) > 0 })
	require.NotZero(m.t, m.openCases(markettypes.CaseAudit))
}

func answerCases(m *market) {
	for _, p := range m.providers {
		p.SkipCases = false
	}
}

func liarSlashed(m *market) {
	for _, p := range m.providers {
		stored, err := m.app.RegistryKeeper.Provider(m.app.NewContext(true), p.ID)
		require.NoError(m.t, err)
		require.Equal(m.t, p.Run != nil, stored.Slashed > 0, "provider %d", p.ID)
	}
}

// TestRoundTrip: what a chain exports is what a chain that began with it
// exports, and that chain goes on as the first one would have.
func TestRoundTrip(t *testing.T) {
	for name, at := range moments() {
		t.Run(name, func(t *testing.T) {
			first := newMarket(t, 10, 1_000)
			at.reach(first)
			first.invariants()
			exported := export(t, first.app, false)
			second := first.begin(exported)
			require.Equal(t, first.app.LastBlockHeight()+1, second.initial)
			requireSame(t, exported.AppState, second.state())

			at.resume(first)
			for range unbondingTicks + 60 {
				second.follow(first)
			}
			require.True(t, second.idle())
			at.check(second)
			second.invariants()
			requireSame(t, export(t, first.app, false).AppState, export(t, second.app, false).AppState)
		})
	}
}

// TestRoundTripForZeroHeight: the same for a chain that starts at height 1.
func TestRoundTripForZeroHeight(t *testing.T) {
	for name, at := range moments() {
		t.Run(name, func(t *testing.T) {
			first := newMarket(t, 10, 1_000)
			at.reach(first)
			first.invariants()
			plain := sections(t, export(t, first.app, false).AppState)
			exported := export(t, first.app, true)
			require.Zero(t, exported.Height)
			rebased := sections(t, exported.AppState)
			for _, module := range []string{"market", "registry", "reputation"} {
				require.Equal(t, plain[module], rebased[module], "%s counts from no height", module)
			}
			var oracle, before oracletypes.GenesisState
			first.app.AppCodec().MustUnmarshalJSON([]byte(rebased["oracle"]), &oracle)
			first.app.AppCodec().MustUnmarshalJSON([]byte(plain["oracle"]), &before)
			require.Zero(t, oracle.Epoch.StartHeight)
			before.Rebase(0)
			require.Equal(t, before, oracle)

			second := first.begin(exported)
			requireSame(t, exported.AppState, second.state())
			at.resume(second)
			for range unbondingTicks + 60 {
				second.work()
			}
			require.EqualValues(t, unbondingTicks+60, second.app.LastBlockHeight())
			require.True(t, second.idle())
			at.check(second)
			second.invariants()
			epoch, err := second.app.OracleKeeper.Epoch(second.app.NewContext(true))
			require.NoError(t, err)
			require.Equal(t, before.Epoch.Number+(unbondingTicks+60)/before.Params.EpochBlocks, epoch.Number)
		})
	}
}

func export(t *testing.T, app *App, forZeroHeight bool) servertypes.ExportedApp {
	t.Helper()
	exported, err := app.ExportAppStateAndValidators(forZeroHeight, nil, nil)
	require.NoError(t, err)
	return exported
}

// begin starts another chain with the same people from an exported state.
func (m *market) begin(exported servertypes.ExportedApp) *market {
	m.t.Helper()
	second := *m.chain
	second.app, second.initial = newApp(m.t), max(exported.Height, 1)
	validators := make([]abci.ValidatorUpdate, 0, len(exported.Validators))
	for _, v := range exported.Validators {
		validators = append(validators, abci.ValidatorUpdate{PubKey: validatorKey(m.t, v.PubKey), Power: v.Power})
	}
	_, err := second.app.InitChain(&abci.RequestInitChain{
		ChainId: testChainID, Time: m.now, InitialHeight: second.initial, AppStateBytes: exported.AppState,
		ConsensusParams: &exported.ConsensusParams, Validators: validators,
	})
	require.NoError(m.t, err)
	return &market{chain: &second, requesters: m.requesters, providers: m.providers}
}

// state exports a chain before its first block.
func (m *market) state() []byte {
	m.t.Helper()
	modules := append(ownModules(), banktypes.ModuleName)
	genesis, err := m.app.ModuleManager.ExportGenesisForModules(m.app.NewContext(false), m.app.AppCodec(), modules)
	require.NoError(m.t, err)
	state, err := json.Marshal(genesis)
	require.NoError(m.t, err)
	return state
}

// follow makes the next block of both chains: the transactions of the first
// one's workers must be right on the second as well.
func (m *market) follow(first *market) {
	m.t.Helper()
	var txs [][]byte
	for _, p := range first.providers {
		msgs := first.answers(p)
		require.Equal(m.t, msgs, m.pending(p, msgs))
		if len(msgs) > 0 {
			txs = append(txs, first.sign(p.worker, msgs...))
		}
	}
	first.accepted(txs...)
	m.accepted(txs...)
}

// pending is what a worker sends on a chain that has a committed state; before
// the first block there is none to query.
func (m *market) pending(p *provider, otherwise []sdk.Msg) []sdk.Msg {
	if m.app.LastBlockHeight() == 0 {
		return otherwise
	}
	return m.answers(p)
}

// requireSame compares our modules and the bank byte for byte.
func requireSame(t *testing.T, want, got []byte) {
	t.Helper()
	before, after := sections(t, want), sections(t, got)
	for _, module := range append(ownModules(), banktypes.ModuleName) {
		require.NotEmpty(t, before[module], module)
		require.Equal(t, compact(t, before[module]), compact(t, after[module]), module)
	}
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, json.Compact(&out, []byte(text)))
	return out.String()
}
