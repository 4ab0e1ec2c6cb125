// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// MaxMembers is the largest number of attestors of a set.
const MaxMembers = 200

// memberSize is the packed size of a member: an address and a big-endian power.
const memberSize = 28

const setType = "AttestorSet(uint64 id,uint64 time,bytes members)"

// Member is one attestor of a set with its frozen power.
type Member struct {
	Address Address `json:"address"`
	Power   uint64  `json:"power,string"`
}

// Set is a snapshot of the attestors. Its members ascend by address.
type Set struct {
	// ID counts from 1.
	ID uint64 `json:"id,string"`
	// Time of the block that froze it, in Unix seconds: a mirror refuses a set
	// that is too old.
	Time    uint64   `json:"time,string"`
	Members []Member `json:"members"`
}

// Validate returns an error for a set that must never sign.
func (s Set) Validate() error {
	if s.ID == 0 || s.Time == 0 {
		return errors.New("id or time is zero")
	}
	if len(s.Members) == 0 || len(s.Members) > MaxMembers {
		return fmt.Errorf("%d members, want 1 to %d", len(s.Members), MaxMembers)
	}
	var total uint64
	for i, m := range s.Members {
		if m.Address.IsZero() || m.Power == 0 {
			return fmt.Errorf("member %d has no address or no power", i)
		}
		if i > 0 && bytes.Compare(s.Members[i-1].Address[:], m.Address[:]) >= 0 {
			return fmt.Errorf("member %d is not above the one before it", i)
		}
		if m.Power > math.MaxInt64-total {
			return errors.New("total power does not fit 63 bits")
		}
		total += m.Power
	}
	return nil
}

// Packed returns 28 bytes a member: address ‖ power, big endian.
func (s Set) Packed() []byte {
	out := make([]byte, 0, memberSize*len(s.Members))
	for _, m := range s.Members {
		out = append(out, m.Address[:]...)
		out = binary.BigEndian.AppendUint64(out, m.Power)
	}
	return out
}

// UnpackMembers reads what Packed wrote.
func UnpackMembers(packed []byte) ([]Member, error) {
	if len(packed)%memberSize != 0 {
		return nil, fmt.Errorf("packed members have %d bytes, not a multiple of %d", len(packed), memberSize)
	}
	out := make([]Member, 0, len(packed)/memberSize)
	for ; len(packed) > 0; packed = packed[memberSize:] {
		out = append(out, Member{Address: Address(packed[:20]), Power: binary.BigEndian.Uint64(packed[20:memberSize])})
	}
	return out, nil
}

// Hash returns the EIP-712 struct hash of the set.
func (s Set) Hash() Hash {
	typeHash, members := Keccak256([]byte(setType)), Keccak256(s.Packed())
	return Keccak256(typeHash[:], word(s.ID), word(s.Time), members[:])
}

// Total returns the sum of the powers.
func (s Set) Total() uint64 {
	var total uint64
	for _, m := range s.Members {
		total += m.Power
	}
	return total
}

// Threshold returns the smallest power that is more than two thirds of Total.
func (s Set) Threshold() uint64 {
	total := s.Total()
	return total/3*2 + total%3*2/3 + 1
}

// Power returns the power of a member, 0 for an address that is none.
func (s Set) Power(a Address) uint64 {
	at, found := s.index(a)
	if !found {
		return 0
	}
	return s.Members[at].Power
}

func (s Set) index(a Address) (int, bool) {
	return slices.BinarySearchFunc(s.Members, a, func(m Member, a Address) int { return bytes.Compare(m.Address[:], a[:]) })
}

// Signed is a member's signature.
type Signed struct {
	Address   Address   `json:"address"`
	Signature Signature `json:"signature"`
}

// Verify returns the power behind signatures of a digest. It is an error if
// one of them is wrong, not a member's, or repeated.
func (s Set) Verify(digest Hash, signatures []Signed) (uint64, error) {
	var power uint64
	seen := make(map[Address]bool, len(signatures))
	for _, sig := range signatures {
		signer, err := sig.Signature.Recover(digest)
		if err != nil {
			return 0, fmt.Errorf("signature of %s: %w", sig.Address, err)
		}
		own := s.Power(sig.Address)
		switch {
		case signer != sig.Address:
			return 0, fmt.Errorf("signature of %s is by %s", sig.Address, signer)
		case own == 0:
			return 0, fmt.Errorf("%s is not in set %d", sig.Address, s.ID)
		case seen[sig.Address]:
			return 0, fmt.Errorf("%s signed twice", sig.Address)
		}
		seen[sig.Address] = true
		power += own
	}
	return power, nil
}

// Quorum returns the fewest signatures that reach Threshold, ascending by
// address, heaviest preferred. It returns nil if all together do not reach it.
// The signatures must have passed Verify.
func (s Set) Quorum(signatures []Signed) []Signed {
	heaviest := slices.Clone(signatures)
	slices.SortFunc(heaviest, func(a, b Signed) int {
		return cmp.Or(cmp.Compare(s.Power(b.Address), s.Power(a.Address)), bytes.Compare(a.Address[:], b.Address[:]))
	})
	var power uint64
	for i, sig := range heaviest {
		if power += s.Power(sig.Address); power >= s.Threshold() {
			out := heaviest[:i+1]
			slices.SortFunc(out, func(a, b Signed) int { return bytes.Compare(a.Address[:], b.Address[:]) })
			return out
		}
	}
	return nil
}
