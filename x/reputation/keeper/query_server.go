// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/reputation/types"
)

type queryServer struct {
	k *Keeper
}

// NewQueryServer returns the read service of x/reputation.
func NewQueryServer(k *Keeper) types.QueryServer {
	return queryServer{k: k}
}

// Params implements types.QueryServer.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Standing implements types.QueryServer.
func (s queryServer) Standing(ctx context.Context, req *types.QueryStandingRequest) (*types.QueryStandingResponse, error) {
	if req == nil {
		return nil, sdkerrors.ErrInvalidRequest.Wrap("empty request")
	}
	params, err := s.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	record, _, err := s.k.record(ctx, req.Provider, req.Class)
	if err != nil {
		return nil, err
	}
	now := blockSeconds(ctx)
	standing := params.Standing(record, now)
	record = record.Decay(now, params.HalfLife)
	record.Score = standing.Score
	return &types.QueryStandingResponse{Record: record, Score: standing.Score, Level: standing.Level, AuditBps: standing.AuditBps}, nil
}

// Ranking implements types.QueryServer.
func (s queryServer) Ranking(ctx context.Context, req *types.QueryRankingRequest) (*types.QueryRankingResponse, error) {
	if req == nil {
		return nil, sdkerrors.ErrInvalidRequest.Wrap("empty request")
	}
	records, page, err := query.CollectionPaginate(ctx, s.k.Ranking, req.Pagination,
		func(key rankingKey, _ collections.NoValue) (types.Record, error) {
			return s.k.Records.Get(ctx, collections.Join(key.K3(), key.K1()))
		},
		withinClass(req.Class))
	if err != nil {
		return nil, err
	}
	return &types.QueryRankingResponse{Records: records, Pagination: page}, nil
}

// withinClass limits a page of the ranking to one class.
func withinClass(class uint32) func(*query.CollectionsPaginateOptions[rankingKey]) {
	return func(opts *query.CollectionsPaginateOptions[rankingKey]) {
		prefix := collections.TriplePrefix[uint32, uint32, uint32](class)
		opts.Prefix = &prefix
	}
}
