// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"testing"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// TestAtMost: who brings enough gas pays no more than the most; who brings less
// runs out of it before the work is done.
func TestAtMost(t *testing.T) {
	key := storetypes.NewKVStoreKey("slash")
	base := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("passing"))
	for name, tc := range map[string]struct{ limit, work, paid uint64 }{
		"small work":  {1_000, 40, 40},
		"large work":  {1_000, 5_000, 100},
		"no limit":    {0, 5_000, 100},
		"just enough": {100, 5_000, 100},
	} {
		t.Run(name, func(t *testing.T) {
			meter := storetypes.NewInfiniteGasMeter()
			if tc.limit > 0 {
				meter = storetypes.NewGasMeter(tc.limit)
			}
			ctx := base.WithGasMeter(meter)
			require.NoError(t, atMost(ctx, 100, func(ctx context.Context) error {
				sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(tc.work, "work")
				return nil
			}))
			require.Equal(t, tc.paid, ctx.GasMeter().GasConsumed())
		})
	}
	ctx := base.WithGasMeter(storetypes.NewGasMeter(99))
	require.Panics(t, func() {
		_ = atMost(ctx, 100, func(ctx context.Context) error {
			sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(5_000, "work")
			return nil
		})
	})
}
