// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"slices"
)

// Same reports whether two results are the same: outcome, digest and, unless
// units are measured, units. No two machines measure the same seconds.
func (r Result) Same(other Result, measured bool) bool {
	if measured {
		return r.Outcome == other.Outcome && bytes.Equal(r.Digest, other.Digest)
	}
	return r.Equal(other)
}

// LowerMedian returns the middle one of some units, of an even number the lower
// of the two: of three, no single claim decides it. It returns 0 for none.
func LowerMedian(units []uint64) uint64 {
	if len(units) == 0 {
		return 0
	}
	sorted := slices.Clone(units)
	slices.Sort(sorted)
	return sorted[(len(sorted)-1)/2]
}

// Metered returns results as a replica of a class in seconds is charged for
// them: its tasks together cannot have used more than all the processors for
// all the time that the chain gave it. What is left is counted in order of the
// tasks; the results that were given are not changed.
func Metered(results []Result, elapsed, processors uint32) []Result {
	left := uint64(max(elapsed, 1)) * uint64(max(processors, 1))
	out := slices.Clone(results)
	for i := range out {
		out[i].Units = min(out[i].Units, left)
		left -= out[i].Units
	}
	return out
}

// SetUnits fixes the charged units of a decided case that measures them: the
// lower median of the right replicas, or of all that are right where none of
// the first is or where others stand in for them.
func (c *Case) SetUnits(right []int) {
	if !c.Measured {
		return
	}
	var originals, all []uint64
	for _, i := range right {
		all = append(all, c.Seats[i].Result.Units)
		if c.Seats[i].Original {
			originals = append(originals, c.Seats[i].Result.Units)
		}
	}
	if len(originals) == 0 || c.Kind == CaseReplace {
		originals = all
	}
	c.Result.Units = LowerMedian(originals)
}

// Agreed reports whether a case of this kind is opened on a task that the first
// round has agreed on, so that its escrow is what the replicas will share.
func (k CaseKind) Agreed() bool {
	switch k {
	case CaseAudit, CaseChallengeWrong, CaseChallengeUnavailable, CaseScore:
		return true
	default:
		return false
	}
}
