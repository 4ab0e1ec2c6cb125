// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/registry/types"
)

// RaiseUnbondingFloor holds unbonding_ticks above the longest that a slash can
// follow the answer that it is for. It fails if they are not above it now, and
// never lowers the floor: what was agreed under earlier params is still open.
func (k *Keeper) RaiseUnbondingFloor(ctx context.Context, ticks uint64) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	floor, err := k.unbondingFloor(ctx)
	if err != nil {
		return err
	}
	if err := aboveFloor(params.UnbondingTicks, ticks); err != nil || ticks <= floor {
		return err
	}
	return k.Floor.Set(ctx, ticks)
}

// Horizon returns the market clock with the unbonding floor: how long a bond
// bound taken on now counts.
func (k *Keeper) Horizon(ctx context.Context) (types.Horizon, error) {
	tick, err := k.Tick(ctx)
	if err != nil {
		return types.Horizon{}, err
	}
	floor, err := k.unbondingFloor(ctx)
	return types.Horizon{Tick: tick, Reach: floor}, err
}

func (k *Keeper) unbondingFloor(ctx context.Context) (uint64, error) {
	floor, err := k.Floor.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return floor, err
}

// checkFloor refuses a cooldown after which a slash would come too late.
func (k *Keeper) checkFloor(ctx context.Context, unbonding uint64) error {
	floor, err := k.unbondingFloor(ctx)
	if err != nil {
		return err
	}
	return aboveFloor(unbonding, floor)
}

func aboveFloor(unbonding, floor uint64) error {
	if unbonding <= floor {
		return types.ErrInvalidParams.Wrapf("unbonding_ticks %d: use more than %d, after which a slash may still come", unbonding, floor)
	}
	return nil
}

// releases lists the ticks at which coins of a provider are due, ascending.
func (k *Keeper) releases(ctx context.Context, id uint32) ([]uint64, error) {
	var ticks []uint64
	rng := collections.NewPrefixedPairRange[uint32, uint64](id)
	err := k.UnbondingsOf.Walk(ctx, rng, func(key collections.Pair[uint32, uint64]) (bool, error) {
		ticks = append(ticks, key.K2())
		return false, nil
	})
	return ticks, err
}

// unbondingsOf returns the unbonding entries of a provider, the next first.
func (k *Keeper) unbondingsOf(ctx context.Context, id uint32) ([]types.Unbonding, error) {
	releases, err := k.releases(ctx, id)
	if err != nil {
		return nil, err
	}
	entries := make([]types.Unbonding, 0, len(releases))
	for _, release := range releases {
		amount, err := k.Unbondings.Get(ctx, collections.Join(release, id))
		if err != nil {
			return nil, err
		}
		entries = append(entries, types.Unbonding{Provider: id, Release: release, Amount: amount})
	}
	return entries, nil
}

// setUnbonding sets the amount due to a provider at a tick; 0 removes it.
func (k *Keeper) setUnbonding(ctx context.Context, id uint32, release, amount uint64) error {
	key, of := collections.Join(release, id), collections.Join(id, release)
	if amount == 0 {
		return errors.Join(k.Unbondings.Remove(ctx, key), k.UnbondingsOf.Remove(ctx, of))
	}
	return errors.Join(k.Unbondings.Set(ctx, key, amount), k.UnbondingsOf.Set(ctx, of))
}

// addUnbonding adds an amount to what is due to a provider at a tick: two
// entries of one tick are one.
func (k *Keeper) addUnbonding(ctx context.Context, id uint32, release, amount uint64) error {
	due, err := k.Unbondings.Get(ctx, collections.Join(release, id))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	return k.setUnbonding(ctx, id, release, due+amount)
}

// retireIfPaid retires a provider that has deregistered and owns nothing any
// more. Its operator and worker addresses are free again; the id stays taken.
func (k *Keeper) retireIfPaid(ctx context.Context, provider types.Provider) error {
	if provider.Status != types.ProviderUnbonding || provider.Bond > 0 {
		return nil
	}
	operator, err := k.addresses.StringToBytes(provider.Operator)
	if err != nil {
		return err
	}
	worker, err := k.addresses.StringToBytes(provider.Worker)
	if err != nil {
		return err
	}
	if err := errors.Join(k.ByOperator.Remove(ctx, operator), k.ByWorker.Remove(ctx, worker)); err != nil {
		return err
	}
	return k.setStatus(ctx, provider, types.ProviderRetired, "released")
}

// release pays the operator what was due at a tick.
func (k *Keeper) release(ctx context.Context, tick uint64, id uint32) error {
	provider, err := k.Provider(ctx, id)
	if err != nil {
		return err
	}
	amount, err := k.Unbondings.Get(ctx, collections.Join(tick, id))
	if err != nil {
		return err
	}
	if amount > provider.Unbonding || amount > provider.Bond {
		return fmt.Errorf("%d due of %d unbonding", amount, provider.Unbonding)
	}
	operator, err := k.addresses.StringToBytes(provider.Operator)
	if err != nil {
		return err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, operator, types.Coins(amount)); err != nil {
		return err
	}
	if err := k.setUnbonding(ctx, id, tick, 0); err != nil {
		return err
	}
	provider.Bond -= amount
	provider.Unbonding -= amount
	if err := k.save(ctx, provider.Resources, provider); err != nil {
		return err
	}
	event := &types.EventUnbonded{Provider: id, Amount: amount, Recipient: provider.Operator}
	if err := k.emit(ctx, event); err != nil {
		return err
	}
	return k.retireIfPaid(ctx, provider)
}

// delayRelease queues what could not be paid for another try.
func (k *Keeper) delayRelease(ctx context.Context, from, now uint64, id uint32) error {
	amount, err := k.Unbondings.Get(ctx, collections.Join(from, id))
	if err != nil {
		return err
	}
	if err := k.setUnbonding(ctx, id, from, 0); err != nil {
		return err
	}
	return k.addUnbonding(ctx, id, now+retryTicks, amount)
}
