// SPDX-License-Identifier: Apache-2.0

package home

import (
	"errors"
	"fmt"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// toHeader reads a header; lengths are checked, meaning is not.
func toHeader(h types.Header) (checkpoint.Header, error) {
	root, err1 := checkpoint.ToHash(h.Root)
	prev, err2 := checkpoint.ToHash(h.PrevRoot)
	set, err3 := checkpoint.ToHash(h.Set)
	next, err4 := checkpoint.ToHash(h.NextSet)
	return checkpoint.Header{
		Nonce: h.Nonce, Height: h.Height, Root: root, PrevRoot: prev, LeafCount: h.LeafCount, Set: set, NextSet: next,
	}, errors.Join(err1, err2, err3, err4)
}

func toSet(s types.AttestorSet) (checkpoint.Set, error) {
	members, err := checkpoint.UnpackMembers(s.Members)
	return checkpoint.Set{ID: s.Id, Time: s.Time, Members: members}, err
}

// toEntry reads an entry. What cannot be read is ErrForged: no honest node
// sends it.
func toEntry(res *types.QuerySignaturesResponse) (mirror.Entry, error) {
	header, err := toHeader(res.Checkpoint.Header)
	if err != nil {
		return mirror.Entry{}, fmt.Errorf("%w: header: %w", mirror.ErrForged, err)
	}
	entry := mirror.Entry{Header: header}
	if entry.Set, err = toSet(res.Set); err != nil {
		return mirror.Entry{}, fmt.Errorf("%w: set: %w", mirror.ErrForged, err)
	}
	if res.NextSet != nil {
		next, err := toSet(*res.NextSet)
		if err != nil {
			return mirror.Entry{}, fmt.Errorf("%w: next set: %w", mirror.ErrForged, err)
		}
		entry.Next = &next
	}
	for _, sig := range res.Signatures {
		address, err1 := checkpoint.ToAddress(sig.Key)
		signature, err2 := checkpoint.ToSignature(sig.Signature)
		if err := errors.Join(err1, err2); err != nil {
			return mirror.Entry{}, fmt.Errorf("%w: signature: %w", mirror.ErrForged, err)
		}
		entry.Signatures = append(entry.Signatures, checkpoint.Signed{Address: address, Signature: signature})
	}
	return entry, nil
}
