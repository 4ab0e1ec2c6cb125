// SPDX-License-Identifier: Apache-2.0

// Package hometest makes lines of sealed headers and serves them as a Cupel
// node does, for tests of what reads the home chain.
package hometest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// ChainID of the line.
const ChainID = "cupel-1"

// Attestors is a set with the keys of its members.
type Attestors struct {
	Set  checkpoint.Set
	Keys map[checkpoint.Address]*secp256k1.PrivateKey
}

// NewAttestors returns a set of equal members that was frozen now.
func NewAttestors(id uint64, members int) Attestors {
	a := Attestors{Set: checkpoint.Set{ID: id, Time: uint64(time.Now().Unix())}, Keys: make(map[checkpoint.Address]*secp256k1.PrivateKey)}
	for i := range members {
		key := secp256k1.PrivKeyFromBytes([]byte{byte(id), byte(i + 1)})
		address := checkpoint.KeyAddress(key.PubKey())
		a.Keys[address] = key
		a.Set.Members = append(a.Set.Members, checkpoint.Member{Address: address, Power: 10})
	}
	slices.SortFunc(a.Set.Members, func(x, y checkpoint.Member) int { return slices.Compare(x.Address[:], y.Address[:]) })
	return a
}

// History is a line of sealed headers with their leaves, as the chain makes it.
// Its methods are safe for concurrent use.
type History struct {
	Domain checkpoint.Domain
	Sets   []Attestors
	// Starts is the nonce of the change to each set.
	Starts  []uint64
	Entries []*types.QuerySignaturesResponse
	Leaves  [][]checkpoint.Hash

	mu sync.Mutex
}

// NewHistory returns a line without headers and its first set.
func NewHistory() *History {
	return &History{Domain: checkpoint.NewDomain(ChainID), Sets: []Attestors{NewAttestors(1, 4)}, Starts: []uint64{0}}
}

// Head is the nonce of the newest header.
func (h *History) Head() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return uint64(len(h.Entries))
}

func (h *History) last() (root checkpoint.Hash, nonce uint64) {
	if len(h.Entries) == 0 {
		return h.Domain.GenesisRoot(), 0
	}
	header := h.Entries[len(h.Entries)-1].Checkpoint.Header
	return checkpoint.Hash(header.Root), header.Nonce
}

// Checkpoint adds a header with leaves, of which there is at least one.
func (h *History) Checkpoint(leaves int) *types.QuerySignaturesResponse {
	h.mu.Lock()
	defer h.mu.Unlock()
	prev, nonce := h.last()
	var hashes []checkpoint.Hash
	for i := range leaves {
		hashes = append(hashes, checkpoint.Keccak256(fmt.Append(nil, nonce, i)))
	}
	tree, err := checkpoint.NewTree(hashes)
	if err != nil {
		panic(err) // the number of leaves is wrong
	}
	signer := h.Sets[len(h.Sets)-1]
	return h.add(checkpoint.Header{
		Nonce: nonce + 1, Height: 60 * (nonce + 1), Root: tree.Root(), PrevRoot: prev,
		LeafCount: uint32(leaves), Set: signer.Set.Hash(), NextSet: signer.Set.Hash(),
	}, signer, nil, hashes)
}

// Change adds a set change.
func (h *History) Change() *types.QuerySignaturesResponse {
	h.mu.Lock()
	defer h.mu.Unlock()
	prev, nonce := h.last()
	signer, next := h.Sets[len(h.Sets)-1], NewAttestors(uint64(len(h.Sets)+1), 4)
	out := h.add(checkpoint.Header{
		Nonce: nonce + 1, Height: 60 * (nonce + 1), Root: prev, PrevRoot: prev, Set: signer.Set.Hash(), NextSet: next.Set.Hash(),
	}, signer, &next, nil)
	h.Sets, h.Starts = append(h.Sets, next), append(h.Starts, nonce+1)
	return out
}

func (h *History) add(header checkpoint.Header, signer Attestors, next *Attestors, leaves []checkpoint.Hash) *types.QuerySignaturesResponse {
	res := Answer(h.Domain, header, signer, next)
	h.Entries, h.Leaves = append(h.Entries, res), append(h.Leaves, leaves)
	return res
}

// Answer is how a node answers for a header that a set sealed.
func Answer(domain checkpoint.Domain, header checkpoint.Header, signer Attestors, next *Attestors) *types.QuerySignaturesResponse {
	res := &types.QuerySignaturesResponse{
		Checkpoint: types.Checkpoint{Header: types.Header{
			Nonce: header.Nonce, Height: header.Height, Root: header.Root[:], PrevRoot: header.PrevRoot[:],
			LeafCount: header.LeafCount, Set: header.Set[:], NextSet: header.NextSet[:],
		}, SealedHeight: int64(header.Height) + 5, Time: uint64(time.Now().Unix()), SetId: signer.Set.ID, NextSetId: signer.Set.ID},
		Set: protoSet(signer.Set, 0),
	}
	if next != nil {
		set := protoSet(next.Set, header.Nonce)
		res.NextSet, res.Checkpoint.NextSetId = &set, next.Set.ID
	}
	for _, m := range signer.Set.Members[:3] {
		sig := checkpoint.Sign(signer.Keys[m.Address], domain.Digest(header))
		res.Signatures = append(res.Signatures, types.AttestorSignature{Key: m.Address[:], Signature: sig[:]})
	}
	return res
}

func protoSet(s checkpoint.Set, nonce uint64) types.AttestorSet {
	hash := s.Hash()
	return types.AttestorSet{Id: s.ID, Time: s.Time, Members: s.Packed(), Hash: hash[:], Nonce: nonce}
}
