// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"math"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/registry/types"
)

// nextID returns the id after the largest in the map; the first is 1. Records
// are never deleted, so ids are dense and no counter is needed.
func nextID[V any](ctx context.Context, m collections.Map[uint32, V]) (uint32, error) {
	iter, err := m.Iterate(ctx, new(collections.Range[uint32]).Descending())
	if err != nil {
		return 0, err
	}
	if !iter.Valid() {
		return 1, iter.Close()
	}
	last, err := iter.Key()
	if err := errors.Join(err, iter.Close()); err != nil {
		return 0, err
	}
	if last == math.MaxUint32 {
		return 0, types.ErrIDsExhausted
	}
	return last + 1, nil
}
