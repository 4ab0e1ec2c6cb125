// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/registry/types"
)

// badCoins break an amount one way each.
var badCoins = map[string]sdk.Coin{
	"amount missing":     {},
	"amount unset":       {Denom: types.Denom},
	"amount zero":        coin(0),
	"amount negative":    {Denom: types.Denom, Amount: sdkmath.NewInt(-5)},
	"amount of 64 bits":  coin(1 << 63),
	"amount of 65 bits":  {Denom: types.Denom, Amount: sdkmath.NewIntFromUint64(1 << 63).MulRaw(4)},
	"another denom":      {Denom: "uatom", Amount: sdkmath.NewInt(5)},
	"an IBC denom":       {Denom: "ibc/0123", Amount: sdkmath.NewInt(5)},
	"denom without name": {Amount: sdkmath.NewInt(5)},
}

func TestBond(t *testing.T) {
	type m = types.MsgBond
	tests := map[string]msgCase[m]{
		"valid":                {},
		"one":                  {edit: func(m *m) { m.Amount = coin(1) }},
		"the rest":             {edit: func(m *m) { m.Amount = coin(balance - 1_000*cupel) }},
		"while jailed":         {given: func(f *fixture) { require.NoError(f.t, f.k.Jail(f.ctx, 1, "test")) }},
		"beyond the balance":   {edit: func(m *m) { m.Amount = coin(balance) }, err: sdkerrors.ErrInsufficientFunds},
		"sum beyond 63 bits":   {edit: func(m *m) { m.Amount = coin(types.MaxAmount) }, err: types.ErrInvalidAmount},
		"operator missing":     {edit: func(m *m) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by the worker": {edit: func(m *m) { m.Operator = text(aliceHot) }, err: types.ErrProviderNotFound},
		"after deregistering":  {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	for name, amount := range badCoins {
		tests[name] = msgCase[m]{edit: func(m *m) { m.Amount = amount }, err: types.ErrInvalidAmount}
	}
	runCases(t, tests, hasAlice, func() m { return m{Operator: text(alice), Amount: coin(200 * cupel)} }, types.MsgServer.Bond,
		func(t *testing.T, f *fixture, msg m, _ *types.MsgBondResponse) {
			require.Equal(t, 1_000*cupel+msg.Amount.Amount.Uint64(), f.provider(1).Bond)
			require.Equal(t, f.provider(1).Bond, f.bonded())
			require.Equal(t, balance-f.bonded(), f.has(alice))
		})
}

func TestUnbond(t *testing.T) {
	type m = types.MsgUnbond
	fill := func(f *fixture) {
		for range types.MaxUnbondings - 1 {
			_, err := f.k.Unbond(f.ctx, alice, cupel)
			require.NoError(f.t, err)
			require.NoError(f.t, f.k.AdvanceTick(f.ctx))
		}
	}
	tests := map[string]msgCase[m]{
		"valid":                {},
		"one":                  {edit: func(m *m) { m.Amount = coin(1) }},
		"down to the least":    {edit: func(m *m) { m.Amount = coin(900 * cupel) }},
		"while jailed":         {given: func(f *fixture) { require.NoError(f.t, f.k.Jail(f.ctx, 1, "test")) }},
		"below the least":      {edit: func(m *m) { m.Amount = coin(900*cupel + 1) }, err: types.ErrInsufficientBond},
		"all":                  {edit: func(m *m) { m.Amount = coin(1_000 * cupel) }, err: types.ErrInsufficientBond},
		"more than the bond":   {edit: func(m *m) { m.Amount = coin(1_000*cupel + 1) }, err: types.ErrInsufficientBond},
		"what unbonds already": {given: func(f *fixture) { _, err := f.k.Unbond(f.ctx, alice, 900*cupel); require.NoError(f.t, err) }, err: types.ErrInsufficientBond},
		"too many entries":     {given: fill, edit: func(m *m) { m.Amount = coin(1) }, err: types.ErrTooManyUnbondings},
		"operator missing":     {edit: func(m *m) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by a stranger": {edit: func(m *m) { m.Operator = text(bob) }, err: types.ErrProviderNotFound},
		"after deregistering":  {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	for name, amount := range badCoins {
		tests[name] = msgCase[m]{edit: func(m *m) { m.Amount = amount }, err: types.ErrInvalidAmount}
	}
	runCases(t, tests, hasAlice, func() m { return m{Operator: text(alice), Amount: coin(200 * cupel)} }, types.MsgServer.Unbond,
		func(t *testing.T, f *fixture, msg m, res *types.MsgUnbondResponse) {
			require.Equal(t, types.DefaultParams().UnbondingTicks, res.Release)
			require.Equal(t, msg.Amount.Amount.Uint64(), f.provider(1).Unbonding)
			require.Equal(t, 1_000*cupel, f.bonded(), "nothing is paid before the release")
			stake, err := f.k.Stake(f.ctx, 1)
			require.NoError(t, err)
			require.Equal(t, 1_000*cupel-msg.Amount.Amount.Uint64(), stake)
		})
}

func TestDeregister(t *testing.T) {
	type m = types.MsgDeregister
	open := func(edit func(*types.Load)) func(*fixture) { return func(f *fixture) { f.setLoad(1, edit) } }
	fill := func(f *fixture) {
		for range types.MaxUnbondings - 1 {
			_, err := f.k.Unbond(f.ctx, alice, cupel)
			require.NoError(f.t, err)
			require.NoError(f.t, f.k.AdvanceTick(f.ctx))
		}
	}
	tests := map[string]msgCase[m]{
		"valid":                  {},
		"while draining":         {given: func(f *fixture) { require.NoError(f.t, f.k.Drain(f.ctx, alice)) }},
		"while jailed":           {given: func(f *fixture) { require.NoError(f.t, f.k.Jail(f.ctx, 1, "test")) }},
		"with a full queue":      {given: fill},
		"old void clock":         {given: open(func(l *types.Load) { l.VoidClock = 1 })},
		"lots in flight":         {given: open(func(l *types.Load) { l.InFlight = 1 }), err: types.ErrWorkOpen},
		"verification seats":     {given: open(func(l *types.Load) { l.Verifying = 1 }), err: types.ErrWorkOpen},
		"open cases":             {given: open(func(l *types.Load) { l.Freezes = 1 }), err: types.ErrWorkOpen},
		"pending slashes":        {given: open(func(l *types.Load) { l.PendingSlash = 1 }), err: types.ErrWorkOpen},
		"operator missing":       {edit: func(m *m) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"operator of a stranger": {edit: func(m *m) { m.Operator = text(bob) }, err: types.ErrProviderNotFound},
		"signed by the worker":   {edit: func(m *m) { m.Operator = text(aliceHot) }, err: types.ErrProviderNotFound},
		"twice":                  {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	runCases(t, tests, hasAlice, func() m { return m{Operator: text(alice)} }, types.MsgServer.Deregister,
		func(t *testing.T, f *fixture, _ m, res *types.MsgDeregisterResponse) {
			require.Equal(t, types.ProviderUnbonding, f.provider(1).Status)
			require.Empty(t, f.rostered(1))
			tick, err := f.k.Tick(f.ctx)
			require.NoError(t, err)
			require.Equal(t, tick+types.DefaultParams().UnbondingTicks, res.Release)

			f.skip(types.DefaultParams().UnbondingTicks)
			require.Equal(t, types.ProviderRetired, f.provider(1).Status)
			require.Equal(t, balance, f.has(alice))
			require.Zero(t, f.bonded())
			require.Equal(t, uint32(2), f.register(alice, aliceHot, 100*cupel), "the addresses are free, the id is not")
		})
}

func TestDeregisterWithoutBond(t *testing.T) {
	f := newFixture(t)
	hasAlice(f)
	_, err := f.k.Slash(f.ctx, 1, types.MaxAmount, "market", "wrong")
	require.NoError(t, err)
	require.NoError(t, f.k.Jail(f.ctx, 1, "wrong"))

	release, err := f.k.Deregister(f.ctx, alice)
	require.NoError(t, err)
	require.Zero(t, release)
	require.Equal(t, types.ProviderRetired, f.provider(1).Status)
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}
