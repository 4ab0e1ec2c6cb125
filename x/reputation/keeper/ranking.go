// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// rerank moves a record's key in the ranking to the bucket of its score. It
// writes nothing if the bucket is the same.
func (k *Keeper) rerank(ctx context.Context, before, after types.Record, found bool) error {
	if found {
		if before.Bucket() == after.Bucket() {
			return nil
		}
		if err := k.Ranking.Remove(ctx, rankOf(before)); err != nil {
			return err
		}
	}
	return k.Ranking.Set(ctx, rankOf(after))
}

// rankOf returns the key that puts the best bucket first and, within a bucket,
// the lowest provider.
func rankOf(r types.Record) rankingKey {
	return collections.Join3(r.Class, types.MaxBucket-r.Bucket(), r.Provider)
}
