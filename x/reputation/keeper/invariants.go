// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// CheckInvariants returns ErrBrokenInvariant unless the state is one that a
// genesis may hold, the ranking has exactly one key per record, and the newest
// epoch is that of the last seen entry. It reads everything and is for tests and
// audits, never for a block.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return types.ErrBrokenInvariant.Wrap(err.Error())
	}
	if err := k.checkRanking(ctx, gs.Records); err != nil {
		return err
	}
	newest, err := k.newest(ctx)
	if err != nil {
		return err
	}
	last := uint64(0)
	if len(gs.Seen) > 0 {
		last = gs.Seen[len(gs.Seen)-1].Epoch
	}
	if newest != last {
		return types.ErrBrokenInvariant.Wrapf("newest epoch %d, last seen %d", newest, last)
	}
	if err := k.checkRequesters(ctx); err != nil {
		return err
	}
	return k.checkPruned(ctx, gs.Seen)
}

// checkRequesters proves that every requester is stored under its address.
func (k *Keeper) checkRequesters(ctx context.Context) error {
	return k.Requesters.Walk(ctx, nil, func(key sdk.AccAddress, r types.RequesterRecord) (stop bool, err error) {
		if !key.Equals(sdk.AccAddress(r.Requester)) {
			return true, types.ErrBrokenInvariant.Wrapf("the record of %X is stored under %X", r.Requester, []byte(key))
		}
		return false, nil
	})
}

// checkPruned proves that nothing is left in epochs that are said to be empty.
func (k *Keeper) checkPruned(ctx context.Context, seen []types.Seen) error {
	pruned, err := k.Pruned.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err == nil && len(seen) > 0 && seen[0].Epoch <= pruned {
		err = types.ErrBrokenInvariant.Wrapf("an entry of epoch %d, pruned up to %d", seen[0].Epoch, pruned)
	}
	return err
}

// checkRanking proves the bijection: every record has its key, and there are no
// more keys than records.
func (k *Keeper) checkRanking(ctx context.Context, records []types.Record) error {
	for _, record := range records {
		stored, err := k.Records.Has(ctx, collections.Join(record.Provider, record.Class))
		if err != nil {
			return err
		}
		ranked, err := k.Ranking.Has(ctx, rankOf(record))
		if err != nil {
			return err
		}
		if !stored || !ranked {
			return types.ErrBrokenInvariant.Wrapf("provider %d, class %d: stored under its key %t, ranked %t", record.Provider, record.Class, stored, ranked)
		}
	}
	keys := 0
	err := k.Ranking.Walk(ctx, nil, func(rankingKey) (stop bool, err error) {
		keys++
		return false, nil
	})
	if err != nil {
		return err
	}
	if keys != len(records) {
		return types.ErrBrokenInvariant.Wrapf("%d keys in the ranking of %d records", keys, len(records))
	}
	return nil
}
