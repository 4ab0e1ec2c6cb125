// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"encoding/hex"
	"errors"
	"math"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// Judge returns the seed that judges what was fixed in an epoch, and whether
// audit rates under it are doubled, because a proposer had a choice of it. ok is
// false, without an error, as long as there is none: at most fallback_epochs
// after that epoch. An epoch whose own seed has left the state is judged by the
// newest, which did not exist then either.
func (k *Keeper) Judge(ctx context.Context, epoch uint64) (seed []byte, doubled, ok bool, err error) {
	seed, at, ok, err := k.judgedBy(ctx, epoch)
	if err != nil || !ok {
		return nil, false, false, err
	}
	doubled, err = k.BlockSeeds.Has(ctx, at)
	return seed, doubled, ok, err
}

// judgedBy returns the seed that judges an epoch and the epoch that it is of.
func (k *Keeper) judgedBy(ctx context.Context, epoch uint64) (seed []byte, at uint64, ok bool, err error) {
	b, err := k.Beacon.Get(ctx)
	if err != nil || b.Final <= epoch {
		return nil, 0, false, err
	}
	at = epoch + 1
	seed, ok, err = k.Seed(ctx, at)
	if err == nil && !ok {
		at = b.Final
		seed, ok, err = k.Seed(ctx, at)
	}
	return seed, at, ok, err
}

// Cover returns the largest bond bound, in ucupel, that the seed judging an epoch
// may let escape: whoever could have withheld a share of it had at least that to
// lose. What stands behind a larger bound is to be audited every time. It is
// unlimited for a seed of a block id, under which rates are doubled.
func (k *Keeper) Cover(ctx context.Context, epoch uint64) (uint64, error) {
	_, at, ok, err := k.judgedBy(ctx, epoch)
	if err != nil || !ok {
		return 0, err
	}
	cover, err := k.coverOf(ctx, at)
	if err == nil && cover == 0 {
		cover = math.MaxUint64
	}
	return cover, err
}

// coverOf returns the cover of the seed of an epoch, 0 for none.
func (k *Keeper) coverOf(ctx context.Context, epoch uint64) (uint64, error) {
	cover, err := k.Covers.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return cover, err
}

// DrawSeed returns the randomness of a draw of seats in this block: the newest
// seed and the block's id. See ADR-003 for who can still choose it.
func (k *Keeper) DrawSeed(ctx context.Context) ([]byte, error) {
	b, err := k.Beacon.Get(ctx)
	if err != nil {
		return nil, err
	}
	newest, _, err := k.Seed(ctx, b.Final)
	return types.MixSeed(newest, sdk.UnwrapSDKContext(ctx).HeaderHash()), err
}

// seedsFromBlock makes the seeds that cannot wait for shares any longer from
// the id of this block: all of them if no round is open for the current epoch's
// seed, else those for which fallback_epochs have passed. It stores the beacon.
func (k *Keeper) seedsFromBlock(ctx context.Context, b *types.Beacon, epoch types.Epoch, params types.Params) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	for n := b.Final + 1; n <= epoch.Number; n++ {
		if b.Reveals != nil && epoch.Number-n < uint64(params.FallbackEpochs) {
			break
		}
		before, _, err := k.Seed(ctx, b.Final)
		if err != nil {
			return err
		}
		if err := k.BlockSeeds.Set(ctx, n); err != nil {
			return err
		}
		seed := types.NextSeed(before, sdkCtx.HeaderHash(), sdkCtx.BlockHeight())
		if err := k.putSeed(ctx, b, n, seed, true); err != nil {
			return err
		}
	}
	return k.Beacon.Set(ctx, *b)
}

// seedFromShares makes the seed of a full round. It judges every epoch that has
// none yet.
func (k *Keeper) seedFromShares(ctx context.Context, b *types.Beacon) error {
	before, _, err := k.Seed(ctx, b.Final)
	if err != nil {
		return err
	}
	shares, err := k.openShares(ctx, b.Reveals.Epoch)
	if err != nil {
		return err
	}
	seed := types.BeaconSeed(before, shares)
	for n := b.Final + 1; n <= b.Reveals.Epoch+1; n++ {
		if err := k.putSeed(ctx, b, n, seed, false); err != nil {
			return err
		}
		if b.Reveals.Cover == 0 {
			continue
		}
		if err := k.Covers.Set(ctx, n, b.Reveals.Cover); err != nil {
			return err
		}
	}
	return k.Beacon.Set(ctx, *b)
}

// putSeed stores the seed of the epoch after the newest that has one.
func (k *Keeper) putSeed(ctx context.Context, b *types.Beacon, epoch uint64, seed []byte, fromBlock bool) error {
	if err := k.Seeds.Set(ctx, epoch, seed); err != nil {
		return err
	}
	b.Final = epoch
	return k.events.EventManager(ctx).Emit(ctx, &types.EventSeedMade{Epoch: epoch, Seed: hex.EncodeToString(seed), FromBlock: fromBlock})
}
