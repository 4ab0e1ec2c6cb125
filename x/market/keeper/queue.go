// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"math"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
)

// never is a tick that no block reaches.
const never = math.MaxUint64

// enqueue adds a step to the queue.
func (k *Keeper) enqueue(ctx context.Context, kind types.StepKind, ref, due uint64) error {
	if err := k.Due.Set(ctx, collections.Join3(due, uint32(kind), ref)); err != nil {
		return err
	}
	next, err := k.nextDue(ctx)
	if err != nil || next <= due {
		return err
	}
	return k.NextDue.Set(ctx, due)
}

// nextDue returns a tick before which no step is due, so that an idle block
// reads one key however many steps are queued.
func (k *Keeper) nextDue(ctx context.Context) (uint64, error) {
	next, err := k.NextDue.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return never, nil
	}
	return next, err
}

// dueSteps lists at most limit steps that are due, oldest first. It collects
// them before anything is written, because a store must not change under an
// open iterator.
func (k *Keeper) dueSteps(ctx context.Context, now moment, limit int) ([]dueKey, error) {
	var due []dueKey
	upTo := new(collections.Range[dueKey]).EndExclusive(collections.Join3(now.tick+1, uint32(0), uint64(0)))
	err := k.Due.Walk(ctx, upTo, func(key dueKey) (bool, error) {
		due = append(due, key)
		return len(due) >= limit, nil
	})
	return due, err
}

// lookAhead moves nextDue to the first step in the queue.
func (k *Keeper) lookAhead(ctx context.Context) error {
	next := uint64(never)
	err := k.Due.Walk(ctx, nil, func(key dueKey) (bool, error) {
		next = key.K1()
		return true, nil
	})
	if err != nil {
		return err
	}
	return k.NextDue.Set(ctx, next)
}

// schedule moves the entry of a lot or case to due. An earlier entry stays:
// when it fires, the due tick of the record decides, so the common case
// writes nothing.
func (k *Keeper) schedule(ctx context.Context, kind types.StepKind, ref, due uint64, queued *uint64) error {
	if *queued != 0 && *queued <= due {
		return nil
	}
	if *queued != 0 {
		if err := k.Due.Remove(ctx, collections.Join3(*queued, uint32(kind), ref)); err != nil {
			return err
		}
	}
	*queued = due
	return k.enqueue(ctx, kind, ref, due)
}

// addReady puts a batch into matching.
func (k *Keeper) addReady(ctx context.Context, key readyKey) error {
	if ok, err := k.Ready.Has(ctx, key); err != nil || ok {
		return err
	}
	n, err := k.readyCount(ctx)
	if err != nil {
		return err
	}
	if err := k.ReadyCount.Set(ctx, n+1); err != nil {
		return err
	}
	return k.Ready.Set(ctx, key)
}

// dropReady takes a batch out of matching, if it is there.
func (k *Keeper) dropReady(ctx context.Context, key readyKey) error {
	if ok, err := k.Ready.Has(ctx, key); err != nil || !ok {
		return err
	}
	n, err := k.readyCount(ctx)
	if err != nil {
		return err
	}
	if err := k.ReadyCount.Set(ctx, n-min(n, 1)); err != nil {
		return err
	}
	return k.Ready.Remove(ctx, key)
}

// readyCount returns the number of batches in matching.
func (k *Keeper) readyCount(ctx context.Context) (uint64, error) {
	n, err := k.ReadyCount.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}
