// SPDX-License-Identifier: Apache-2.0

package types

// RaiseBound takes on a bond bound in a generation (tick divided by the
// length of a generation). The bounds of the generation before are kept, older
// ones are dropped. See ADR-002.
func (l *Load) RaiseBound(bound, epoch uint64) {
	switch {
	case epoch <= l.BoundEpoch:
	case epoch == l.BoundEpoch+1:
		l.BoundBefore, l.BoundNow, l.BoundEpoch = l.BoundNow, 0, epoch
	default:
		l.BoundBefore, l.BoundNow, l.BoundEpoch = 0, 0, epoch
	}
	l.BoundNow = max(l.BoundNow, bound)
}

// Bound returns the largest bound taken on in the given generation or the one
// before it.
func (l Load) Bound(epoch uint64) uint64 {
	switch {
	case epoch <= l.BoundEpoch:
		return max(l.BoundNow, l.BoundBefore)
	case epoch == l.BoundEpoch+1:
		return l.BoundNow
	default:
		return 0
	}
}

// IsOpen reports whether work or a case is open, so that the provider may not
// leave yet.
func (l Load) IsOpen() bool {
	return l.InFlight > 0 || l.Verifying > 0 || l.Freezes > 0 || l.PendingSlash > 0
}
