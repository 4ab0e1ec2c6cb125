// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// checkProfile checks a profile against its own rules and the state.
func (k *Keeper) checkProfile(ctx context.Context, profile types.Profile) error {
	if err := profile.Validate(); err != nil {
		return err
	}
	if k.bank.BlockedAddr(profile.Payout) {
		return types.ErrBlockedAddress.Wrapf("payout %s", k.text(profile.Payout))
	}
	for _, resource := range profile.Resources {
		if _, err := k.ClassByName(ctx, resource.Class); err != nil {
			return err
		}
	}
	return nil
}

// checkKeys checks that a new provider's addresses are free and apart.
func (k *Keeper) checkKeys(ctx context.Context, operator, worker sdk.AccAddress) error {
	if k.bank.BlockedAddr(operator) {
		return types.ErrBlockedAddress.Wrapf("operator %s: the bond could not be paid back", k.text(operator))
	}
	taken, err := k.ByOperator.Has(ctx, operator)
	if err != nil {
		return err
	}
	if taken {
		return types.ErrOperatorTaken.Wrapf("%s", k.text(operator))
	}
	works, err := k.ByWorker.Has(ctx, operator)
	if err != nil {
		return err
	}
	if works {
		return types.ErrKeysNotApart.Wrapf("operator %s is the worker of a provider", k.text(operator))
	}
	return k.checkWorker(ctx, operator, worker)
}

// checkWorker checks that an address may become the operator's worker.
func (k *Keeper) checkWorker(ctx context.Context, operator, worker sdk.AccAddress) error {
	if bytes.Equal(operator, worker) {
		return types.ErrKeysNotApart.Wrapf("both are %s", k.text(worker))
	}
	if k.bank.BlockedAddr(worker) {
		return types.ErrBlockedAddress.Wrapf("worker %s", k.text(worker))
	}
	taken, err := k.ByWorker.Has(ctx, worker)
	if err != nil {
		return err
	}
	if taken {
		return types.ErrWorkerTaken.Wrapf("%s", k.text(worker))
	}
	operates, err := k.ByOperator.Has(ctx, worker)
	if err != nil {
		return err
	}
	if operates {
		return types.ErrKeysNotApart.Wrapf("worker %s is the operator of a provider", k.text(worker))
	}
	return nil
}
