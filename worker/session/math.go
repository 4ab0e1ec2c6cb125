// SPDX-License-Identifier: Apache-2.0

package session

import (
	"math"
	"math/bits"
)

// mulDiv is floor(a*b/c), or the largest number if that does not fit.
func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return math.MaxUint64
	}
	q, _ := bits.Div64(hi, lo, c)
	return q
}
