// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"encoding/hex"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// maxPrunedSeeds bounds the seeds that one epoch removes. The remainder after a
// lower keep_seeds goes with the following epochs, oldest first.
const maxPrunedSeeds = 16

// Epoch returns the current epoch. In and after the first block's BeginBlock its
// number is at least 1.
func (k *Keeper) Epoch(ctx context.Context) (types.Epoch, error) {
	return k.Current.Get(ctx)
}

// EpochBlocks returns how many blocks the epochs that start from now on have.
func (k *Keeper) EpochBlocks(ctx context.Context) (uint64, error) {
	params, err := k.Params.Get(ctx)
	return params.EpochBlocks, err
}

// Seed returns the seed of an epoch. ok is false, without an error, if it is not
// made yet or pruned. Who judges asks Judge.
func (k *Keeper) Seed(ctx context.Context, epoch uint64) (seed []byte, ok bool, err error) {
	seed, err = k.Seeds.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, false, nil
	}
	return seed, err == nil, err
}

// BeginBlock starts the next epoch in its first block and is a no-op in every
// other. It fails, and halts the chain, only if the store itself does.
func (k *Keeper) BeginBlock(ctx context.Context) error {
	epoch, err := k.Current.Get(ctx)
	if err != nil {
		return err
	}
	if !epoch.Due(sdk.UnwrapSDKContext(ctx).BlockHeight()) {
		return nil
	}
	return k.startEpoch(ctx, epoch)
}

// startEpoch starts the epoch after previous and turns the beacon. If that
// fails, the chain goes on without its rounds.
func (k *Keeper) startEpoch(ctx context.Context, previous types.Epoch) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	epoch := previous.Next(sdkCtx.BlockHeight(), params.EpochBlocks)
	if err := k.Current.Set(ctx, epoch); err != nil {
		return err
	}
	err = isolated(ctx, func(ctx context.Context) error { return k.turnBeacon(ctx, epoch, params) })
	if err != nil {
		sdkCtx.Logger().Error("the beacon is reset", "epoch", epoch.Number, "err", err)
		if err := k.resetBeacon(ctx, epoch, params); err != nil {
			return err
		}
	}
	beacon, err := k.Beacon.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.pruneSeeds(ctx, beacon.Final, params.KeepSeeds); err != nil {
		return err
	}
	event := &types.EventEpochStarted{Epoch: epoch.Number}
	if beacon.Final == epoch.Number {
		seed, _, err := k.Seed(ctx, epoch.Number)
		if err != nil {
			return err
		}
		event.Seed = hex.EncodeToString(seed)
	}
	return k.events.EventManager(ctx).Emit(ctx, event)
}

// pruneSeeds removes the oldest seeds beyond the newest keep, at most
// maxPrunedSeeds. It collects before it writes.
func (k *Keeper) pruneSeeds(ctx context.Context, newest, keep uint64) error {
	if newest <= keep {
		return nil
	}
	var old []uint64
	upTo := new(collections.Range[uint64]).EndInclusive(newest - keep)
	err := k.Seeds.Walk(ctx, upTo, func(epoch uint64, _ []byte) (stop bool, err error) {
		old = append(old, epoch)
		return len(old) == maxPrunedSeeds, nil
	})
	if err != nil {
		return err
	}
	for _, epoch := range old {
		if err := k.Seeds.Remove(ctx, epoch); err != nil {
			return err
		}
		if err := k.BlockSeeds.Remove(ctx, epoch); err != nil {
			return err
		}
		if err := k.Covers.Remove(ctx, epoch); err != nil {
			return err
		}
	}
	return nil
}
