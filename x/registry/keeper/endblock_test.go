// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

func TestUnbondingOrder(t *testing.T) {
	f := newFixture(t)
	cooldown := types.DefaultParams().UnbondingTicks
	f.register(alice, aliceHot, 1_000*cupel)
	f.register(bob, bobHot, 1_000*cupel)
	for _, step := range []struct {
		operator sdk.AccAddress
		amount   uint64
	}{{alice, 100}, {bob, 200}, {alice, 300}} {
		_, err := f.k.Unbond(f.ctx, step.operator, step.amount*cupel)
		require.NoError(t, err)
		f.skip(10)
	}

	paid := func(a sdk.AccAddress) uint64 { return (f.has(a) + 1_000*cupel - balance) / cupel }
	f.skip(cooldown - 31)
	require.Zero(t, paid(alice), "one tick before the first release")
	f.skip(1)
	require.Equal(t, []uint64{100, 0}, []uint64{paid(alice), paid(bob)})
	f.skip(10)
	require.Equal(t, []uint64{100, 200}, []uint64{paid(alice), paid(bob)})
	f.skip(10)
	require.Equal(t, []uint64{400, 200}, []uint64{paid(alice), paid(bob)})
}

// TestFailedReleaseIsDelayed checks that one recipient that cannot be paid
// holds nobody up and is paid later.
func TestFailedReleaseIsDelayed(t *testing.T) {
	failures := map[string]func() error{
		"error": func() error { return errors.New("refused") },
		"panic": func() error { panic("refused") },
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(alice, aliceHot, 1_000*cupel)
			f.register(bob, bobHot, 1_000*cupel)
			for _, operator := range []sdk.AccAddress{alice, bob} {
				_, err := f.k.Deregister(f.ctx, operator)
				require.NoError(t, err)
			}
			f.bank.refuse = func(to sdk.AccAddress) error {
				if to.Equals(alice) {
					return fail()
				}
				return nil
			}

			f.skip(types.DefaultParams().UnbondingTicks)
			require.Equal(t, types.ProviderUnbonding, f.provider(1).Status)
			require.Equal(t, types.ProviderRetired, f.provider(2).Status)
			require.Equal(t, balance, f.has(bob))

			f.bank.refuse = nil
			f.skip(599)
			require.Equal(t, types.ProviderUnbonding, f.provider(1).Status)
			f.skip(1)
			require.Equal(t, types.ProviderRetired, f.provider(1).Status)
			require.Equal(t, balance, f.has(alice))
		})
	}
}

// many registers n providers.
func many(f *fixture, n int) {
	for i := range n {
		operator := addr(fmt.Sprintf("operator %d", i))
		f.fund(operator, 100*cupel)
		f.register(operator, addr(fmt.Sprintf("worker %d", i)), 100*cupel)
	}
}

// count returns how many of the first n providers have a status.
func (f *fixture) count(n int, status types.ProviderStatus) int {
	found := 0
	for i := range n {
		if f.provider(uint32(i+1)).Status == status {
			found++
		}
	}
	return found
}

// TestBlocksAreBounded has 250 of everything due at once.
func TestBlocksAreBounded(t *testing.T) {
	const n = 250
	f := newFixture(t)
	many(f, n)

	f.skip(types.DefaultParams().SilenceTicks)
	require.Equal(t, 100, f.count(n, types.ProviderJailed))
	f.skip(0)
	f.skip(0)
	require.Equal(t, n, f.count(n, types.ProviderJailed))
	require.Empty(t, f.rostered(1))

	for i := range n {
		_, err := f.k.Deregister(f.ctx, addr(fmt.Sprintf("operator %d", i)))
		require.NoError(t, err)
	}
	f.skip(types.DefaultParams().UnbondingTicks)
	require.Equal(t, 100, f.count(n, types.ProviderRetired))
	f.skip(0)
	f.skip(0)
	require.Equal(t, n, f.count(n, types.ProviderRetired))
	require.Zero(t, f.bonded())
}

func TestParamsReachTheRostersInSteps(t *testing.T) {
	f := newFixture(t)
	many(f, 250)
	params := types.DefaultParams()
	params.TicketSize = 10 * cupel
	require.NoError(t, f.k.SetParams(f.ctx, params))
	for block, want := range []int{100, 200, 250} {
		f.skip(1)
		entries, err := f.k.Roster(f.ctx, 1)
		require.NoError(t, err)
		fresh := 0
		for _, entry := range entries {
			if entry.Tickets == 10 {
				fresh++
			}
		}
		require.Equal(t, want, fresh, "block %d", block)
	}
}

func TestSilence(t *testing.T) {
	limit := types.DefaultParams().SilenceTicks
	f := newFixture(t)
	hasAlice(f)

	f.skip(limit - 1)
	require.NoError(t, f.k.Heartbeat(f.ctx, aliceHot))
	f.skip(1)
	require.Equal(t, types.ProviderActive, f.provider(1).Status, "the entry fires and finds a heartbeat")
	f.skip(limit - 2)
	require.Equal(t, types.ProviderActive, f.provider(1).Status)
	f.skip(1)
	provider := f.provider(1)
	require.Equal(t, types.ProviderJailed, provider.Status)
	require.Equal(t, 1_000*cupel, provider.Bond, "silence does not slash")
	require.Zero(t, provider.Slashed)

	f.skip(types.DefaultParams().JailTicks)
	require.NoError(t, f.k.Unjail(f.ctx, alice))
	f.skip(limit - 1)
	require.Equal(t, types.ProviderActive, f.provider(1).Status, "unjailing is a sign of life")
}

func TestSilenceSparesDraining(t *testing.T) {
	limit := types.DefaultParams().SilenceTicks
	f := newFixture(t)
	hasAlice(f)
	drainAlice(f)
	f.skip(limit)
	require.Equal(t, types.ProviderDraining, f.provider(1).Status)
	require.NoError(t, f.k.Resume(f.ctx, aliceHot))
	f.skip(limit - 1)
	require.Equal(t, types.ProviderActive, f.provider(1).Status, "resuming is a sign of life")
	f.skip(limit)
	require.Equal(t, types.ProviderJailed, f.provider(1).Status)
}

// TestFailedReleasesMerge has two releases of one provider fail in one block:
// they are queued for the same tick and nothing is lost.
func TestFailedReleasesMerge(t *testing.T) {
	f := newFixture(t)
	hasAlice(f)
	for range 2 {
		_, err := f.k.Unbond(f.ctx, alice, 10*cupel)
		require.NoError(t, err)
		f.skip(1)
	}
	f.bank.refuse = func(sdk.AccAddress) error { return errors.New("refused") }
	f.skip(types.DefaultParams().UnbondingTicks)
	require.Equal(t, 20*cupel, f.provider(1).Unbonding)
	f.bank.refuse = nil
	f.skip(600)
	require.Zero(t, f.provider(1).Unbonding)
	require.Equal(t, balance-980*cupel, f.has(alice))
}

// TestResumeIsASignOfLife resumes one tick before the look at its silence.
func TestResumeIsASignOfLife(t *testing.T) {
	f := newFixture(t)
	hasAlice(f)
	drainAlice(f)
	f.skip(types.DefaultParams().SilenceTicks - 1)
	require.NoError(t, f.k.Resume(f.ctx, alice))
	f.skip(1)
	require.Equal(t, types.ProviderActive, f.provider(1).Status)
}
