// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Bounds of the work of one block. The remainder is done in the following
// blocks, oldest first.
const (
	maxUnbondingsPerBlock = 100
	maxLooksPerBlock      = 100
	maxRefreshesPerBlock  = 100
)

// retryTicks delays an item that failed, so that it never blocks the head of
// its queue.
const retryTicks = 600

// due is one item of a queue by tick.
type due = collections.Pair[uint64, uint32]

// EndBlock pays due unbondings, looks for silent providers and carries new
// params into the rosters. It isolates: a failing item is logged and delayed,
// and nothing here halts the chain.
func (k *Keeper) EndBlock(ctx context.Context) error {
	tick, err := k.Tick(ctx)
	if err != nil {
		k.logError(ctx, "reading the clock failed", "err", err)
		return nil
	}
	items, err := dueItems(ctx, k.Unbondings.Walk, tick, maxUnbondingsPerBlock)
	k.each(ctx, "unbonding", items, err,
		func(ctx context.Context, item due) error { return k.release(ctx, item.K1(), item.K2()) },
		func(ctx context.Context, item due) error { return k.delayRelease(ctx, item.K1(), tick, item.K2()) })

	items, err = dueItems(ctx, walkKeys(k.Silence), tick, maxLooksPerBlock)
	k.each(ctx, "silence", items, err,
		func(ctx context.Context, item due) error { return k.lookAt(ctx, item.K1(), item.K2()) },
		func(ctx context.Context, item due) error {
			return errors.Join(k.Silence.Remove(ctx, item), k.Silence.Set(ctx, collections.Join(tick+retryTicks, item.K2())))
		})

	if err := k.refreshSome(ctx); err != nil {
		k.logError(ctx, "refreshing the rosters failed", "err", err)
	}
	return nil
}

// walk visits the entries of a queue in order of tick.
type walk func(ctx context.Context, ranger collections.Ranger[due], visit func(due, uint64) (bool, error)) error

func walkKeys(set collections.KeySet[due]) walk {
	return func(ctx context.Context, ranger collections.Ranger[due], visit func(due, uint64) (bool, error)) error {
		return set.Walk(ctx, ranger, func(key due) (bool, error) { return visit(key, 0) })
	}
}

// dueItems lists at most limit items with a tick up to now. It collects before
// the caller writes: a store must not change under an open iterator.
func dueItems(ctx context.Context, visit walk, now uint64, limit int) ([]due, error) {
	var items []due
	err := visit(ctx, collections.NewPrefixUntilPairRange[uint64, uint32](now), func(key due, _ uint64) (bool, error) {
		items = append(items, key)
		return len(items) == limit, nil
	})
	return items, err
}

// each does every item in a branch of its own, and delays those that fail.
func (k *Keeper) each(ctx context.Context, queue string, items []due, err error, do, delay func(context.Context, due) error) {
	if err != nil {
		k.logError(ctx, "reading a queue failed", "queue", queue, "err", err)
	}
	for _, item := range items {
		err := k.isolate(ctx, func(ctx context.Context) error { return do(ctx, item) })
		if err == nil {
			continue
		}
		k.logError(ctx, "item failed", "queue", queue, "provider", item.K2(), "tick", item.K1(), "err", err)
		if err := k.isolate(ctx, func(ctx context.Context) error { return delay(ctx, item) }); err != nil {
			k.logError(ctx, "item could not be delayed", "queue", queue, "provider", item.K2(), "err", err)
		}
	}
}

// isolate runs a step in a branch of the state that is written only if it
// neither fails nor panics.
func (k *Keeper) isolate(ctx context.Context, step func(context.Context) error) (err error) {
	branch, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if err := step(branch); err != nil { //nolint:contextcheck // the branch is made of ctx
		return err
	}
	write()
	return nil
}
