// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/registry/types"
)

// maxLineagePage bounds one page of ancestors.
const maxLineagePage = 100

// Model implements types.QueryServer.
func (s queryServer) Model(ctx context.Context, req *types.QueryModelRequest) (*types.QueryModelResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	m, err := s.k.Model(ctx, req.Model)
	if err != nil {
		return nil, err
	}
	return &types.QueryModelResponse{Model: m}, nil
}

// Models implements types.QueryServer.
func (s queryServer) Models(ctx context.Context, req *types.QueryModelsRequest) (*types.QueryModelsResponse, error) {
	page, err := page(req.GetPagination())
	if err != nil {
		return nil, err
	}
	if req.GetOwner() != "" {
		return s.modelsOf(ctx, req.Owner, page)
	}
	models, next, err := query.CollectionPaginate(ctx, s.k.Models, page,
		func(_ uint64, m types.Model) (types.Model, error) { return m, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryModelsResponse{Models: models, Pagination: next}, nil
}

func (s queryServer) modelsOf(ctx context.Context, text string, page *query.PageRequest) (*types.QueryModelsResponse, error) {
	owner, err := s.k.addresses.StringToBytes(text)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "owner %.128q: %s", text, err)
	}
	models, next, err := query.CollectionPaginate(ctx, s.k.ModelsOf, page,
		func(key collections.Pair[[]byte, uint64], _ collections.NoValue) (types.Model, error) {
			return s.k.Model(ctx, key.K2())
		},
		query.WithCollectionPaginationPairPrefix[[]byte, uint64](owner))
	if err != nil {
		return nil, err
	}
	return &types.QueryModelsResponse{Models: models, Pagination: next}, nil
}

// ModelVersion implements types.QueryServer.
func (s queryServer) ModelVersion(ctx context.Context, req *types.QueryModelVersionRequest) (*types.QueryModelVersionResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	v, err := s.k.ModelVersion(ctx, types.VersionRef{Model: req.Model, Version: req.Version})
	if err != nil {
		return nil, err
	}
	return &types.QueryModelVersionResponse{Version: v, Released: v.Released()}, nil
}

// ModelVersions implements types.QueryServer.
func (s queryServer) ModelVersions(ctx context.Context, req *types.QueryModelVersionsRequest) (*types.QueryModelVersionsResponse, error) {
	page, err := page(req.GetPagination())
	if err != nil {
		return nil, err
	}
	versions, next, err := query.CollectionPaginate(ctx, s.k.ModelVersions, page,
		func(_ collections.Pair[uint64, uint32], v types.ModelVersion) (types.ModelVersion, error) {
			return v, nil
		},
		query.WithCollectionPaginationPairPrefix[uint64, uint32](req.GetModel()))
	if err != nil {
		return nil, err
	}
	return &types.QueryModelVersionsResponse{Versions: versions, Pagination: next}, nil
}

// Lineage implements types.QueryServer. It walks breadth first and visits every
// ancestor once, at most MaxLineage of them.
func (s queryServer) Lineage(ctx context.Context, req *types.QueryLineageRequest) (*types.QueryLineageResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	limit := int(req.Limit)
	if limit == 0 || limit > maxLineagePage {
		limit = maxLineagePage
	}
	res := &types.QueryLineageResponse{}
	queue := []types.VersionRef{{Model: req.Model, Version: req.Version}}
	seen := map[types.VersionRef]bool{queue[0]: true}
	for i := 0; i < len(queue) && i < types.MaxLineage; i++ {
		if len(res.Versions) == limit {
			res.More = true
			break
		}
		v, err := s.k.ModelVersion(ctx, queue[i])
		if err != nil {
			return nil, err
		}
		for _, parent := range v.Parents {
			if !seen[parent] {
				seen[parent] = true
				queue = append(queue, parent)
			}
		}
		if i >= int(req.Offset) {
			res.Versions = append(res.Versions, v)
		}
	}
	return res, nil
}
