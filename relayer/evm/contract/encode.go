// SPDX-License-Identifier: Apache-2.0

// Package contract is CupelMirror.sol for Go: generated bindings, conversions
// from the types of x/oracle, deployment and the check of deployed code.
package contract

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// FromHeader converts a header for the bindings.
func FromHeader(h checkpoint.Header) CupelMirrorHeader {
	return CupelMirrorHeader{
		Nonce: h.Nonce, Height: h.Height, Root: h.Root, PrevRoot: h.PrevRoot,
		LeafCount: h.LeafCount, Set: h.Set, NextSet: h.NextSet,
	}
}

// FromSet converts a set for the bindings.
func FromSet(s checkpoint.Set) CupelMirrorAttestorSet {
	return CupelMirrorAttestorSet{Id: s.ID, Time: s.Time, Members: s.Packed()}
}

// ToSet returns the set of an event: its id, time and packed members. It is an
// error if the set is one that must never sign.
func ToSet(id, time uint64, packed []byte) (checkpoint.Set, error) {
	members, err := checkpoint.UnpackMembers(packed)
	if err != nil {
		return checkpoint.Set{}, err
	}
	set := checkpoint.Set{ID: id, Time: time, Members: members}
	return set, set.Validate()
}

// FromLeaf converts a leaf for the bindings.
func FromLeaf(l checkpoint.Leaf) CupelMirrorLeaf {
	return CupelMirrorLeaf{
		Version: l.Version, HomeChain: l.HomeChain, Task: l.Task, Attempt: l.Attempt,
		Provider: l.Provider, Requester: l.Requester, Denom: l.Denom, Amount: new(big.Int).SetUint64(l.Amount),
		Result: l.Result, DestChain: l.DestChain, Vault: common.Address(l.Vault), To: common.Address(l.To),
	}
}

// FromProof converts a proof for the bindings.
func FromProof(proof []checkpoint.Hash) [][32]byte {
	out := make([][32]byte, len(proof))
	for i, p := range proof {
		out[i] = p
	}
	return out
}

// EncodeSignatures returns 66 bytes a signature, index of the member ‖ r ‖ s ‖ v,
// ascending by index, from signatures in any order. It is an error if a signer
// is no member or signed twice.
func EncodeSignatures(set checkpoint.Set, signed []checkpoint.Signed) ([]byte, error) {
	byAddress := func(a, b checkpoint.Address) int { return bytes.Compare(a[:], b[:]) }
	sorted := slices.SortedFunc(slices.Values(signed), func(a, b checkpoint.Signed) int { return byAddress(a.Address, b.Address) })
	out := make([]byte, 0, 66*len(sorted))
	for i, s := range sorted {
		if i > 0 && sorted[i-1].Address == s.Address {
			return nil, fmt.Errorf("%s signed twice", s.Address)
		}
		index, found := slices.BinarySearchFunc(set.Members, s.Address,
			func(m checkpoint.Member, a checkpoint.Address) int { return byAddress(m.Address, a) })
		if !found || index > 0xff {
			return nil, fmt.Errorf("%s is not in set %d", s.Address, set.ID)
		}
		out = append(out, byte(index))
		out = append(out, s.Signature[:]...)
	}
	return out, nil
}

// PackEntry returns the calldata that records an entry: submitCheckpoint or
// updateAttestors.
func PackEntry(e mirror.Entry) ([]byte, error) {
	signatures, err := EncodeSignatures(e.Set, e.Signatures)
	if err != nil {
		return nil, fmt.Errorf("nonce %d: %w", e.Header.Nonce, err)
	}
	abi := NewCupelMirror()
	if !e.Header.IsSetChange() {
		return abi.TryPackSubmitCheckpoint(FromHeader(e.Header), FromSet(e.Set), signatures)
	}
	if e.Next == nil {
		return nil, fmt.Errorf("nonce %d changes the set but brings none", e.Header.Nonce)
	}
	return abi.TryPackUpdateAttestors(FromHeader(e.Header), FromSet(e.Set), FromSet(*e.Next), signatures)
}
