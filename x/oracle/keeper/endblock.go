// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/internal/branch"
	"github.com/cupel-network/cupel/x/oracle/types"
)

// Bounds of the work of one block. The remainder is done in the following
// blocks, lowest nonce first.
const (
	maxSealed  = 64
	maxCounted = 4
	maxPruned  = 4
)

// endStep is one part of EndBlock. It changes the line that it is given and
// stores it.
type endStep struct {
	name string
	due  func(line types.Line, params types.Params, height int64) bool
	do   func(ctx context.Context, line *types.Line, params types.Params) error
}

func (k *Keeper) endSteps() []endStep {
	return []endStep{
		{"seal", sealDue, k.seal},
		{"count absences", countDue, k.countAbsences},
		{"prune signatures", pruneDue, k.pruneSignatures},
		{"make a checkpoint", checkpointDue, k.makeCheckpoint},
		{"form a set", setDue, k.formSet},
	}
}

// EndBlock seals headers, counts who was absent, makes a checkpoint of the
// leaves that wait, replaces the attestor set and makes the seed whose shares
// are all there. A step that fails or panics
// leaves no trace, is logged and comes again with the next block; nothing that
// an attestor does or omits can make EndBlock fail.
func (k *Keeper) EndBlock(ctx context.Context) error {
	line, err := k.Line.Get(ctx)
	if err != nil {
		return err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	for _, step := range k.endSteps() {
		if !step.due(line, params, sdkCtx.BlockHeight()) {
			continue
		}
		next := line
		err := isolated(ctx, func(ctx context.Context) error { return step.do(ctx, &next, params) })
		if err != nil {
			sdkCtx.Logger().Error("oracle step failed", "step", step.name, "err", err)
			continue
		}
		line = next
	}
	if err := isolated(ctx, k.endBeacon); err != nil {
		sdkCtx.Logger().Error("oracle step failed", "step", "make a seed", "err", err)
	}
	return nil
}

// isolated runs f on a branch of the state that is written only if f neither
// fails nor panics.
func isolated(ctx context.Context, f func(context.Context) error) (err error) {
	cached, write := branch.Context(sdk.UnwrapSDKContext(ctx))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if err := f(cached); err != nil { //nolint:contextcheck // the branch is made of ctx
		return err
	}
	write()
	return nil
}
