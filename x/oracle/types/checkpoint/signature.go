// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// Signature is a secp256k1 signature r ‖ s ‖ v with s in the lower half of the
// order and v 27 or 28, as ecrecover and OpenZeppelin's ECDSA take it.
type Signature [65]byte

// String returns 0x and 130 lower-case hex digits.
func (s Signature) String() string { return "0x" + hex.EncodeToString(s[:]) }

// MarshalText writes String.
func (s Signature) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads 130 hex digits with or without 0x.
func (s *Signature) UnmarshalText(text []byte) error { return unhex(s[:], text) }

// ToSignature returns the signature that 65 bytes are.
func ToSignature(b []byte) (Signature, error) {
	if len(b) != len(Signature{}) {
		return Signature{}, fmt.Errorf("a signature has 65 bytes, got %d", len(b))
	}
	return Signature(b), nil
}

// Sign signs a digest, deterministically (RFC 6979).
func Sign(key *secp256k1.PrivateKey, digest Hash) Signature {
	compact := ecdsa.SignCompact(key, digest[:], false) // v ‖ r ‖ s, low s
	var out Signature
	copy(out[:], compact[1:])
	out[64] = compact[0]
	return out
}

// Recover returns the address that signed a digest. A high s, which would give
// one message two signatures, and any v but 27 and 28 are errors.
func (s Signature) Recover(digest Hash) (Address, error) {
	if s[64] != 27 && s[64] != 28 {
		return Address{}, fmt.Errorf("v is %d, want 27 or 28", s[64])
	}
	var scalar secp256k1.ModNScalar
	if scalar.SetByteSlice(s[32:64]) || scalar.IsZero() || scalar.IsOverHalfOrder() {
		return Address{}, errors.New("s is not in the lower half of the order")
	}
	var compact [65]byte
	compact[0] = s[64]
	copy(compact[1:], s[:64])
	key, _, err := ecdsa.RecoverCompact(compact[:], digest[:])
	if err != nil {
		return Address{}, err
	}
	return KeyAddress(key), nil
}

// KeyAddress returns the Ethereum address of a public key.
func KeyAddress(key *secp256k1.PublicKey) Address {
	hash := Keccak256(key.SerializeUncompressed()[1:])
	return Address(hash[12:])
}
