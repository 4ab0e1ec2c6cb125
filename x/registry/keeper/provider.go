// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Provider returns a provider by id, or ErrProviderNotFound.
func (k *Keeper) Provider(ctx context.Context, id uint32) (types.Provider, error) {
	provider, err := k.Providers.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Provider{}, types.ErrProviderNotFound.Wrapf("id %d", id)
	}
	return provider, err
}

// ProviderByWorker returns the provider whose hot key an account is. Retired
// providers are not found.
func (k *Keeper) ProviderByWorker(ctx context.Context, worker sdk.AccAddress) (types.Provider, error) {
	return k.providerBy(ctx, k.ByWorker, worker, "worker")
}

// ProviderByOperator returns the provider of an operator. Retired providers
// are not found.
func (k *Keeper) ProviderByOperator(ctx context.Context, operator sdk.AccAddress) (types.Provider, error) {
	return k.providerBy(ctx, k.ByOperator, operator, "operator")
}

func (k *Keeper) providerBy(ctx context.Context, index collections.Map[[]byte, uint32], key sdk.AccAddress, role string) (types.Provider, error) {
	id, err := index.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Provider{}, types.ErrProviderNotFound.Wrapf("no provider has the %s %s", role, k.text(key))
	}
	if err != nil {
		return types.Provider{}, err
	}
	return k.Provider(ctx, id)
}

// Load returns what work has changed of a provider.
func (k *Keeper) Load(ctx context.Context, id uint32) (types.Load, error) {
	load, err := k.Loads.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Load{}, types.ErrProviderNotFound.Wrapf("id %d", id)
	}
	return load, err
}

// SetLoad replaces the load of a provider that exists.
func (k *Keeper) SetLoad(ctx context.Context, id uint32, load types.Load) error {
	known, err := k.Loads.Has(ctx, id)
	if err != nil {
		return err
	}
	if !known {
		return types.ErrProviderNotFound.Wrapf("id %d", id)
	}
	return k.Loads.Set(ctx, id, load)
}

// Stake returns what can still be lost: bond - unbonding - pending slashes.
func (k *Keeper) Stake(ctx context.Context, id uint32) (uint64, error) {
	provider, err := k.Provider(ctx, id)
	if err != nil {
		return 0, err
	}
	load, err := k.Load(ctx, id)
	if err != nil {
		return 0, err
	}
	return provider.Stake(load), nil
}

// save stores a provider and brings its rosters up to date.
func (k *Keeper) save(ctx context.Context, before []types.Resource, provider types.Provider) error {
	if err := k.Providers.Set(ctx, provider.Id, provider); err != nil {
		return err
	}
	return k.refreshRosters(ctx, before, provider)
}

// text renders an address for an error; an unprintable one as hex.
func (k *Keeper) text(addr sdk.AccAddress) string {
	text, err := k.addresses.BytesToString(addr)
	if err != nil {
		return addr.String()
	}
	return text
}
