// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/cupel-network/cupel/x/internal/fixed"
)

// DefaultGenesis returns the genesis of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams()}
}

// Validate returns an error unless the genesis is a state that a chain can be
// in: records and seen entries valid, in the order of the store, none twice, and
// every seen entry with its record.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	for i, record := range gs.Records {
		if err := record.Validate(); err != nil {
			return err
		}
		if i > 0 && compareRecords(gs.Records[i-1], record) >= 0 {
			return ErrInvalidGenesis.Wrapf("record %d (provider %d, class %d) is out of order", i, record.Provider, record.Class)
		}
	}
	for i, seen := range gs.Seen {
		if len(seen.Requester) == 0 || len(seen.Requester) > maxRequester {
			return ErrInvalidGenesis.Wrapf("seen %d: requester of %d bytes, want 1 to %d", i, len(seen.Requester), maxRequester)
		}
		if i > 0 && compareSeen(gs.Seen[i-1], seen) >= 0 {
			return ErrInvalidGenesis.Wrapf("seen %d is out of order", i)
		}
		if !gs.hasRecord(seen.Provider, seen.Class) {
			return ErrInvalidGenesis.Wrapf("seen %d: no record of provider %d in class %d", i, seen.Provider, seen.Class)
		}
	}
	for i, r := range gs.Requesters {
		if err := r.Validate(); err != nil {
			return err
		}
		if i > 0 && bytes.Compare(gs.Requesters[i-1].Requester, r.Requester) >= 0 {
			return ErrInvalidGenesis.Wrapf("requester %d is out of order", i)
		}
	}
	return nil
}

// Validate returns ErrInvalidGenesis unless the record's numbers are in bounds.
func (r Record) Validate() error {
	if r.Successes > MaxWeight || r.Failures > MaxWeight {
		return ErrInvalidGenesis.Wrapf("provider %d, class %d: weights %d and %d, want at most %d", r.Provider, r.Class, r.Successes, r.Failures, uint64(MaxWeight))
	}
	if r.Score > fixed.Million {
		return ErrInvalidGenesis.Wrapf("provider %d, class %d: score %d, want at most %d", r.Provider, r.Class, r.Score, fixed.Million)
	}
	return nil
}

func (gs GenesisState) hasRecord(provider, class uint32) bool {
	_, found := slices.BinarySearchFunc(gs.Records, Record{Provider: provider, Class: class}, compareRecords)
	return found
}

func compareRecords(a, b Record) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Class, b.Class))
}

func compareSeen(a, b Seen) int {
	return cmp.Or(
		cmp.Compare(a.Epoch, b.Epoch),
		cmp.Compare(a.Provider, b.Provider),
		cmp.Compare(a.Class, b.Class),
		bytes.Compare(a.Requester, b.Requester),
	)
}
