// SPDX-License-Identifier: Apache-2.0

package types

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// MaxRateBps is the rate in basis points at which every task is drawn.
const MaxRateBps = 10_000

// Drawn reports whether task is drawn for an audit at a rate in basis points. It
// is one uniform draw per seed and task: 0 never draws, 10,000 and above always
// does, and a task drawn at one rate is drawn at every higher one.
func Drawn(seed []byte, task uint64, rateBps uint32) bool {
	sum := hashTuple([]byte(drawnDomain), seed, uint64Bytes(task))
	// The high word of u × 10,000 is u scaled to [0, 10,000); it errs from
	// uniform by less than 2^-50.
	scaled, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:8]), MaxRateBps)
	return scaled < uint64(rateBps)
}

// Rand is a deterministic generator of uniform integers: the sha256 of a key and
// a counter. It is not for concurrent use.
type Rand struct {
	key     [sha256.Size]byte
	block   [sha256.Size]byte
	counter uint64
	used    int
}

// NewRand returns the generator of a seed, a domain that names the draw, and the
// parts that tell it from others of the domain. Any difference gives an
// independent stream.
func NewRand(seed []byte, domain string, parts ...uint64) *Rand {
	tuple := make([][]byte, 0, 3+len(parts))
	tuple = append(tuple, []byte(randDomain), seed, []byte(domain))
	for _, part := range parts {
		tuple = append(tuple, uint64Bytes(part))
	}
	return &Rand{key: hashTuple(tuple...), used: sha256.Size}
}

// Uint64n returns the next integer of [0, n), each equally likely. It returns 0
// for n = 0, as it does for n = 1.
func (r *Rand) Uint64n(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	// The lowest 2^64 mod n values are refused, so that n divides the count of
	// the others; at most every second value is refused.
	refused := -n % n
	for {
		if v := r.next(); v >= refused {
			return v % n
		}
	}
}

func (r *Rand) next() uint64 {
	if r.used == sha256.Size {
		r.block = hashTuple([]byte(streamDomain), r.key[:], uint64Bytes(r.counter))
		r.counter++
		r.used = 0
	}
	v := binary.BigEndian.Uint64(r.block[r.used:])
	r.used += 8
	return v
}
