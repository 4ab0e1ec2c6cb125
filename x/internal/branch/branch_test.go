// SPDX-License-Identifier: Apache-2.0

package branch_test

import (
	"fmt"
	"testing"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/internal/branch"
)

var (
	one  = storetypes.NewKVStoreKey("one")
	two  = storetypes.NewKVStoreKey("two")
	keys = []*storetypes.KVStoreKey{one, two}
)

func newContext() sdk.Context {
	stores := map[string]*storetypes.KVStoreKey{"one": one, "two": two}
	return testutil.DefaultContextWithKeys(stores, nil, nil).WithEventManager(sdk.NewEventManager())
}

func TestUnwrittenBranchLeavesNoTrace(t *testing.T) {
	ctx := newContext()
	ctx.KVStore(one).Set([]byte("k"), []byte("old"))

	branched, write := branch.Context(ctx)
	branched.KVStore(one).Set([]byte("k"), []byte("new"))
	branched.KVStore(two).Set([]byte("k"), []byte("new"))
	branched.EventManager().EmitEvent(sdk.NewEvent("happened"))

	require.Equal(t, []byte("new"), branched.KVStore(one).Get([]byte("k")))
	require.Equal(t, []byte("old"), ctx.KVStore(one).Get([]byte("k")))
	require.False(t, ctx.KVStore(two).Has([]byte("k")))
	require.Empty(t, ctx.EventManager().Events())

	write()
	require.Equal(t, []byte("new"), ctx.KVStore(one).Get([]byte("k")))
	require.Equal(t, []byte("new"), ctx.KVStore(two).Get([]byte("k")))
	require.Len(t, ctx.EventManager().Events(), 1)
}

func TestUnknownStorePanics(t *testing.T) {
	branched, _ := branch.Context(newContext())
	require.Panics(t, func() { branched.KVStore(storetypes.NewKVStoreKey("three")) })
}

// TestEqualsCacheContext: whatever is set, deleted, branched and dropped, the
// state, the events and the gas are those of sdk.Context.CacheContext.
func TestEqualsCacheContext(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ours, theirs := newContext(), newContext()
		run(rt, 3, [2]sdk.Context{ours, theirs})

		require.Equal(rt, dump(theirs), dump(ours))
		require.Equal(rt, theirs.EventManager().Events(), ours.EventManager().Events())
		require.Equal(rt, theirs.GasMeter().GasConsumed(), ours.GasMeter().GasConsumed())
	})
}

// run does the same random steps in a branch of either kind.
func run(rt *rapid.T, depth int, ctxs [2]sdk.Context) {
	for range rapid.IntRange(0, 6).Draw(rt, "steps") {
		at := rapid.SampledFrom(keys).Draw(rt, "store")
		name := rapid.StringMatching("[a-d]").Draw(rt, "key")
		switch step := rapid.IntRange(0, 4).Draw(rt, "step"); {
		case step == 0:
			for _, ctx := range ctxs {
				ctx.KVStore(at).Delete([]byte(name))
			}
		case step == 1 && depth > 0:
			ours, writeOurs := branch.Context(ctxs[0])
			theirs, writeTheirs := ctxs[1].CacheContext()
			if rapid.Bool().Draw(rt, "nest in the SDK's way") {
				ours, writeOurs = ctxs[0].CacheContext()
			}
			run(rt, depth-1, [2]sdk.Context{ours, theirs})
			if rapid.Bool().Draw(rt, "write") {
				writeOurs()
				writeTheirs()
			}
		case step == 2:
			require.Equal(rt, dump(ctxs[1]), dump(ctxs[0]))
		default:
			value := rapid.StringMatching("[x-z]").Draw(rt, "value")
			for _, ctx := range ctxs {
				ctx.KVStore(at).Set([]byte(name), []byte(value))
				ctx.EventManager().EmitEvent(sdk.NewEvent(name + value))
			}
		}
	}
}

// dump lists what a context sees.
func dump(ctx sdk.Context) (all []string) {
	for _, key := range keys {
		iterator := ctx.KVStore(key).Iterator(nil, nil)
		for ; iterator.Valid(); iterator.Next() {
			all = append(all, fmt.Sprintf("%s/%s=%s", key.Name(), iterator.Key(), iterator.Value()))
		}
		if err := iterator.Close(); err != nil {
			panic(err)
		}
	}
	return all
}
