// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"fmt"
	"strconv"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/event"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Slash moves coins of a bond to a module account and returns how much it
// took: the free part first, then the unbonding entries from the newest on,
// never more than there is. Taking nothing is not an error.
func (k *Keeper) Slash(ctx context.Context, id uint32, amount uint64, recipientModule, reason string) (uint64, error) {
	provider, err := k.Provider(ctx, id)
	if err != nil {
		return 0, err
	}
	taken := min(amount, provider.Bond)
	if taken == 0 {
		return 0, nil
	}
	if err := k.bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, recipientModule, types.Coins(taken)); err != nil {
		return 0, err
	}
	fromUnbonding := taken - min(taken, provider.FreeBond())
	if err := k.takeNewest(ctx, id, fromUnbonding); err != nil {
		return 0, err
	}
	provider.Bond -= taken
	provider.Unbonding -= fromUnbonding
	provider.Slashed = min(provider.Slashed+taken, types.MaxAmount)
	if err := k.save(ctx, provider.Resources, provider); err != nil {
		return 0, err
	}
	if err := k.emitSlashed(ctx, id, taken, reason); err != nil {
		return 0, err
	}
	return taken, k.retireIfPaid(ctx, provider)
}

func (k *Keeper) emitSlashed(ctx context.Context, id uint32, taken uint64, reason string) error {
	if err := k.emit(ctx, &types.EventProviderSlashed{Provider: id, Amount: taken, Reason: reason}); err != nil {
		return err
	}
	return k.emitFlat(ctx, "provider_slashed",
		event.Attribute{Key: "provider", Value: strconv.FormatUint(uint64(id), 10)},
		event.Attribute{Key: "amount", Value: strconv.FormatUint(taken, 10)},
		event.Attribute{Key: "reason", Value: reason})
}

// takeNewest takes an amount out of the unbonding entries of a provider, the
// last to be released first.
func (k *Keeper) takeNewest(ctx context.Context, id uint32, amount uint64) error {
	if amount == 0 {
		return nil
	}
	releases, err := k.releases(ctx, id)
	if err != nil {
		return err
	}
	for i := len(releases) - 1; i >= 0 && amount > 0; i-- {
		entry, err := k.Unbondings.Get(ctx, collections.Join(releases[i], id))
		if err != nil {
			return err
		}
		part := min(entry, amount)
		amount -= part
		if err := k.setUnbonding(ctx, id, releases[i], entry-part); err != nil {
			return err
		}
	}
	if amount > 0 {
		return fmt.Errorf("provider %d: unbonding entries are %d short of their sum", id, amount)
	}
	return nil
}
