// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/reputation/types"
)

const (
	// keepEpochs is how many epochs, the newest included, a success can still
	// count in. Older ones are forgotten, so that no success counts twice.
	keepEpochs = 64
	// maxPrunedPerBlock bounds the entries that EndBlock removes.
	maxPrunedPerBlock = 100
	// maxPrunedPerMark is what each new entry removes besides, so that the stale
	// ones cannot outgrow EndBlock.
	maxPrunedPerMark = 2
)

// EndBlock removes entries of forgotten epochs, oldest first. It fails, and
// halts the chain, only if the store itself does.
func (k *Keeper) EndBlock(ctx context.Context) error {
	newest, err := k.newest(ctx)
	if err != nil {
		return err
	}
	return k.pruneSeen(ctx, newest, maxPrunedPerBlock)
}

// markSeen reports whether a success is the first to count of its provider,
// class, requester and epoch, and marks it.
func (k *Keeper) markSeen(ctx context.Context, o types.Outcome) (fresh bool, err error) {
	newest, err := k.newest(ctx)
	if err != nil {
		return false, err
	}
	if forgotten(o.Epoch, newest) {
		return false, nil
	}
	key := collections.Join4(o.Epoch, o.Provider, o.Class, o.Requester)
	seen, err := k.Seen.Has(ctx, key)
	if err != nil || seen {
		return false, err
	}
	if err := k.Seen.Set(ctx, key); err != nil {
		return false, err
	}
	if o.Epoch > newest {
		if err := k.Newest.Set(ctx, o.Epoch); err != nil {
			return false, err
		}
	}
	return true, k.pruneSeen(ctx, newest, maxPrunedPerMark)
}

// pruneSeen removes up to limit forgotten entries. It collects before it
// writes, and opens no iterator once it knows that nothing is stale: epochs
// that were forgotten take no new entries.
func (k *Keeper) pruneSeen(ctx context.Context, newest uint64, limit int) error {
	if newest < keepEpochs {
		return nil
	}
	horizon := newest - keepEpochs
	pruned, err := k.Pruned.Get(ctx)
	if err == nil && pruned >= horizon {
		return nil
	}
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	var stale []seenKey
	upTo := collections.NewPrefixUntilQuadRange[uint64, uint32, uint32, sdk.AccAddress](horizon)
	err = k.Seen.Walk(ctx, upTo, func(key seenKey) (stop bool, err error) {
		stale = append(stale, key)
		return len(stale) == limit, nil
	})
	if err != nil {
		return err
	}
	for _, key := range stale {
		if err := k.Seen.Remove(ctx, key); err != nil {
			return err
		}
	}
	if len(stale) == limit {
		return nil // there may be more
	}
	return k.Pruned.Set(ctx, horizon)
}

// newest returns the newest epoch marked so far, 0 before the first.
func (k *Keeper) newest(ctx context.Context) (uint64, error) {
	newest, err := k.Newest.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return newest, err
}

func forgotten(epoch, newest uint64) bool {
	return newest >= keepEpochs && epoch <= newest-keepEpochs
}
