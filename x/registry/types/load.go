// SPDX-License-Identifier: Apache-2.0

package types

// Horizon is a point of the market clock, and the number of ticks in which what
// begins there may still be slashed.
type Horizon struct{ Tick, Reach uint64 }

// RaiseBound takes on a bond bound. A generation of bounds begins with the first
// that is raised after the last one's reach; those of the generation before are
// kept, older ones are dropped. See ADR-002.
func (l *Load) RaiseBound(bound uint64, h Horizon) {
	if h.Tick >= l.BoundEpoch+h.Reach {
		l.BoundBefore, l.BoundNow, l.BoundEpoch = l.live(h), 0, h.Tick
	}
	l.BoundNow = max(l.BoundNow, bound)
}

// Bound returns a bound that is not below any that was raised within the reach.
func (l Load) Bound(h Horizon) uint64 {
	if h.Tick < l.BoundEpoch+h.Reach {
		return max(l.BoundNow, l.BoundBefore)
	}
	return l.live(h)
}

// live is the largest bound of a generation that is over, while it counts.
func (l Load) live(h Horizon) uint64 {
	if h.Tick < l.BoundEpoch+2*h.Reach {
		return l.BoundNow
	}
	return 0
}

// IsOpen reports whether work or a case is open, so that the provider may not
// leave yet.
func (l Load) IsOpen() bool {
	return l.InFlight > 0 || l.Verifying > 0 || l.Freezes > 0 || l.PendingSlash > 0
}
