// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"math"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// measured reports whether the units of the order are seconds that each
// replica measures for itself, so that they are not compared. See ADR-008.
func (o *order) measured() bool { return o.class.Unit == registrytypes.UnitSecond }

// startClock notes when a seat of a measured order was drawn: 0 elsewhere, so
// that nothing is stored.
func (o *order) startClock(now moment) int64 {
	if !o.measured() {
		return 0
	}
	return now.time
}

// stopClock returns the seconds from a draw to a commit, at least one.
func (o *order) stopClock(assigned int64, now moment) uint32 {
	if !o.measured() {
		return 0
	}
	return uint32(min(max(now.time-assigned, 1), math.MaxUint32))
}

// metered returns results with the units that they are charged for.
func (o *order) metered(results []types.Result, elapsed uint32) []types.Result {
	if !o.measured() {
		return results
	}
	return types.Metered(results, elapsed, o.Limits.Processors)
}

// meteredCase returns the answer of a seat to a case. What it answered before
// is not measured again.
func (o *order) meteredCase(s *types.CaseSeat, r types.Result) types.Result {
	if !o.measured() {
		return r
	}
	if s.Result.Outcome.Deterministic() {
		r.Units = s.Result.Units
		return r
	}
	return o.metered([]types.Result{r}, s.Elapsed)[0]
}

// charged returns the units that every replica of an agreed task is paid for.
func (o *order) charged(l *types.Lot, position uint32) uint64 {
	var units []uint64
	for _, r := range l.Answers(position) {
		if !r.Outcome.Deterministic() {
			continue
		}
		if !o.measured() {
			return r.Units
		}
		units = append(units, r.Units)
	}
	return types.LowerMedian(units)
}

// agreed returns the result of a task that was agreed without a case, with the
// units that are charged; an empty one for any other.
func (o *order) agreed(l *types.Lot, position uint32) types.Result {
	r, ok := l.Agreed(position)
	if ok && o.measured() {
		r.Units = o.charged(l, position)
	}
	return r
}
