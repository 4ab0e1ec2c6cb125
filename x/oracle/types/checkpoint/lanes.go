// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"encoding/binary"

	"github.com/cloudflare/circl/simd/keccakf1600"
)

const (
	// width is how many texts are hashed at once.
	width = 4
	// rate is the number of bytes that Keccak-256 takes in between permutations.
	rate = 136
	// The padding of Keccak-256 starts and ends the rest of the last block.
	padStart, padEnd = 0x01, 0x80
)

// atOnce is set where the processor permutes four states in the time of one and
// a half. What is hashed does not depend on it.
var atOnce = keccakf1600.IsEnabledX4()

// HashLeaves returns the hash of every leaf, as Leaf.Hash does.
func HashLeaves(leaves []Leaf) []Hash {
	sums := make([]Hash, len(leaves))
	if !atOnce {
		for i, l := range leaves {
			sums[i] = l.Hash()
		}
		return sums
	}
	var texts [width][]byte
	for len(leaves) > 0 {
		n := min(width, len(leaves))
		for i, l := range leaves[:n] {
			texts[i] = l.appendTo(texts[i][:0])
		}
		four := sumEach(texts[:n])
		var inner [width][]byte
		for i := range inner {
			inner[i] = four[i][:]
		}
		four = sumEach(inner[:n])
		copy(sums[len(sums)-len(leaves):], four[:n])
		leaves = leaves[n:]
	}
	return sums
}

// sumEach returns the Keccak-256 of up to four texts.
func sumEach(texts [][]byte) (sums [width]Hash) {
	if len(texts) == width && sameBlocks(texts) {
		return sumAtOnce([width][]byte(texts))
	}
	for i, text := range texts {
		sums[i] = Keccak256(text)
	}
	return sums
}

func sameBlocks(texts [][]byte) bool {
	for _, text := range texts[1:] {
		if len(text)/rate != len(texts[0])/rate {
			return false
		}
	}
	return true
}

// sumAtOnce returns the Keccak-256 of four texts of equally many blocks.
func sumAtOnce(texts [width][]byte) (sums [width]Hash) {
	var state keccakf1600.StateX4
	words := state.Initialize(false)
	for blocks := len(texts[0]) / rate; blocks > 0; blocks-- {
		for i, text := range texts {
			absorb(words[i:], text[:rate])
			texts[i] = text[rate:]
		}
		state.Permute()
	}
	for i, text := range texts {
		var last [rate]byte
		copy(last[:], text)
		last[len(text)] ^= padStart
		last[rate-1] ^= padEnd
		absorb(words[i:], last[:])
	}
	state.Permute()
	for i := range sums {
		for w := range len(sums[i]) / 8 {
			binary.LittleEndian.PutUint64(sums[i][8*w:], words[width*w+i])
		}
	}
	return sums
}

// absorb adds a block to every fourth word of the states.
func absorb(words []uint64, block []byte) {
	for w := range rate / 8 {
		words[width*w] ^= binary.LittleEndian.Uint64(block[8*w:])
	}
}
