// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strconv"

	"cosmossdk.io/collections"
	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// number reads a decimal attribute of a flat event.
func number(e abci.Event, key string) uint64 {
	for _, attribute := range e.Attributes {
		if attribute.Key == key {
			value, err := strconv.ParseUint(attribute.Value, 10, 64)
			if err != nil {
				panic(err)
			}
			return value
		}
	}
	panic(e.Type + " has no attribute " + key)
}

// answers returns the messages that a provider sends now: full ones, and with
// flush also what is left.
func (l *life) answers(i int, p *provider, flush bool) ([]sdk.Msg, error) {
	var msgs []sdk.Msg
	for _, lots := range take(&l.commits[i], l.batch, flush) {
		msg := &markettypes.MsgCommit{Worker: p.text}
		for _, known := range lots {
			reveal := p.reveal(known)
			msg.Lots = append(msg.Lots, markettypes.LotCommit{
				Batch: known.batch, Lot: known.lot, Attempt: reveal.Attempt,
				Commitment: markettypes.CommitLot(chainID, p.operator, reveal),
			})
		}
		msgs = append(msgs, msg)
	}
	for _, lots := range take(&l.reveals[i], l.batch, flush) {
		msg := &markettypes.MsgReveal{Worker: p.text}
		for _, known := range lots {
			msg.Lots = append(msg.Lots, p.reveal(known))
		}
		msgs = append(msgs, msg)
	}
	cases, err := l.cases(p, flush)
	return append(msgs, cases...), err
}

// take removes groups of n from a pile; with flush the rest too. A message holds
// as many lots as a batch has tasks: a worker sends up to 100 items at once.
func take[T any](pile *[]T, n int, flush bool) (groups [][]T) {
	for len(*pile) >= n || flush && len(*pile) > 0 {
		m := min(n, len(*pile))
		groups, *pile = append(groups, (*pile)[:m:m]), (*pile)[m:]
	}
	return groups
}

// reveal is the honest answer to a lot.
func (p *provider) reveal(known *lot) markettypes.LotReveal {
	r := markettypes.LotReveal{
		Batch: known.batch, Lot: known.lot, Attempt: known.attempts[p.id], Salt: p.salt[:],
	}
	for i := range known.count {
		task := known.first + uint64(i)
		answer := sim.Honest(task)
		r.Results = append(r.Results, answer.Result)
		r.Proofs = append(r.Proofs, markettypes.RunProof(task, p.operator, answer.Memory)...)
	}
	return r
}

// cases returns the answers of a provider to the audits that wait for it.
func (l *life) cases(p *provider, flush bool) ([]sdk.Msg, error) {
	var commits []markettypes.CaseCommit
	var reveals []markettypes.CaseReveal
	market, ctx := l.n.app.MarketKeeper, l.n.state()
	mine := collections.NewPrefixedPairRange[uint32, uint64](p.id)
	err := market.CaseWork.Walk(ctx, mine, func(key collections.Pair[uint32, uint64]) (bool, error) {
		c, err := market.Cases.Get(ctx, key.K2())
		if err != nil {
			return true, err
		}
		switch seat := c.Seat(p.id); {
		case c.Phase == markettypes.CasePhaseCommit && seat.Phase == markettypes.SeatAssigned:
			reveal := l.caseReveal(p, &c)
			commits = append(commits, markettypes.CaseCommit{
				Task: c.Task, Attempt: c.Attempt,
				Commitment: markettypes.CommitCaseAnswer(chainID, p.operator, reveal),
			})
		case c.Phase == markettypes.CasePhaseReveal && seat.Phase == markettypes.SeatCommitted:
			reveals = append(reveals, l.caseReveal(p, &c))
		}
		return false, nil
	})
	var msgs []sdk.Msg
	for _, group := range take(&commits, l.batch, flush) {
		msgs = append(msgs, &markettypes.MsgCommitCase{Worker: p.text, Cases: group})
	}
	for _, group := range take(&reveals, l.batch, flush) {
		msgs = append(msgs, &markettypes.MsgRevealCase{Worker: p.text, Cases: group})
	}
	return msgs, err
}

// caseReveal is the honest answer to an audit.
func (l *life) caseReveal(p *provider, c *markettypes.Case) markettypes.CaseReveal {
	return sim.HonestCase(c.Task, c.Attempt, p.salt[:], p.operator, c.Others(p.id), func(id uint32) []byte {
		return l.n.people.providers[id-1].operator
	})
}
