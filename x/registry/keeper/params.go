// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/registry/types"
)

// SetParams replaces the params. Where they change who can be drawn, the
// rosters follow over the next blocks, a bounded number of providers each.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	if err := k.checkFloor(ctx, params.UnbondingTicks); err != nil {
		return err
	}
	old, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.Params.Set(ctx, params); err != nil {
		return err
	}
	if slices.Equal(old.Tiers, params.Tiers) && old.TicketSize == params.TicketSize && old.MaxTickets == params.MaxTickets {
		return nil
	}
	return k.Refresh.Set(ctx, 1)
}

// refreshSome brings the roster entries of the next providers up to date with
// the params. It is a no-op when all are; a provider that fails is skipped.
func (k *Keeper) refreshSome(ctx context.Context) error {
	next, err := k.Refresh.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for range maxRefreshesPerBlock {
		provider, err := k.Providers.Get(ctx, next)
		if errors.Is(err, collections.ErrNotFound) {
			return k.Refresh.Remove(ctx)
		}
		if err != nil {
			return err
		}
		err = k.isolate(ctx, func(ctx context.Context) error { return k.refreshRosters(ctx, provider.Resources, provider) })
		if err != nil {
			k.logError(ctx, "refreshing a roster failed", "provider", provider.Id, "err", err)
		}
		next++
	}
	return k.Refresh.Set(ctx, next)
}
