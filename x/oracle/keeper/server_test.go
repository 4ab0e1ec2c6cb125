// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/oracle/types"
)

func bech(t *testing.T, prefix string, addr sdk.AccAddress) string {
	t.Helper()
	text, err := bech32.ConvertAndEncode(prefix, addr)
	require.NoError(t, err)
	return text
}

func TestUpdateParams(t *testing.T) {
	stranger := sdk.AccAddress("stranger____________")
	tests := map[string]struct {
		edit func(*types.MsgUpdateParams)
		err  error
	}{
		"by the authority":    {edit: func(*types.MsgUpdateParams) {}},
		"by a stranger":       {edit: func(m *types.MsgUpdateParams) { m.Authority = bech(t, "cupel", stranger) }, err: sdkerrors.ErrUnauthorized},
		"by nobody":           {edit: func(m *types.MsgUpdateParams) { m.Authority = "" }, err: sdkerrors.ErrInvalidAddress},
		"by a malformed name": {edit: func(m *types.MsgUpdateParams) { m.Authority = "cupel1gov" }, err: sdkerrors.ErrInvalidAddress},
		"on another chain":    {edit: func(m *types.MsgUpdateParams) { m.Authority = bech(t, "cosmos", authority) }, err: sdkerrors.ErrInvalidAddress},
		"to nothing":          {edit: func(m *types.MsgUpdateParams) { m.Params = types.Params{} }, err: types.ErrInvalidParams},
		"to no epoch":         {edit: func(m *types.MsgUpdateParams) { m.Params.EpochBlocks = 0 }, err: types.ErrInvalidParams},
		"to too few seeds":    {edit: func(m *types.MsgUpdateParams) { m.Params.KeepSeeds = 7 }, err: types.ErrInvalidParams},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			msg := types.MsgUpdateParams{Authority: bech(t, "cupel", authority), Params: types.DefaultParams()}
			msg.Params.EpochBlocks, msg.Params.KeepSeeds, msg.Params.CheckpointBlocks = 3, 8, 10
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

func TestQueryEpoch(t *testing.T) {
	f := newFixture(t)
	f.blocks(1, 31)
	res, err := f.reads.Epoch(f.ctx, nil)
	require.NoError(t, err)
	require.Equal(t, types.Epoch{Number: 2, StartHeight: 31, Blocks: 30}, res.Epoch)
}

func TestQuerySeed(t *testing.T) {
	tests := map[string]struct {
		req *types.QuerySeedRequest
		err error
	}{
		"current":   {req: &types.QuerySeedRequest{Epoch: 2}},
		"past":      {req: &types.QuerySeedRequest{Epoch: 1}},
		"not begun": {req: &types.QuerySeedRequest{Epoch: 3}, err: types.ErrUnknownSeed},
		"zero":      {req: &types.QuerySeedRequest{}, err: types.ErrUnknownSeed},
		"nil":       {err: sdkerrors.ErrInvalidRequest},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.blocks(1, 31)
			res, err := f.reads.Seed(f.ctx, tc.req)
			require.ErrorIs(t, err, tc.err)
			if tc.err != nil {
				require.Nil(t, res)
				return
			}
			require.Equal(t, tc.req.Epoch, res.Seed.Epoch)
			require.Len(t, res.Seed.Value, types.SeedSize)
		})
	}
}

func TestUnknownSeedIsNotFound(t *testing.T) {
	f := newFixture(t)
	_, err := f.reads.Seed(f.ctx, &types.QuerySeedRequest{Epoch: 1})
	require.Equal(t, codes.NotFound, status.Code(err))
}

// A store without a genesis answers with an error, never with a panic.
func TestNoGenesis(t *testing.T) {
	f := newEmptyFixture(t)
	_, err := f.k.Epoch(f.ctx)
	require.Error(t, err)
	require.Error(t, f.k.BeginBlock(f.ctx))
	require.Error(t, f.k.Rebase(f.ctx, 1))
	require.Error(t, f.k.CheckInvariants(f.ctx))
	_, err = f.reads.Params(f.ctx, nil)
	require.Error(t, err)
	_, err = f.reads.Epoch(f.ctx, nil)
	require.Error(t, err)
}
