// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/reputation/types"
)

func bech(t *testing.T, prefix string, addr sdk.AccAddress) string {
	t.Helper()
	text, err := bech32.ConvertAndEncode(prefix, addr)
	require.NoError(t, err)
	return text
}

func TestUpdateParams(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.MsgUpdateParams)
		err  error
	}{
		"by the authority":    {edit: func(*types.MsgUpdateParams) {}},
		"by a stranger":       {edit: func(m *types.MsgUpdateParams) { m.Authority = bech(t, "cupel", alice) }, err: sdkerrors.ErrUnauthorized},
		"by nobody":           {edit: func(m *types.MsgUpdateParams) { m.Authority = "" }, err: sdkerrors.ErrInvalidAddress},
		"by a malformed name": {edit: func(m *types.MsgUpdateParams) { m.Authority = "cupel1gov" }, err: sdkerrors.ErrInvalidAddress},
		"on another chain":    {edit: func(m *types.MsgUpdateParams) { m.Authority = bech(t, "cosmos", authority) }, err: sdkerrors.ErrInvalidAddress},
		"to nothing":          {edit: func(m *types.MsgUpdateParams) { m.Params = types.Params{} }, err: types.ErrInvalidParams},
		"to no audits":        {edit: func(m *types.MsgUpdateParams) { m.Params.Levels[3].AuditBps = 0 }, err: types.ErrInvalidParams},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			msg := types.MsgUpdateParams{Authority: bech(t, "cupel", authority), Params: types.DefaultParams()}
			msg.Params.HalfLife = 7 * 86_400
			tc.edit(&msg)

			_, err := f.msgs.UpdateParams(f.ctx, &msg)

			require.ErrorIs(t, err, tc.err)
			want := types.DefaultParams()
			if tc.err == nil {
				want = msg.Params
			}
			res, err := f.reads.Params(f.ctx, &types.QueryParamsRequest{})
			require.NoError(t, err)
			require.Equal(t, want, res.Params)
		})
	}
}

func TestQueryStanding(t *testing.T) {
	f := newFixture(t)
	f.succeed(1, 1, 5)
	f.ctx = f.at(30 * 86_400)

	res, err := f.reads.Standing(f.ctx, &types.QueryStandingRequest{Provider: 1, Class: 1})
	require.NoError(t, err)
	standing := f.standing(1)
	require.Equal(t, standing.Score, res.Score)
	require.Equal(t, standing.Score, res.Record.Score)
	require.Equal(t, "new", res.Level)
	require.Equal(t, uint32(2_500), res.AuditBps)
	require.Equal(t, uint64(2_500_000), res.Record.Successes, "half of the weight is left after a half-life")
	require.Equal(t, uint64(f.ctx.BlockTime().Unix()), res.Record.Updated)

	res, err = f.reads.Standing(f.ctx, &types.QueryStandingRequest{Provider: 7, Class: 9})
	require.NoError(t, err)
	require.Equal(t, uint32(500_000), res.Score)
	require.Equal(t, "first", res.Level)
	require.Equal(t, uint32(7), res.Record.Provider)
	require.Equal(t, uint32(9), res.Record.Class)
	require.Zero(t, res.Record.Counted)
}

func TestBadQueries(t *testing.T) {
	f := newFixture(t)
	f.succeed(1, 1, 1)
	_, err := f.reads.Standing(f.ctx, nil)
	require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest)
	_, err = f.reads.Ranking(f.ctx, nil)
	require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest)

	both := &query.PageRequest{Key: []byte{1}, Offset: 1}
	_, err = f.reads.Ranking(f.ctx, &types.QueryRankingRequest{Class: 1, Pagination: both})
	require.Error(t, err)

	// A made-up key stays within the class.
	for _, key := range [][]byte{{0}, {0xff}, make([]byte, 100)} {
		res, err := f.reads.Ranking(f.ctx, &types.QueryRankingRequest{Class: 0, Pagination: &query.PageRequest{Key: key}})
		require.NoError(t, err)
		require.Empty(t, res.Records)
	}
}

// A store without a genesis answers with an error, never with a panic.
func TestNoGenesis(t *testing.T) {
	f := newEmptyFixture(t)
	_, err := f.k.Standing(f.ctx, 1, 1)
	require.Error(t, err)
	require.Error(t, f.k.RecordOutcome(f.ctx, outcome(1, 1)))
	require.Error(t, f.k.RecordSlash(f.ctx, 1, 1))
	require.Error(t, f.k.CheckInvariants(f.ctx))
	require.NoError(t, f.k.EndBlock(f.ctx))
	_, err = f.reads.Params(f.ctx, nil)
	require.Error(t, err)
}
