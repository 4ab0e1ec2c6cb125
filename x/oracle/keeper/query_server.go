// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/oracle/types"
)

type queryServer struct {
	*types.UnimplementedQueryServer
	k *Keeper
}

// NewQueryServer returns the read service of x/oracle.
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
		return nil, sdkerrors.ErrInvalidRequest.Wrap("empty request")
	}
	seed, ok, err := s.k.Seed(ctx, req.Epoch)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, types.ErrUnknownSeed.Wrapf("epoch %d has not begun or is pruned", req.Epoch)
	}
	return &types.QuerySeedResponse{Seed: types.Seed{Epoch: req.Epoch, Value: seed}}, nil
}
