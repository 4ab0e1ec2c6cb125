// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

const (
	// never is a tick that no block reaches.
	never = math.MaxUint64
	// pageSteps is how many steps one value of Due holds at most.
	pageSteps = 256
	// stepBytes is the size of a step in a page: kind u8, reference u64.
	stepBytes = 9
)

// dueStep is an entry of the queue.
type dueStep struct {
	tick uint64
	kind uint32
	ref  uint64
}

func stepOf(key dueKey) dueStep { return dueStep{key.K1(), key.K2(), key.K3()} }

func (s dueStep) key() dueKey { return collections.Join3(s.tick, s.kind, s.ref) }

// enqueue adds a step to the queue. It waits in the transient store of the
// block, whose end writes all the steps of a tick in one value: a block that
// moves a thousand lots writes one key for them. See ADR-014.
func (k *Keeper) enqueue(ctx context.Context, kind types.StepKind, ref, due uint64) error {
	return k.Pending.Set(ctx, collections.Join3(due, uint32(kind), ref))
}

// dequeue takes a step of this block out of the queue. One of an earlier block
// stays: when it fires, the record says that it has moved on.
func (k *Keeper) dequeue(ctx context.Context, kind types.StepKind, ref, due uint64) error {
	return k.Pending.Remove(ctx, collections.Join3(due, uint32(kind), ref))
}

// stale reports whether a step that fires is not the one that its record waits
// for: queued is the tick of that one, 0 if there is none.
func stale(queued uint64, now moment) bool { return queued == 0 || queued > now.tick }

// nextDue returns a tick before which no page is due, so that an idle block
// reads one key however many steps are queued.
func (k *Keeper) nextDue(ctx context.Context) (uint64, error) {
	next, err := k.NextDue.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return never, nil
	}
	return next, err
}

// takeDue takes the steps that are due out of the queue, oldest first and at
// most limit. It collects them before anything is written, because a store must
// not change under an open iterator.
func (k *Keeper) takeDue(ctx context.Context, now moment, limit int) ([]dueStep, error) {
	upTo := new(collections.Range[dueKey]).EndExclusive(collections.Join3(now.tick+1, uint32(0), uint64(0)))
	due, err := collect(ctx, k.Pending, upTo, limit)
	if err != nil {
		return nil, err
	}
	for _, key := range due {
		if err := k.Pending.Remove(ctx, key.key()); err != nil {
			return nil, err
		}
	}
	next, err := k.nextDue(ctx)
	if err != nil {
		return nil, err
	}
	if now.tick >= next {
		stored, err := k.takePages(ctx, now, limit)
		if err != nil {
			return nil, err
		}
		due = append(due, stored...)
	}
	slices.SortFunc(due, compareDue)
	due = slices.Compact(due)
	// What is beyond the limit is written back with the end of the block.
	for len(due) > limit {
		if err := k.Pending.Set(ctx, due[len(due)-1].key()); err != nil {
			return nil, err
		}
		due = due[:len(due)-1]
	}
	return due, nil
}

// takePages removes the oldest pages that are due until they hold limit steps.
func (k *Keeper) takePages(ctx context.Context, now moment, limit int) ([]dueStep, error) {
	var due []dueStep
	var pages []pageKey
	upTo := new(collections.Range[pageKey]).EndExclusive(collections.Join3(now.tick+1, uint64(0), uint32(0)))
	err := k.Due.Walk(ctx, upTo, func(key pageKey, page []byte) (bool, error) {
		pages = append(pages, key)
		due = appendSteps(due, key.K1(), page)
		return len(due) >= limit, nil
	})
	if err != nil {
		return nil, err
	}
	for _, key := range pages {
		if err := k.Due.Remove(ctx, key); err != nil {
			return nil, err
		}
	}
	return due, nil
}

// flushQueue writes the steps that a block has queued, and where the queue
// begins. It ends every block and the genesis.
func (k *Keeper) flushQueue(ctx context.Context) error {
	pending, err := collect(ctx, k.Pending, nil, math.MaxInt)
	if err != nil {
		return err
	}
	if len(pending) == 0 {
		// Unless pages were due, which are gone, the queue begins where it did.
		tick, err := k.Registry.Tick(ctx)
		if err != nil {
			return err
		}
		if next, err := k.nextDue(ctx); err != nil || tick < next {
			return err
		}
	}
	for len(pending) > 0 {
		tick, n := pending[0].tick, 1
		for n < min(len(pending), pageSteps) && pending[n].tick == tick {
			n++
		}
		if err := k.storePage(ctx, tick, pending[:n]); err != nil {
			return err
		}
		pending = pending[n:]
	}
	return k.lookAhead(ctx)
}

// storePage writes steps of one tick under a key of its own and forgets them
// in the transient store.
func (k *Keeper) storePage(ctx context.Context, tick uint64, steps []dueStep) error {
	key := collections.Join3(tick, uint64(sdk.UnwrapSDKContext(ctx).BlockHeight()), uint32(0))
	for {
		taken, err := k.Due.Has(ctx, key)
		if err != nil {
			return err
		}
		if !taken {
			break
		}
		key = collections.Join3(key.K1(), key.K2(), key.K3()+1)
	}
	page := make([]byte, 0, len(steps)*stepBytes)
	for _, step := range steps {
		page = append(page, byte(step.kind))
		page = binary.BigEndian.AppendUint64(page, step.ref)
		if err := k.Pending.Remove(ctx, step.key()); err != nil {
			return err
		}
	}
	return k.Due.Set(ctx, key, page)
}

// appendSteps reads the steps of a page. A tail that is too short to be a step,
// which no block writes, is left out.
func appendSteps(due []dueStep, tick uint64, page []byte) []dueStep {
	for ; len(page) >= stepBytes; page = page[stepBytes:] {
		due = append(due, dueStep{tick, uint32(page[0]), binary.BigEndian.Uint64(page[1:stepBytes])})
	}
	return due
}

// lookAhead moves nextDue to the first page in the queue.
func (k *Keeper) lookAhead(ctx context.Context) error {
	next := uint64(never)
	err := k.Due.Walk(ctx, nil, func(key pageKey, _ []byte) (bool, error) {
		next = key.K1()
		return true, nil
	})
	if err != nil {
		return err
	}
	if before, err := k.nextDue(ctx); err != nil || before == next {
		return err
	}
	return k.NextDue.Set(ctx, next)
}

// queue lists all steps in the order of their ticks, for genesis and invariants.
func (k *Keeper) queue(ctx context.Context) ([]dueStep, error) {
	due, err := collect(ctx, k.Pending, nil, math.MaxInt)
	if err != nil {
		return nil, err
	}
	err = k.Due.Walk(ctx, nil, func(key pageKey, page []byte) (bool, error) {
		due = appendSteps(due, key.K1(), page)
		return false, nil
	})
	slices.SortFunc(due, compareDue)
	return slices.Compact(due), err
}

func collect(ctx context.Context, set collections.KeySet[dueKey], ranger collections.Ranger[dueKey], limit int) ([]dueStep, error) {
	var steps []dueStep
	err := set.Walk(ctx, ranger, func(key dueKey) (bool, error) {
		steps = append(steps, stepOf(key))
		return len(steps) >= limit, nil
	})
	return steps, err
}

func compareDue(a, b dueStep) int {
	return cmp.Or(cmp.Compare(a.tick, b.tick), cmp.Compare(a.kind, b.kind), cmp.Compare(a.ref, b.ref))
}

// schedule moves the entry of a lot or case to due. An earlier entry stays:
// when it fires, the due tick of the record decides, so the common case
// writes nothing.
func (k *Keeper) schedule(ctx context.Context, kind types.StepKind, ref, due uint64, queued *uint64) error {
	if *queued != 0 && *queued <= due {
		return nil
	}
	if err := k.unschedule(ctx, kind, ref, queued); err != nil {
		return err
	}
	*queued = due
	return k.enqueue(ctx, kind, ref, due)
}

// unschedule makes the entry of a record stale, if there is one.
func (k *Keeper) unschedule(ctx context.Context, kind types.StepKind, ref uint64, queued *uint64) error {
	if *queued == 0 {
		return nil
	}
	at := *queued
	*queued = 0
	return k.dequeue(ctx, kind, ref, at)
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
