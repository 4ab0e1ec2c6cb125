// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// LeafVersion is the version of the leaf's encoding.
const LeafVersion = 1

// Limits of a leaf's texts, in bytes.
const (
	maxChainID = 50
	maxDenom   = 128
	maxAccount = 255
)

// Leaf is one final payment: what one provider got for one task. There is one
// per (task, provider), made when the payment can no longer change.
type Leaf struct {
	// Version is LeafVersion.
	Version uint8 `json:"version"`
	// HomeChain is the chain id of the Cupel chain that settled the task.
	HomeChain string `json:"home_chain"`
	// Task is the task's id: batch << 12 | index.
	Task uint64 `json:"task,string"`
	// Attempt is the attempt of the lot that was agreed, from 1.
	Attempt uint32 `json:"attempt"`
	// Provider and Requester are the account bytes of the operator and of who
	// paid.
	Provider  []byte `json:"provider"`
	Requester []byte `json:"requester"`
	// Denom and Amount are what the provider was paid, after every share.
	Denom  string `json:"denom"`
	Amount uint64 `json:"amount,string"`
	// Result is the digest of the agreed result.
	Result Hash `json:"result"`
	// DestChain is the EVM chain id on which Vault pays To; all three are zero
	// for what was paid on Cupel.
	DestChain uint64  `json:"dest_chain,string"`
	Vault     Address `json:"vault"`
	To        Address `json:"to"`
}

// Validate returns an error for a leaf that no settlement can make.
func (l Leaf) Validate() error {
	switch {
	case l.Version != LeafVersion:
		return fmt.Errorf("leaf version %d is not %d", l.Version, LeafVersion)
	case l.HomeChain == "" || len(l.HomeChain) > maxChainID:
		return fmt.Errorf("home chain has %d bytes, want 1 to %d", len(l.HomeChain), maxChainID)
	case len(l.Provider) == 0 || len(l.Provider) > maxAccount:
		return fmt.Errorf("provider has %d bytes, want 1 to %d", len(l.Provider), maxAccount)
	case len(l.Requester) == 0 || len(l.Requester) > maxAccount:
		return fmt.Errorf("requester has %d bytes, want 1 to %d", len(l.Requester), maxAccount)
	case l.Denom == "" || len(l.Denom) > maxDenom:
		return fmt.Errorf("denom has %d bytes, want 1 to %d", len(l.Denom), maxDenom)
	case l.Result.IsZero():
		return errors.New("result is zero")
	case (l.DestChain == 0) != l.Vault.IsZero() || (l.DestChain == 0) != l.To.IsZero():
		return errors.New("dest_chain, vault and to are either all zero or all set")
	}
	return nil
}

// Encode returns the ABI encoding of (uint8 version, string homeChain, uint64
// task, uint32 attempt, bytes provider, bytes requester, string denom, uint256
// amount, bytes32 result, uint64 destChain, address vault, address to).
func (l Leaf) Encode() []byte { return l.appendTo(nil) }

func (l Leaf) appendTo(out []byte) []byte {
	const fields = 12
	dynamic := [4][]byte{[]byte(l.HomeChain), l.Provider, l.Requester, []byte(l.Denom)}
	offset := fields * wordSize
	var offsets [4]uint64
	for i, text := range dynamic {
		offsets[i] = uint64(offset)
		offset += wordSize + (len(text)+wordSize-1)/wordSize*wordSize
	}
	out = slices.Grow(out, offset)
	for _, n := range [...]uint64{
		uint64(l.Version), offsets[0], l.Task, uint64(l.Attempt), offsets[1], offsets[2], offsets[3], l.Amount,
	} {
		out = appendWord(out, n)
	}
	out = appendWord(append(out, l.Result[:]...), l.DestChain)
	out = append(out, addressWord(l.Vault)...)
	out = append(out, addressWord(l.To)...)
	for _, text := range dynamic {
		out = append(appendWord(out, uint64(len(text))), text...)
		out = append(out, zeros[:(wordSize-len(text)%wordSize)%wordSize]...)
	}
	return out
}

// wordSize is that of the ABI.
const wordSize = 32

var zeros [wordSize]byte

// appendWord appends the ABI encoding of an unsigned integer.
func appendWord(out []byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append(out, zeros[:wordSize-8]...), n)
}

// Hash returns the leaf's hash in the tree: keccak256(keccak256(Encode)). The
// second round sets leaves apart from inner nodes.
func (l Leaf) Hash() Hash {
	inner := Keccak256(l.Encode())
	return Keccak256(inner[:])
}
