// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// RecordRequester adds what a requester did to its record. Accounts cost
// nothing, so nothing in consensus may depend on the score. See ADR-002.
func (k *Keeper) RecordRequester(ctx context.Context, requester sdk.AccAddress, event types.RequesterEvent) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	record, err := k.requester(ctx, requester)
	if err != nil {
		return err
	}
	now := blockSeconds(ctx)
	record, err = record.Decay(now, params.HalfLife).Apply(event)
	if err != nil {
		return err
	}
	record.Updated = max(now, record.Updated)
	if err := record.Validate(); err != nil {
		return err
	}
	return k.Requesters.Set(ctx, requester, record)
}

// requester returns the stored record, or one that holds nothing but its address.
func (k *Keeper) requester(ctx context.Context, requester sdk.AccAddress) (types.RequesterRecord, error) {
	record, err := k.Requesters.Get(ctx, requester)
	if errors.Is(err, collections.ErrNotFound) {
		return types.RequesterRecord{Requester: bytes.Clone(requester)}, nil
	}
	return record, err
}
