// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"errors"
	"fmt"
)

// Name and Version of the EIP-712 domain.
const (
	domainName    = "Cupel"
	domainVersion = "1"
)

// The EIP-712 types of what attestors sign.
const (
	domainType     = "EIP712Domain(string name,string version,bytes32 salt)"
	headerType     = "Checkpoint(uint64 nonce,uint64 height,bytes32 root,bytes32 prevRoot,uint32 leafCount,bytes32 set,bytes32 nextSet)"
	possessionType = "AttestorKey(bytes operator,address key)"
)

// Header is what attestors sign. Nonces count from 1 without a gap over
// checkpoints and set changes alike. A checkpoint brings leaves and keeps the
// set; a set change brings no leaf, keeps the root and names the next set.
type Header struct {
	Nonce uint64 `json:"nonce,string"`
	// Height is the height of the Cupel block that made it.
	Height uint64 `json:"height,string"`
	Root   Hash   `json:"root"`
	// PrevRoot is the root of the nonce before; Domain.GenesisRoot for nonce 1.
	PrevRoot  Hash   `json:"prev_root"`
	LeafCount uint32 `json:"leaf_count"`
	// Set is the hash of the set that signs, NextSet of the one that signs the
	// following nonce.
	Set     Hash `json:"set"`
	NextSet Hash `json:"next_set"`
}

// IsSetChange reports whether the header hands over to another set.
func (h Header) IsSetChange() bool { return h.Set != h.NextSet }

// Validate returns an error for a header that the chain never makes.
func (h Header) Validate() error {
	switch {
	case h.Nonce == 0:
		return errors.New("nonce is zero")
	case h.Height == 0:
		return errors.New("height is zero")
	case h.Root.IsZero(), h.PrevRoot.IsZero():
		return errors.New("root or prev_root is zero")
	case h.Set.IsZero(), h.NextSet.IsZero():
		return errors.New("set or next_set is zero")
	case h.LeafCount > MaxLeaves:
		return fmt.Errorf("leaf_count %d is more than %d", h.LeafCount, MaxLeaves)
	case h.IsSetChange() && (h.LeafCount != 0 || h.Root != h.PrevRoot):
		return errors.New("a set change has no leaf and keeps the root")
	case !h.IsSetChange() && (h.LeafCount == 0 || h.Root == h.PrevRoot):
		return errors.New("a checkpoint has a leaf and a new root")
	}
	return nil
}

// Domain is the EIP-712 domain of one Cupel chain. It names no other chain: one
// signature serves every mirror.
type Domain struct{ salt, separator Hash }

// NewDomain returns the domain of a chain id.
func NewDomain(chainID string) Domain {
	salt := Keccak256([]byte(chainID))
	typeHash, name, version := Keccak256([]byte(domainType)), Keccak256([]byte(domainName)), Keccak256([]byte(domainVersion))
	return Domain{salt: salt, separator: Keccak256(typeHash[:], name[:], version[:], salt[:])}
}

// Salt is the Keccak-256 of the chain id.
func (d Domain) Salt() Hash { return d.salt }

// Separator is the EIP-712 domain separator.
func (d Domain) Separator() Hash { return d.separator }

// GenesisRoot is the PrevRoot of nonce 1: the domain separator, because zero is
// never a root.
func (d Domain) GenesisRoot() Hash { return d.separator }

// Message returns the 66 bytes 0x1901 ‖ separator ‖ struct hash of a header.
func (d Domain) Message(h Header) []byte {
	typeHash := Keccak256([]byte(headerType))
	return d.message(Keccak256(typeHash[:], word(h.Nonce), word(h.Height), h.Root[:], h.PrevRoot[:],
		word(uint64(h.LeafCount)), h.Set[:], h.NextSet[:]))
}

// Digest returns the Keccak-256 of Message: what attestors sign.
func (d Domain) Digest(h Header) Hash { return Keccak256(d.Message(h)) }

// PossessionDigest is what a key signs to prove that a validator holds it.
func (d Domain) PossessionDigest(operator []byte, key Address) Hash {
	typeHash, account := Keccak256([]byte(possessionType)), Keccak256(operator)
	return Keccak256(d.message(Keccak256(typeHash[:], account[:], addressWord(key))))
}

func (d Domain) message(structHash Hash) []byte {
	out := make([]byte, 0, 66)
	out = append(out, 0x19, 0x01)
	out = append(out, d.separator[:]...)
	return append(out, structHash[:]...)
}
