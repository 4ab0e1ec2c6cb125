// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// NewHeader returns the stored form of a header.
func NewHeader(h checkpoint.Header) Header {
	return Header{
		Nonce: h.Nonce, Height: h.Height, Root: h.Root[:], PrevRoot: h.PrevRoot[:],
		LeafCount: h.LeafCount, Set: h.Set[:], NextSet: h.NextSet[:],
	}
}

// Decode returns the header that attestors sign, or ErrInvalidHeader if a hash
// has not 32 bytes.
func (h Header) Decode() (checkpoint.Header, error) {
	out := checkpoint.Header{Nonce: h.Nonce, Height: h.Height, LeafCount: h.LeafCount}
	for _, field := range []struct {
		name string
		from []byte
		to   *checkpoint.Hash
	}{
		{"root", h.Root, &out.Root},
		{"prev_root", h.PrevRoot, &out.PrevRoot},
		{"set", h.Set, &out.Set},
		{"next_set", h.NextSet, &out.NextSet},
	} {
		hash, err := checkpoint.ToHash(field.from)
		if err != nil {
			return checkpoint.Header{}, ErrInvalidHeader.Wrapf("%s: %s", field.name, err)
		}
		*field.to = hash
	}
	return out, nil
}

// IsSetChange reports whether the header hands over to another set.
func (c Checkpoint) IsSetChange() bool { return c.SetId != c.NextSetId }

// Sealed reports whether more than two thirds have signed the header and every
// one before it, or governance has sealed it.
func (c Checkpoint) Sealed() bool { return c.SealedHeight > 0 }

// Open reports whether the header takes signatures at a height: until it is
// sealed, and for grace blocks after that.
func (c Checkpoint) Open(height int64, grace uint64) bool {
	return !c.Sealed() || height <= c.SealedHeight || uint64(height-c.SealedHeight) <= grace
}

// NewAttestorSet returns the stored form of a set that is frozen at a height
// and takes over with the set change nonce.
func NewAttestorSet(s checkpoint.Set, height int64, nonce, bonded uint64) AttestorSet {
	hash := s.Hash()
	return AttestorSet{
		Id: s.ID, Time: s.Time, Members: s.Packed(), Hash: hash[:],
		Height: height, Nonce: nonce, Bonded: bonded,
	}
}

// Decode returns the set, or ErrInvalidSet if it must never sign or its
// hash is another.
func (s AttestorSet) Decode() (checkpoint.Set, error) {
	members, err := checkpoint.UnpackMembers(s.Members)
	if err != nil {
		return checkpoint.Set{}, ErrInvalidSet.Wrapf("set %d: %s", s.Id, err)
	}
	set := checkpoint.Set{ID: s.Id, Time: s.Time, Members: members}
	if err := set.Validate(); err != nil {
		return checkpoint.Set{}, ErrInvalidSet.Wrapf("set %d: %s", s.Id, err)
	}
	if hash := set.Hash(); string(hash[:]) != string(s.Hash) {
		return checkpoint.Set{}, ErrInvalidSet.Wrapf("set %d: its hash is %s", s.Id, hash)
	}
	return set, nil
}

// Decode returns the signature, or ErrInvalidKey if a size is wrong.
func (s AttestorSignature) Decode() (checkpoint.Signed, error) {
	key, err := checkpoint.ToAddress(s.Key)
	if err != nil {
		return checkpoint.Signed{}, ErrInvalidKey.Wrap(err.Error())
	}
	signature, err := checkpoint.ToSignature(s.Signature)
	if err != nil {
		return checkpoint.Signed{}, ErrInvalidKey.Wrap(err.Error())
	}
	return checkpoint.Signed{Address: key, Signature: signature}, nil
}
