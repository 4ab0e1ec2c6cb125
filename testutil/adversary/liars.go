// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// honest does all the work and must earn.
func honest() *bot {
	return &bot{
		name: "honest", tries: "does all the work: the baseline, which has to earn",
		bonds: stakes(24, 1_000, "established"), market: []shape{optimistic, redundant}, baseline: true,
	}
}

// liars are providers that act alone.
func liars() []*bot {
	return []*bot{garbage(), sleeper(), lazy(), copier(), lateReveal(), noReveal(), otherReveal(), doubleCommit(), dropper(), unbonder(), flood()}
}

// own reports whether the seat is one of the first ones of a task, not one that
// verifies somebody else's.
func (s *seat) own() bool { return s.c == nil || s.held.Original }

// lying answers its own seats with garbage that no other identity shares.
func lying(w *world, s *seat, task uint64) answer {
	if !s.own() {
		return w.run(s.who, task)
	}
	w.attack(s, task)
	return lie(task, uint64(s.who.id))
}

func renewing(w *world, buying bool) error {
	if !buying {
		return nil
	}
	return w.renew()
}

func garbage() *bot {
	return &bot{
		name: "garbage", tries: "answers every task with garbage and takes a new identity when jailed",
		bonds: append(stakes(12, 1_000, ""), stakes(12, 1_000, "trusted")...), market: []shape{optimistic, redundant},
		answer: lying, each: renewing,
	}
}

// picks says whether identities attack a task. Patient ones do so only if none
// of them waits for another, and wait for it then.
func (w *world) picks(task uint64, seats ...uint32) bool {
	if !w.bot.patient {
		return true
	}
	for _, id := range seats {
		if w.people[id-1].busy != 0 {
			return false
		}
	}
	for _, id := range seats {
		w.people[id-1].busy = task
	}
	return true
}

func sleeper() *bot {
	return &bot{
		name: "sleeper", tries: "trusted from long before, it cheats on one task at a time and waits for the money",
		bonds: stakes(400, 100, "trusted"), market: []shape{optimistic, optimistic}, patient: true, least: lonely,
		answer: func(w *world, s *seat, task uint64) answer {
			if !s.own() || !w.attacked(task) && (s.c != nil || !w.picks(task, s.who.id)) {
				return w.run(s.who, task)
			}
			w.attack(s, task)
			return lie(task, uint64(s.who.id))
		},
		each: func(w *world, _ bool) error { return w.release() },
	}
}

func lazy() *bot {
	return &bot{
		name: "lazy guess", least: lonely, tries: "knows the result without a run, but not the memory",
		bonds: stakes(24, 1_000, "trusted"), market: []shape{redundant, optimistic},
		answer: func(w *world, s *seat, task uint64) answer {
			if !s.own() {
				return w.run(s.who, task)
			}
			w.attack(s, task)
			a := truth(task)
			a.memory = hashOf("guess", task, uint64(s.who.id))
			return a
		},
		each: renewing,
	}
}

// another returns what another seat of the lot has revealed.
func (s *seat) another() (results []markettypes.Result, proofs []byte, ok bool) {
	for _, other := range s.l.Seats {
		if other.Vector > 0 && other.Provider != s.who.id {
			return s.l.Vectors[other.Vector-1].Results, other.Proofs, true
		}
	}
	return nil, nil, false
}

func copier() *bot {
	return &bot{
		name: "copied commitment", tries: "commits to another seat's commitment and reveals what that one reveals",
		bonds: stakes(72, 1_000, "trusted"), market: []shape{redundant, redundant}, each: renewing,
		commit: func(w *world, s *seat) (markettypes.LotCommit, bool) {
			for _, other := range s.l.Seats {
				if len(other.Commitment) > 0 && other.Provider != s.who.id {
					first, _ := s.tasks()
					w.attack(s, first)
					return markettypes.LotCommit{Batch: s.batch.Id, Lot: s.lot, Attempt: s.mine.Attempt, Commitment: other.Commitment}, true
				}
			}
			return markettypes.LotCommit{}, false
		},
		reveal: func(_ *world, s *seat) (markettypes.LotReveal, bool) {
			results, proofs, ok := s.another()
			return markettypes.LotReveal{Batch: s.batch.Id, Lot: s.lot, Attempt: s.mine.Attempt, Results: results, Proofs: proofs, Salt: s.who.salt}, ok
		},
	}
}

// attacking answers honestly, on tasks that count as attacked.
func attacking(w *world, s *seat, task uint64) answer {
	if s.own() {
		w.attack(s, task)
	}
	return w.run(s.who, task)
}

func lateReveal() *bot {
	type pending struct {
		who    *identity
		reveal markettypes.LotReveal
	}
	var late []pending
	seen := map[uint64]bool{}
	return &bot{
		name: "late reveal", tries: "reveals when the phase is over, so that it sees the others first",
		bonds: stakes(72, 1_000, "trusted"), market: []shape{redundant, redundant}, answer: attacking,
		reveal: func(w *world, s *seat) (markettypes.LotReveal, bool) {
			r := w.openReveal(s)
			if key := markettypes.TaskID(s.batch.Id, s.lot)<<8 | uint64(s.mine.Attempt); !seen[key] {
				seen[key] = true
				late = append(late, pending{s.who, r})
			}
			return r, false
		},
		each: func(w *world, _ bool) error {
			var left []pending
			ctx := w.state()
			for _, p := range late {
				l, err := w.app.MarketKeeper.Lots.Get(ctx, collections.Join(p.reveal.Batch, p.reveal.Lot))
				if err != nil {
					return err
				}
				if l.State == markettypes.TaskCommitted || l.State == markettypes.TaskAssigned {
					left = append(left, p)
					continue
				}
				w.send(&markettypes.MsgReveal{Worker: p.who.hot.String(), Lots: []markettypes.LotReveal{p.reveal}})
			}
			late = left
			return nil
		},
	}
}

func noReveal() *bot {
	return &bot{
		name: "no reveal", tries: "commits and never reveals",
		bonds: stakes(72, 1_000, "trusted"), market: []shape{redundant, redundant}, each: renewing,
		answer: func(w *world, s *seat, task uint64) answer {
			if s.own() {
				w.attack(s, task)
				return truth(task) // a commitment to anything needs no run
			}
			return w.run(s.who, task)
		},
		reveal: func(*world, *seat) (markettypes.LotReveal, bool) { return markettypes.LotReveal{}, false },
	}
}

// swapped reveals another result than was committed to.
func swapped(w *world, s *seat) (markettypes.LotReveal, bool) {
	r := w.openReveal(s)
	first, _ := s.tasks()
	for i := range r.Results {
		r.Results[i] = lie(first+uint64(i), 0).result
	}
	return r, true
}

func otherReveal() *bot {
	return &bot{
		name: "other reveal", tries: "reveals another result than it committed to",
		bonds: stakes(72, 1_000, "trusted"), market: []shape{redundant, redundant}, each: renewing,
		answer: attacking, reveal: swapped,
	}
}

func doubleCommit() *bot {
	var second []*markettypes.MsgCommit
	return &bot{
		name: "double commit", tries: "commits twice and opens the second one",
		bonds: stakes(72, 1_000, "trusted"), market: []shape{redundant, redundant}, answer: attacking,
		commit: func(w *world, s *seat) (markettypes.LotCommit, bool) {
			c := w.honestCommit(s)
			other := c
			r, _ := swapped(w, s)
			other.Commitment = markettypes.CommitLot(chainID, s.who.operator, r)
			second = append(second, &markettypes.MsgCommit{Worker: s.who.hot.String(), Lots: []markettypes.LotCommit{other}})
			return c, true
		},
		reveal: swapped,
		each: func(w *world, buying bool) error {
			for _, m := range second {
				w.send(m)
			}
			second = nil
			return renewing(w, buying)
		},
	}
}

func dropper() *bot {
	return &bot{
		name: "accept and drop", tries: "takes seats from others and drops them",
		bonds: stakes(72, 1_000, "trusted"), market: []shape{redundant, optimistic}, each: renewing,
		commit: func(w *world, s *seat) (markettypes.LotCommit, bool) { return markettypes.LotCommit{}, w.drop(s) },
		reveal: func(w *world, s *seat) (markettypes.LotReveal, bool) { return markettypes.LotReveal{}, w.drop(s) },
	}
}

func (w *world) drop(s *seat) bool {
	first, _ := s.tasks()
	w.attack(s, first)
	return false
}

func unbonder() *bot {
	b := sleeper()
	b.name, b.tries = "unbond", "cheats on one task and takes its bond out before the audit"
	plain := b.answer
	b.answer = func(w *world, s *seat, task uint64) answer {
		a := plain(w, s, task)
		if w.attacked(task) && !s.who.unbonded && s.own() {
			s.who.unbonded = true
			w.send(&registrytypes.MsgUnbond{Operator: s.who.operator.String(), Amount: coin(s.who.bond - 100*cupel)})
		}
		return a
	}
	return b
}

func coin(amount uint64) sdk.Coin {
	return sdk.NewCoin(markettypes.BaseDenom, sdkmath.NewIntFromUint64(amount))
}

// flood takes far more tasks than its bond is worth before the first is judged.
func flood() *bot {
	b := &bot{
		name: "ten thousand in flight", tries: "is hired for 10,000 tasks and answers all with garbage before the first of them is judged",
		bonds: stakes(1, 100_000, "trusted"), tasks: 10_000, market: []shape{optimistic}, answer: lying,
	}
	b.each = func(w *world, buying bool) error {
		if buying && w.submitted < 3*markettypes.MaxBatchTasks {
			s := optimistic
			s.lot, s.hire = markettypes.MaxLotTasks, w.people[len(w.people)-1].operator.String()
			w.buy(w.requesters[0], markettypes.MaxBatchTasks, s)
		}
		return nil
	}
	return b
}
