// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Register takes a bond and stores a new, active provider.
func (k *Keeper) Register(ctx context.Context, operator, worker sdk.AccAddress, profile types.Profile, bond uint64) (types.Provider, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return types.Provider{}, err
	}
	if bond < params.MinBond() {
		return types.Provider{}, types.ErrInsufficientBond.Wrapf("%d ucupel: the least tier needs %d", bond, params.MinBond())
	}
	if err := k.checkProfile(ctx, profile); err != nil {
		return types.Provider{}, err
	}
	if err := k.checkKeys(ctx, operator, worker); err != nil {
		return types.Provider{}, err
	}
	provider, err := k.newProvider(ctx, operator, worker, profile)
	if err != nil {
		return types.Provider{}, err
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, operator, types.ModuleName, types.Coins(bond)); err != nil {
		return types.Provider{}, err
	}
	provider.Bond = bond
	if err := k.insert(ctx, provider, types.Load{LastSeen: provider.Joined}, provider.Joined+params.SilenceTicks); err != nil {
		return types.Provider{}, err
	}
	return provider, k.emit(ctx, &types.EventProviderRegistered{
		Provider: provider.Id, Operator: provider.Operator, Worker: provider.Worker, Bond: bond,
	})
}

// newProvider returns an active provider with the next id and no bond.
func (k *Keeper) newProvider(ctx context.Context, operator, worker sdk.AccAddress, profile types.Profile) (types.Provider, error) {
	id, err := nextID(ctx, k.Providers)
	if err != nil {
		return types.Provider{}, err
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return types.Provider{}, err
	}
	provider := types.Provider{Id: id, Status: types.ProviderActive, Joined: tick}
	if provider.Operator, err = k.addresses.BytesToString(operator); err != nil {
		return types.Provider{}, err
	}
	if provider.Worker, err = k.addresses.BytesToString(worker); err != nil {
		return types.Provider{}, err
	}
	return k.withProfile(provider, profile)
}

// insert stores a provider with its load under all its keys, and queues the
// first look at its silence. A retired one holds no address and is not looked
// at.
func (k *Keeper) insert(ctx context.Context, provider types.Provider, load types.Load, look uint64) error {
	if err := k.Loads.Set(ctx, provider.Id, load); err != nil {
		return err
	}
	if provider.Status != types.ProviderRetired {
		if err := k.claimAddresses(ctx, provider); err != nil {
			return err
		}
	}
	if !provider.IsLeaving() {
		if err := k.Silence.Set(ctx, collections.Join(look, provider.Id)); err != nil {
			return err
		}
	}
	return k.save(ctx, nil, provider)
}

func (k *Keeper) claimAddresses(ctx context.Context, provider types.Provider) error {
	operator, err := k.addresses.StringToBytes(provider.Operator)
	if err != nil {
		return err
	}
	worker, err := k.addresses.StringToBytes(provider.Worker)
	if err != nil {
		return err
	}
	return errors.Join(k.ByOperator.Set(ctx, operator, provider.Id), k.ByWorker.Set(ctx, worker, provider.Id))
}

// UpdateProvider replaces the profile of the operator's provider.
func (k *Keeper) UpdateProvider(ctx context.Context, operator sdk.AccAddress, profile types.Profile) error {
	provider, err := k.staying(ctx, operator)
	if err != nil {
		return err
	}
	if err := k.checkProfile(ctx, profile); err != nil {
		return err
	}
	before := provider.Resources
	if provider, err = k.withProfile(provider, profile); err != nil {
		return err
	}
	if err := k.save(ctx, before, provider); err != nil {
		return err
	}
	return k.emitUpdated(ctx, provider)
}

// RotateWorker replaces the hot key of the operator's provider.
func (k *Keeper) RotateWorker(ctx context.Context, operator, worker sdk.AccAddress) error {
	provider, err := k.staying(ctx, operator)
	if err != nil {
		return err
	}
	if err := k.checkWorker(ctx, operator, worker); err != nil {
		return err
	}
	old, err := k.addresses.StringToBytes(provider.Worker)
	if err != nil {
		return err
	}
	if provider.Worker, err = k.addresses.BytesToString(worker); err != nil {
		return err
	}
	if err := errors.Join(k.ByWorker.Remove(ctx, old), k.ByWorker.Set(ctx, worker, provider.Id)); err != nil {
		return err
	}
	if err := k.Providers.Set(ctx, provider.Id, provider); err != nil {
		return err
	}
	if err := k.dropAttestation(ctx, provider.Id); err != nil {
		return err
	}
	return k.emitUpdated(ctx, provider)
}

// dropAttestation ends what a committee said of the machine of another key.
func (k *Keeper) dropAttestation(ctx context.Context, provider uint32) error {
	load, err := k.Load(ctx, provider)
	if err != nil || load.AttestedUntil == 0 {
		return err
	}
	load.AttestedUntil, load.AttestedBy = 0, 0
	return k.SetLoad(ctx, provider, load)
}

func (k *Keeper) emitUpdated(ctx context.Context, provider types.Provider) error {
	return k.emit(ctx, &types.EventProviderUpdated{Provider: provider.Id, Worker: provider.Worker, Payout: provider.Payout})
}

// withProfile returns the provider with its profile replaced.
func (k *Keeper) withProfile(provider types.Provider, profile types.Profile) (types.Provider, error) {
	payout, err := k.addresses.BytesToString(profile.Payout)
	if err != nil {
		return types.Provider{}, err
	}
	provider.Payout = payout
	provider.Region = profile.Region
	provider.Endpoint = profile.Endpoint
	provider.EncryptionKey = profile.EncryptionKey
	provider.Resources = profile.Resources
	return provider, nil
}

// staying returns the operator's provider if it has not deregistered.
func (k *Keeper) staying(ctx context.Context, operator sdk.AccAddress) (types.Provider, error) {
	provider, err := k.ProviderByOperator(ctx, operator)
	if err != nil {
		return types.Provider{}, err
	}
	if provider.IsLeaving() {
		return types.Provider{}, types.ErrWrongStatus.Wrapf("provider %d has deregistered: wait for its release and register again", provider.Id)
	}
	return provider, nil
}
