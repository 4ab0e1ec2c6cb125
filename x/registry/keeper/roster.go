// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// keptEntryGas is what looking at an entry of a kept roster takes, some 50 ns:
// whoever asks for a roster goes through it.
const keptEntryGas = 10

// Roster returns all that can be drawn in a class, in order of provider id. It
// reads one value per 256 providers, once where the context keeps rosters: then
// an entry costs keptEntryGas. The caller must not write to the result.
func (k *Keeper) Roster(ctx context.Context, class uint32) ([]types.RosterEntry, error) {
	kept := types.RosterCacheOf(ctx)
	if entries, ok := kept.Get(class); ok {
		sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(keptEntryGas*uint64(len(entries)), "kept roster")
		return entries, nil
	}
	var entries []types.RosterEntry
	rng := collections.NewPrefixedPairRange[uint32, uint32](class)
	err := k.Rosters.Walk(ctx, rng, func(_ collections.Pair[uint32, uint32], chunk types.RosterChunk) (bool, error) {
		entries = append(entries, chunk.Entries...)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	kept.Keep(class, entries)
	return entries, nil
}

// refreshRosters brings the roster entries of a provider up to date. The
// resources before the change say which entries may have to go.
func (k *Keeper) refreshRosters(ctx context.Context, before []types.Resource, provider types.Provider) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	for _, resource := range before {
		if _, ok := provider.Resource(resource.Class); ok {
			continue
		}
		if err := k.putEntry(ctx, resource.Class, provider.Id, nil); err != nil {
			return err
		}
	}
	for _, resource := range provider.Resources {
		var put *types.RosterEntry
		if entry, ok := types.NewRosterEntry(params, provider, resource); ok {
			put = &entry
		}
		if err := k.putEntry(ctx, resource.Class, provider.Id, put); err != nil {
			return err
		}
	}
	return nil
}

// putEntry sets the entry of a provider in the roster of a class, or removes
// it where entry is nil. It writes only what changed.
func (k *Keeper) putEntry(ctx context.Context, className string, provider uint32, entry *types.RosterEntry) error {
	class, err := k.ClassByName(ctx, className)
	if err != nil {
		return err
	}
	key := collections.Join(class.Id, types.Chunk(provider))
	chunk, err := k.Rosters.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	i, found := chunk.Find(provider)
	switch {
	case entry == nil && !found:
		return nil
	case entry == nil:
		chunk.Entries = slices.Delete(chunk.Entries, i, i+1)
	case found && chunk.Entries[i] == *entry:
		return nil
	case found:
		chunk.Entries[i] = *entry
	default:
		chunk.Entries = slices.Insert(chunk.Entries, i, *entry)
	}
	types.RosterCacheOf(ctx).Change(class.Id)
	if len(chunk.Entries) == 0 {
		return k.Rosters.Remove(ctx, key)
	}
	return k.Rosters.Set(ctx, key, chunk)
}
