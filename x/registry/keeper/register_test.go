// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"strings"
	"testing"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/registry/types"
)

// otherChain is a valid address of another chain.
const otherChain = "cosmos1qypqxpq9qcrsszgszyfpx9q4zct3sxfq0fzduj"

func TestRegister(t *testing.T) {
	type m = types.MsgRegister
	tests := map[string]msgCase[m]{
		"valid":                        {},
		"least bond":                   {edit: func(m *m) { m.Bond = coin(100 * cupel) }},
		"all of the balance":           {edit: func(m *m) { m.Bond = coin(balance) }},
		"payout defaults":              {edit: func(m *m) { m.Payout = "" }},
		"payout elsewhere":             {edit: func(m *m) { m.Payout = text(bob) }},
		"upper case address":           {edit: func(m *m) { m.Worker = strings.ToUpper(m.Worker) }},
		"no region":                    {edit: func(m *m) { m.Region = "" }},
		"longest region":               {edit: func(m *m) { m.Region = strings.Repeat("a", 32) }},
		"no encryption key":            {edit: func(m *m) { m.EncryptionKey = "" }},
		"highest price":                {edit: func(m *m) { m.Resources[0].Price = 1 << 53 }},
		"highest count":                {edit: func(m *m) { m.Resources[0].Count = 4_096 }},
		"operator missing":             {edit: func(m *m) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"operator of another chain":    {edit: func(m *m) { m.Operator = otherChain }, err: sdkerrors.ErrInvalidAddress},
		"operator registered":          {given: hasAlice, edit: func(m *m) { m.Worker = text(bobHot) }, err: types.ErrOperatorTaken},
		"operator is a worker":         {given: func(f *fixture) { f.register(bob, alice, cupel*100) }, err: types.ErrKeysNotApart},
		"operator cannot receive":      {given: func(f *fixture) { f.fund(vault, balance) }, edit: func(m *m) { m.Operator = text(vault) }, err: types.ErrBlockedAddress},
		"worker missing":               {edit: func(m *m) { m.Worker = "" }, err: sdkerrors.ErrInvalidAddress},
		"worker of another chain":      {edit: func(m *m) { m.Worker = otherChain }, err: sdkerrors.ErrInvalidAddress},
		"worker with a bad checksum":   {edit: func(m *m) { m.Worker = m.Worker[:len(m.Worker)-1] + "b" }, err: sdkerrors.ErrInvalidAddress},
		"worker is the operator":       {edit: func(m *m) { m.Worker = m.Operator }, err: types.ErrKeysNotApart},
		"worker is another's":          {given: func(f *fixture) { f.register(bob, aliceHot, 100*cupel) }, err: types.ErrWorkerTaken},
		"worker is another's operator": {given: func(f *fixture) { f.register(bob, bobHot, 100*cupel) }, edit: func(m *m) { m.Worker = text(bob) }, err: types.ErrKeysNotApart},
		"worker is a module":           {edit: func(m *m) { m.Worker = text(vault) }, err: types.ErrBlockedAddress},
		"payout of another chain":      {edit: func(m *m) { m.Payout = otherChain }, err: sdkerrors.ErrInvalidAddress},
		"payout is a module":           {edit: func(m *m) { m.Payout = text(vault) }, err: types.ErrBlockedAddress},
		"bond missing":                 {edit: func(m *m) { m.Bond = sdk.Coin{} }, err: types.ErrInvalidAmount},
		"bond without amount":          {edit: func(m *m) { m.Bond = sdk.Coin{Denom: types.Denom} }, err: types.ErrInvalidAmount},
		"bond zero":                    {edit: func(m *m) { m.Bond = coin(0) }, err: types.ErrInvalidAmount},
		"bond negative":                {edit: func(m *m) { m.Bond.Amount = sdkmath.NewInt(-1) }, err: types.ErrInvalidAmount},
		"bond of 64 bits":              {edit: func(m *m) { m.Bond = coin(1 << 63) }, err: types.ErrInvalidAmount},
		"bond in another denom":        {edit: func(m *m) { m.Bond.Denom = "uatom" }, err: types.ErrInvalidAmount},
		"bond in the display denom":    {edit: func(m *m) { m.Bond.Denom = "CUPEL" }, err: types.ErrInvalidAmount},
		"bond below the least tier":    {edit: func(m *m) { m.Bond = coin(100*cupel - 1) }, err: types.ErrInsufficientBond},
		"bond beyond the balance":      {edit: func(m *m) { m.Bond = coin(balance + 1) }, err: sdkerrors.ErrInsufficientFunds},
	}
	for name, tc := range badProfiles {
		tests[name] = msgCase[m]{err: tc.err, edit: func(m *m) {
			tc.edit(&profile{&m.Region, &m.Endpoint, &m.EncryptionKey, &m.Resources})
		}}
	}
	runCases(t, tests, nothing, func() m { return registration(alice, aliceHot) }, types.MsgServer.Register,
		func(t *testing.T, f *fixture, msg m, res *types.MsgRegisterResponse) {
			provider := f.provider(res.Provider)
			require.Equal(t, uint32(1), res.Provider)
			require.Equal(t, types.ProviderActive, provider.Status)
			require.Equal(t, text(aliceHot), provider.Worker)
			require.NotEmpty(t, provider.Payout)
			require.Equal(t, msg.Bond.Amount.Uint64(), provider.Bond)
			require.Equal(t, provider.Bond, f.bonded())
			require.Equal(t, balance-provider.Bond, f.has(alice))
			require.Equal(t, []uint32{1}, f.rostered(1))
			require.Equal(t, []uint32{1}, f.rostered(2))
		})
}

// profile points at the fields that two messages share.
type profile struct {
	region, endpoint, key *string
	resources             *[]types.Resource
}

// badProfiles break one thing each of a valid profile.
var badProfiles = map[string]struct {
	edit func(*profile)
	err  error
}{
	"region too long":         {func(p *profile) { *p.region = strings.Repeat("a", 33) }, types.ErrInvalidRegion},
	"region in upper case":    {func(p *profile) { *p.region = "EU" }, types.ErrInvalidRegion},
	"endpoint missing":        {func(p *profile) { *p.endpoint = "" }, types.ErrInvalidEndpoint},
	"endpoint too long":       {func(p *profile) { *p.endpoint = "https://a/" + strings.Repeat("b", 119) }, types.ErrInvalidEndpoint},
	"endpoint of ftp":         {func(p *profile) { *p.endpoint = "ftp://a" }, types.ErrInvalidEndpoint},
	"endpoint without host":   {func(p *profile) { *p.endpoint = "https://" }, types.ErrInvalidEndpoint},
	"endpoint with password":  {func(p *profile) { *p.endpoint = "https://u:p@a" }, types.ErrInvalidEndpoint},
	"key of the wrong kind":   {func(p *profile) { *p.key = text(alice) }, types.ErrInvalidKey},
	"key with a bad checksum": {func(p *profile) { *p.key = ageKey[:len(ageKey)-1] + "q" }, types.ErrInvalidKey},
	"key in upper case":       {func(p *profile) { *p.key = strings.ToUpper(ageKey) }, types.ErrInvalidKey},
	"key too short":           {func(p *profile) { *p.key = "age1" }, types.ErrInvalidKey},
	"no resources":            {func(p *profile) { *p.resources = nil }, types.ErrInvalidResource},
	"too many resources":      {func(p *profile) { *p.resources = make([]types.Resource, 17) }, types.ErrInvalidResource},
	"class missing":           {func(p *profile) { (*p.resources)[0].Class = "" }, types.ErrInvalidResource},
	"class too long":          {func(p *profile) { (*p.resources)[0].Class = strings.Repeat("a", 49) }, types.ErrInvalidResource},
	"class unknown":           {func(p *profile) { (*p.resources)[0].Class = "wasm/v2" }, types.ErrClassNotFound},
	"class twice":             {func(p *profile) { (*p.resources)[0].Class = gpu }, types.ErrInvalidResource},
	"count zero":              {func(p *profile) { (*p.resources)[0].Count = 0 }, types.ErrInvalidResource},
	"count too high":          {func(p *profile) { (*p.resources)[0].Count = 4_097 }, types.ErrInvalidResource},
	"price zero":              {func(p *profile) { (*p.resources)[0].Price = 0 }, types.ErrInvalidResource},
	"price too high":          {func(p *profile) { (*p.resources)[0].Price = 1<<53 + 1 }, types.ErrInvalidResource},
	"driver too long":         {func(p *profile) { (*p.resources)[0].Driver = strings.Repeat("5", 33) }, types.ErrInvalidResource},
	"driver not printable":    {func(p *profile) { (*p.resources)[0].Driver = "5\n" }, types.ErrInvalidResource},
}

func TestUpdateProvider(t *testing.T) {
	type m = types.MsgUpdateProvider
	valid := func() m {
		return m{
			Operator: text(alice), Payout: text(bob), Region: "us-east", Endpoint: "http://[2001:db8::1]:80",
			Resources: []types.Resource{{Class: wasm, Count: 2, Price: 7}},
		}
	}
	tests := map[string]msgCase[m]{
		"valid":                   {},
		"while draining":          {given: func(f *fixture) { require.NoError(f.t, f.k.Drain(f.ctx, alice)) }},
		"while jailed":            {given: func(f *fixture) { require.NoError(f.t, f.k.Jail(f.ctx, 1, "test")) }},
		"operator missing":        {edit: func(m *m) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by the worker":    {edit: func(m *m) { m.Operator = text(aliceHot) }, err: types.ErrProviderNotFound},
		"signed by a stranger":    {edit: func(m *m) { m.Operator = text(bob) }, err: types.ErrProviderNotFound},
		"payout of another chain": {edit: func(m *m) { m.Payout = otherChain }, err: sdkerrors.ErrInvalidAddress},
		"payout is a module":      {edit: func(m *m) { m.Payout = text(vault) }, err: types.ErrBlockedAddress},
		"after deregistering":     {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	for name, tc := range badProfiles {
		if name == "class twice" {
			continue // the update has one resource
		}
		tests[name] = msgCase[m]{err: tc.err, edit: func(m *m) {
			tc.edit(&profile{&m.Region, &m.Endpoint, &m.EncryptionKey, &m.Resources})
		}}
	}
	runCases(t, tests, hasAlice, valid, types.MsgServer.UpdateProvider,
		func(t *testing.T, f *fixture, _ m, _ *types.MsgUpdateProviderResponse) {
			provider := f.provider(1)
			require.Equal(t, text(bob), provider.Payout)
			require.Equal(t, "us-east", provider.Region)
			require.Equal(t, text(aliceHot), provider.Worker)
			require.Empty(t, f.rostered(2), "the class it no longer offers")
			entries, err := f.k.Roster(f.ctx, 1)
			require.NoError(t, err)
			if provider.Status != types.ProviderActive {
				require.Empty(t, entries)
				return
			}
			require.Equal(t, uint64(7), entries[0].Price)
			require.Equal(t, uint32(2), entries[0].Slots)
			require.Equal(t, types.Tag(text(bob)), entries[0].PayoutTag)
		})
}

func TestRotateWorker(t *testing.T) {
	type m = types.MsgRotateWorker
	withBob := func(f *fixture) { f.register(bob, bobHot, 100*cupel) }
	tests := map[string]msgCase[m]{
		"valid":                  {},
		"while jailed":           {given: func(f *fixture) { require.NoError(f.t, f.k.Jail(f.ctx, 1, "test")) }},
		"worker missing":         {edit: func(m *m) { m.Worker = "" }, err: sdkerrors.ErrInvalidAddress},
		"worker is the same":     {edit: func(m *m) { m.Worker = text(aliceHot) }, err: types.ErrWorkerTaken},
		"worker is another's":    {given: withBob, edit: func(m *m) { m.Worker = text(bobHot) }, err: types.ErrWorkerTaken},
		"worker is the operator": {edit: func(m *m) { m.Worker = text(alice) }, err: types.ErrKeysNotApart},
		"worker is an operator":  {given: withBob, edit: func(m *m) { m.Worker = text(bob) }, err: types.ErrKeysNotApart},
		"worker is a module":     {edit: func(m *m) { m.Worker = text(vault) }, err: types.ErrBlockedAddress},
		"operator missing":       {edit: func(m *m) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"signed by the worker":   {edit: func(m *m) { m.Operator = text(aliceHot) }, err: types.ErrProviderNotFound},
		"after deregistering":    {given: deregisterAlice, err: types.ErrWrongStatus},
	}
	runCases(t, tests, hasAlice, func() m { return m{Operator: text(alice), Worker: text(poor)} }, types.MsgServer.RotateWorker,
		func(t *testing.T, f *fixture, _ m, _ *types.MsgRotateWorkerResponse) {
			provider, err := f.k.ProviderByWorker(f.ctx, poor)
			require.NoError(t, err)
			require.Equal(t, uint32(1), provider.Id)
			_, err = f.k.ProviderByWorker(f.ctx, aliceHot)
			require.ErrorIs(t, err, types.ErrProviderNotFound)
		})
}

func deregisterAlice(f *fixture) {
	_, err := f.k.Deregister(f.ctx, alice)
	require.NoError(f.t, err)
}
