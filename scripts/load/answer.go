// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func transfer(a *account) *banktypes.MsgSend {
	return &banktypes.MsgSend{FromAddress: a.text, ToAddress: a.text, Amount: sdk.NewCoins(sdk.NewInt64Coin(net.Denom, 1))}
}

// reply is a message of a provider and what it answers.
type reply struct {
	name string
	keys []string
	msg  sdk.Msg
}

// answer lets every provider send what the chain awaits of it.
func (d *driver) answer(ctx context.Context) error {
	var group errgroup.Group
	for _, p := range d.providers {
		group.Go(func() error {
			work, err := d.client.Work(ctx, p.ID)
			if err != nil {
				return err
			}
			for _, r := range append(d.lots(p, work.Lots), d.cases(p, work.Cases)...) {
				if err := d.reply(ctx, p, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// claim reports whether nothing was sent for a key yet, and marks it as sent.
func (d *driver) claim(key string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.answered[key] {
		return false
	}
	d.answered[key] = true
	return true
}

// lots are the commits and reveals of a provider, all in one message each.
func (d *driver) lots(p *provider, lots []markettypes.LotWork) (all []reply) {
	commit, reveal := &markettypes.MsgCommit{Worker: p.hot.text}, &markettypes.MsgReveal{Worker: p.hot.text}
	var committed, revealed []string
	for _, l := range lots {
		id := fmt.Sprintf("%d/%d/%d/%d", p.ID, l.Batch, l.Lot, l.Attempt)
		answer := p.Reveal(l.Batch, l)
		switch {
		case l.State == markettypes.TaskCommitted && d.claim("reveal/"+id):
			reveal.Lots, revealed = append(reveal.Lots, answer), append(revealed, "reveal/"+id)
		case l.State == markettypes.TaskAssigned && l.Phase == markettypes.SeatAssigned && d.claim("commit/"+id):
			commit.Lots = append(commit.Lots, markettypes.LotCommit{
				Batch: l.Batch, Lot: l.Lot, Attempt: l.Attempt, Commitment: markettypes.CommitLot(d.chainID, p.Operator, answer),
			})
			committed = append(committed, "commit/"+id)
		}
	}
	if n := len(commit.Lots); n > 0 {
		all = append(all, reply{fmt.Sprint("commit ", n), committed, commit})
	}
	if n := len(reveal.Lots); n > 0 {
		all = append(all, reply{fmt.Sprint("reveal ", n), revealed, reveal})
	}
	return all
}

// cases are the answers of a provider to audits.
func (d *driver) cases(p *provider, cases []markettypes.CaseWork) (all []reply) {
	for _, c := range cases {
		id := fmt.Sprintf("%d/%d/%d", p.ID, c.Task, c.Attempt)
		answer := d.caseReveal(p, c)
		switch {
		case c.CasePhase == markettypes.CasePhaseCommit && c.Phase == markettypes.SeatAssigned && d.claim("audit/"+id):
			all = append(all, reply{"audit", []string{"audit/" + id}, &markettypes.MsgCommitCase{Worker: p.hot.text, Cases: []markettypes.CaseCommit{{
				Task: c.Task, Attempt: c.Attempt, Commitment: markettypes.CommitCaseAnswer(d.chainID, p.Operator, answer),
			}}}})
		case c.CasePhase == markettypes.CasePhaseReveal && c.Phase == markettypes.SeatCommitted && d.claim("audited/"+id):
			all = append(all, reply{"audited", []string{"audited/" + id}, &markettypes.MsgRevealCase{Worker: p.hot.text, Cases: []markettypes.CaseReveal{answer}}})
		}
	}
	return all
}

func (d *driver) caseReveal(p *provider, c markettypes.CaseWork) markettypes.CaseReveal {
	answer := sim.Honest(c.Task)
	r := markettypes.CaseReveal{
		Task: c.Task, Attempt: c.Attempt, Salt: make([]byte, markettypes.HashSize), Result: answer.Result,
		Proof: markettypes.RunProof(c.Task, p.Operator, answer.Memory),
	}
	for _, id := range c.Others {
		for _, other := range d.providers {
			if other.ID == id {
				r.Cross = append(r.Cross, markettypes.CrossProof{Provider: id, Proof: markettypes.RunProof(c.Task, other.Operator, answer.Memory)})
			}
		}
	}
	return r
}

// reply sends a message. What the mempool has no place for, and what came too
// early or too late, is tried again when the chain still awaits it.
func (d *driver) reply(ctx context.Context, p *provider, r reply) error {
	gas, err := d.gasFor(ctx, r.name, p.hot, r.msg)
	if err == nil {
		var tx []byte
		if tx, err = d.sign(ctx, p.hot, gas, leastPrice, r.msg); err != nil {
			return err
		}
		err = d.send(ctx, kindAnswer, r, tx)
	}
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(r)
	if !errors.Is(err, sdkerrors.ErrMempoolIsFull) {
		d.fail(r.name + ": " + err.Error())
	}
	return nil
}

// forget lets an answer be tried again.
func (d *driver) forget(r reply) {
	for _, key := range r.keys {
		delete(d.answered, key)
	}
}
