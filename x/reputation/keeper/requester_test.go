// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/reputation/types"
)

func (f *fixture) requester(who sdk.AccAddress) *types.QueryRequesterResponse {
	f.t.Helper()
	res, err := f.reads.Requester(f.ctx, &types.QueryRequesterRequest{Address: bech(f.t, "cupel", who)})
	require.NoError(f.t, err)
	return res
}

func (f *fixture) did(events ...types.RequesterEvent) {
	f.t.Helper()
	for _, e := range events {
		require.NoError(f.t, f.k.RecordRequester(f.ctx, alice, e))
	}
	require.NoError(f.t, f.k.CheckInvariants(f.ctx))
}

func TestRecordRequester(t *testing.T) {
	submitted, cancelled, lost, won := types.BatchSubmitted, types.BatchCancelled, types.ChallengeLost, types.ChallengeWon
	tests := map[string]struct {
		events       []types.RequesterEvent
		kept, broken uint64
		score        uint32
	}{
		"stranger":               {score: 500_000},
		"submits":                {events: []types.RequesterEvent{submitted}, kept: 1_000_000, score: 578_379},
		"cancels what it had":    {events: []types.RequesterEvent{submitted, cancelled}, broken: 1_000_000, score: 328_094},
		"cancels half":           {events: []types.RequesterEvent{submitted, submitted, cancelled}, kept: 1_000_000, broken: 1_000_000, score: 413_777},
		"cancels lots one a day": {events: []types.RequesterEvent{cancelled, cancelled}, broken: 2_000_000, score: 246_944},
		"loses a challenge":      {events: []types.RequesterEvent{submitted, lost}, kept: 1_000_000, broken: 1_000_000, score: 413_777},
		"wins a challenge":       {events: []types.RequesterEvent{won}, kept: 1_000_000, score: 578_379},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.did(tc.events...)
			res := f.requester(alice)
			require.Equal(t, []uint64{tc.kept, tc.broken}, []uint64{res.Record.Kept, res.Record.Broken})
			require.Equal(t, tc.score, res.Score)
			require.Equal(t, uint32(500_000), f.requester(bob).Score, "of another")
		})
	}
}

func TestRequesterCountsAndDecays(t *testing.T) {
	f := newFixture(t)
	f.did(types.BatchSubmitted, types.BatchSubmitted, types.BatchCancelled, types.ChallengeLost, types.ChallengeWon)
	res := f.requester(alice)
	require.Equal(t, []uint64{2, 1, 1, 1}, []uint64{res.Record.Submitted, res.Record.Cancelled, res.Record.Lost, res.Record.Won})
	before := res.Score

	f.ctx = f.at(30 * 86_400)
	res = f.requester(alice)
	require.Equal(t, []uint64{1_000_000, 1_000_000}, []uint64{res.Record.Kept, res.Record.Broken}, "half is left after a half-life")
	require.Greater(t, res.Score, before)
	require.Equal(t, uint64(2), res.Record.Submitted)

	stored, err := f.k.Requesters.Get(f.ctx, alice)
	require.NoError(t, err)
	require.Equal(t, uint64(2_000_000), stored.Kept, "reading writes nothing")
	f.ctx = f.at(0)
	f.did(types.BatchSubmitted) // time that goes back decays nothing
	require.Equal(t, uint64(3_000_000), f.requester(alice).Record.Kept)
}

func TestRequesterIsRefused(t *testing.T) {
	f := newFixture(t)
	require.ErrorIs(t, f.k.RecordRequester(f.ctx, alice, 0), types.ErrInvalidOutcome)
	require.ErrorIs(t, f.k.RecordRequester(f.ctx, alice, 5), types.ErrInvalidOutcome)
	require.ErrorIs(t, f.k.RecordRequester(f.ctx, nil, types.BatchSubmitted), types.ErrInvalidGenesis)
	empty := newEmptyFixture(t)
	require.Error(t, empty.k.RecordRequester(empty.ctx, alice, types.BatchSubmitted))
	_, err := f.k.Requesters.Get(f.ctx, alice)
	require.ErrorIs(t, err, collections.ErrNotFound)
	for name, address := range map[string]string{"empty": "", "text": "alice", "other chain": bech(t, "cosmos", alice)} {
		_, err := f.reads.Requester(f.ctx, &types.QueryRequesterRequest{Address: address})
		require.Equal(t, codes.InvalidArgument, status.Code(err), name)
	}
	_, err = f.reads.Requester(f.ctx, nil)
	require.Error(t, err)
}

// No sequence of events leaves the bounds or a state that no genesis holds.
func TestRequesterBounds(t *testing.T) {
	params := types.DefaultParams()
	rapid.Check(t, func(t *rapid.T) {
		r := types.RequesterRecord{Requester: alice}
		for _, e := range rapid.SliceOfN(rapid.Uint8Range(1, 4), 0, 100).Draw(t, "events") {
			r = r.Decay(r.Updated+uint64(e)*100_000, params.HalfLife)
			before := params.RequesterScore(r)
			next, err := r.Apply(types.RequesterEvent(e))
			require.NoError(t, err)
			require.NoError(t, next.Validate())
			after := params.RequesterScore(next)
			good := types.RequesterEvent(e) == types.BatchSubmitted || types.RequesterEvent(e) == types.ChallengeWon
			require.True(t, good == (after > before) || after == before, "event %d: %d to %d", e, before, after)
			r = next
		}
	})
}

func TestLeaderboard(t *testing.T) {
	f := newFixture(t)
	f.succeed(1, 1, 3)
	f.succeed(2, 1, 60)
	f.succeed(3, 1, 60)
	require.NoError(t, f.k.RecordSlash(f.ctx, 3, 1))

	res, err := f.reads.Leaderboard(f.ctx, &types.QueryLeaderboardRequest{Class: 1})
	require.NoError(t, err)
	require.Len(t, res.Leaders, 3)
	require.Equal(t, []uint32{2, 1, 3}, []uint32{res.Leaders[0].Provider, res.Leaders[1].Provider, res.Leaders[2].Provider})
	require.Equal(t, types.Leader{
		Provider: 2, Score: f.standing(2).Score, Level: "established", AuditBps: 1_000, Counted: 60,
	}, res.Leaders[0])
	require.Equal(t, uint64(start.Unix())+14*86_400, res.Leaders[2].CappedUntil)

	f.ctx = f.at(14 * 86_400)
	later, err := f.reads.Leaderboard(f.ctx, &types.QueryLeaderboardRequest{Class: 1, Pagination: &query.PageRequest{Limit: 1, Offset: 2}})
	require.NoError(t, err)
	require.Len(t, later.Leaders, 1)
	require.Equal(t, f.standing(3).Score, later.Leaders[0].Score, "it shows what holds now")
	require.Greater(t, later.Leaders[0].Score, uint32(600_000))

	_, err = f.reads.Leaderboard(f.ctx, nil)
	require.Error(t, err)
	_, err = f.reads.Leaderboard(f.ctx, &types.QueryLeaderboardRequest{Class: 1, Pagination: &query.PageRequest{Key: []byte{1}, Offset: 1}})
	require.Error(t, err)
	none, err := f.reads.Leaderboard(f.ctx, &types.QueryLeaderboardRequest{Class: 9})
	require.NoError(t, err)
	require.Empty(t, none.Leaders)
}

func TestPrunedEpochsAreNotSearched(t *testing.T) {
	f := newFixture(t)
	f.crowd(3, 1)
	f.crowd(1, 100)
	require.NoError(t, f.k.EndBlock(f.ctx))
	pruned, err := f.k.Pruned.Get(f.ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(36), pruned)
	require.NoError(t, f.k.CheckInvariants(f.ctx))

	// With nothing stale, a mark and a block cost no search: an entry that could
	// not be there is left alone.
	require.NoError(t, f.k.Seen.Set(f.ctx, collections.Join4(uint64(1), uint32(1), uint32(1), alice)))
	f.crowd(2, 100)
	require.NoError(t, f.k.EndBlock(f.ctx))
	require.Equal(t, 3, f.seen())
	require.ErrorIs(t, f.k.CheckInvariants(f.ctx), types.ErrBrokenInvariant)
	f.crowd(1, 101) // the horizon moves
	require.NoError(t, f.k.EndBlock(f.ctx))
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}
