// SPDX-License-Identifier: Apache-2.0

// Package checkpoint holds what the chain, the attestors, the mirrors and
// everyone who checks a receipt must compute alike: the leaf of a settlement,
// the Merkle tree over the leaves, the digest that attestors sign and the hash
// of an attestor set. It is pure and knows no chain. The encodings are fixed
// by ADR-002 of x/oracle.
package checkpoint

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/sha3"
)

// Hash is a Keccak-256 digest. The zero hash is never a valid root, set or leaf.
type Hash [32]byte

// Address is an Ethereum address: the last 20 bytes of the Keccak-256 of an
// uncompressed secp256k1 public key. The zero address is never valid.
type Address [20]byte

// String returns 0x and 64 lower-case hex digits.
func (h Hash) String() string { return "0x" + hex.EncodeToString(h[:]) }

// IsZero reports whether the hash is all zero.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes String.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hex digits with or without 0x.
func (h *Hash) UnmarshalText(text []byte) error { return unhex(h[:], text) }

// ToHash returns the hash that 32 bytes are.
func ToHash(b []byte) (Hash, error) {
	if len(b) != len(Hash{}) {
		return Hash{}, fmt.Errorf("a hash has 32 bytes, got %d", len(b))
	}
	return Hash(b), nil
}

// String returns 0x and 40 lower-case hex digits.
func (a Address) String() string { return "0x" + hex.EncodeToString(a[:]) }

// IsZero reports whether the address is all zero.
func (a Address) IsZero() bool { return a == Address{} }

// MarshalText writes String.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads 40 hex digits with or without 0x.
func (a *Address) UnmarshalText(text []byte) error { return unhex(a[:], text) }

// ToAddress returns the address that 20 bytes are.
func ToAddress(b []byte) (Address, error) {
	if len(b) != len(Address{}) {
		return Address{}, fmt.Errorf("an address has 20 bytes, got %d", len(b))
	}
	return Address(b), nil
}

func unhex(dst, text []byte) error {
	digits := strings.TrimPrefix(string(text), "0x")
	if len(digits) != 2*len(dst) {
		return fmt.Errorf("want %d hex digits, got %d", 2*len(dst), len(digits))
	}
	if _, err := hex.Decode(dst, []byte(digits)); err != nil {
		return fmt.Errorf("not hex: %w", err)
	}
	return nil
}

// Keccak256 hashes the concatenation of its arguments.
func Keccak256(parts ...[]byte) (sum Hash) {
	state := sha3.NewLegacyKeccak256()
	for _, p := range parts {
		state.Write(p)
	}
	state.Sum(sum[:0])
	return sum
}

// word is the ABI encoding of an unsigned integer.
func word(n uint64) []byte {
	var w [32]byte
	binary.BigEndian.PutUint64(w[24:], n)
	return w[:]
}

// addressWord is the ABI encoding of an address.
func addressWord(a Address) []byte {
	var w [32]byte
	copy(w[12:], a[:])
	return w[:]
}
