// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"fmt"
	"testing"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	marketkeeper "github.com/cupel-network/cupel/x/market/keeper"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const (
	// marketBond and marketAsk are those of a provider in ucupel.
	marketBond = 20_000_000_000
	marketAsk  = 1_000
	// unbondingTicks is short enough to wait for, and not for a window to miss.
	unbondingTicks = 800
)

// ownModules are ours.
func ownModules() []string { return []string{"market", "oracle", "registry", "reputation"} }

// provider is an operator with its worker.
type provider struct {
	sim.Worker
	operator, worker *person
	payout           string
}

func (p *provider) endpoint() string { return fmt.Sprintf("http://p%d.example.com:8080", p.ID) }

// market is a chain with requesters and providers who sign transactions.
type market struct {
	*chain
	requesters []*person
	providers  []*provider
}

// newMarket starts a chain with people; join makes its providers register. A
// settled batch stays for retention ticks.
func newMarket(t testing.TB, providers int, retention uint64, followers ...*node) *market {
	Configure()
	m := &market{}
	var people []*person
	for i := range 3 {
		m.requesters = append(m.requesters, newPerson(fmt.Sprintf("requester %d", i)))
	}
	people = append(people, m.requesters...)
	for i := range providers {
		p := &provider{operator: newPerson(fmt.Sprintf("operator %d", i)), worker: newPerson(fmt.Sprintf("worker %d", i))}
		p.payout = newPerson(fmt.Sprintf("payout %d", i)).text
		p.ID, p.Operator = uint32(i+1), p.operator.address
		m.providers = append(m.providers, p)
		people = append(people, p.operator, p.worker)
	}
	m.chain = newChain(t, fundPeople(people), shortWindows(retention), func(c *chain, _ map[string]json.RawMessage) { c.followers = followers })
	m.block()
	return m
}

// shortWindows makes every deadline short.
func shortWindows(retention uint64) edit {
	return func(c *chain, genesis map[string]json.RawMessage) {
		market, registry, oracle := markettypes.DefaultGenesis(), registrytypes.DefaultGenesis(), oracletypes.DefaultGenesis()
		p := &market.Params[0].Params
		p.WindowTicks, p.CommitTicks, p.RevealTicks, p.MaxRedraws, p.RetentionTicks = 10, 5, 5, 1, retention
		registry.Params.UnbondingTicks, registry.Params.JailTicks = unbondingTicks, 10
		p.MaxWallSeconds, p.MaxTries, p.UnfilledEpochs = 4, 1, 1
		p.Committee.CommitTicks, p.Committee.RevealTicks = 2, 2
		registry.Params.SilenceTicks, registry.Params.HeartbeatTicks = 3_000, 100
		oracle.Params.EpochBlocks = 2
		cdc := c.app.AppCodec()
		genesis[markettypes.ModuleName] = cdc.MustMarshalJSON(market)
		genesis[registrytypes.ModuleName] = cdc.MustMarshalJSON(registry)
		genesis[oracletypes.ModuleName] = cdc.MustMarshalJSON(oracle)
	}
}

// join registers every provider in one block.
func (m *market) join() {
	m.t.Helper()
	var txs [][]byte
	for _, p := range m.providers {
		txs = append(txs, m.sign(p.operator, &registrytypes.MsgRegister{
			Operator: p.operator.text, Worker: p.worker.text, Payout: p.payout,
			Bond: sdk.NewCoin(BaseDenom, sdkmath.NewInt(marketBond)), Region: "eu-west",
			Endpoint:  p.endpoint(),
			Resources: []registrytypes.Resource{{Class: sim.Class, Count: 64, Price: marketAsk}},
		}))
	}
	m.accepted(txs...)
}

// accepted makes a block of which every transaction must succeed.
func (m *market) accepted(txs ...[]byte) {
	m.t.Helper()
	for i, result := range m.block(txs...).TxResults {
		require.Zero(m.t, result.Code, "transaction %d: %s", i, result.Log)
	}
}

// submit is an order of the first requester.
func (m *market) submit(edits ...func(*markettypes.MsgSubmit)) []byte {
	m.t.Helper()
	msg := sim.Submit(m.requesters[0].address)
	msg.Count, msg.LotSize, msg.Limits.WallSeconds = 6, 2, 1
	for _, e := range edits {
		e(&msg)
	}
	return m.sign(m.requesters[0], &msg)
}

// work lets the workers answer in one block all that waits for them.
func (m *market) work(extra ...[]byte) {
	m.t.Helper()
	txs := extra
	for _, p := range m.providers {
		if msgs := m.answers(p); len(msgs) > 0 {
			txs = append(txs, m.sign(p.worker, msgs...))
		}
	}
	m.accepted(txs...)
}

// until works until done, at most limit blocks.
func (m *market) until(limit int, what string, done func() bool) {
	m.t.Helper()
	for range limit {
		if done() {
			return
		}
		m.work()
	}
	require.True(m.t, done(), "%s: not after %d blocks", what, limit)
}

// answers is what a worker sends now.
func (m *market) answers(p *provider) []sdk.Msg {
	m.t.Helper()
	if p.Silent {
		return nil
	}
	queries := marketkeeper.NewQueryServer(m.app.MarketKeeper)
	work, err := queries.Work(m.app.NewContext(true), &markettypes.QueryWorkRequest{Provider: p.ID})
	require.NoError(m.t, err)
	commit, reveal := &markettypes.MsgCommit{Worker: p.worker.text}, &markettypes.MsgReveal{Worker: p.worker.text}
	for _, l := range work.Lots {
		answer := p.Reveal(l.Batch, l)
		switch {
		case l.Replicas == 1 || l.State == markettypes.TaskCommitted:
			reveal.Lots = append(reveal.Lots, answer)
		case l.Phase == markettypes.SeatAssigned:
			commit.Lots = append(commit.Lots, markettypes.LotCommit{
				Batch: l.Batch, Lot: l.Lot, Attempt: l.Attempt,
				Commitment: markettypes.CommitLot(testChainID, p.Operator, answer),
			})
		}
	}
	var msgs []sdk.Msg
	if len(commit.Lots) > 0 {
		msgs = append(msgs, commit)
	}
	if len(reveal.Lots) > 0 && !p.NoReveal {
		msgs = append(msgs, reveal)
	}
	return append(msgs, m.caseAnswers(p, work.Cases)...)
}

func (m *market) caseAnswers(p *provider, cases []markettypes.CaseWork) (msgs []sdk.Msg) {
	if p.SkipCases {
		return nil
	}
	for _, c := range cases {
		answer := m.caseAnswer(p, c)
		switch {
		case c.CasePhase == markettypes.CasePhaseCommit && c.Phase == markettypes.SeatAssigned:
			msgs = append(msgs, &markettypes.MsgCommitCase{Worker: p.worker.text, Cases: []markettypes.CaseCommit{{
				Task: c.Task, Attempt: c.Attempt, Commitment: markettypes.CommitCaseAnswer(testChainID, p.Operator, answer),
			}}})
		case c.CasePhase == markettypes.CasePhaseReveal && c.Phase == markettypes.SeatCommitted:
			msgs = append(msgs, &markettypes.MsgRevealCase{Worker: p.worker.text, Cases: []markettypes.CaseReveal{answer}})
		}
	}
	return msgs
}

// caseAnswer is the result of a task and the run proofs of all who ran it.
func (m *market) caseAnswer(p *provider, c markettypes.CaseWork) markettypes.CaseReveal {
	answer := sim.Honest(c.Task)
	if p.Run != nil {
		answer = p.Run(c.Task)
	}
	if p.Lazy {
		answer.Memory = p.Operator // it knows no memory hash
	}
	r := markettypes.CaseReveal{
		Task: c.Task, Attempt: c.Attempt, Salt: make([]byte, markettypes.HashSize), Result: answer.Result,
		Proof: markettypes.RunProof(c.Task, p.Operator, answer.Memory),
	}
	for _, id := range c.Others {
		proof := markettypes.RunProof(c.Task, m.providers[id-1].Operator, answer.Memory)
		r.Cross = append(r.Cross, markettypes.CrossProof{Provider: id, Proof: proof})
	}
	return r
}

// lots counts the assigned lots for which a condition holds.
func (m *market) lots(holds func(markettypes.Lot) bool) (n int) {
	m.t.Helper()
	ctx := m.app.NewContext(true)
	iterator, err := m.app.MarketKeeper.Lots.Iterate(ctx, nil)
	require.NoError(m.t, err)
	lots, err := iterator.Values()
	require.NoError(m.t, err)
	for _, l := range lots {
		if holds(l) {
			n++
		}
	}
	return n
}

// openCases counts the cases of a kind that are not decided.
func (m *market) openCases(kind markettypes.CaseKind) (n int) {
	m.t.Helper()
	iterator, err := m.app.MarketKeeper.Cases.Iterate(m.app.NewContext(true), nil)
	require.NoError(m.t, err)
	cases, err := iterator.Values()
	require.NoError(m.t, err)
	for _, c := range cases {
		if c.Kind == kind && (c.Phase == markettypes.CasePhaseCommit || c.Phase == markettypes.CasePhaseReveal) {
			n++
		}
	}
	return n
}

// idle reports whether no lot of any batch is open.
func (m *market) idle() bool {
	m.t.Helper()
	iterator, err := m.app.MarketKeeper.Tallies.Iterate(m.app.NewContext(true), nil)
	require.NoError(m.t, err)
	tallies, err := iterator.Values()
	require.NoError(m.t, err)
	for _, tally := range tallies {
		if tally.OpenLots > 0 || tally.Escrow > 0 {
			return false
		}
	}
	return true
}

// invariants checks those of the whole state.
func (m *market) invariants() {
	m.t.Helper()
	require.NoError(m.t, m.app.CheckInvariants(m.app.NewContext(true)))
}
