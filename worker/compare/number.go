// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// parts is what abs and rel of a Rule are counted in: parts per 10^12.
const parts = 1_000_000_000_000

// class of a number.
const (
	finite = iota
	infinite
	notANumber
)

// number is an element of an array, exactly: ± m × 2^e. Zero has no sign.
type number struct {
	class int
	neg   bool
	m     uint64
	e     int
}

// layout of an IEEE 754 binary format.
type layout struct {
	mantissa, exponent uint
}

var (
	binary32 = layout{mantissa: 23, exponent: 8}
	binary64 = layout{mantissa: 52, exponent: 11}
)

// decode reads the bits of a float. Denormal numbers are numbers like others.
func (l layout) decode(raw uint64) number {
	fraction := raw & (1<<l.mantissa - 1)
	exponent := int(raw >> l.mantissa & (1<<l.exponent - 1))
	n := number{neg: raw>>(l.mantissa+l.exponent)&1 == 1}
	bias := 1<<(l.exponent-1) - 1
	switch {
	case exponent == 1<<l.exponent-1 && fraction != 0:
		return number{class: notANumber}
	case exponent == 1<<l.exponent-1:
		n.class = infinite
	case exponent == 0:
		n.m, n.e = fraction, 1-bias-int(l.mantissa)
	default:
		n.m, n.e = fraction|1<<l.mantissa, exponent-bias-int(l.mantissa)
	}
	if n.class == finite && n.m == 0 {
		n.neg = false
	}
	return n
}

// key maps the bits of a float to integers of the same order: not-a-number is
// below −infinity, −0 is 0.
func (l layout) key(raw uint64) uint64 {
	n := l.decode(raw)
	sign := uint64(1) << (l.mantissa + l.exponent)
	switch {
	case n.class == notANumber:
		return 0
	case n.neg:
		return ^raw & (sign<<1 - 1)
	default:
		return raw&^sign | sign
	}
}

// size is the number of bytes of an element.
func (d DType) size() int64 {
	if d == Float32 || d == Int32 {
		return 4
	}
	return 8
}

// raw reads the little-endian bits of an element; 32 bits are zero-extended.
func (d DType) raw(b []byte) uint64 {
	if d.size() == 4 {
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

// signed returns the value of the bits of an integer.
func (d DType) signed(raw uint64) int64 {
	if d == Int32 {
		return int64(int32(uint32(raw)))
	}
	return int64(raw)
}

func (d DType) number(raw uint64) number {
	switch d {
	case Float32:
		return binary32.decode(raw)
	case Float64:
		return binary64.decode(raw)
	case Int32, Int64:
	}
	v := d.signed(raw)
	if v < 0 {
		return number{neg: true, m: -uint64(v)}
	}
	return number{m: uint64(v)}
}

// key orders elements as layout.key does.
func (d DType) key(raw uint64) uint64 {
	switch d {
	case Float32:
		return binary32.key(raw)
	case Float64:
		return binary64.key(raw)
	case Int32, Int64:
	}
	return uint64(d.signed(raw)) ^ 1<<63
}

// tester decides about pairs of numbers. It keeps its big integers, so that a
// long array does not allocate for each element.
type tester struct {
	rule     Rule
	a, b     big.Int
	lhs, rhs big.Int
	abs      big.Int
	rel      big.Int
	parts    big.Int
}

func newTester(r Rule) *tester {
	t := &tester{rule: r}
	t.abs.SetUint64(r.Abs)
	t.rel.SetUint64(r.Rel)
	t.parts.SetUint64(parts)
	return t
}

// near reports |a − b| × 10^12 <= abs + rel × max(|a|, |b|), exactly.
func (t *tester) near(a, b number) bool {
	switch {
	case a.class != finite || b.class != finite:
		return a.class == b.class && a.neg == b.neg
	case a == b:
		return true
	case t.surelyNear(a, b):
		return true
	}
	low := min(a.e, b.e, 0)
	t.scale(&t.a, a, low)
	t.scale(&t.b, b, low)
	t.lhs.Sub(&t.a, &t.b)
	t.lhs.Abs(&t.lhs)
	t.lhs.Mul(&t.lhs, &t.parts)
	t.a.Abs(&t.a)
	t.b.Abs(&t.b)
	most := &t.a
	if t.b.Cmp(most) > 0 {
		most = &t.b
	}
	t.rhs.Mul(most, &t.rel)
	t.a.Lsh(&t.abs, uint(-low))
	t.rhs.Add(&t.rhs, &t.a)
	return t.lhs.Cmp(&t.rhs) <= 0
}

// scale sets z to n × 2^−low, an integer.
func (t *tester) scale(z *big.Int, n number, low int) {
	z.SetUint64(n.m)
	z.Lsh(z, uint(n.e-low))
	if n.neg {
		z.Neg(z)
	}
}

// maxShift keeps a mantissa of 53 bits that is shifted by it below 2^64.
const maxShift = 10

// surelyNear is near for most numbers that are, in 128 bits: those of one sign
// and of about one size that are within rel alone. False says nothing.
func (t *tester) surelyNear(a, b number) bool {
	if a.e < b.e {
		a, b = b, a
	}
	shift := a.e - b.e
	if a.neg != b.neg || shift > maxShift || a.m >= 1<<(63-maxShift) {
		return false
	}
	x, y := a.m<<uint(shift), b.m
	if x < y {
		x, y = y, x
	}
	hi, lo := bits.Mul64(x-y, parts)
	relHi, relLo := bits.Mul64(x, t.rule.Rel)
	return hi < relHi || hi == relHi && lo <= relLo
}
