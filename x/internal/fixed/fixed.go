// SPDX-License-Identifier: Apache-2.0

// Package fixed is integer arithmetic for rules that every node must compute
// alike. Nothing in it panics.
package fixed

import "math/bits"

// Million is one in parts per million.
const Million = 1_000_000

// Sqrt returns the integer part of the square root of v.
func Sqrt(v uint64) uint64 {
	if v == 0 {
		return 0
	}
	// Newton's steps from above the root fall until they reach it.
	x := uint64(1) << ((bits.Len64(v) + 1) / 2)
	for {
		next := (x + v/x) / 2
		if next >= x {
			return x
		}
		x = next
	}
}

// MulDiv returns the integer part of a × b / c; the product may exceed 64 bits.
// ok is false if c is 0 or the quotient does not fit.
func MulDiv(a, b, c uint64) (quotient uint64, ok bool) {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return 0, false
	}
	quotient, _ = bits.Div64(hi, lo, c)
	return quotient, true
}

// Decay returns v after elapsed with a half-life, v × 2^(-elapsed/halfLife), to
// within 1 + v × 2^-32, and never more than v. A half-life of 0 leaves nothing
// unless no time has passed.
func Decay(v, elapsed, halfLife uint64) uint64 {
	if elapsed == 0 {
		return v
	}
	if halfLife == 0 || elapsed/halfLife >= 64 {
		return 0
	}
	if rest := elapsed % halfLife; rest != 0 {
		fraction, _ := bits.Div64(rest, 0, halfLife)
		v, _ = bits.Mul64(v, powerOfHalf(fraction))
	}
	return v >> (elapsed / halfLife)
}
