// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
)

// An attempt under way that the chain no longer awaits is given up after this
// time and as many looks: one look may have missed it.
const (
	abandonAfter = 2 * time.Minute
	abandonLooks = 10
	// From so many lots or cases on a look may have been cut off.
	cutOff, cutOffCases = 5_000, 1_000
)

// running is an attempt under way.
type running struct {
	cancel context.CancelCauseFunc
	// missed is since when the chain does not await it, for how many looks.
	missed time.Time
	looks  int
}

// abandon ends what nobody waits for any more, so that it does not hold slots,
// GPUs and nodes of a fleet until its wall limit.
func (r *Runner) abandon(todo chain.Work, now time.Time) {
	if len(todo.Lots) >= cutOff || len(todo.Cases) >= cutOffCases {
		return
	}
	awaited := make(map[string]bool, len(todo.Lots)+len(todo.Cases))
	for _, l := range todo.Lots {
		awaited["lot/"+journal.LotKey{Batch: l.Batch, Lot: l.Lot, Attempt: l.Attempt}.String()] = true
	}
	for _, c := range todo.Cases {
		awaited["case/"+journal.CaseKey{Task: c.Task, Attempt: c.Attempt}.String()] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.votes {
		awaited[voteName(v)] = true
	}
	for name, a := range r.active {
		switch {
		case awaited[name] || isAppeal(name):
			a.missed, a.looks = time.Time{}, 0
		case a.missed.IsZero():
			a.missed, a.looks = now, 1
		default:
			a.looks++
		}
		if a.looks >= abandonLooks && now.Sub(a.missed) >= abandonAfter {
			r.Log.Warn("an attempt is given up: the chain awaits it no longer", "attempt", name)
			a.cancel(engine.ErrAbandoned)
		}
	}
}
