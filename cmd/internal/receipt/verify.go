// SPDX-License-Identifier: Apache-2.0

package receipt

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// ErrInvalid is returned for a receipt that does not prove what it says.
var ErrInvalid = errors.New("the receipt proves nothing")

// ErrUntrusted is returned for a receipt that holds together, but whose sets
// do not include the one that the caller trusts.
var ErrUntrusted = errors.New("the receipt does not lead back to the trusted set")

// Anchor names an attestor set. With the hash of one that is known to be
// right, everything that follows from it in the receipt is proven.
type Anchor struct {
	ID   uint64
	Hash checkpoint.Hash
}

// Anchors lists the sets of the receipt, the oldest first. The last one signed
// the checkpoint.
func (r Receipt) Anchors() []Anchor {
	out := make([]Anchor, 0, len(r.Line)+1)
	for _, change := range r.Line {
		out = append(out, Anchor{change.Set.ID, change.Set.Hash()})
	}
	return append(out, Anchor{r.Set.ID, r.Set.Hash()})
}

// Verify checks everything that the receipt says and returns the set from
// which it is proven. trusted is the hash of a set that the caller knows to be
// right, by which a receipt that does not lead back to it is ErrUntrusted. If
// it is zero, the oldest set of the receipt is returned: nothing then says
// that this set is the chain's.
func (r Receipt) Verify(trusted checkpoint.Hash) (Anchor, error) {
	if err := r.VerifyProofs(); err != nil {
		return Anchor{}, err
	}
	domain := checkpoint.NewDomain(r.ChainID)
	if r.Header.IsSetChange() {
		return Anchor{}, fmt.Errorf("%w: nonce %d is a set change, which has no leaves", ErrInvalid, r.Header.Nonce)
	}
	if err := sealed(domain, r.Header, r.Set, r.Signatures); err != nil {
		return Anchor{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := r.verifyLine(domain); err != nil {
		return Anchor{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	anchors := r.Anchors()
	if trusted.IsZero() {
		return anchors[0], nil
	}
	for _, a := range anchors {
		if a.Hash == trusted {
			return a, nil
		}
	}
	return Anchor{}, fmt.Errorf("%w: it knows the sets %d to %d, none of which has the hash %s", ErrUntrusted, anchors[0].ID, r.Set.ID, trusted)
}

// VerifyProofs checks version and leaves only: that they are under the root of
// the header. It is for who has verified the header in another receipt.
func (r Receipt) VerifyProofs() error {
	if r.Version != Version {
		return fmt.Errorf("%w: version %d is not %d", ErrInvalid, r.Version, Version)
	}
	if err := r.verifyLeaves(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// verifyLeaves checks that every leaf is this task's on this chain and lies
// under the root, and that none is there twice.
func (r Receipt) verifyLeaves() error {
	if len(r.Proofs) == 0 {
		return errors.New("it has no leaf")
	}
	deepest := 0
	if r.Header.LeafCount > 0 {
		deepest = bits.Len32(r.Header.LeafCount - 1)
	}
	seen := make(map[checkpoint.Hash]bool, len(r.Proofs))
	for i, p := range r.Proofs {
		leaf := p.Leaf.Checkpoint()
		if err := leaf.Validate(); err != nil {
			return fmt.Errorf("leaf %d: %w", i, err)
		}
		switch {
		case leaf.HomeChain != r.ChainID:
			return fmt.Errorf("leaf %d is of chain %q, the receipt of %q", i, leaf.HomeChain, r.ChainID)
		case leaf.Task != r.Task:
			return fmt.Errorf("leaf %d is of task %d, the receipt of %d", i, leaf.Task, r.Task)
		case leaf.Hash() != p.Hash:
			return fmt.Errorf("leaf %d has the hash %s, it says %s", i, leaf.Hash(), p.Hash)
		case seen[p.Hash]:
			return fmt.Errorf("leaf %d is there twice", i)
		case len(p.Siblings) > deepest:
			return fmt.Errorf("leaf %d has %d siblings, a tree of %d leaves at most %d", i, len(p.Siblings), r.Header.LeafCount, deepest)
		case !checkpoint.VerifyProof(r.Header.Root, p.Hash, p.Siblings):
			return fmt.Errorf("leaf %d is not under the root %s", i, r.Header.Root)
		}
		seen[p.Hash] = true
	}
	return nil
}

// sealed checks that more than two thirds of a set signed a header that is its
// to sign.
func sealed(domain checkpoint.Domain, h checkpoint.Header, set checkpoint.Set, signatures []checkpoint.Signed) error {
	if err := errors.Join(h.Validate(), set.Validate()); err != nil {
		return fmt.Errorf("nonce %d: %w", h.Nonce, err)
	}
	if set.Hash() != h.Set {
		return fmt.Errorf("nonce %d is for the set %s, given is set %d, %s", h.Nonce, h.Set, set.ID, set.Hash())
	}
	power, err := set.Verify(domain.Digest(h), signatures)
	if err != nil {
		return fmt.Errorf("nonce %d: %w", h.Nonce, err)
	}
	if power < set.Threshold() {
		return fmt.Errorf("nonce %d is signed by %d of %d, needed are %d", h.Nonce, power, set.Total(), set.Threshold())
	}
	return nil
}

// verifyLine checks that each set hands over to the one after it, up to the
// set that signed the checkpoint.
func (r Receipt) verifyLine(domain checkpoint.Domain) error {
	for i, change := range r.Line {
		next, after := r.Set, r.Header
		if i+1 < len(r.Line) {
			next, after = r.Line[i+1].Set, r.Line[i+1].Header
		}
		h := change.Header
		switch {
		case !h.IsSetChange():
			return fmt.Errorf("line %d: nonce %d changes no set", i, h.Nonce)
		case h.NextSet != next.Hash():
			return fmt.Errorf("line %d hands over to the set %s, the next one is %s", i, h.NextSet, next.Hash())
		case change.Set.ID+1 != next.ID:
			return fmt.Errorf("line %d hands over from set %d to set %d", i, change.Set.ID, next.ID)
		case h.Nonce >= after.Nonce || h.Height > after.Height:
			return fmt.Errorf("line %d: nonce %d of height %d does not come before nonce %d of height %d", i, h.Nonce, h.Height, after.Nonce, after.Height)
		}
		if err := sealed(domain, h, change.Set, change.Signatures); err != nil {
			return fmt.Errorf("line %d: %w", i, err)
		}
	}
	return nil
}
