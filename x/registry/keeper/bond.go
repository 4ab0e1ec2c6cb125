// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Bond adds coins to the bond of the operator's provider, jailed or not.
func (k *Keeper) Bond(ctx context.Context, operator sdk.AccAddress, amount uint64) error {
	provider, err := k.staying(ctx, operator)
	if err != nil {
		return err
	}
	if amount > types.MaxAmount-provider.Bond {
		return types.ErrInvalidAmount.Wrapf("a bond of %d and %d more exceed 2^63-1", provider.Bond, amount)
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, operator, types.ModuleName, types.Coins(amount)); err != nil {
		return err
	}
	provider.Bond += amount
	return k.saveBond(ctx, provider)
}

// Unbond moves free coins into the unbonding queue and returns the tick of
// their release. What stays free is at least the bond of the least tier.
func (k *Keeper) Unbond(ctx context.Context, operator sdk.AccAddress, amount uint64) (uint64, error) {
	provider, err := k.staying(ctx, operator)
	if err != nil {
		return 0, err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return 0, err
	}
	free := provider.FreeBond()
	if amount > free || free-amount < params.MinBond() {
		return 0, types.ErrInsufficientBond.Wrapf(
			"%d of %d free ucupel asked for: leave the %d of the least tier, or deregister to take all", amount, free, params.MinBond())
	}
	entries, err := k.releases(ctx, provider.Id)
	if err != nil {
		return 0, err
	}
	// The last entry is kept for Deregister, which must always be possible.
	if len(entries) >= types.MaxUnbondings-1 {
		return 0, types.ErrTooManyUnbondings.Wrapf("%d are open, the next is released at tick %d", len(entries), entries[0])
	}
	return k.startUnbonding(ctx, params, provider, amount)
}

// Deregister ends a provider that has no work open: its free bond unbonds, and
// at the last release it is retired.
func (k *Keeper) Deregister(ctx context.Context, operator sdk.AccAddress) (uint64, error) {
	provider, err := k.staying(ctx, operator)
	if err != nil {
		return 0, err
	}
	load, err := k.Load(ctx, provider.Id)
	if err != nil {
		return 0, err
	}
	if load.IsOpen() {
		return 0, types.ErrWorkOpen.Wrapf("provider %d: %d lots in flight, %d verification seats, %d open cases, %d ucupel of pending slashes",
			provider.Id, load.InFlight, load.Verifying, load.Freezes, load.PendingSlash)
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return 0, err
	}
	provider.Status = types.ProviderUnbonding
	if _, err := k.startUnbonding(ctx, params, provider, provider.FreeBond()); err != nil {
		return 0, err
	}
	event := &types.EventProviderStatusChanged{Provider: provider.Id, Status: provider.Status.String(), Reason: "deregistered"}
	if err := k.emit(ctx, event); err != nil {
		return 0, err
	}
	releases, err := k.releases(ctx, provider.Id)
	if err != nil || len(releases) > 0 {
		return lastOf(releases), err
	}
	return 0, k.retireIfPaid(ctx, provider)
}

// startUnbonding queues free coins, saves the provider and returns the tick at
// which they are released.
func (k *Keeper) startUnbonding(ctx context.Context, params types.Params, provider types.Provider, amount uint64) (uint64, error) {
	tick, err := k.Tick(ctx)
	if err != nil {
		return 0, err
	}
	release := tick + params.UnbondingTicks
	if amount > 0 {
		if err := k.addUnbonding(ctx, provider.Id, release, amount); err != nil {
			return 0, err
		}
		provider.Unbonding += amount
	}
	if err := k.saveBond(ctx, provider); err != nil {
		return 0, err
	}
	return release, nil
}

func lastOf(ticks []uint64) uint64 {
	if len(ticks) == 0 {
		return 0
	}
	return ticks[len(ticks)-1]
}

func (k *Keeper) saveBond(ctx context.Context, provider types.Provider) error {
	if err := k.save(ctx, provider.Resources, provider); err != nil {
		return err
	}
	return k.emit(ctx, &types.EventBondChanged{Provider: provider.Id, Bond: provider.Bond, Unbonding: provider.Unbonding})
}
