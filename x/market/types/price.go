// SPDX-License-Identifier: Apache-2.0

package types

import (
	"math"
	"math/bits"

	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// BasisPoints is the denominator of every rate in basis points.
const BasisPoints = 10_000

// Scale returns the number of units that a price is for: 10^9 fuel, 1,000
// tokens, or one second.
func Scale(unit registrytypes.Unit) uint64 {
	switch unit {
	case registrytypes.UnitFuel:
		return 1_000_000_000
	case registrytypes.UnitToken:
		return 1_000
	default:
		return 1
	}
}

// Gross returns ceil(price * units / scale), or ErrAmountTooLarge if it does
// not fit 63 bits.
func Gross(price, units, scale uint64) (uint64, error) {
	return MulDivCeil(price, units, scale)
}

// MulDivCeil returns ceil(a * b / c) with a 128-bit product, or
// ErrAmountTooLarge if it does not fit 63 bits or c is zero.
func MulDivCeil(a, b, c uint64) (uint64, error) {
	hi, lo := bits.Mul64(a, b)
	if c == 0 || hi >= c {
		return 0, ErrAmountTooLarge.Wrapf("%d * %d / %d", a, b, c)
	}
	quo, rem := bits.Div64(hi, lo, c)
	if rem > 0 {
		quo++
	}
	if quo > math.MaxInt64 {
		return 0, ErrAmountTooLarge.Wrapf("%d * %d / %d", a, b, c)
	}
	return quo, nil
}

// CeilDiv returns ceil(a / b) for b above 0.
func CeilDiv(a, b uint64) uint64 { return a/b + min(a%b, 1) }

// Bps returns floor(amount * bps / 10,000) for bps up to 10,000.
func Bps(amount uint64, bps uint32) uint64 {
	hi, lo := bits.Mul64(amount, uint64(min(bps, BasisPoints)))
	quo, _ := bits.Div64(hi, lo, BasisPoints)
	return quo
}

// Bound returns the bond at risk for a value audited at auditBps:
// ceil(value * (1 - p) / p) with p half the audit rate, because an auditor or
// the escalation may belong to the same coalition. See ADR-002 of x/market.
func Bound(value uint64, auditBps uint32) (uint64, error) {
	if auditBps == 0 || auditBps > BasisPoints {
		return 0, ErrInvalidParams.Wrapf("audit rate %d bps is not in 1..%d", auditBps, BasisPoints)
	}
	return MulDivCeil(value, uint64(2*BasisPoints-auditBps), uint64(auditBps))
}

// Shares is how the gross of one replica is split, in base units.
type Shares struct {
	Provider, Treasury, Burn uint64
}

// Shares splits gross; the parts always add up to it. Only burnable coins are
// burned, the burn of others goes to the treasury.
func (s Split) Shares(gross uint64, burnable bool) Shares {
	treasury, burn := Bps(gross, s.TreasuryBps), Bps(gross, s.BurnBps)
	if !burnable {
		treasury, burn = treasury+burn, 0
	}
	return Shares{Provider: gross - treasury - burn, Treasury: treasury, Burn: burn}
}
