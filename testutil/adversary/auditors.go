// SPDX-License-Identifier: Apache-2.0

package main

import (
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// auditors cheat where they verify.
func auditors() []*bot {
	market := []shape{optimistic, optimistic}
	return []*bot{
		{
			name: "vote without a run", tries: "confirms every audited result without a run",
			bonds: stakes(103, 1_000, "trusted"), market: market, strangers: true, each: renewing,
			answer: func(w *world, s *seat, task uint64) answer {
				if s.own() {
					return w.run(s.who, task)
				}
				w.attack(s, task)
				return answer{s.c.Seats[0].Result, hashOf("guess", task, uint64(s.who.id))}
			},
		},
		{
			name: "copied reveal", tries: "commits to nothing in an audit and reveals what the others revealed",
			bonds: stakes(103, 1_000, "trusted"), market: market, strangers: true, each: renewing,
			answer: func(w *world, s *seat, task uint64) answer {
				if s.own() {
					return w.run(s.who, task)
				}
				w.attack(s, task)
				if s.c.Phase == markettypes.CasePhaseCommit {
					return lie(task, uint64(s.who.id))
				}
				for _, other := range s.c.Seats {
					if other.Phase == markettypes.SeatRevealed && other.Provider != s.who.id {
						return answer{other.Result, other.Proof}
					}
				}
				return lie(task, uint64(s.who.id))
			},
		},
		{
			name: "silent auditor", tries: "takes verification seats and does nothing",
			bonds: stakes(103, 1_000, "trusted"), market: market, strangers: true, each: renewing,
			skip: func(w *world, s *seat) bool {
				if s.own() {
					return false
				}
				w.attack(s, s.c.Task)
				return true
			},
		},
	}
}
