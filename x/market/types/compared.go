// SPDX-License-Identifier: Apache-2.0

package types

import "slices"

// Revealed returns the indices of the seats that revealed a deterministic
// result.
func (c Case) Revealed() []int {
	var out []int
	for i, s := range c.Seats {
		if s.Phase == SeatRevealed && s.Result.Outcome.Deterministic() {
			out = append(out, i)
		}
	}
	return out
}

// IsMissing reports whether a provider does not serve its artifact.
func (c Case) IsMissing(provider uint32) bool { return slices.Contains(c.Missing, provider) }

// HasVerdict reports whether the case says so of any seat.
func (c Case) HasVerdict(v Verdict) bool {
	return slices.ContainsFunc(c.Seats, func(s CaseSeat) bool { return s.Verdict == v })
}
