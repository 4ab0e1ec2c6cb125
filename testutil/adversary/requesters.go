// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// requesters buy and do not mean to pay, or sell to themselves.
func requesters() []*bot {
	return []*bot{
		nondeterministic(), forked(), stack(), wall(), withheldInputs(), cancelRace(), dust(),
		selfDeal("self-dealing for standing", "buys from whoever is drawn and knows the results, so that its own providers need no run", optimistic),
		selfDeal("self-dealing for the pool", "the same with three seats, to be paid out of the audit pool", redundant),
		freeRider(), disputer(), withholder(),
	}
}

// buying has the bot's own requesters buy in every block.
func buying(each ...shape) func(*world, bool) error {
	return func(w *world, open bool) error {
		for i, s := range each {
			if open {
				w.buy(w.rivals[(int(w.app.LastBlockHeight())+i)%len(w.rivals)], batchTasks, s)
			}
		}
		return nil
	}
}

// worth counts a result of a task that the requester can fetch at what one run
// costs.
func worth(gains *ledger, seen map[uint64]bool, task, key uint64) {
	if !seen[key] {
		seen[key] = true
		gains.gained += int64(gross(used))
		gains.had[task] += int64(gross(used))
	}
}

// nondeterministic buys a program that gives another output at every run, each
// of which is of use to it.
func nondeterministic() *bot {
	b := &bot{
		name: "nondeterministic job", tries: "buys three outputs of a random program and hopes to pay for fewer",
		requester: true, market: []shape{redundant},
	}
	seen := map[uint64]bool{}
	b.each = func(w *world, open bool) error {
		program := func(who *identity, task uint64) (answer, uint64) {
			worth(&w.ledger, seen, task, task<<10|uint64(who.id))
			a := truth(task)
			a.result.Digest = hashOf("random", task, uint64(who.id))
			return a, used
		}
		return buying(shape{policy: markettypes.PolicyRedundant, replicas: 3, class: unsound, job: program})(w, open)
	}
	return b
}

// forked buys a program on which an engine that should be deterministic is not.
func forked() *bot {
	return &bot{
		name: "forked module", tries: "has found a module that ends otherwise on every machine of a sound class",
		requester: true, market: []shape{redundant},
		each: buying(shape{policy: markettypes.PolicyRedundant, replicas: 3, job: func(who *identity, task uint64) (answer, uint64) {
			a := truth(task)
			a.result.Digest = hashOf("forked", task, uint64(who.id))
			return a, used
		}}),
	}
}

// stack overflows on some machines and not on others.
func stack() *bot {
	b := &bot{
		name: "stack overflow", tries: "a module that exhausts the stack on every second machine, to have the result for the runtime fee",
		requester: true, market: []shape{redundant},
	}
	seen := map[uint64]bool{}
	b.each = func(w *world, open bool) error {
		program := func(who *identity, task uint64) (answer, uint64) {
			if who.id%2 == 0 {
				return fault(markettypes.OutcomeStack), used
			}
			worth(&w.ledger, seen, task, task)
			return truth(task), used
		}
		three, one := redundant, optimistic
		three.job, one.job = program, program
		return buying(three, one)(w, open)
	}
	return b
}

func failing(name, tries string, o markettypes.Outcome, units uint64) *bot {
	program := func(*identity, uint64) (answer, uint64) { return fault(o), units }
	three, one := redundant, optimistic
	three.job, one.job = program, program
	return &bot{name: name, tries: tries, requester: true, market: []shape{redundant}, each: buying(three, one)}
}

func wall() *bot {
	return failing("memory.fill", "a module whose time no fuel shows: every machine reaches the wall limit", markettypes.OutcomeWall, limit)
}

func withheldInputs() *bot {
	return failing("withheld inputs", "inputs that nobody can fetch", markettypes.OutcomeInputUnavailable, 0)
}

// cancelRace cancels what it has bought in the same block and in later ones.
func cancelRace() *bot {
	b := &bot{
		name: "cancel race", tries: "cancels in the block of the match, of the commits and of the reveals",
		requester: true, market: []shape{redundant},
	}
	seen := map[uint64]bool{}
	b.each = func(w *world, open bool) error {
		program := func(_ *identity, task uint64) (answer, uint64) {
			worth(&w.ledger, seen, task, task)
			return truth(task), used
		}
		three, one := redundant, optimistic
		three.job, one.job = program, program
		for i, s := range []shape{three, one} {
			if !open {
				break
			}
			rival := w.rivals[i]
			w.buy(rival, batchTasks, s, func(batch uint64) {
				w.send(&markettypes.MsgCancel{Requester: rival.String(), Batch: batch})
			})
		}
		for i := max(0, len(w.batches)-9); i < len(w.batches); i++ {
			for _, rival := range w.rivals[:2] {
				w.send(&markettypes.MsgCancel{Requester: rival.String(), Batch: w.batches[i]})
			}
		}
		return nil
	}
	return b
}

// dust fills the queues with tasks that are worth nothing.
func dust() *bot {
	return &bot{
		name: "dust", tries: "floods the queues with tasks that nobody takes and others that earn nothing",
		requester: true, market: []shape{redundant, optimistic},
		each: func(w *world, open bool) error {
			if open {
				w.buy(w.rivals[0], 200, shape{policy: markettypes.PolicyOptimistic, replicas: 1, price: 1})
				w.buy(w.rivals[1], 20, shape{policy: markettypes.PolicyRedundant, replicas: 3, units: 1, job: tiny})
			}
			return nil
		},
	}
}

// tiny is a program of one unit.
func tiny(_ *identity, task uint64) (answer, uint64) {
	a := truth(task)
	a.result.Units = 1
	return a, 1
}

// selfDeal knows the results of what it buys.
func selfDeal(name, tries string, s shape) *bot {
	return &bot{
		name: name, tries: tries, requester: true, bonds: stakes(103, 1_000, "new"),
		answer: func(w *world, s *seat, task uint64) answer {
			if w.rivalTask(s.batch) {
				w.attack(s, task)
				return truth(task) // without a run
			}
			return w.run(s.who, task)
		},
		each: buying(s, s),
	}
}

// rivalTask reports whether the bot itself has bought a batch.
func (w *world) rivalTask(b markettypes.Batch) bool { return w.rival(b.Requester) }

// rival reports whether an account is one of the bot's requesters.
func (w *world) rival(who sdk.AccAddress) bool {
	return slices.ContainsFunc(w.rivals, func(r sdk.AccAddress) bool { return r.Equals(who) })
}

// freeRider buys from whoever is drawn, takes the result of the honest seat and
// has its own seats report a fault.
func freeRider() *bot {
	b := &bot{
		name: "free rider", tries: "takes the result of an honest seat, while two seats of its own report a fault",
		requester: true, bonds: stakes(103, 1_000, "trusted"), market: []shape{redundant},
	}
	seen, faults := map[uint64]bool{}, map[uint64]bool{}
	b.answer = func(w *world, s *seat, task uint64) answer {
		if !w.rivalTask(s.batch) {
			return w.run(s.who, task)
		}
		w.attack(s, task)
		if _, known := faults[task]; !known {
			faults[task] = w.holds(s, 2)
		}
		if faults[task] {
			return fault(markettypes.OutcomeWall)
		}
		return truth(task) // nobody else needs to know that it has not run
	}
	b.each = func(w *world, open bool) error {
		three := redundant
		three.job = func(who *identity, task uint64) (answer, uint64) {
			if !who.bot {
				worth(&w.ledger, seen, task, task)
			}
			return truth(task), used
		}
		return buying(three, three)(w, open)
	}
	return b
}

// disputer challenges every task that is agreed, its own and those of others.
func disputer() *bot {
	b := &bot{
		name: "dispute everything", tries: "challenges every result, for the loser's slash, a refund or the delay",
		bonds: stakes(103, 1_000, "trusted"), market: []shape{redundant, optimistic},
	}
	kinds := []markettypes.ChallengeKind{markettypes.ChallengeWrong, markettypes.ChallengeUnavailable}
	b.each = func(w *world, open bool) error {
		for i, task := range w.agreed {
			m := &markettypes.MsgChallenge{Sender: w.rivals[i%len(w.rivals)].String(), Task: task, Kind: kinds[i%2]}
			w.outbox = append(w.outbox, delivery{m, func(res *abci.ExecTxResult) error {
				if res.Code == 0 {
					w.ledger.attack(task, 0)
				}
				return nil
			}})
		}
		w.agreed = nil
		return buying(redundant, optimistic)(w, open)
	}
	return b
}

// withholder does the work and serves the artifact to nobody who has not paid
// more. The honest requesters challenge it.
func withholder() *bot {
	b := &bot{
		name: "ransom", tries: "keeps the artifact back until somebody pays for it once more",
		bonds: stakes(24, 1_000, "trusted"), market: []shape{optimistic, optimistic}, answer: attacking, withholds: true,
	}
	b.each = func(w *world, _ bool) error {
		for _, task := range w.agreed {
			if w.attacked(task) {
				w.send(&markettypes.MsgChallenge{Sender: w.requesters[0].String(), Task: task, Kind: markettypes.ChallengeUnavailable})
			}
		}
		w.agreed = nil
		return nil
	}
	return b
}
