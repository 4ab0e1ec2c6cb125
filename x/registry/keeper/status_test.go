// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/registry/types"
)

func jailAlice(f *fixture) { require.NoError(f.t, f.k.Jail(f.ctx, 1, "test")) }

func drainAlice(f *fixture) { require.NoError(f.t, f.k.Drain(f.ctx, alice)) }

func TestHeartbeat(t *testing.T) {
	type m = types.MsgHeartbeat
	tests := map[string]msgCase[m]{
		"valid":                  {},
		"while draining":         {given: drainAlice},
		"while jailed":           {given: jailAlice},
		"worker missing":         {edit: func(m *m) { m.Worker = "" }, err: sdkerrors.ErrInvalidAddress},
		"worker of no provider":  {edit: func(m *m) { m.Worker = text(bobHot) }, err: types.ErrProviderNotFound},
		"signed by the operator": {edit: func(m *m) { m.Worker = text(alice) }, err: types.ErrProviderNotFound},
		"worker replaced":        {given: func(f *fixture) { require.NoError(f.t, f.k.RotateWorker(f.ctx, alice, poor)) }, err: types.ErrProviderNotFound},
		"after deregistering":    {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	given := func(f *fixture) { hasAlice(f); f.skip(7) }
	runCases(t, tests, given, func() m { return m{Worker: text(aliceHot)} }, types.MsgServer.Heartbeat,
		func(t *testing.T, f *fixture, _ m, _ *types.MsgHeartbeatResponse) {
			require.Equal(t, uint64(7), f.load(1).LastSeen)
		})
}

func TestDrain(t *testing.T) {
	type m = types.MsgDrain
	tests := map[string]msgCase[m]{
		"by the operator":      {},
		"by the worker":        {edit: func(m *m) { m.Signer = text(aliceHot) }},
		"twice":                {given: drainAlice},
		"signer missing":       {edit: func(m *m) { m.Signer = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by a stranger": {edit: func(m *m) { m.Signer = text(bob) }, err: types.ErrProviderNotFound},
		"while jailed":         {given: jailAlice, err: types.ErrWrongStatus},
		"after deregistering":  {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	runCases(t, tests, hasAlice, func() m { return m{Signer: text(alice), Drain: true} }, types.MsgServer.Drain,
		func(t *testing.T, f *fixture, _ m, _ *types.MsgDrainResponse) {
			require.Equal(t, types.ProviderDraining, f.provider(1).Status)
			require.Empty(t, f.rostered(1))
		})
}

func TestResume(t *testing.T) {
	type m = types.MsgDrain
	tests := map[string]msgCase[m]{
		"by the operator":     {given: drainAlice},
		"by the worker":       {given: drainAlice, edit: func(m *m) { m.Signer = text(aliceHot) }},
		"when active":         {},
		"while jailed":        {given: jailAlice, err: types.ErrWrongStatus},
		"after deregistering": {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	runCases(t, tests, hasAlice, func() m { return m{Signer: text(alice)} }, types.MsgServer.Drain,
		func(t *testing.T, f *fixture, _ m, _ *types.MsgDrainResponse) {
			require.Equal(t, types.ProviderActive, f.provider(1).Status)
			require.Equal(t, []uint32{1}, f.rostered(1))
		})
}

func TestUnjail(t *testing.T) {
	type m = types.MsgUnjail
	serve := func(ticks uint64) func(*fixture) { return func(f *fixture) { jailAlice(f); f.skip(ticks) } }
	sentence := types.DefaultParams().JailTicks
	broke := func(f *fixture) {
		_, err := f.k.Slash(f.ctx, 1, 900*cupel+1, "market", "wrong")
		require.NoError(f.t, err)
		serve(sentence)(f)
	}
	tests := map[string]msgCase[m]{
		"time served":            {given: serve(sentence)},
		"bonded up again":        {given: func(f *fixture) { broke(f); require.NoError(f.t, f.k.Bond(f.ctx, alice, 1)) }},
		"bond too small":         {given: broke, err: types.ErrInsufficientBond},
		"one tick too soon":      {given: serve(sentence - 1), err: types.ErrStillJailed},
		"not jailed":             {err: types.ErrWrongStatus},
		"draining":               {given: drainAlice, err: types.ErrWrongStatus},
		"after deregistering":    {given: func(f *fixture) { serve(sentence)(f); deregisterAlice(f) }, err: types.ErrWrongStatus},
		"operator missing":       {edit: func(m *m) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by the worker":   {given: serve(sentence), edit: func(m *m) { m.Operator = text(aliceHot) }, err: types.ErrProviderNotFound},
		"operator of a stranger": {edit: func(m *m) { m.Operator = text(bob) }, err: types.ErrProviderNotFound},
	}
	runCases(t, tests, hasAlice, func() m { return m{Operator: text(alice)} }, types.MsgServer.Unjail,
		func(t *testing.T, f *fixture, _ m, _ *types.MsgUnjailResponse) {
			require.Equal(t, types.ProviderActive, f.provider(1).Status)
			require.Equal(t, []uint32{1}, f.rostered(1))
			require.Equal(t, sentence, f.load(1).LastSeen, "unjailing is a sign of life")
		})
}

func TestJailIsIdempotent(t *testing.T) {
	f := newFixture(t)
	hasAlice(f)
	jailAlice(f)
	until := f.provider(1).JailedUntil
	f.skip(10)
	jailAlice(f)
	require.Equal(t, until, f.provider(1).JailedUntil)

	deregisterAlice(f)
	jailAlice(f)
	require.Equal(t, types.ProviderUnbonding, f.provider(1).Status)
	f.skip(types.DefaultParams().UnbondingTicks)
	jailAlice(f)
	require.Equal(t, types.ProviderRetired, f.provider(1).Status)
	require.ErrorIs(t, f.k.Jail(f.ctx, 9, "test"), types.ErrProviderNotFound)
}

func TestAddClass(t *testing.T) {
	type m = types.MsgAddClass
	tests := map[string]msgCase[m]{
		"valid":                 {},
		"unsound":               {edit: func(m *m) { m.Sound = false }},
		"authority missing":     {edit: func(m *m) { m.Authority = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by an operator": {edit: func(m *m) { m.Authority = text(alice) }, err: types.ErrInvalidAuthority},
		"name missing":          {edit: func(m *m) { m.Name = "" }, err: types.ErrInvalidClass},
		"name too short":        {edit: func(m *m) { m.Name = "ab" }, err: types.ErrInvalidClass},
		"name too long":         {edit: func(m *m) { m.Name = "a123456789012345678901234567890123456789012345678" }, err: types.ErrInvalidClass},
		"name in upper case":    {edit: func(m *m) { m.Name = "WASM" }, err: types.ErrInvalidClass},
		"name taken":            {edit: func(m *m) { m.Name = wasm }, err: types.ErrClassExists},
		"unit missing":          {edit: func(m *m) { m.Unit = types.UnitUnspecified }, err: types.ErrInvalidClass},
		"unit unknown":          {edit: func(m *m) { m.Unit = 9 }, err: types.ErrInvalidClass},
	}
	valid := func() m { return m{Authority: text(gov), Name: "wasm/v2-amd64", Unit: types.UnitFuel, Sound: true} }
	runCases(t, tests, nothing, valid, types.MsgServer.AddClass,
		func(t *testing.T, f *fixture, msg m, res *types.MsgAddClassResponse) {
			class, err := f.k.ClassByName(f.ctx, msg.Name)
			require.NoError(t, err)
			require.Equal(t, types.Class{Id: res.Class, Name: msg.Name, Unit: msg.Unit, Sound: msg.Sound}, class)
			require.Equal(t, uint32(3), class.Id)
		})
}

func TestUpdateParams(t *testing.T) {
	type m = types.MsgUpdateParams
	tests := map[string]msgCase[m]{
		"the same":              {},
		"smaller tickets":       {edit: func(m *m) { m.Params.TicketSize = cupel }},
		"fewer tickets":         {edit: func(m *m) { m.Params.MaxTickets = 1 }},
		"higher tiers":          {edit: func(m *m) { m.Params.Tiers = m.Params.Tiers[2:] }},
		"authority missing":     {edit: func(m *m) { m.Authority = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by an operator": {edit: func(m *m) { m.Authority = text(alice) }, err: types.ErrInvalidAuthority},
		"params missing":        {edit: func(m *m) { m.Params = types.Params{} }, err: types.ErrInvalidParams},
		"no tickets":            {edit: func(m *m) { m.Params.MaxTickets = 0 }, err: types.ErrInvalidParams},
		"no cooldown":           {edit: func(m *m) { m.Params.UnbondingTicks = 0 }, err: types.ErrInvalidParams},
	}
	valid := func() m { return m{Authority: text(gov), Params: types.DefaultParams()} }
	runCases(t, tests, hasAlice, valid, types.MsgServer.UpdateParams,
		func(t *testing.T, f *fixture, msg m, _ *types.MsgUpdateParamsResponse) {
			f.skip(1)
			has, err := f.k.Refresh.Has(f.ctx)
			require.NoError(t, err)
			require.False(t, has, "one block is enough for one provider")
			entries, err := f.k.Roster(f.ctx, 1)
			require.NoError(t, err)
			require.Equal(t, types.Tickets(msg.Params, 1_000*cupel), entries[0].Tickets)
			require.Equal(t, min(4, types.SlotLimit(msg.Params, 1_000*cupel)), entries[0].Slots)
		})
}
