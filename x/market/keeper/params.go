// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"cmp"
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// CurrentParams returns the highest version of the params and its number.
func (k *Keeper) CurrentParams(ctx context.Context) (uint32, types.Params, error) {
	version, err := k.Current.Get(ctx)
	if err != nil {
		return 0, types.Params{}, err
	}
	params, err := k.Params.Get(ctx, version)
	return version, params, err
}

// checkParams checks params alone, against the rates of all standings: no
// wrong answer may pay, and against the bonds: a slash must come before the
// coins that a provider takes out of its bond are released.
func (k *Keeper) checkParams(ctx context.Context, p types.Params) error {
	if err := p.Validate(); err != nil {
		return err
	}
	rates, err := k.Reputation.AuditRates(ctx)
	if err != nil {
		return err
	}
	if err := p.ValidateEV(rates...); err != nil {
		return err
	}
	liability, err := k.liability(ctx, p)
	if err != nil {
		return err
	}
	if err := k.Registry.RaiseUnbondingFloor(ctx, liability); err != nil {
		return types.ErrInvalidParams.Wrapf("a slash may come after %d ticks: %s", liability, err)
	}
	return nil
}

// liability is how long after an answer a slash for it may come under params.
func (k *Keeper) liability(ctx context.Context, p types.Params) (uint64, error) {
	blocks, err := k.Oracle.EpochBlocks(ctx)
	return p.Liability(blocks), err
}

// AddParams appends a version; batches submitted from now on are ruled by it.
func (k *Keeper) AddParams(ctx context.Context, p types.Params) (uint32, error) {
	if err := k.checkParams(ctx, p); err != nil {
		return 0, err
	}
	current, _, err := k.CurrentParams(ctx)
	if err != nil {
		return 0, err
	}
	version := current + 1
	if err := k.Params.Set(ctx, version, p); err != nil {
		return 0, err
	}
	if err := k.Current.Set(ctx, version); err != nil {
		return 0, err
	}
	return version, k.events.EventManager(ctx).Emit(ctx, &types.EventParamsUpdated{Version: version})
}

// EndParams ends a version that is not the current one. Its open lots refund
// when their next step is due, and pay the runtime fee to seats that hold them.
func (k *Keeper) EndParams(ctx context.Context, version uint32) error {
	current, _, err := k.CurrentParams(ctx)
	if err != nil {
		return err
	}
	if version == current {
		return types.ErrUnknownVersion.Wrapf("version %d is the current one: add its successor first", version)
	}
	if ok, err := k.Params.Has(ctx, version); err != nil || !ok {
		return cmp.Or(err, types.ErrUnknownVersion.Wrapf("%d", version))
	}
	if ended, err := k.Ended.Has(ctx, version); err != nil || ended {
		return cmp.Or(err, types.ErrUnknownVersion.Wrapf("version %d has ended already", version))
	}
	if err := k.Ended.Set(ctx, version); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventParamsUpdated{Version: version, Ended: true})
}
