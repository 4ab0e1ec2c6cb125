// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/reputation/types"
)

func TestParamsValidate(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.Params)
		ok   bool
	}{
		"default":                    {edit: func(*types.Params) {}, ok: true},
		"unset":                      {edit: func(p *types.Params) { *p = types.Params{} }},
		"one level":                  {edit: func(p *types.Params) { p.Levels = p.Levels[:1] }, ok: true},
		"no level":                   {edit: func(p *types.Params) { p.Levels = nil }},
		"too many levels":            {edit: func(p *types.Params) { p.Levels = levels(types.MaxLevels + 1) }},
		"most levels":                {edit: func(p *types.Params) { p.Levels = levels(types.MaxLevels) }, ok: true},
		"nameless level":             {edit: func(p *types.Params) { p.Levels[1].Name = "" }},
		"longest name":               {edit: func(p *types.Params) { p.Levels[1].Name = strings.Repeat("a", 32) }, ok: true},
		"too long name":              {edit: func(p *types.Params) { p.Levels[1].Name = strings.Repeat("a", 33) }},
		"name twice":                 {edit: func(p *types.Params) { p.Levels[3].Name = "first" }},
		"first asks for tasks":       {edit: func(p *types.Params) { p.Levels[0].MinCounted = 1 }},
		"first asks for a score":     {edit: func(p *types.Params) { p.Levels[0].MinScore = 1 }},
		"perfect score":              {edit: func(p *types.Params) { p.Levels[3].MinScore = 1_000_000 }, ok: true},
		"above perfect":              {edit: func(p *types.Params) { p.Levels[3].MinScore = 1_000_001 }},
		"no audit":                   {edit: func(p *types.Params) { p.Levels[3].AuditBps = 0 }},
		"least audit":                {edit: func(p *types.Params) { p.Levels[3].AuditBps = 1 }, ok: true},
		"more than every audit":      {edit: func(p *types.Params) { p.Levels[0].AuditBps = 10_001 }},
		"better is audited more":     {edit: func(p *types.Params) { p.Levels[3].AuditBps = 1_001 }},
		"better is audited the same": {edit: func(p *types.Params) { p.Levels[3].AuditBps = 1_000 }, ok: true},
		"asks for fewer tasks":       {edit: func(p *types.Params) { p.Levels[3].MinCounted = 49 }},
		"asks for a lower score":     {edit: func(p *types.Params) { p.Levels[3].MinScore = 799_999 }},
		"asks for nothing more":      {edit: func(p *types.Params) { p.Levels[3].MinCounted, p.Levels[3].MinScore = 50, 800_000 }},
		"shortest half-life":         {edit: func(p *types.Params) { p.HalfLife = types.MinHalfLife }, ok: true},
		"too short half-life":        {edit: func(p *types.Params) { p.HalfLife = types.MinHalfLife - 1 }},
		"longest half-life":          {edit: func(p *types.Params) { p.HalfLife = types.MaxHalfLife }, ok: true},
		"too long half-life":         {edit: func(p *types.Params) { p.HalfLife = types.MaxHalfLife + 1 }},
		"no full weight":             {edit: func(p *types.Params) { p.FullWeight = 0 }},
		"huge full weight":           {edit: func(p *types.Params) { p.FullWeight = types.MaxFullWeight + 1 }},
		"no least price":             {edit: func(p *types.Params) { p.MinPrice = 0 }},
		"least price is full weight": {edit: func(p *types.Params) { p.MinPrice = p.FullWeight }, ok: true},
		"least price above it":       {edit: func(p *types.Params) { p.MinPrice = p.FullWeight + 1 }},
		"cap at perfect":             {edit: func(p *types.Params) { p.CapScore = 1_000_000 }, ok: true},
		"cap above perfect":          {edit: func(p *types.Params) { p.CapScore = 1_000_001 }},
		"no cap time":                {edit: func(p *types.Params) { p.CapSeconds = 0 }},
		"endless cap":                {edit: func(p *types.Params) { p.CapSeconds = math.MaxUint64 }},
		"start at the cap":           {edit: func(p *types.Params) { p.StartScore = p.CapScore }, ok: true},
		"start above the cap":        {edit: func(p *types.Params) { p.StartScore = p.CapScore + 1 }},
		"start at zero":              {edit: func(p *types.Params) { p.StartScore = 0 }, ok: true},
		"highest start":              {edit: func(p *types.Params) { p.CapScore, p.StartScore = 1_000_000, types.MaxStartScore }, ok: true},
		"too high start":             {edit: func(p *types.Params) { p.CapScore, p.StartScore = 1_000_000, types.MaxStartScore+1 }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			tc.edit(&params)
			if tc.ok {
				require.NoError(t, params.Validate())
				return
			}
			require.ErrorIs(t, params.Validate(), types.ErrInvalidParams)
		})
	}
}

// levels returns n levels that each ask for one task more.
func levels(n int) []types.Level {
	out := make([]types.Level, n)
	for i := range out {
		out[i] = types.Level{Name: strings.Repeat("l", i+1), MinCounted: uint64(i), AuditBps: 10_000}
	}
	return out
}

func TestLevel(t *testing.T) {
	tests := map[string]struct {
		counted uint64
		score   uint32
		name    string
		audit   uint32
	}{
		"stranger":            {counted: 0, score: 500_000, name: "first", audit: 10_000},
		"four tasks":          {counted: 4, score: 1_000_000, name: "first", audit: 10_000},
		"five tasks":          {counted: 5, score: 0, name: "new", audit: 2_500},
		"49 tasks":            {counted: 49, score: 1_000_000, name: "new", audit: 2_500},
		"50 below 0.80":       {counted: 50, score: 799_999, name: "new", audit: 2_500},
		"50 at 0.80":          {counted: 50, score: 800_000, name: "established", audit: 1_000},
		"199 tasks":           {counted: 199, score: 1_000_000, name: "established", audit: 1_000},
		"200 below 0.95":      {counted: 200, score: 949_999, name: "established", audit: 1_000},
		"200 at 0.95":         {counted: 200, score: 950_000, name: "trusted", audit: 500},
		"a fallen veteran":    {counted: 100_000, score: 600_000, name: "new", audit: 2_500},
		"counted for ever":    {counted: math.MaxUint64, score: 1_000_000, name: "trusted", audit: 500},
		"nothing to be sure ": {counted: 0, score: 0, name: "first", audit: 10_000},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			level := types.DefaultParams().Level(tc.counted, tc.score)
			require.Equal(t, tc.name, level.Name)
			require.Equal(t, tc.audit, level.AuditBps)
		})
	}
	require.Equal(t, uint32(10_000), types.Params{}.Level(1000, 1_000_000).AuditBps)
}

func TestWeight(t *testing.T) {
	for price, want := range map[uint64]uint64{
		0: 0, 1: 0, 10: 1, 1_000_000: 100_000, 5_000_000: 500_000,
		9_999_999: 999_999, 10_000_000: 1_000_000, 10_000_001: 1_000_000, math.MaxUint64: 1_000_000,
	} {
		require.Equal(t, want, types.DefaultParams().Weight(price), "price %d", price)
	}
	require.Equal(t, uint64(1_000_000), types.Params{}.Weight(0))
}

func TestCounts(t *testing.T) {
	params := types.DefaultParams()
	require.True(t, params.Counts(types.Outcome{Drawn: true, Price: 1_000_000}))
	require.False(t, params.Counts(types.Outcome{Drawn: true, Price: 999_999}))
	require.False(t, params.Counts(types.Outcome{Drawn: false, Price: 1_000_000}))
}

func TestOutcomeValidate(t *testing.T) {
	for size, ok := range map[int]bool{0: false, 1: true, 20: true, 32: true, 255: true, 256: false} {
		err := types.Outcome{Requester: make(sdk.AccAddress, size)}.Validate()
		if ok {
			require.NoError(t, err, "size %d", size)
			continue
		}
		require.ErrorIs(t, err, types.ErrInvalidOutcome, "size %d", size)
	}
}

func TestCodec(t *testing.T) {
	registry := codectypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	_, err := registry.Resolve("/cupel.reputation.v1.MsgUpdateParams")
	require.NoError(t, err)

	amino := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(amino)
	bz, err := amino.MarshalJSON(&types.MsgUpdateParams{Authority: "cupel1", Params: types.DefaultParams()})
	require.NoError(t, err)
	require.Contains(t, string(bz), `"type":"cupel/reputation/MsgUpdateParams"`)
}
