// SPDX-License-Identifier: Apache-2.0

package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	marketkeeper "github.com/cupel-network/cupel/x/market/keeper"
)

// timeless are the messages with which the market clock goes on, and why it may.
func timeless() map[string]string {
	governance, provider, model := "governance sends it", "a provider may do it at any time", "a model has no deadlines"
	return map[string]string{
		"cupel.market.v1.MsgSubmit":            "opens what has deadlines; nobody owes it",
		"cupel.market.v1.MsgCancel":            "a batch that is not cancelled refunds at its deadline",
		"cupel.market.v1.MsgCrank":             "only repeats what the queue does",
		"cupel.market.v1.MsgClaim":             "claims never expire",
		"cupel.market.v1.MsgOpenSession":       "opens what has deadlines; nobody owes it",
		"cupel.market.v1.MsgCloseSession":      "a session that is not closed expires, and the deadline in its dispute window is that of MsgRedeem",
		"cupel.market.v1.MsgSubmitQuote":       "an attestation that lapses costs no coins and can be renewed",
		"cupel.market.v1.MsgUpdateParams":      governance,
		"cupel.market.v1.MsgEndParams":         governance,
		"cupel.registry.v1.MsgRegister":        provider,
		"cupel.registry.v1.MsgUpdateProvider":  provider,
		"cupel.registry.v1.MsgRotateWorker":    provider,
		"cupel.registry.v1.MsgBond":            provider,
		"cupel.registry.v1.MsgUnbond":          provider,
		"cupel.registry.v1.MsgDrain":           provider,
		"cupel.registry.v1.MsgUnjail":          "jail lasts until it is sent, however late",
		"cupel.registry.v1.MsgDeregister":      provider,
		"cupel.registry.v1.MsgAddClass":        governance,
		"cupel.registry.v1.MsgUpdateParams":    governance,
		"cupel.registry.v1.MsgCreateModel":     model,
		"cupel.registry.v1.MsgPublishVersion":  model,
		"cupel.registry.v1.MsgForkModel":       model,
		"cupel.registry.v1.MsgMergeModels":     model,
		"cupel.registry.v1.MsgRollbackModel":   model,
		"cupel.registry.v1.MsgSignVersion":     model,
		"cupel.registry.v1.MsgUpdateModel":     model,
		"cupel.registry.v1.MsgTransferModel":   model,
		"cupel.oracle.v1.MsgUpdateParams":      governance,
		"cupel.oracle.v1.MsgForceSeal":         governance,
		"cupel.oracle.v1.MsgAuditCircuit":      governance,
		"cupel.oracle.v1.MsgRegisterAttestor":  "who is late is in a later set",
		"cupel.oracle.v1.MsgRotateAttestorKey": "the old key counts until then",
		"cupel.oracle.v1.MsgAttest":            "x/oracle counts no absence while it is stopped",
		"cupel.oracle.v1.MsgSubmitEvidence":    "evidence counts for as long as x/staking holds the bond, in its own time",
		"cupel.oracle.v1.MsgBeacon":            "x/oracle punishes nobody while it is stopped",
		"cupel.oracle.v1.MsgRegisterCircuit":   "nobody owes it",
		"cupel.reputation.v1.MsgUpdateParams":  governance,
	}
}

// TestEveryDeadlineStopsTheClock: a message that is on no list is one whose
// sender could be late because the circuit breaker stopped it.
func TestEveryDeadlineStopsTheClock(t *testing.T) {
	stopped, free := marketkeeper.DeadlineMessages(), timeless()
	known := map[string]bool{}
	var unlisted []string
	for _, message := range ownMessages(t) {
		name := string(message.FullName())
		url := "/" + name
		known[name] = true
		_, exempt := free[name]
		require.False(t, exempt && slices.Contains(stopped, url), "%s is on both lists", name)
		if !exempt && !slices.Contains(stopped, url) {
			unlisted = append(unlisted, name)
		}
	}
	require.Empty(t, unlisted, "add them to deadlineMessages of x/market, or say in timeless why their senders cannot be late")
	for _, url := range stopped {
		require.True(t, known[strings.TrimPrefix(url, "/")], "%s is no message", url)
	}
	for name, reason := range free {
		require.True(t, known[name], "%s is no message", name)
		require.NotEmpty(t, reason)
	}
}

// TestTheClockStandsStill: each of them stops the clock while it is tripped.
func TestTheClockStandsStill(t *testing.T) {
	m := newMarket(t, 1, 30)
	for _, url := range marketkeeper.DeadlineMessages() {
		before := m.tick()
		m.trip(url, true)
		require.Equal(t, before, m.tick(), url)
		m.trip(url, false)
		require.Equal(t, before+1, m.tick(), url)
	}
	m.invariants()
}

func (m *market) tick() uint64 {
	m.t.Helper()
	tick, err := m.app.RegistryKeeper.Tick(m.app.NewContext(true))
	require.NoError(m.t, err)
	return tick
}

// trip makes a block at the beginning of which a message is stopped or let pass.
func (m *market) trip(url string, stop bool) {
	m.t.Helper()
	ctx := m.app.NewUncachedContext(false, m.header())
	if stop {
		require.NoError(m.t, m.app.CircuitKeeper.DisableList.Set(ctx, url))
	} else {
		require.NoError(m.t, m.app.CircuitKeeper.DisableList.Remove(ctx, url))
	}
	m.block()
}
