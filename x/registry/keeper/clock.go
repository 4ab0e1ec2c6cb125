// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
)

// Tick returns the market clock; it is 0 before the first AdvanceTick.
func (k *Keeper) Tick(ctx context.Context) (uint64, error) {
	tick, err := k.Ticks.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return tick, err
}

// AdvanceTick moves the market clock on by one. x/market calls it once per
// block in which no message with a deadline is tripped.
func (k *Keeper) AdvanceTick(ctx context.Context) error {
	tick, err := k.Tick(ctx)
	if err != nil {
		return err
	}
	return k.Ticks.Set(ctx, tick+1)
}
