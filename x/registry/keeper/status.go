// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"strconv"

	"cosmossdk.io/core/event"

	sdk "github.com/cosmos/cosmos-sdk/types"

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

// Drain stops a provider from taking new work. The signer is its operator or
// its worker. It is a no-op for one that drains already.
func (k *Keeper) Drain(ctx context.Context, signer sdk.AccAddress) error {
	provider, err := k.signedBy(ctx, signer)
	if err != nil {
		return err
	}
	switch provider.Status {
	case types.ProviderDraining:
		return nil
	case types.ProviderActive:
		return k.setStatus(ctx, provider, types.ProviderDraining, "drained")
	default:
		return types.ErrWrongStatus.Wrapf("provider %d is %s: only an active one drains", provider.Id, provider.Status)
	}
}

// Resume lets a draining provider take new work again and counts as a sign of
// life. It is a no-op for one that is active.
func (k *Keeper) Resume(ctx context.Context, signer sdk.AccAddress) error {
	provider, err := k.signedBy(ctx, signer)
	if err != nil {
		return err
	}
	switch provider.Status {
	case types.ProviderActive:
		return nil
	case types.ProviderDraining:
		if err := k.see(ctx, provider.Id); err != nil {
			return err
		}
		return k.setStatus(ctx, provider, types.ProviderActive, "resumed")
	default:
		return types.ErrWrongStatus.Wrapf("provider %d is %s: only a draining one resumes; a jailed one unjails", provider.Id, provider.Status)
	}
}

// Unjail makes the operator's jailed provider active again once its time is
// over and its free bond reaches the least tier. It counts as a sign of life.
func (k *Keeper) Unjail(ctx context.Context, operator sdk.AccAddress) error {
	provider, err := k.ProviderByOperator(ctx, operator)
	if err != nil {
		return err
	}
	if provider.Status != types.ProviderJailed {
		return types.ErrWrongStatus.Wrapf("provider %d is %s: only a jailed one unjails", provider.Id, provider.Status)
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return err
	}
	if tick < provider.JailedUntil {
		return types.ErrStillJailed.Wrapf("provider %d: the tick is %d, try again from %d on", provider.Id, tick, provider.JailedUntil)
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	if provider.FreeBond() < params.MinBond() {
		return types.ErrInsufficientBond.Wrapf("%d free ucupel: bond up to the %d of the least tier first", provider.FreeBond(), params.MinBond())
	}
	if err := k.see(ctx, provider.Id); err != nil {
		return err
	}
	provider.JailedUntil = 0
	return k.setStatus(ctx, provider, types.ProviderActive, "unjailed")
}

// signedBy returns the provider whose operator or worker the signer is.
func (k *Keeper) signedBy(ctx context.Context, signer sdk.AccAddress) (types.Provider, error) {
	provider, err := k.ProviderByWorker(ctx, signer)
	if errors.Is(err, types.ErrProviderNotFound) {
		return k.ProviderByOperator(ctx, signer)
	}
	return provider, err
}
