// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"slices"
	"strconv"

	"cosmossdk.io/collections"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/registry/types"
)

// maxPage bounds one page of a list.
const maxPage = 1_000

var errEmptyRequest = status.Error(codes.InvalidArgument, "empty request")

type queryServer struct {
	k *Keeper
}

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the read service of x/registry.
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

// Clock implements types.QueryServer.
func (s queryServer) Clock(ctx context.Context, _ *types.QueryClockRequest) (*types.QueryClockResponse, error) {
	tick, err := s.k.Tick(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryClockResponse{Tick: tick}, nil
}

// Provider implements types.QueryServer.
func (s queryServer) Provider(ctx context.Context, req *types.QueryProviderRequest) (*types.QueryProviderResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	provider, err := s.find(ctx, req.Provider)
	if err != nil {
		return nil, err
	}
	load, err := s.k.Load(ctx, provider.Id)
	if err != nil {
		return nil, err
	}
	params, err := s.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	tier, _ := types.TierOf(params, provider.FreeBond())
	return &types.QueryProviderResponse{
		Provider: provider, Load: load, Tier: tier.Name, Slots: types.SlotLimit(params, provider.FreeBond()),
	}, nil
}

// Providers implements types.QueryServer.
func (s queryServer) Providers(ctx context.Context, req *types.QueryProvidersRequest) (*types.QueryProvidersResponse, error) {
	page, err := page(req.GetPagination())
	if err != nil {
		return nil, err
	}
	providers, next, err := query.CollectionPaginate(ctx, s.k.Providers, page,
		func(_ uint32, provider types.Provider) (types.Provider, error) { return provider, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryProvidersResponse{Providers: providers, Pagination: next}, nil
}

// Classes implements types.QueryServer.
func (s queryServer) Classes(ctx context.Context, req *types.QueryClassesRequest) (*types.QueryClassesResponse, error) {
	page, err := page(req.GetPagination())
	if err != nil {
		return nil, err
	}
	classes, next, err := query.CollectionPaginate(ctx, s.k.Classes, page,
		func(_ uint32, class types.Class) (types.Class, error) { return class, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryClassesResponse{Classes: classes, Pagination: next}, nil
}

// Roster implements types.QueryServer. A page counts chunks, not entries.
func (s queryServer) Roster(ctx context.Context, req *types.QueryRosterRequest) (*types.QueryRosterResponse, error) {
	page, err := page(req.GetPagination())
	if err != nil {
		return nil, err
	}
	class, err := s.k.ClassByName(ctx, req.GetClass())
	if err != nil {
		return nil, err
	}
	chunks, next, err := query.CollectionPaginate(ctx, s.k.Rosters, page,
		func(_ collections.Pair[uint32, uint32], chunk types.RosterChunk) ([]types.RosterEntry, error) {
			return chunk.Entries, nil
		},
		query.WithCollectionPaginationPairPrefix[uint32, uint32](class.Id))
	if err != nil {
		return nil, err
	}
	return &types.QueryRosterResponse{Entries: slices.Concat(chunks...), Pagination: next}, nil
}

// Unbondings implements types.QueryServer.
func (s queryServer) Unbondings(ctx context.Context, req *types.QueryUnbondingsRequest) (*types.QueryUnbondingsResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	provider, err := s.find(ctx, req.Provider)
	if err != nil {
		return nil, err
	}
	entries, err := s.k.unbondingsOf(ctx, provider.Id)
	if err != nil {
		return nil, err
	}
	return &types.QueryUnbondingsResponse{Unbondings: entries}, nil
}

// find returns a provider by decimal id, or by the address of its operator or
// its worker.
func (s queryServer) find(ctx context.Context, text string) (types.Provider, error) {
	if id, err := strconv.ParseUint(text, 10, 32); err == nil {
		return s.k.Provider(ctx, uint32(id))
	}
	addr, err := s.k.addresses.StringToBytes(text)
	if err != nil {
		return types.Provider{}, status.Errorf(codes.InvalidArgument, "provider %.128q: give a decimal id, or the address of the operator or the worker", text)
	}
	return s.k.signedBy(ctx, addr)
}

// page bounds what a caller asks for.
func page(req *query.PageRequest) (*query.PageRequest, error) {
	if req.GetLimit() > maxPage {
		return nil, status.Errorf(codes.InvalidArgument, "limit %d: ask for at most %d and follow next_key", req.GetLimit(), maxPage)
	}
	return req, nil
}
