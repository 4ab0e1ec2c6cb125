// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// validateLine checks what the line says of the lists.
func (gs GenesisState) validateLine() error {
	l, last := gs.Line, Header{}
	var leaves, covered uint64
	var height int64
	for _, block := range gs.Leaves {
		if err := block.Validate(); err != nil {
			return err
		}
		if block.Height < height {
			return ErrInvalidGenesis.Wrapf("leaves of height %d come after those of %d", block.Height, height)
		}
		height = block.Height
		leaves += uint64(len(block.Tasks))
	}
	for _, c := range gs.Checkpoints {
		covered += uint64(c.Header.LeafCount)
		last = c.Header
	}
	switch {
	case l.LastNonce != uint64(len(gs.Checkpoints)):
		return ErrInvalidGenesis.Wrapf("last_nonce %d with %d headers", l.LastNonce, len(gs.Checkpoints))
	case !bytes.Equal(l.Root, last.Root):
		return ErrInvalidGenesis.Wrapf("root %x is not that of the newest header", l.Root)
	case l.SetId != uint64(len(gs.Sets)):
		return ErrInvalidGenesis.Wrapf("set_id %d with %d sets", l.SetId, len(gs.Sets))
	case l.Leaves != leaves || l.Covered != covered || covered > leaves:
		return ErrInvalidGenesis.Wrapf("leaves %d, covered %d; there are %d, of which headers cover %d", l.Leaves, l.Covered, leaves, covered)
	case l.SealedNonce > l.LastNonce || l.Counted > l.SealedNonce || l.Pruned > l.Counted:
		return ErrInvalidGenesis.Wrapf("last_nonce %d, sealed_nonce %d, counted %d, pruned %d do not descend", l.LastNonce, l.SealedNonce, l.Counted, l.Pruned)
	case l.LastHeight < 0:
		return ErrInvalidGenesis.Wrapf("last_height %d", l.LastHeight)
	}
	return nil
}

// validateHeaders checks that the headers form one line, each signed by the set
// that the one before it names.
func (gs GenesisState) validateHeaders(sets []checkpoint.Set) error {
	set, first, before := uint64(1), uint64(0), []byte(nil)
	for i, c := range gs.Checkpoints {
		h, err := c.Header.Decode()
		if err != nil {
			return ErrInvalidGenesis.Wrapf("header %d: %s", i+1, err)
		}
		if err := h.Validate(); err != nil {
			return ErrInvalidGenesis.Wrapf("header %d: %s", i+1, err)
		}
		switch {
		case h.Nonce != uint64(i)+1:
			return ErrInvalidGenesis.Wrapf("header %d has the nonce %d", i+1, h.Nonce)
		case i > 0 && !bytes.Equal(before, c.Header.PrevRoot):
			return ErrInvalidGenesis.Wrapf("prev_root of header %d is not the root before it", h.Nonce)
		case c.FirstLeaf != first:
			return ErrInvalidGenesis.Wrapf("header %d begins with leaf %d, want %d", h.Nonce, c.FirstLeaf, first)
		case c.SetId != set:
			return ErrInvalidGenesis.Wrapf("header %d belongs to set %d, want %d", h.Nonce, c.SetId, set)
		}
		if err := gs.validateSetsOf(c, h, sets); err != nil {
			return err
		}
		if err := gs.validateSeal(c, sets[set-1].Threshold()); err != nil {
			return err
		}
		set, first, before = c.NextSetId, first+uint64(h.LeafCount), c.Header.Root
	}
	if n := len(gs.Checkpoints); n > 0 && set != uint64(len(sets)) {
		return ErrInvalidGenesis.Wrapf("header %d hands over to set %d of %d", n, set, len(sets))
	}
	return nil
}

func (gs GenesisState) validateSetsOf(c Checkpoint, h checkpoint.Header, sets []checkpoint.Set) error {
	next := c.SetId
	if h.IsSetChange() {
		next++
	}
	switch count := uint64(len(sets)); {
	case c.NextSetId != next || next > count:
		return ErrInvalidGenesis.Wrapf("header %d of set %d names set %d of %d", h.Nonce, c.SetId, c.NextSetId, count)
	case sets[c.SetId-1].Hash() != h.Set || sets[next-1].Hash() != h.NextSet:
		return ErrInvalidGenesis.Wrapf("header %d names other sets than %d and %d", h.Nonce, c.SetId, next)
	case h.IsSetChange() && gs.Sets[next-1].Nonce != h.Nonce:
		return ErrInvalidGenesis.Wrapf("set %d takes over with nonce %d, not %d", next, gs.Sets[next-1].Nonce, h.Nonce)
	}
	return nil
}

func (gs GenesisState) validateSeal(c Checkpoint, threshold uint64) error {
	nonce := c.Header.Nonce
	switch {
	case c.SealedHeight < 0 || c.Sealed() != (nonce <= gs.Line.SealedNonce):
		return ErrInvalidGenesis.Wrapf("header %d is sealed at height %d, sealed_nonce is %d", nonce, c.SealedHeight, gs.Line.SealedNonce)
	case c.Forced && !c.Sealed():
		return ErrInvalidGenesis.Wrapf("header %d is forced and not sealed", nonce)
	case c.Sealed() && !c.Forced && c.SignedPower < threshold:
		return ErrInvalidGenesis.Wrapf("header %d is sealed by power %d of %d", nonce, c.SignedPower, threshold)
	}
	return nil
}

// validateRoots computes the root of every checkpoint from its leaves.
func (gs GenesisState) validateRoots() error {
	var hashes []byte
	for _, block := range gs.Leaves {
		hashes = append(hashes, block.Hashes...)
	}
	for _, c := range gs.Checkpoints {
		if c.Header.LeafCount == 0 {
			continue
		}
		leaves := make([]checkpoint.Hash, c.Header.LeafCount)
		for i := range leaves {
			leaves[i] = checkpoint.Hash(hashes[i*hashSize : (i+1)*hashSize])
		}
		hashes = hashes[len(leaves)*hashSize:]
		tree, err := checkpoint.NewTree(leaves)
		if err != nil {
			return ErrInvalidGenesis.Wrapf("leaves of header %d: %s", c.Header.Nonce, err)
		}
		if root := tree.Root(); !bytes.Equal(root[:], c.Header.Root) {
			return ErrInvalidGenesis.Wrapf("the leaves of header %d have the root %s", c.Header.Nonce, root)
		}
	}
	return nil
}

// validateSignatures checks that signatures are of members, in order, and that
// their power is what the header says.
func (gs GenesisState) validateSignatures(sets []checkpoint.Set) error {
	power := make([]uint64, len(gs.Checkpoints))
	var before uint64
	for _, of := range gs.Signatures {
		if of.Nonce <= before || of.Nonce > uint64(len(gs.Checkpoints)) || len(of.Signatures) == 0 {
			return ErrInvalidGenesis.Wrapf("%d signatures of nonce %d after those of %d", len(of.Signatures), of.Nonce, before)
		}
		before = of.Nonce
		set := sets[gs.Checkpoints[of.Nonce-1].SetId-1]
		var last []byte
		for _, s := range of.Signatures {
			signed, err := s.Decode()
			if err != nil {
				return ErrInvalidGenesis.Wrapf("signature of nonce %d: %s", of.Nonce, err)
			}
			if set.Power(signed.Address) == 0 || bytes.Compare(last, s.Key) >= 0 {
				return ErrInvalidGenesis.Wrapf("signature of nonce %d by %s, who is not in set %d or not in order", of.Nonce, signed.Address, set.ID)
			}
			last = s.Key
			power[of.Nonce-1] += set.Power(signed.Address)
		}
	}
	for i, c := range gs.Checkpoints {
		pruned := c.Header.Nonce <= gs.Line.Pruned && !c.IsSetChange()
		if pruned && power[i] != 0 || !pruned && power[i] != c.SignedPower {
			return ErrInvalidGenesis.Wrapf("signatures of nonce %d have power %d, the header says %d", c.Header.Nonce, power[i], c.SignedPower)
		}
	}
	return nil
}
