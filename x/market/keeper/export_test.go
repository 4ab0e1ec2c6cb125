// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// DrawTries is what a step of a draw looks at most.
const DrawTries = drawTries

// DrawCase draws the seats of a case of a batch, as one step of the queue does,
// and stores no case. Salt stands for the tick.
func (k *Keeper) DrawCase(ctx context.Context, batch uint64, c *types.Case, salt uint64) (more bool, err error) {
	o, err := k.order(ctx, batch)
	if err != nil {
		return false, err
	}
	now, err := k.now(ctx)
	if err != nil {
		return false, err
	}
	now.tick += salt
	return k.drawSeats(ctx, o, c, now)
}

// DrawMembers is DrawCase for a committee.
func (k *Keeper) DrawMembers(ctx context.Context, v *types.Committee, size int, salt uint64) (more bool, err error) {
	now, err := k.now(ctx)
	if err != nil {
		return false, err
	}
	now.tick += salt
	return k.drawMembers(ctx, v, size, now)
}
