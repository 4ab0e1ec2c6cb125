// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSumsAtOnce: four texts hashed at once have the hashes that each has
// alone, also on a processor that permutes them one by one.
func TestSumsAtOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := make([][]byte, rapid.IntRange(0, width).Draw(rt, "texts"))
		shift := rapid.IntRange(0, 4*rate).Draw(rt, "from")
		for i := range texts {
			texts[i] = rapid.SliceOfN(rapid.Byte(), shift, shift+rate/2).Draw(rt, "text")
		}
		want := [width]Hash{}
		for i, text := range texts {
			want[i] = Keccak256(text)
		}
		require.Equal(rt, want, sumEach(texts))
	})
	for n := range 3 * rate { // every length of the last block
		text := []byte(strings.Repeat("x", n))
		sum := Keccak256(text)
		require.Equal(t, [width]Hash{sum, sum, sum, sum}, sumAtOnce([width][]byte{text, text, text, text}), n)
	}
}

// TestTreeAtOnce: the leaves and the tree are the same, however they are hashed.
func TestTreeAtOnce(t *testing.T) {
	was := atOnce
	defer func() { atOnce = was }()
	for n := 1; n < 70; n++ {
		leaves := make([]Leaf, n)
		for i := range leaves {
			leaves[i] = Leaf{
				Version: LeafVersion, HomeChain: "cupel-1", Task: uint64(i), Attempt: 1, Denom: "ucupel",
				// Some leaves are longer by a word or a block.
				Provider: make([]byte, 20+i%3*90), Requester: make([]byte, 20), Amount: uint64(n), Result: Hash{1},
			}
		}
		atOnce = false
		hashes := HashLeaves(leaves)
		tree, err := NewTree(hashes)
		require.NoError(t, err)
		atOnce = true
		require.Equal(t, hashes, HashLeaves(leaves), n)
		fast, err := NewTree(hashes)
		require.NoError(t, err)
		require.Equal(t, tree.nodes, fast.nodes, n)
	}
}

func BenchmarkHashLeaves(b *testing.B) {
	leaves := make([]Leaf, 96)
	for i := range leaves {
		leaves[i] = Leaf{Version: LeafVersion, HomeChain: "cupel-1", Task: uint64(i), Provider: make([]byte, 20), Requester: make([]byte, 20), Denom: "ucupel", Result: Hash{1}}
	}
	was := atOnce
	defer func() { atOnce = was }()
	for name, on := range map[string]bool{"one": false, "four": was} {
		b.Run(name, func(b *testing.B) {
			atOnce = on
			b.ReportAllocs()
			for range b.N {
				HashLeaves(leaves)
			}
		})
	}
}
