// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/market/types"
)

// Limits of the pages that are not paginated by key.
const (
	defaultTasks = 100
	maxTasks     = 500
	maxCaseWork  = 1_000
	maxSeenCases = 10_000
)

type queryServer struct{ k *Keeper }

// NewQueryServer returns the query service of the keeper.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

var errEmptyRequest = status.Error(codes.InvalidArgument, "empty request")

// queryError gives "not found" errors their gRPC status and keeps the others.
func queryError(err error) error {
	for _, missing := range []error{types.ErrBatchNotFound, types.ErrLotNotFound, types.ErrCaseNotFound, types.ErrUnknownVersion, types.ErrSessionNotFound, types.ErrVerdictNotFound} {
		if errors.Is(err, missing) {
			return status.Error(codes.NotFound, err.Error())
		}
	}
	return err
}

// Params implements types.QueryServer.
func (s queryServer) Params(ctx context.Context, req *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	if req.Version == 0 {
		version, params, err := s.k.CurrentParams(ctx)
		return &types.QueryParamsResponse{Version: version, Params: params}, err
	}
	params, err := s.k.Params.Get(ctx, req.Version)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, queryError(types.ErrUnknownVersion.Wrapf("%d", req.Version))
	}
	if err != nil {
		return nil, err
	}
	ended, err := s.k.Ended.Has(ctx, req.Version)
	return &types.QueryParamsResponse{Version: req.Version, Params: params, Ended: ended}, err
}

// Batch implements types.QueryServer.
func (s queryServer) Batch(ctx context.Context, req *types.QueryBatchRequest) (*types.QueryBatchResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	o, err := s.k.order(ctx, req.Batch)
	if err != nil {
		return nil, queryError(err)
	}
	res, err := s.k.viewBatch(ctx, o)
	return &res, err
}

// Batches implements types.QueryServer.
func (s queryServer) Batches(ctx context.Context, req *types.QueryBatchesRequest) (*types.QueryBatchesResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	resolve := func(batch uint64) (types.QueryBatchResponse, error) {
		o, err := s.k.order(ctx, batch)
		if err != nil {
			return types.QueryBatchResponse{}, err
		}
		return s.k.viewBatch(ctx, o)
	}
	res := &types.QueryBatchesResponse{}
	var err error
	if req.Requester == "" {
		res.Batches, res.Pagination, err = query.CollectionPaginate(ctx, s.k.Batches, req.Pagination,
			func(id uint64, _ types.Batch) (types.QueryBatchResponse, error) { return resolve(id) })
		return res, err
	}
	owner, err := s.k.addresses.StringToBytes(req.Requester)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "requester: %s", err)
	}
	res.Batches, res.Pagination, err = query.CollectionPaginate(ctx, s.k.ByOwner, req.Pagination,
		func(key collections.Pair[[]byte, uint64], _ collections.NoValue) (types.QueryBatchResponse, error) {
			return resolve(key.K2())
		}, query.WithCollectionPaginationPairPrefix[[]byte, uint64](owner))
	return res, err
}

// Lot implements types.QueryServer.
func (s queryServer) Lot(ctx context.Context, req *types.QueryLotRequest) (*types.QueryLotResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	o, err := s.k.order(ctx, req.Batch)
	if err != nil {
		return nil, queryError(err)
	}
	if req.Lot >= o.Lots() {
		return nil, queryError(types.ErrLotNotFound.Wrapf("batch %d has %d lots", req.Batch, o.Lots()))
	}
	res := &types.QueryLotResponse{}
	res.First, res.Count = o.LotTasks(req.Lot)
	if req.Lot < o.tally.NextLot {
		res.Lot, err = s.k.lot(ctx, req.Batch, req.Lot)
		return res, err
	}
	res.Lot = types.Lot{State: types.TaskOpen, Due: o.Deadline}
	if o.tally.Ended != types.TaskUnspecified {
		res.Lot = types.Lot{State: o.tally.Ended, Reason: o.tally.Reason}
	}
	return res, nil
}

// Task implements types.QueryServer.
func (s queryServer) Task(ctx context.Context, req *types.QueryTaskRequest) (*types.QueryTaskResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	batch, index := types.SplitTaskID(req.Task)
	o, err := s.k.order(ctx, batch)
	if err != nil {
		return nil, queryError(err)
	}
	if index >= o.Count {
		return nil, status.Errorf(codes.NotFound, "batch %d has %d tasks: task %d does not exist", batch, o.Count, req.Task)
	}
	view, err := s.k.viewTask(ctx, o, index)
	return &types.QueryTaskResponse{Task: view}, queryError(err)
}

// Tasks implements types.QueryServer.
func (s queryServer) Tasks(ctx context.Context, req *types.QueryTasksRequest) (*types.QueryTasksResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	o, err := s.k.order(ctx, req.Batch)
	if err != nil {
		return nil, queryError(err)
	}
	limit := req.Limit
	if limit == 0 {
		limit = defaultTasks
	}
	if limit > maxTasks {
		return nil, status.Errorf(codes.InvalidArgument, "limit is %d, at most %d", limit, maxTasks)
	}
	res := &types.QueryTasksResponse{Total: o.Count}
	for i := req.Offset; i < o.Count && i-req.Offset < limit; i++ {
		view, err := s.k.viewTask(ctx, o, i)
		if err != nil {
			return nil, err
		}
		res.Tasks = append(res.Tasks, view)
	}
	return res, nil
}

// Manifest implements types.QueryServer.
func (s queryServer) Manifest(ctx context.Context, req *types.QueryManifestRequest) (*types.QueryManifestResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	o, err := s.k.order(ctx, req.Batch)
	if err != nil {
		return nil, queryError(err)
	}
	if o.ManifestUri != "" {
		return &types.QueryManifestResponse{Uri: o.ManifestUri}, nil
	}
	spec, err := s.k.Specs.Get(ctx, o.Manifest)
	return &types.QueryManifestResponse{Manifest: spec.Manifest}, err
}

// Case implements types.QueryServer.
func (s queryServer) Case(ctx context.Context, req *types.QueryCaseRequest) (*types.QueryCaseResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	c, err := s.k.caseOf(ctx, req.Task)
	return &types.QueryCaseResponse{Case: c}, queryError(err)
}

// Claimable implements types.QueryServer.
func (s queryServer) Claimable(ctx context.Context, req *types.QueryClaimableRequest) (*types.QueryClaimableResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	account, err := s.k.addresses.StringToBytes(req.Account)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "account: %s", err)
	}
	res := &types.QueryClaimableResponse{}
	res.Claimables, res.Pagination, err = query.CollectionPaginate(ctx, s.k.Claimables, req.Pagination,
		func(key collections.Pair[[]byte, string], amount uint64) (types.Claimable, error) {
			return types.Claimable{Account: key.K1(), Denom: key.K2(), Amount: amount}, nil
		}, query.WithCollectionPaginationPairPrefix[[]byte, string](account))
	return res, err
}

// Pools implements types.QueryServer.
func (s queryServer) Pools(ctx context.Context, req *types.QueryPoolsRequest) (*types.QueryPoolsResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	res := &types.QueryPoolsResponse{}
	var err error
	res.Pools, res.Pagination, err = query.CollectionPaginate(ctx, s.k.Pools, req.Pagination,
		func(denom string, amount uint64) (types.Pool, error) {
			return types.Pool{Denom: denom, Amount: amount}, nil
		})
	return res, err
}
