// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/reputation/types"
)

func TestGenesisRoundTrip(t *testing.T) {
	states := map[string]func(*fixture){
		"new":     func(*fixture) {},
		"slashed": func(f *fixture) { require.NoError(t, f.k.RecordSlash(f.ctx, 1, 1)) },
		"running": func(f *fixture) {
			f.succeed(1, 1, 80)
			f.succeed(2, 70, 90)
			require.NoError(t, f.k.RecordSlash(f.ctx, 1, 2))
			f.did(types.BatchSubmitted, types.ChallengeLost)
		},
	}
	for name, prepare := range states {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			prepare(f)
			exported, err := f.k.ExportGenesis(f.ctx)
			require.NoError(t, err)
			require.NoError(t, exported.Validate())

			g := newEmptyFixture(t)
			require.NoError(t, g.k.InitGenesis(g.ctx, *exported))
			require.NoError(t, g.k.CheckInvariants(g.ctx))

			// Both chains go on alike.
			for _, chain := range []*fixture{f, g} {
				chain.ctx = chain.at(86_400)
				chain.succeed(1, 20, 95)
				require.NoError(t, chain.k.EndBlock(chain.ctx))
			}
			want, err := f.k.ExportGenesis(f.ctx)
			require.NoError(t, err)
			got, err := g.k.ExportGenesis(g.ctx)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestInitGenesisRejects(t *testing.T) {
	f := newEmptyFixture(t)
	gs := types.DefaultGenesis()
	gs.Records = []types.Record{{Score: 1_000_001}}
	require.ErrorIs(t, f.k.InitGenesis(f.ctx, *gs), types.ErrInvalidGenesis)
}

func TestCheckInvariants(t *testing.T) {
	rank := collections.Join3[uint32, uint32, uint32]
	tests := map[string]struct {
		spoil func(*fixture) error
		err   error
	}{
		"sound":             {spoil: func(*fixture) error { return nil }},
		"record not ranked": {spoil: func(f *fixture) error { return f.k.Ranking.Clear(f.ctx, nil) }, err: types.ErrBrokenInvariant},
		"ranked twice":      {spoil: func(f *fixture) error { return f.k.Ranking.Set(f.ctx, rank(1, 0, 1)) }, err: types.ErrBrokenInvariant},
		"rank of no record": {spoil: func(f *fixture) error { return f.k.Ranking.Set(f.ctx, rank(5, 5, 5)) }, err: types.ErrBrokenInvariant},
		"under another key": {spoil: func(f *fixture) error {
			return f.k.Records.Set(f.ctx, collections.Join[uint32, uint32](0, 1), f.record(1))
		}, err: types.ErrBrokenInvariant},
		"record lost":        {spoil: func(f *fixture) error { return f.k.Records.Clear(f.ctx, nil) }, err: types.ErrBrokenInvariant},
		"newest epoch wrong": {spoil: func(f *fixture) error { return f.k.Newest.Set(f.ctx, 9) }, err: types.ErrBrokenInvariant},
		"newest epoch lost":  {spoil: func(f *fixture) error { return f.k.Newest.Remove(f.ctx) }, err: types.ErrBrokenInvariant},
		"requester elsewhere": {spoil: func(f *fixture) error {
			return f.k.Requesters.Set(f.ctx, bob, types.RequesterRecord{Requester: alice})
		}, err: types.ErrBrokenInvariant},
		"pruned what counts": {spoil: func(f *fixture) error { return f.k.Pruned.Set(f.ctx, 1) }, err: types.ErrBrokenInvariant},
		"bad params":         {spoil: func(f *fixture) error { return f.k.Params.Set(f.ctx, types.Params{}) }, err: types.ErrBrokenInvariant},
		"score out of range": {spoil: func(f *fixture) error {
			r := f.record(1)
			r.Score = 2_000_000
			return f.k.Records.Set(f.ctx, collections.Join[uint32, uint32](1, 1), r)
		}, err: types.ErrBrokenInvariant},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.succeed(1, 1, 3)
			f.succeed(2, 1, 3)
			require.NoError(t, tc.spoil(f))
			require.ErrorIs(t, f.k.CheckInvariants(f.ctx), tc.err)
		})
	}
}
