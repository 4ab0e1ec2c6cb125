// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/core/event"

	sdk "github.com/cosmos/cosmos-sdk/types"
	gogoproto "github.com/cosmos/gogoproto/proto"
)

// emit emits a typed event.
func (k *Keeper) emit(ctx context.Context, typed gogoproto.Message) error {
	return k.events.EventManager(ctx).Emit(ctx, typed)
}

// emitFlat emits an event whose values are searched as they are; those of a
// typed event are JSON.
func (k *Keeper) emitFlat(ctx context.Context, name string, attributes ...event.Attribute) error {
	return k.events.EventManager(ctx).EmitKV(ctx, name, attributes...)
}

func (k *Keeper) logError(ctx context.Context, msg string, keyvals ...any) {
	sdk.UnwrapSDKContext(ctx).Logger().With("module", "x/registry").Error(msg, keyvals...)
}
