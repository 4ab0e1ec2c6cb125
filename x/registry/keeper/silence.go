// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Heartbeat records that the worker is alive.
func (k *Keeper) Heartbeat(ctx context.Context, worker sdk.AccAddress) error {
	provider, err := k.ProviderByWorker(ctx, worker)
	if err != nil {
		return err
	}
	if provider.IsLeaving() {
		return types.ErrWrongStatus.Wrapf("provider %d has deregistered: stop the worker", provider.Id)
	}
	return k.see(ctx, provider.Id)
}

// see records a sign of life now. The silence queue is not touched: its entry
// looks at last_seen when it fires.
func (k *Keeper) see(ctx context.Context, id uint32) error {
	tick, err := k.Tick(ctx)
	if err != nil {
		return err
	}
	load, err := k.Load(ctx, id)
	if err != nil {
		return err
	}
	load.LastSeen = tick
	return k.Loads.Set(ctx, id, load)
}

// lookAt takes a due entry out of the silence queue, jails an active provider
// that was silent for too long, and queues the next look unless it has left.
func (k *Keeper) lookAt(ctx context.Context, due uint64, id uint32) error {
	if err := k.Silence.Remove(ctx, collections.Join(due, id)); err != nil {
		return err
	}
	provider, err := k.Provider(ctx, id)
	if err != nil || provider.IsLeaving() {
		return err
	}
	next, err := k.nextLook(ctx, provider)
	if err != nil {
		return err
	}
	return k.Silence.Set(ctx, collections.Join(next, id))
}

// nextLook returns the tick of the next look at a provider and jails it if it
// is active and overdue.
func (k *Keeper) nextLook(ctx context.Context, provider types.Provider) (uint64, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return 0, err
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return 0, err
	}
	load, err := k.Load(ctx, provider.Id)
	if err != nil {
		return 0, err
	}
	if overdue := load.LastSeen + params.SilenceTicks; overdue > tick {
		return overdue, nil
	}
	if provider.Status == types.ProviderActive {
		err = k.Jail(ctx, provider.Id, "silence")
	}
	return tick + params.SilenceTicks, err
}
