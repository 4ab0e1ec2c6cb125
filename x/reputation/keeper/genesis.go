// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// InitGenesis writes the genesis to an empty store and builds the ranking.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, record := range gs.Records {
		if err := k.Records.Set(ctx, collections.Join(record.Provider, record.Class), record); err != nil {
			return err
		}
		if err := k.Ranking.Set(ctx, rankOf(record)); err != nil {
			return err
		}
	}
	for _, seen := range gs.Seen {
		if err := k.Seen.Set(ctx, collections.Join4(seen.Epoch, seen.Provider, seen.Class, sdk.AccAddress(seen.Requester))); err != nil {
			return err
		}
	}
	for _, r := range gs.Requesters {
		if err := k.Requesters.Set(ctx, r.Requester, r); err != nil {
			return err
		}
	}
	if len(gs.Seen) == 0 {
		return nil
	}
	return k.Newest.Set(ctx, gs.Seen[len(gs.Seen)-1].Epoch)
}

// ExportGenesis returns the whole state. The newest epoch follows from Seen,
// which always holds one of its entries.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	err = k.Records.Walk(ctx, nil, func(_ recordKey, record types.Record) (stop bool, err error) {
		gs.Records = append(gs.Records, record)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Requesters.Walk(ctx, nil, func(_ sdk.AccAddress, record types.RequesterRecord) (stop bool, err error) {
		gs.Requesters = append(gs.Requesters, record)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Seen.Walk(ctx, nil, func(key seenKey) (stop bool, err error) {
		gs.Seen = append(gs.Seen, types.Seen{Epoch: key.K1(), Provider: key.K2(), Class: key.K3(), Requester: key.K4()})
		return false, nil
	})
	return gs, err
}
