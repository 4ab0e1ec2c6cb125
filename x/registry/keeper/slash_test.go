// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// TestSlash takes from a bond of 1000 of which 300 and then 200 unbond.
func TestSlash(t *testing.T) {
	tests := map[string]struct {
		amount, taken, bond uint64
		unbonding           []uint64 // by release
	}{
		"nothing":                  {0, 0, 1_000, []uint64{300, 200}},
		"of the free part":         {1, 1, 999, []uint64{300, 200}},
		"the free part":            {500, 500, 500, []uint64{300, 200}},
		"into the newest entry":    {501, 501, 499, []uint64{300, 199}},
		"the newest entry":         {700, 700, 300, []uint64{300}},
		"into the oldest entry":    {701, 701, 299, []uint64{299}},
		"all":                      {1_000, 1_000, 0, nil},
		"more than there is":       {1_001, 1_000, 0, nil},
		"far more than there is":   {1 << 63, 1_000, 0, nil},
		"the largest there can be": {^uint64(0), 1_000, 0, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			id := f.register(alice, aliceHot, 1_000*cupel)
			for _, amount := range []uint64{300, 200} {
				_, err := f.k.Unbond(f.ctx, alice, amount*cupel)
				require.NoError(t, err)
				f.skip(1)
			}

			amount := tc.amount * cupel
			if tc.amount > 1<<62 {
				amount = tc.amount
			}
			taken, err := f.k.Slash(f.ctx, id, amount, "market", "wrong")

			require.NoError(t, err)
			require.NoError(t, f.k.CheckInvariants(f.ctx))
			require.Equal(t, tc.taken*cupel, taken)
			require.Equal(t, taken, f.has(authtypes.NewModuleAddress("market")))
			provider := f.provider(id)
			require.Equal(t, tc.bond*cupel, provider.Bond)
			require.Equal(t, taken, provider.Slashed)
			res, err := f.queries.Unbondings(f.ctx, &types.QueryUnbondingsRequest{Provider: "1"})
			require.NoError(t, err)
			var left []uint64
			for _, entry := range res.Unbondings {
				left = append(left, entry.Amount/cupel)
			}
			require.Equal(t, tc.unbonding, left)
		})
	}
}

func TestSlashOutOfTheRoster(t *testing.T) {
	f := newFixture(t)
	id := f.register(alice, aliceHot, 250*cupel)
	entries, err := f.k.Roster(f.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, uint32(2), entries[0].Tickets)

	_, err = f.k.Slash(f.ctx, id, 150*cupel, "market", "wrong")
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, f.rostered(1))

	_, err = f.k.Slash(f.ctx, id, 1, "market", "wrong")
	require.NoError(t, err)
	require.Empty(t, f.rostered(1), "no ticket is left")
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}

func TestSlashRetiresWhatIsEmpty(t *testing.T) {
	f := newFixture(t)
	hasAlice(f)
	deregisterAlice(f)
	_, err := f.k.Slash(f.ctx, 1, types.MaxAmount, "market", "wrong")
	require.NoError(t, err)
	require.Equal(t, types.ProviderRetired, f.provider(1).Status)
	require.NoError(t, f.k.CheckInvariants(f.ctx))

	_, err = f.k.Slash(f.ctx, 2, 1, "market", "wrong")
	require.ErrorIs(t, err, types.ErrProviderNotFound)
}

func TestStakeSaturates(t *testing.T) {
	f := newFixture(t)
	hasAlice(f)
	f.setLoad(1, func(l *types.Load) { l.PendingSlash = 1_001 * cupel })
	stake, err := f.k.Stake(f.ctx, 1)
	require.NoError(t, err)
	require.Zero(t, stake)
}
