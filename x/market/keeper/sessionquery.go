// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/market/types"
)

// viewSession resolves a session for people.
func (k *Keeper) viewSession(ctx context.Context, id uint64) (types.QuerySessionResponse, error) {
	var res types.QuerySessionResponse
	s, err := k.session(ctx, id)
	if err != nil {
		return res, err
	}
	requester, err := k.addresses.BytesToString(s.Requester)
	if err != nil {
		return res, err
	}
	provider, err := k.Registry.Provider(ctx, s.Provider)
	if err != nil {
		return res, err
	}
	class, err := k.Registry.Class(ctx, s.Class)
	if err != nil {
		return res, err
	}
	return types.QuerySessionResponse{
		Session: s.Session, Requester: requester, Operator: provider.Operator, Endpoint: provider.Endpoint,
		Class: class.Name, State: s.phase(), Remaining: s.remaining(), Tick: s.now.tick,
	}, nil
}

// remaining is what vouchers can still earn.
func (s *session) remaining() uint64 {
	if s.phase() == types.SessionClosed {
		return 0
	}
	return s.Held()
}

// Session implements types.QueryServer.
func (s queryServer) Session(ctx context.Context, req *types.QuerySessionRequest) (*types.QuerySessionResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	res, err := s.k.viewSession(ctx, req.Session)
	return &res, queryError(err)
}

// Sessions implements types.QueryServer.
func (s queryServer) Sessions(ctx context.Context, req *types.QuerySessionsRequest) (*types.QuerySessionsResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	res := &types.QuerySessionsResponse{}
	var err error
	switch {
	case req.Requester != "":
		owner, bad := s.k.addresses.StringToBytes(req.Requester)
		if bad != nil {
			return nil, status.Errorf(codes.InvalidArgument, "requester: %s", bad)
		}
		res.Sessions, res.Pagination, err = query.CollectionPaginate(ctx, s.k.SessionsByOwner, req.Pagination,
			func(key collections.Pair[[]byte, uint64], _ collections.NoValue) (types.QuerySessionResponse, error) {
				return s.k.viewSession(ctx, key.K2())
			}, query.WithCollectionPaginationPairPrefix[[]byte, uint64](owner))
	case req.Provider != 0:
		res.Sessions, res.Pagination, err = query.CollectionPaginate(ctx, s.k.SessionsByProvider, req.Pagination,
			func(key workKey, _ collections.NoValue) (types.QuerySessionResponse, error) {
				return s.k.viewSession(ctx, key.K2())
			}, query.WithCollectionPaginationPairPrefix[uint32, uint64](req.Provider))
	default:
		res.Sessions, res.Pagination, err = query.CollectionPaginate(ctx, s.k.Sessions, req.Pagination,
			func(id uint64, _ types.Session) (types.QuerySessionResponse, error) { return s.k.viewSession(ctx, id) })
	}
	return res, err
}

// Runway implements types.QueryServer.
func (s queryServer) Runway(ctx context.Context, req *types.QueryRunwayRequest) (*types.QueryRunwayResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	v, err := s.k.session(ctx, req.Session)
	if err != nil {
		return nil, queryError(err)
	}
	res := &types.QueryRunwayResponse{
		State: v.phase(), Remaining: v.remaining(), Rate: v.Rate, Depletes: v.Depletes,
		Low: v.Low, Expires: v.Expires, Tick: v.now.tick,
	}
	if res.State != types.SessionClosed {
		res.Units = v.UnitsLeft()
	}
	res.Ticks, res.Seconds = v.runway()
	return res, nil
}

// runway is how long the deposit lasts at the observed rate, in ticks and in
// seconds at the mean length of a tick since the opening.
func (s *session) runway() (ticks, seconds uint64) {
	if s.Depletes <= s.now.tick {
		return 0, 0
	}
	ticks = s.Depletes - s.now.tick
	lived, elapsed := s.now.tick-min(s.Opened, s.now.tick), max(s.now.time-s.OpenedTime, 0)
	if seconds, err := types.MulDivCeil(ticks, uint64(elapsed), max(lived, 1)); err == nil {
		return ticks, seconds
	}
	return ticks, 0
}

// Depleting implements types.QueryServer.
func (s queryServer) Depleting(ctx context.Context, req *types.QueryDepletingRequest) (*types.QueryDepletingResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	res := &types.QueryDepletingResponse{}
	var err error
	if res.Tick, err = s.k.Registry.Tick(ctx); err != nil {
		return nil, err
	}
	res.Sessions, res.Pagination, err = query.CollectionPaginate(ctx, s.k.Depletion, req.Pagination,
		func(key depletionKey, _ collections.NoValue) (types.DepletingSession, error) {
			return types.DepletingSession{Session: key.K2(), Depletes: key.K1()}, nil
		})
	return res, err
}
