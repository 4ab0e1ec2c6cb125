// SPDX-License-Identifier: Apache-2.0

package app

import (
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// gasOfClaims lets the bank refuse the refund of a batch, and claims it.
func (m *market) gasOfClaims(g *gauge) {
	p := m.requesters[1]
	order := sim.Submit(p.address)
	order.Limits.WallSeconds, order.MaxPrice = 1, 1 // nobody is as cheap
	m.accepted(m.sign(p, &order))
	blocked := m.app.BankKeeper.GetBlockedAddresses()
	blocked[p.address.String()] = true
	m.accepted(m.sign(p, &markettypes.MsgCancel{Requester: p.text, Batch: m.nextBatch() - 1}))
	delete(blocked, p.address.String())
	g.message(p, &markettypes.MsgClaim{Account: p.text, Denom: sim.Denom})
	g.named("MsgClaim for another", p, &markettypes.MsgClaim{Account: p.text, Denom: sim.Denom, Recipient: m.requesters[2].text})
}

// gasOfQuotes has a quote judged, with the longest uri that it may have.
func (m *market) gasOfQuotes(g *gauge) {
	p := m.providers[6]
	epoch, err := m.app.OracleKeeper.Epoch(m.app.NewContext(true))
	require.NoError(m.t, err)
	quote := &markettypes.MsgSubmitQuote{
		Sender: p.operator.text, Class: sim.Class, Tee: markettypes.TEETDX, Uri: "https://example.com/quote",
		Sha256: make([]byte, markettypes.HashSize), Epoch: epoch.Number,
	}
	g.message(p.operator, quote)
	long := *quote
	for len(long.Uri) < markettypes.MaxManifestURI {
		long.Uri += "e"
	}
	g.named("MsgSubmitQuote of a long uri", p.operator, &long)
	worker := *quote
	worker.Sender = p.worker.text
	g.named("MsgSubmitQuote by the worker", p.worker, &worker)
}

// gasOfUnjail jails a provider, as a wrong result does, until its time is over.
func (m *market) gasOfUnjail(g *gauge) {
	p := m.providers[9]
	require.NoError(m.t, m.app.RegistryKeeper.Jail(m.app.NewUncachedContext(false, m.header()), p.ID, "wrong"))
	for range 12 {
		m.block()
	}
	g.message(p.operator, &registrytypes.MsgUnjail{Operator: p.operator.text})
}
