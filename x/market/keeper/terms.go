// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// terms are what many orders of a message or a block have in common. A version
// of the params never changes, and a class does so only by a message of its own,
// so what was read once holds until the message or the block ends, also if the
// step that read it leaves no trace.
type terms struct {
	params  map[uint32]types.Params
	classes map[uint32]registrytypes.Class
}

type termsKey struct{}

// withTerms returns a context in which orders share what they have in common.
func withTerms(ctx context.Context) context.Context {
	t := &terms{params: map[uint32]types.Params{}, classes: map[uint32]registrytypes.Class{}}
	return sdk.UnwrapSDKContext(ctx).WithValue(termsKey{}, t)
}

// cached returns what get returns, and reads it once.
func cached[T types.Params | registrytypes.Class](ctx context.Context, id uint32, get func(context.Context, uint32) (T, error)) (T, error) {
	known := knownTerms[T](ctx)
	if v, ok := known[id]; ok {
		return v, nil
	}
	v, err := get(ctx, id)
	if err == nil && known != nil {
		known[id] = v
	}
	return v, err
}

// knownTerms returns the map of a context that holds a type, nil without one.
func knownTerms[T types.Params | registrytypes.Class](ctx context.Context) map[uint32]T {
	t, ok := sdk.UnwrapSDKContext(ctx).Value(termsKey{}).(*terms)
	if !ok {
		return nil
	}
	if known, ok := any(t.params).(map[uint32]T); ok {
		return known
	}
	known, _ := any(t.classes).(map[uint32]T)
	return known
}
