// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"cmp"
	"context"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
)

// prunePerStep bounds the lots that one pruning step removes.
const prunePerStep = 128

// prune removes a final batch after its retention, a part at a time.
func (k *Keeper) prune(ctx context.Context, o *order, now moment, crank bool) error {
	ref := types.TaskID(o.Id, 0)
	if crank {
		parked, err := k.Failed.Has(ctx, collections.Join(uint32(types.StepPrune), ref))
		if err != nil || !parked {
			return cmp.Or(err, types.ErrNotDue.Wrapf("batch %d is pruned by itself after its retention", o.Id))
		}
	}
	if o.tally.OpenLots > 0 {
		return types.ErrNotDue.Wrapf("batch %d has %d open lots", o.Id, o.tally.OpenLots)
	}
	more, err := k.pruneLots(ctx, o)
	if err != nil {
		return err
	}
	if more {
		return k.enqueue(ctx, types.StepPrune, ref, now.tick+1)
	}
	if err := k.dropSpec(ctx, o); err != nil {
		return err
	}
	if err := k.ByOwner.Remove(ctx, collections.Join(o.Requester, o.Id)); err != nil {
		return err
	}
	if err := k.Tallies.Remove(ctx, o.Id); err != nil {
		return err
	}
	if err := k.Batches.Remove(ctx, o.Id); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventBatchPruned{Batch: o.Id})
}

// pruneLots removes lots and their cases, and reports whether some are left.
func (k *Keeper) pruneLots(ctx context.Context, o *order) (bool, error) {
	var keys []lotKey
	var cases []uint64
	err := k.Lots.Walk(ctx, collections.NewPrefixedPairRange[uint64, uint32](o.Id), func(key lotKey, l types.Lot) (bool, error) {
		first, count := o.LotTasks(key.K2())
		for i := range count {
			if l.InCase(i) {
				cases = append(cases, types.TaskID(o.Id, first+i))
			}
		}
		keys = append(keys, key)
		return len(keys) >= prunePerStep, nil
	})
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		if err := k.Lots.Remove(ctx, key); err != nil {
			return false, err
		}
	}
	for _, task := range cases {
		if err := k.Cases.Remove(ctx, task); err != nil {
			return false, err
		}
	}
	return len(keys) >= prunePerStep, nil
}

// dropSpec forgets the inline manifest with its last batch.
func (k *Keeper) dropSpec(ctx context.Context, o *order) error {
	if o.ManifestUri != "" {
		return nil
	}
	spec, err := k.Specs.Get(ctx, o.Manifest)
	if err != nil {
		return err
	}
	if spec.References > 1 {
		spec.References--
		return k.Specs.Set(ctx, o.Manifest, spec)
	}
	return k.Specs.Remove(ctx, o.Manifest)
}
