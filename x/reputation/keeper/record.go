// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/internal/fixed"
	"github.com/cupel-network/cupel/x/reputation/types"
)

// Standing returns what a provider's past in a class is worth now. A provider
// without a record stands as a stranger does; it is not an error.
func (k *Keeper) Standing(ctx context.Context, provider, class uint32) (types.Standing, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return types.Standing{}, err
	}
	record, _, err := k.record(ctx, provider, class)
	if err != nil {
		return types.Standing{}, err
	}
	return params.Standing(record, blockSeconds(ctx)), nil
}

// RecordOutcome adds a task's end to the provider's record. It is a no-op for a
// direct hire, below the least price, and for a success if one of the same
// requester and epoch has counted, or the epoch is too old to tell.
func (k *Keeper) RecordOutcome(ctx context.Context, o types.Outcome) error {
	if err := o.Validate(); err != nil {
		return err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	if !params.Counts(o) {
		return nil
	}
	weight := params.Weight(o.Price)
	if !o.Success {
		return k.update(ctx, params, o.Provider, o.Class, func(r types.Record) types.Record { return r.Fail(weight) })
	}
	fresh, err := k.markSeen(ctx, o)
	if err != nil || !fresh {
		return err
	}
	return k.update(ctx, params, o.Provider, o.Class, func(r types.Record) types.Record { return r.Succeed(weight) })
}

// RecordSlash adds a failure of full weight and limits the score for a while. It
// is called instead of RecordOutcome for a task that ends in a slash, whether
// drawn or hired.
func (k *Keeper) RecordSlash(ctx context.Context, provider, class uint32) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	until := blockSeconds(ctx) + params.CapSeconds
	err = k.update(ctx, params, provider, class, func(r types.Record) types.Record {
		until = max(until, r.CappedUntil)
		r.CappedUntil = until
		return r.Fail(fixed.Million)
	})
	if err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventScoreCapped{Provider: provider, Class: class, Until: until})
}

// update decays a record to now, changes it, scores it and writes it once. The
// ranking follows if the bucket moved.
func (k *Keeper) update(ctx context.Context, params types.Params, provider, class uint32, change func(types.Record) types.Record) error {
	before, found, err := k.record(ctx, provider, class)
	if err != nil {
		return err
	}
	now := blockSeconds(ctx)
	after := change(before.Decay(now, params.HalfLife))
	after.Updated = max(now, before.Updated)
	after.Score = params.Score(after, now)

	if err := k.Records.Set(ctx, collections.Join(provider, class), after); err != nil {
		return err
	}
	if err := k.rerank(ctx, before, after, found); err != nil {
		return err
	}
	if !found {
		before.Score = params.StartScore
	}
	return k.emitLevel(ctx, params, before, after)
}

// record returns the stored record, or one that holds nothing but its ids.
func (k *Keeper) record(ctx context.Context, provider, class uint32) (record types.Record, found bool, err error) {
	record, err = k.Records.Get(ctx, collections.Join(provider, class))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Record{Provider: provider, Class: class}, false, nil
	}
	return record, err == nil, err
}

func (k *Keeper) emitLevel(ctx context.Context, params types.Params, before, after types.Record) error {
	level := params.Level(after.Counted, after.Score)
	if level.Name == params.Level(before.Counted, before.Score).Name {
		return nil
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventLevelChanged{
		Provider: after.Provider, Class: after.Class, Level: level.Name, Score: after.Score,
	})
}

// blockSeconds returns the block time in Unix seconds, 0 before 1970.
func blockSeconds(ctx context.Context) uint64 {
	return uint64(max(sdk.UnwrapSDKContext(ctx).BlockTime().Unix(), 0))
}
