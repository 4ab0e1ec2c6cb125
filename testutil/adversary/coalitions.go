// SPDX-License-Identifier: Apache-2.0

package main

import (
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// coalitions are providers whose identities act as one.
func coalitions() []*bot {
	market := []shape{redundant, optimistic}
	return []*bot{
		sybil("Sybil 10 %", "cheats where it holds all seats; its auditors are honest", stakes(267, 100, "trusted"), market, false),
		sybil("Sybil 10 % + auditors", "cheats where it holds all seats; its auditors confirm", stakes(267, 100, "trusted"), market, true),
		sybil("Sybil 30 %", "cheats where it holds all seats; its auditors are honest", stakes(206, 500, "trusted"), market, false),
		sybil("Sybil 30 % + auditors", "cheats where it holds all seats; its auditors confirm", stakes(206, 500, "trusted"), market, true),
		sybil("thousand identities", "one bond of 30 % split over a thousand names", stakes(1_000, 103, "trusted"), market, true),
		pair(), majority(), faultFarm(), fakeInventory(),
	}
}

// captured reports whether all that answer are the bot's.
func (w *world) captured(ids []uint32) bool {
	for _, id := range ids {
		if !w.people[id-1].bot {
			return false
		}
	}
	return true
}

// wins reports whether the bot's seats are a quorum of a case.
func (w *world) wins(s *seat) bool {
	mine, all := 0, s.operators()
	for _, id := range all {
		if w.people[id-1].bot {
			mine++
		}
	}
	return mine == len(all) || len(all) >= 7 && mine >= max(4, len(all)/2+1)
}

// sybil cheats on a task at a time per identity, where it holds all seats. With
// auditors it lies in a case too, if that wins.
func sybil(name, tries string, bonds []stake, market []shape, auditors bool) *bot {
	return &bot{
		name: name, tries: tries, bonds: bonds, market: market, patient: true,
		answer: func(w *world, s *seat, task uint64) answer {
			switch {
			case s.c != nil && s.held.Original:
				if !w.ledger.attacked[task] {
					return w.run(s.who, task)
				}
			case s.c != nil:
				if !auditors || !w.ledger.attacked[task] || !w.wins(s) {
					return w.run(s.who, task)
				}
			case w.ledger.attacked[task]:
			case !w.captured(s.operators()) || !w.picks(task, s.operators()...):
				return w.run(s.who, task)
			}
			return lie(task, 0)
		},
		each: func(w *world, _ bool) error { return w.release() },
	}
}

// holds reports whether the bot holds at least n of the first seats.
func (w *world) holds(s *seat, n int) bool {
	for _, id := range s.operators() {
		if w.people[id-1].bot {
			n--
		}
	}
	return n <= 0
}

func pair() *bot {
	b := sybil("colluding pairs", "cheats where both of two seats are its own, as often as it can", stakes(20, 5_000, "trusted"), []shape{pairs, pairs}, true)
	b.each, b.patient = renewing, false
	return b
}

func majority() *bot {
	b := sybil("colluding majority", "cheats where it holds two of three seats", stakes(60, 1_000, "trusted"), []shape{redundant, redundant}, true)
	plain := b.answer
	b.answer = func(w *world, s *seat, task uint64) answer {
		if s.c == nil && !w.ledger.attacked[task] && w.holds(s, 2) {
			w.attack(task)
		}
		return plain(w, s, task)
	}
	b.each, b.patient = renewing, false
	return b
}

// faultFarm says that a host failed wherever two of its own can say so.
func faultFarm() *bot {
	return &bot{
		name: "fault farm", tries: "two of its seats report a host's fault for the runtime fee, without a run",
		bonds: stakes(103, 1_000, "trusted"), market: []shape{redundant, optimistic},
		answer: func(w *world, s *seat, task uint64) answer {
			switch {
			case s.c == nil && (s.batch.Replicas == 1 || w.holds(s, 2)):
				w.attack(task)
			case !w.ledger.attacked[task]:
				return w.run(s.who, task)
			}
			return fault(markettypes.OutcomeWall)
		},
	}
}

func fakeInventory() *bot {
	return &bot{
		name: "fake inventory", tries: "offers machines that it does not have and reports a host error for each task",
		bonds: stakes(24, 1_000, ""), market: []shape{redundant, optimistic},
		answer: func(w *world, _ *seat, task uint64) answer {
			w.attack(task)
			return fault(markettypes.OutcomeHostError)
		},
	}
}
