// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"strconv"

	"cosmossdk.io/core/event"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Jail takes a provider out of the rosters until it unjails. It is a no-op
// for one that is jailed already or has deregistered.
func (k *Keeper) Jail(ctx context.Context, id uint32, reason string) error {
	provider, err := k.Provider(ctx, id)
	if err != nil {
		return err
	}
	if provider.Status == types.ProviderJailed || provider.IsLeaving() {
		return nil
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return err
	}
	provider.JailedUntil = tick + params.JailTicks
	if err := k.setStatus(ctx, provider, types.ProviderJailed, reason); err != nil {
		return err
	}
	return k.emitFlat(ctx, "provider_jailed",
		event.Attribute{Key: "provider", Value: strconv.FormatUint(uint64(id), 10)},
		event.Attribute{Key: "reason", Value: reason})
}

// setStatus stores a provider under a new status.
func (k *Keeper) setStatus(ctx context.Context, provider types.Provider, status types.ProviderStatus, reason string) error {
	provider.Status = status
	if err := k.save(ctx, provider.Resources, provider); err != nil {
		return err
	}
	return k.emit(ctx, &types.EventProviderStatusChanged{Provider: provider.Id, Status: status.String(), Reason: reason})
}
