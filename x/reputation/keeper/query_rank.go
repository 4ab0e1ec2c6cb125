// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// Leaderboard implements types.QueryServer.
func (s queryServer) Leaderboard(ctx context.Context, req *types.QueryLeaderboardRequest) (*types.QueryLeaderboardResponse, error) {
	if req == nil {
		return nil, sdkerrors.ErrInvalidRequest.Wrap("empty request")
	}
	params, err := s.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	now := blockSeconds(ctx)
	leaders, page, err := query.CollectionPaginate(ctx, s.k.Ranking, req.Pagination,
		func(key rankingKey, _ collections.NoValue) (types.Leader, error) {
			record, err := s.k.Records.Get(ctx, collections.Join(key.K3(), key.K1()))
			standing := params.Standing(record, now)
			return types.Leader{
				Provider: key.K3(), Score: standing.Score, Level: standing.Level, AuditBps: standing.AuditBps,
				Counted: standing.Counted, CappedUntil: record.CappedUntil,
			}, err
		},
		withinClass(req.Class))
	if err != nil {
		return nil, err
	}
	return &types.QueryLeaderboardResponse{Leaders: leaders, Pagination: page}, nil
}

// Requester implements types.QueryServer.
func (s queryServer) Requester(ctx context.Context, req *types.QueryRequesterRequest) (*types.QueryRequesterResponse, error) {
	if req == nil {
		return nil, sdkerrors.ErrInvalidRequest.Wrap("empty request")
	}
	address, err := s.k.addressCodec.StringToBytes(req.Address)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "address: %s", err)
	}
	params, err := s.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	record, err := s.k.requester(ctx, address)
	if err != nil {
		return nil, err
	}
	record = record.Decay(blockSeconds(ctx), params.HalfLife)
	return &types.QueryRequesterResponse{Record: record, Score: params.RequesterScore(record)}, nil
}
