// SPDX-License-Identifier: Apache-2.0

package types

import "math/big"

// CoalitionStep and MaxCoalition are the shares of a class's tickets, in parts
// per million, for which cheating must not pay: 0, 10, 20 and 30 %.
const (
	CoalitionStep = 100_000
	MaxCoalition  = 300_000
)

// Panel is the last set that decides a disputed task.
type Panel struct {
	// Seats take part, Need of them must be right to slash the others.
	Seats, Need uint32
}

// Caught returns the least probability, in parts per million, that an audit
// ends with a slash for a coalition that holds first seats of the task and a
// share of all tickets: the auditor is drawn by ticket and must be honest, and
// so must be enough of the seats that the panel adds. It is computed exactly
// and rounded down. See ADR-002.
func (p Panel) Caught(share, first uint32) uint64 {
	if share >= million {
		return 0
	}
	added := int64(p.Seats) - int64(first) - 1
	honest := big.NewInt(million - int64(share))
	chance := new(big.Int).Mul(honest, atLeast(added, int64(p.Need)-1, honest))
	return scale(chance, max(added, 0)+1)
}

// atLeast returns how often at least need of n draws are honest, times million
// to the n.
func atLeast(n, need int64, honest *big.Int) *big.Int {
	sum := new(big.Int)
	other := new(big.Int).Sub(big.NewInt(million), honest)
	for k := max(need, 0); k <= n; k++ {
		ways := new(big.Int).Binomial(n, k)
		ways.Mul(ways, new(big.Int).Exp(honest, big.NewInt(k), nil))
		sum.Add(sum, ways.Mul(ways, new(big.Int).Exp(other, big.NewInt(n-k), nil)))
	}
	if n < 0 && need <= 0 { // nobody is added and nobody is needed
		return big.NewInt(1)
	}
	return sum
}

// scale brings a chance with a denominator of million to the n to parts per
// million, rounded down.
func scale(chance *big.Int, n int64) uint64 {
	parts := new(big.Int).Mul(chance, big.NewInt(million))
	return parts.Div(parts, new(big.Int).Exp(big.NewInt(million), big.NewInt(n), nil)).Uint64()
}

// EV returns what a wrong answer brings on average, in the unit of value and
// slash and rounded up: value if it goes through, minus slash if it is audited,
// which happens at auditBps, and caught, with that chance in parts per million.
// Each of the two amounts is below 2^63.
func EV(value, slash uint64, auditBps uint32, caught uint64) int64 {
	const whole = BasisPoints * million
	lost := int64(min(auditBps, BasisPoints)) * int64(min(caught, million))
	gain := new(big.Int).Mul(new(big.Int).SetUint64(value), big.NewInt(whole-lost))
	gain.Sub(gain, new(big.Int).Mul(new(big.Int).SetUint64(slash), big.NewInt(lost)))
	gain.Add(gain, big.NewInt(whole-1)) // Div rounds down, also below zero
	return gain.Div(gain, big.NewInt(whole)).Int64()
}

// Captured returns the chance, in parts per million and rounded up, that a
// share of all tickets has the votes to slash in a panel that is drawn by
// ticket alone.
func (p Panel) Captured(share uint32) uint64 {
	chance := atLeast(int64(p.Seats), int64(p.Need), big.NewInt(int64(min(share, million))))
	return scale(chance, int64(p.Seats)) + 1
}

// MaxCaptured is the most, in parts per million, that a coalition of
// MaxCoalition may have of a jury slashing whom it likes.
const MaxCaptured = 1_000

// grown is the panel that decides a disputed task first, jury the one that has
// the last word: whoever loses before the one appeals to the other.
func (p Params) grown() Panel {
	return Panel{Seats: p.GrowTo, Need: max(p.Quorum, p.GrowTo/2+1)}
}

func (p Params) jury() Panel {
	return Panel{Seats: p.Challenge.Jury, Need: p.Challenge.JurySlash}
}

// ValidateEV returns ErrInvalidParams if a coalition of up to MaxCoalition of
// the tickets gains on average by answering a task wrong that is audited at one
// of the rates, in basis points, or at the floor: alone with one first seat
// before the grown set, with all seats of a task before the jury, which first
// seats have no vote in. A rate that the beacon's fallback doubles is checked
// with the bound of the single one. Nor may it have a jury slash the others.
func (p Params) ValidateEV(rates ...uint32) error {
	rates = append([]uint32{p.AuditFloorBps}, rates...)
	for share := uint32(0); share <= MaxCoalition; share += CoalitionStep {
		if err := p.validateEV(p.grown(), share, 1, rates); err != nil {
			return err
		}
		if err := p.validateEV(p.jury(), share, 0, rates); err != nil {
			return err
		}
	}
	if chance := p.jury().Captured(MaxCoalition); chance > MaxCaptured {
		return ErrInvalidParams.Wrapf("a coalition of %d %% has %d of the %d votes of a jury, which slash, in %d of 1,000,000 draws, at most %d are allowed",
			MaxCoalition/10_000, p.Challenge.JurySlash, p.Challenge.Jury, chance, MaxCaptured)
	}
	return nil
}

func (p Params) validateEV(panel Panel, share, first uint32, rates []uint32) error {
	caught := panel.Caught(share, first)
	for _, rate := range rates {
		rate = max(rate, p.AuditFloorBps)
		for _, value := range []uint64{p.MinValue, million, million * million} {
			bound, err := Bound(value, rate)
			if err != nil {
				return err
			}
			for _, actual := range []uint32{rate, min(2*rate, BasisPoints)} {
				if gain := EV(value, bound, actual, caught); gain > 0 {
					return ErrInvalidParams.Wrapf(
						"a coalition of %d %% with %d first seats gains %d by a wrong answer worth %d: it is audited at %d bps, caught in %d of 1,000,000 audits by %d of %d seats and loses %d",
						share/10_000, first, gain, value, actual, caught, panel.Need, panel.Seats, bound)
				}
			}
		}
	}
	return nil
}
