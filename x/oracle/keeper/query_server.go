// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/oracle/types"
)

type queryServer struct{ k *Keeper }

// NewQueryServer returns the read service of x/oracle.
func NewQueryServer(k *Keeper) types.QueryServer {
	return queryServer{k: k}
}

// errEmpty answers a request that is not there.
var errEmpty = sdkerrors.ErrInvalidRequest.Wrap("empty request")

// Params implements types.QueryServer.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Epoch implements types.QueryServer.
func (s queryServer) Epoch(ctx context.Context, _ *types.QueryEpochRequest) (*types.QueryEpochResponse, error) {
	epoch, err := s.k.Epoch(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryEpochResponse{Epoch: epoch}, nil
}

// Seed implements types.QueryServer.
func (s queryServer) Seed(ctx context.Context, req *types.QuerySeedRequest) (*types.QuerySeedResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	seed, ok, err := s.k.Seed(ctx, req.Epoch)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, types.ErrUnknownSeed.Wrapf("that of epoch %d is not made yet, or pruned", req.Epoch)
	}
	described, err := s.k.describe(ctx, req.Epoch, seed)
	return &types.QuerySeedResponse{Seed: described}, err
}

// Beacon implements types.QueryServer.
func (s queryServer) Beacon(ctx context.Context, _ *types.QueryBeaconRequest) (*types.QueryBeaconResponse, error) {
	var res types.QueryBeaconResponse
	var err error
	if res.Epoch, err = s.k.Epoch(ctx); err != nil {
		return nil, err
	}
	if res.Beacon, err = s.k.Beacon.Get(ctx); err != nil {
		return nil, err
	}
	if res.Slots, err = values(ctx, s.k.Slots); err != nil {
		return nil, err
	}
	res.Exposed, err = s.k.exposed(ctx)
	return &res, err
}

// Line implements types.QueryServer.
func (s queryServer) Line(ctx context.Context, _ *types.QueryLineRequest) (*types.QueryLineResponse, error) {
	line, err := s.k.Line.Get(ctx)
	if err != nil {
		return nil, err
	}
	line.Root = lineRoot(sdk.UnwrapSDKContext(ctx), line)
	return &types.QueryLineResponse{Line: line}, nil
}

// Attestors implements types.QueryServer.
func (s queryServer) Attestors(ctx context.Context, req *types.QueryAttestorsRequest) (*types.QueryAttestorsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	attestors, page, err := query.CollectionPaginate(ctx, s.k.Attestors, req.Pagination,
		func(_ []byte, a types.Attestor) (types.Attestor, error) { return a, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryAttestorsResponse{Attestors: attestors, Pagination: page}, nil
}

// Attestor implements types.QueryServer.
func (s queryServer) Attestor(ctx context.Context, req *types.QueryAttestorRequest) (*types.QueryAttestorResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	operator, err := s.k.account("operator", req.Operator)
	if err != nil {
		return nil, err
	}
	attestor, err := s.k.Attestor(ctx, operator)
	if err != nil {
		return nil, err
	}
	return &types.QueryAttestorResponse{Attestor: attestor}, nil
}

// AttestorSets implements types.QueryServer.
func (s queryServer) AttestorSets(ctx context.Context, req *types.QueryAttestorSetsRequest) (*types.QueryAttestorSetsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	sets, page, err := query.CollectionPaginate(ctx, s.k.Sets, req.Pagination,
		func(_ uint64, set types.AttestorSet) (types.AttestorSet, error) { return set, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryAttestorSetsResponse{Sets: sets, Pagination: page}, nil
}

// AttestorSet implements types.QueryServer.
func (s queryServer) AttestorSet(ctx context.Context, req *types.QueryAttestorSetRequest) (*types.QueryAttestorSetResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	set, err := s.k.Sets.Get(ctx, req.Id)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrUnknownSet.Wrapf("set %d", req.Id)
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryAttestorSetResponse{Set: set}, nil
}

// Checkpoints implements types.QueryServer.
func (s queryServer) Checkpoints(ctx context.Context, req *types.QueryCheckpointsRequest) (*types.QueryCheckpointsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	checkpoints, page, err := query.CollectionPaginate(ctx, s.k.Checkpoints, req.Pagination,
		func(_ uint64, c types.Checkpoint) (types.Checkpoint, error) { return c, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryCheckpointsResponse{Checkpoints: checkpoints, Pagination: page}, nil
}

// Checkpoint implements types.QueryServer.
func (s queryServer) Checkpoint(ctx context.Context, req *types.QueryCheckpointRequest) (*types.QueryCheckpointResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	c, err := s.k.checkpoint(ctx, req.Nonce)
	if err != nil {
		return nil, err
	}
	return &types.QueryCheckpointResponse{Checkpoint: c}, nil
}

// checkpoint returns a header, or ErrUnknownCheckpoint.
func (k *Keeper) checkpoint(ctx context.Context, nonce uint64) (types.Checkpoint, error) {
	c, err := k.Checkpoints.Get(ctx, nonce)
	if errors.Is(err, collections.ErrNotFound) {
		return c, types.ErrUnknownCheckpoint.Wrapf("nonce %d", nonce)
	}
	return c, err
}
