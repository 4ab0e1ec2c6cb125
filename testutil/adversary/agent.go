// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"

	"cosmossdk.io/collections"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// seat is a seat of somebody in a lot or, if c is set, in a case.
type seat struct {
	who   *identity
	batch markettypes.Batch
	// Of a lot: its number, record and seat in it.
	lot  uint32
	l    *markettypes.Lot
	mine *markettypes.Seat
	// Of a case.
	c    *markettypes.Case
	held *markettypes.CaseSeat
}

// first returns the id of the first task of the seat, and how many it has.
func (s *seat) tasks() (first uint64, count uint32) {
	if s.c != nil {
		return s.c.Task, 1
	}
	index, count := s.batch.LotTasks(s.lot)
	return markettypes.TaskID(s.batch.Id, index), count
}

// operators lists everybody who holds a seat that still answers.
func (s *seat) operators() []uint32 {
	var ids []uint32
	if s.c != nil {
		for _, other := range s.c.Seats {
			if other.Answering() {
				ids = append(ids, other.Provider)
			}
		}
		return ids
	}
	for _, other := range s.l.Seats {
		if other.Phase != markettypes.SeatMissed {
			ids = append(ids, other.Provider)
		}
	}
	return ids
}

// answers are the items that one provider sends in a block.
type answers struct {
	commits     []markettypes.LotCommit
	reveals     []markettypes.LotReveal
	caseCommits []markettypes.CaseCommit
	caseReveals []markettypes.CaseReveal
}

// itemsPerMessage keeps a message well within its gas.
const itemsPerMessage = 25

// act sends what the chain awaits of every provider, the honest first: they
// are in the lanes of a node's mempool that spam cannot fill.
func (w *world) act() error {
	todo := make([]answers, len(w.people))
	ctx := w.state()
	if err := w.actLots(ctx, todo); err != nil {
		return err
	}
	if err := w.actCases(ctx, todo); err != nil {
		return err
	}
	for _, honest := range []bool{true, false} {
		for i, p := range w.people {
			if p.bot != honest {
				w.sendAnswers(p, todo[i])
			}
		}
	}
	return nil
}

func (w *world) sendAnswers(p *identity, a answers) {
	worker := p.hot.String()
	for chunk := range slices.Chunk(a.caseReveals, itemsPerMessage) {
		w.send(&markettypes.MsgRevealCase{Worker: worker, Cases: chunk})
	}
	for chunk := range slices.Chunk(a.reveals, itemsPerMessage) {
		w.send(&markettypes.MsgReveal{Worker: worker, Lots: chunk})
	}
	for chunk := range slices.Chunk(a.caseCommits, itemsPerMessage) {
		w.send(&markettypes.MsgCommitCase{Worker: worker, Cases: chunk})
	}
	for chunk := range slices.Chunk(a.commits, itemsPerMessage) {
		w.send(&markettypes.MsgCommit{Worker: worker, Lots: chunk})
	}
}

// actLots answers the open seats of lots.
func (w *world) actLots(ctx context.Context, todo []answers) error {
	market := w.app.MarketKeeper
	lots, batches := map[uint64]*markettypes.Lot{}, map[uint64]markettypes.Batch{}
	return market.Work.Walk(ctx, nil, func(key collections.Pair[uint32, uint64]) (bool, error) {
		batch, number := markettypes.SplitTaskID(key.K2())
		s := seat{who: w.people[key.K1()-1], lot: number, l: lots[key.K2()]}
		if s.l == nil {
			l, err := market.Lots.Get(ctx, collections.Join(batch, number))
			if err != nil {
				return true, err
			}
			s.l = &l
			lots[key.K2()] = s.l
		}
		var known bool
		if s.batch, known = batches[batch]; !known {
			var err error
			if s.batch, err = w.batchOf(ctx, batch); err != nil {
				return true, err
			}
			batches[batch] = s.batch
		}
		for i := range s.l.Seats {
			open := s.l.Seats[i].Phase == markettypes.SeatAssigned || s.l.Seats[i].Phase == markettypes.SeatCommitted
			if open && s.l.Seats[i].Provider == s.who.id {
				s.mine = &s.l.Seats[i]
				w.actLot(&s, &todo[key.K1()-1])
			}
		}
		return false, nil
	})
}

func (w *world) actLot(s *seat, out *answers) {
	single := s.batch.Replicas == 1
	switch {
	case single && s.mine.Phase == markettypes.SeatAssigned, s.l.State == markettypes.TaskCommitted && s.mine.Phase == markettypes.SeatCommitted:
		if r, ok := w.reveal(s); ok {
			out.reveals = append(out.reveals, r)
		}
	case !single && s.l.State == markettypes.TaskAssigned && s.mine.Phase == markettypes.SeatAssigned:
		if c, ok := w.commit(s); ok {
			out.commits = append(out.commits, c)
		}
	}
}

func (w *world) commit(s *seat) (markettypes.LotCommit, bool) {
	if s.who.bot && w.bot.commit != nil {
		return w.bot.commit(w, s)
	}
	return w.honestCommit(s), true
}

// honestCommit commits to the answers that the seat's owner gives.
func (w *world) honestCommit(s *seat) markettypes.LotCommit {
	r := w.openReveal(s)
	return markettypes.LotCommit{
		Batch: r.Batch, Lot: r.Lot, Attempt: r.Attempt, Commitment: markettypes.CommitLot(chainID, s.who.operator, r),
	}
}

func (w *world) reveal(s *seat) (markettypes.LotReveal, bool) {
	if s.who.bot && w.bot.reveal != nil {
		return w.bot.reveal(w, s)
	}
	return w.openReveal(s), true
}

// openReveal is the reveal of the answers that the seat's owner gives.
func (w *world) openReveal(s *seat) markettypes.LotReveal {
	r := markettypes.LotReveal{Batch: s.batch.Id, Lot: s.lot, Attempt: s.mine.Attempt, Salt: s.who.salt}
	first, count := s.tasks()
	for i := range uint64(count) {
		a := w.answer(s, first+i)
		r.Results = append(r.Results, a.result)
		r.Proofs = append(r.Proofs, a.proof(first+i, s.who)...)
	}
	return r
}

// answer is what the owner of a seat says of a task.
func (w *world) answer(s *seat, task uint64) answer {
	if s.who.bot && w.bot.answer != nil {
		return w.bot.answer(w, s, task)
	}
	return w.run(s.who, task)
}

// actCases answers the open seats of cases.
func (w *world) actCases(ctx context.Context, todo []answers) error {
	market := w.app.MarketKeeper
	cases := map[uint64]*markettypes.Case{}
	return market.CaseWork.Walk(ctx, nil, func(key collections.Pair[uint32, uint64]) (bool, error) {
		c := cases[key.K2()]
		if c == nil {
			loaded, err := market.Cases.Get(ctx, key.K2())
			if err != nil {
				return true, err
			}
			c = &loaded
			cases[key.K2()] = c
		}
		s := seat{who: w.people[key.K1()-1], c: c, held: c.Seat(key.K1())}
		batch, _ := markettypes.SplitTaskID(c.Task)
		var err error
		if s.batch, err = w.batchOf(ctx, batch); err != nil {
			return true, err
		}
		w.actCase(&s, &todo[key.K1()-1])
		return false, nil
	})
}

func (w *world) actCase(s *seat, out *answers) {
	commits := s.c.Phase == markettypes.CasePhaseCommit && s.held.Phase == markettypes.SeatAssigned
	reveals := s.c.Phase == markettypes.CasePhaseReveal && s.held.Phase == markettypes.SeatCommitted
	if !commits && !reveals || s.who.bot && w.bot.skip != nil && w.bot.skip(w, s) {
		return
	}
	r := w.caseReveal(s)
	if reveals {
		out.caseReveals = append(out.caseReveals, r)
		return
	}
	out.caseCommits = append(out.caseCommits, markettypes.CaseCommit{
		Task: r.Task, Attempt: r.Attempt, Commitment: markettypes.CommitCaseAnswer(chainID, s.who.operator, r),
	})
}

// caseReveal answers a case, with what the others' run proofs must be.
func (w *world) caseReveal(s *seat) markettypes.CaseReveal {
	a := w.answer(s, s.c.Task)
	r := markettypes.CaseReveal{Task: s.c.Task, Attempt: s.c.Attempt, Salt: s.who.salt, Result: a.result}
	if !s.held.Original && !s.who.bot {
		r.Unavailable = w.withheld(s.c)
	}
	if a.result.Outcome.HostMade() {
		return r
	}
	r.Proof = a.proof(s.c.Task, s.who)
	for _, id := range s.c.Others(s.who.id) {
		r.Cross = append(r.Cross, markettypes.CrossProof{Provider: id, Proof: a.proof(s.c.Task, w.people[id-1])})
	}
	return r
}

// withheld lists the first seats of a case whose artifact cannot be fetched.
func (w *world) withheld(c *markettypes.Case) (ids []uint32) {
	for _, s := range c.Seats {
		if s.Original && w.people[s.Provider-1].bot && w.bot.withholds {
			ids = append(ids, s.Provider)
		}
	}
	slices.Sort(ids)
	return ids
}
