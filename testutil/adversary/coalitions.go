// SPDX-License-Identifier: Apache-2.0

package main

import (
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// What bots that gamble attack at least. A cheat is worth 1.6 CUPEL and costs 80
// if it is found: 5 % are, and 3.5 % where 30 % of all auditors confirm it.
const lonely, covered = 500, 1_400

// quorum is the default one of a grown set.
const quorum = 4

// coalitions are providers whose identities act as one.
func coalitions() []*bot {
	few := []shape{pairs, optimistic, optimistic, optimistic}
	market := []shape{redundant, optimistic, optimistic, optimistic}
	tenth := sybil("Sybil 10 % + auditors", "cheats where it holds all seats; its auditors confirm", stakes(267, 100, "trusted"), few, true)
	tenth.least = lonely
	return []*bot{
		sybil("Sybil 10 %", "cheats where it holds all seats; its auditors are honest", stakes(267, 100, "trusted"), few, false),
		tenth,
		sybil("Sybil 30 %", "cheats where it holds all seats; its auditors are honest", stakes(515, 200, "trusted"), market, false),
		sybil("Sybil 30 % + auditors", "cheats where it holds all seats; its auditors confirm", stakes(515, 200, "trusted"), market, true),
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

// wins reports whether the bot's seats decide a case: all of an audit's, or the
// votes of a grown set or of a jury that settle it.
func (w *world) wins(c *markettypes.Case) bool {
	mine, strangers := 0, 0
	for _, s := range c.Seats {
		switch {
		case !s.Answering():
		case w.people[s.Provider-1].bot:
			mine += c.Votes(s)
		default:
			strangers += c.Votes(s)
		}
	}
	if !c.Kind.Grown() {
		return strangers == 0
	}
	return mine > strangers && mine >= quorum
}

// sybil cheats on a task at a time per identity, where it holds all seats. With
// auditors it lies in a case too, if that wins.
func sybil(name, tries string, bonds []stake, market []shape, auditors bool) *bot {
	least := lonely
	if auditors {
		least = covered
	}
	return &bot{
		name: name, tries: tries, bonds: bonds, market: market, patient: true, least: least,
		answer: func(w *world, s *seat, task uint64) answer {
			switch {
			case s.c != nil && s.held.Original:
				if !w.attacked(task) {
					return w.run(s.who, task)
				}
			case s.c != nil:
				if !auditors || !w.attacked(task) || !w.wins(s.c) {
					return w.run(s.who, task)
				}
			case w.attacked(task):
			case !w.captured(s.operators()) || !w.picks(task, s.operators()...):
				return w.run(s.who, task)
			}
			if s.own() {
				w.attack(s, task)
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
	b.each, b.patient, b.capped = renewing, false, true
	return b
}

func majority() *bot {
	b := sybil("colluding majority", "cheats where it holds two of three seats", stakes(60, 1_000, "trusted"), []shape{redundant, redundant}, true)
	plain := b.answer
	b.answer = func(w *world, s *seat, task uint64) answer {
		if s.c == nil && !w.attacked(task) && w.holds(s, 2) {
			w.attack(s, task)
		}
		return plain(w, s, task)
	}
	b.each, b.patient, b.capped = renewing, false, true
	return b
}

// faultFarm says that a host failed wherever two of its own can say so.
func faultFarm() *bot {
	return &bot{
		name: "fault farm", tries: "two of its seats report a host's fault for the runtime fee, without a run",
		bonds: stakes(103, 1_000, "trusted"), market: []shape{redundant, optimistic},
		answer: func(w *world, s *seat, task uint64) answer {
			if !w.attacked(task) && (s.c != nil || s.batch.Replicas > 1 && !w.holds(s, 2)) {
				return w.run(s.who, task)
			}
			if s.own() {
				w.attack(s, task)
			}
			return fault(markettypes.OutcomeWall)
		},
	}
}

func fakeInventory() *bot {
	return &bot{
		name: "fake inventory", tries: "offers machines that it does not have and reports a host error for each task",
		bonds: stakes(24, 1_000, ""), market: []shape{redundant, optimistic},
		answer: func(w *world, s *seat, task uint64) answer {
			w.attack(s, task)
			return fault(markettypes.OutcomeHostError)
		},
	}
}
