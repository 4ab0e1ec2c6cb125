// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// ranked has providers 1 to 6 in class 1, of which 4 and 5 share a bucket, one in
// class 0 and one in class 2.
func ranked(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	for provider, successes := range map[uint32]uint64{1: 1, 2: 40, 3: 10, 4: 20, 5: 20} {
		f.succeed(provider, 1, successes)
	}
	require.NoError(t, f.k.RecordSlash(f.ctx, 6, 1))
	for _, class := range []uint32{0, 2} {
		o := outcome(7, 1)
		o.Class = class
		require.NoError(t, f.k.RecordOutcome(f.ctx, o))
	}
	require.NoError(t, f.k.CheckInvariants(f.ctx))
	return f
}

func providers(records []types.Record) []uint32 {
	var ids []uint32
	for _, record := range records {
		ids = append(ids, record.Provider)
	}
	return ids
}

func TestRanking(t *testing.T) {
	f := ranked(t)
	res, err := f.reads.Ranking(f.ctx, &types.QueryRankingRequest{Class: 1})
	require.NoError(t, err)
	require.Equal(t, []uint32{2, 4, 5, 3, 1, 6}, providers(res.Records))
	require.Equal(t, f.record(2), res.Records[0])

	worst, err := f.reads.Ranking(f.ctx, &types.QueryRankingRequest{Class: 1, Pagination: &query.PageRequest{Reverse: true, Limit: 2}})
	require.NoError(t, err)
	require.Equal(t, []uint32{6, 1}, providers(worst.Records))

	none, err := f.reads.Ranking(f.ctx, &types.QueryRankingRequest{Class: 3})
	require.NoError(t, err)
	require.Empty(t, none.Records)
}

func TestRankingPages(t *testing.T) {
	f := ranked(t)
	page := &query.PageRequest{Limit: 2}
	var got []uint32
	for range 10 {
		res, err := f.reads.Ranking(f.ctx, &types.QueryRankingRequest{Class: 1, Pagination: page})
		require.NoError(t, err)
		require.LessOrEqual(t, len(res.Records), 2)
		got = append(got, providers(res.Records)...)
		if len(res.Pagination.NextKey) == 0 {
			break
		}
		page = &query.PageRequest{Limit: 2, Key: res.Pagination.NextKey}
	}
	require.Equal(t, []uint32{2, 4, 5, 3, 1, 6}, got)

	counted, err := f.reads.Ranking(f.ctx, &types.QueryRankingRequest{Class: 1, Pagination: &query.PageRequest{Limit: 1, Offset: 3, CountTotal: true}})
	require.NoError(t, err)
	require.Equal(t, []uint32{3}, providers(counted.Records))
	require.Equal(t, uint64(6), counted.Pagination.Total)
}

// The ranking is written when the bucket moves and not else.
func TestRerankOnlyWhenTheBucketMoves(t *testing.T) {
	f := newFixture(t)
	f.succeed(1, 1, 2000)
	key := collections.Join3(uint32(1), types.MaxBucket-f.record(1).Bucket(), uint32(1))
	require.NoError(t, f.k.Ranking.Remove(f.ctx, key))

	f.succeed(1, 2001, 2001)
	has, err := f.k.Ranking.Has(f.ctx, key)
	require.NoError(t, err)
	require.False(t, has, "the same bucket is not written again")

	require.NoError(t, f.k.RecordSlash(f.ctx, 1, 1))
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}
