// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/registry/types"
)

var errInvalidArgument = status.Error(codes.InvalidArgument, "")

func TestQueryProvider(t *testing.T) {
	tests := map[string]struct {
		by  string
		err error
	}{
		"by id":            {"1", nil},
		"by operator":      {text(alice), nil},
		"by worker":        {text(aliceHot), nil},
		"id zero":          {"0", types.ErrProviderNotFound},
		"id unknown":       {"2", types.ErrProviderNotFound},
		"id of 33 bits":    {"4294967297", errInvalidArgument},
		"id negative":      {"-1", errInvalidArgument},
		"address unknown":  {text(bob), types.ErrProviderNotFound},
		"of another chain": {otherChain, errInvalidArgument},
		"nothing":          {"", errInvalidArgument},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(alice, aliceHot, 10_000*cupel)
			res, err := f.queries.Provider(f.ctx, &types.QueryProviderRequest{Provider: tc.by})
			_, errUnbondings := f.queries.Unbondings(f.ctx, &types.QueryUnbondingsRequest{Provider: tc.by})
			if tc.err != nil {
				require.Equal(t, status.Code(tc.err), status.Code(err), err)
				require.Equal(t, status.Code(tc.err), status.Code(errUnbondings), errUnbondings)
				return
			}
			require.NoError(t, err)
			require.NoError(t, errUnbondings)
			require.Equal(t, text(alice), res.Provider.Operator)
			require.Equal(t, "Professional", res.Tier)
			require.Equal(t, uint32(10), res.Slots)
		})
	}
}

func TestQueryTiers(t *testing.T) {
	f := newFixture(t)
	f.register(alice, aliceHot, 100_000*cupel)
	res, err := f.queries.Provider(f.ctx, &types.QueryProviderRequest{Provider: "1"})
	require.NoError(t, err)
	require.Equal(t, "Enterprise", res.Tier)
	require.Equal(t, uint32(math.MaxUint32), res.Slots)

	_, err = f.k.Slash(f.ctx, 1, 99_950*cupel, "market", "wrong")
	require.NoError(t, err)
	res, err = f.queries.Provider(f.ctx, &types.QueryProviderRequest{Provider: "1"})
	require.NoError(t, err)
	require.Empty(t, res.Tier)
	require.Zero(t, res.Slots)
}

// TestQueryRoster pages over three chunks.
func TestQueryRoster(t *testing.T) {
	const n = 520
	f := newFixture(t)
	many(f, n)
	var got []types.RosterEntry
	var next []byte
	for pages := 1; ; pages++ {
		res, err := f.queries.Roster(f.ctx, &types.QueryRosterRequest{Class: wasm, Pagination: &query.PageRequest{Key: next, Limit: 1}})
		require.NoError(t, err)
		got = append(got, res.Entries...)
		if next = res.Pagination.NextKey; next == nil {
			require.Equal(t, 3, pages, "0 to 255, 256 to 511, 512 to 520")
			break
		}
	}
	want, err := f.k.Roster(f.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Len(t, got, n)
	for i, entry := range got {
		require.Equal(t, uint32(i+1), entry.Provider)
	}
	_, err = f.queries.Roster(f.ctx, &types.QueryRosterRequest{Class: "unknown"})
	require.ErrorIs(t, err, types.ErrClassNotFound)
}

func TestQueryLists(t *testing.T) {
	f := newFixture(t)
	many(f, 3)
	f.skip(5)
	clock, err := f.queries.Clock(f.ctx, &types.QueryClockRequest{})
	require.NoError(t, err)
	require.Equal(t, uint64(5), clock.Tick)
	params, err := f.queries.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params.Params)
	classes, err := f.queries.Classes(f.ctx, &types.QueryClassesRequest{})
	require.NoError(t, err)
	require.Len(t, classes.Classes, 2)
	providers, err := f.queries.Providers(f.ctx, &types.QueryProvidersRequest{Pagination: &query.PageRequest{Limit: 2}})
	require.NoError(t, err)
	require.Len(t, providers.Providers, 2)
	require.NotNil(t, providers.Pagination.NextKey)
	_, err = f.queries.Providers(f.ctx, &types.QueryProvidersRequest{Pagination: &query.PageRequest{Limit: 1_001}})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Provider(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Unbondings(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Roster(f.ctx, nil)
	require.ErrorIs(t, err, types.ErrClassNotFound)
}
