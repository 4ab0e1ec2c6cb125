// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// MaxLeaves is the largest number of leaves of one checkpoint.
const MaxLeaves = 16_384

// ErrEmptyTree is returned for a tree without leaves: it has no root.
var ErrEmptyTree = errors.New("a tree has at least one leaf")

// Tree is a Merkle tree in the layout of OpenZeppelin's StandardMerkleTree:
// the leaves' hashes ascending, laid from the end of an array of 2n-1 nodes of
// which node i has the children 2i+1 and 2i+2, siblings hashed smaller first.
type Tree struct {
	nodes  []Hash
	leaves int
}

// NewTree returns the tree over leaf hashes in any order.
func NewTree(leaves []Hash) (*Tree, error) {
	n := len(leaves)
	if n == 0 {
		return nil, ErrEmptyTree
	}
	sorted := slices.Clone(leaves)
	slices.SortFunc(sorted, compareHashes)
	if sorted[0].IsZero() {
		return nil, errors.New("a leaf is zero")
	}
	t := &Tree{nodes: make([]Hash, 2*n-1), leaves: n}
	for i, leaf := range sorted {
		t.nodes[2*n-2-i] = leaf
	}
	i := n - 2
	// Below, no node is the parent of another of the same four.
	for ; atOnce && i >= 2*width; i -= width {
		t.parents(i)
	}
	for ; i >= 0; i-- {
		t.nodes[i] = parent(t.nodes[2*i+1], t.nodes[2*i+2])
	}
	return t, nil
}

// parents makes node i and the three before it.
func (t *Tree) parents(i int) {
	var children [width][2 * len(Hash{})]byte
	var texts [width][]byte
	for k := range children {
		a, b := ordered(t.nodes[2*(i-k)+1], t.nodes[2*(i-k)+2])
		texts[k] = append(append(children[k][:0], a[:]...), b[:]...)
	}
	for k, sum := range sumAtOnce(texts) {
		t.nodes[i-k] = sum
	}
}

// Root returns the root.
func (t *Tree) Root() Hash { return t.nodes[0] }

// Proof returns the siblings from a leaf up to the root.
func (t *Tree) Proof(leaf Hash) ([]Hash, error) {
	first := len(t.nodes) - t.leaves
	// The leaves lie in descending order.
	at, found := slices.BinarySearchFunc(t.nodes[first:], leaf, func(a, b Hash) int { return compareHashes(b, a) })
	if !found {
		return nil, fmt.Errorf("leaf %s is not in the tree", leaf)
	}
	proof := []Hash{}
	for i := first + at; i > 0; i = (i - 1) / 2 {
		sibling := i + 1
		if i%2 == 0 {
			sibling = i - 1
		}
		proof = append(proof, t.nodes[sibling])
	}
	return proof, nil
}

// VerifyProof reports whether a leaf is under a root.
func VerifyProof(root, leaf Hash, proof []Hash) bool {
	for _, sibling := range proof {
		leaf = parent(leaf, sibling)
	}
	return !root.IsZero() && leaf == root
}

func compareHashes(a, b Hash) int { return bytes.Compare(a[:], b[:]) }

func parent(a, b Hash) Hash {
	a, b = ordered(a, b)
	return Keccak256(a[:], b[:])
}

func ordered(a, b Hash) (smaller, larger Hash) {
	if compareHashes(a, b) > 0 {
		return b, a
	}
	return a, b
}
