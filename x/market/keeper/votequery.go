// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// Verdict implements types.QueryServer.
func (s queryServer) Verdict(ctx context.Context, req *types.QueryVerdictRequest) (*types.QueryVerdictResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	v, err := s.k.committee(ctx, req.Verdict)
	return &types.QueryVerdictResponse{Committee: v}, err
}

// VerdictWork implements types.QueryServer.
func (s queryServer) VerdictWork(ctx context.Context, req *types.QueryVerdictWorkRequest) (*types.QueryVerdictWorkResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	return &types.QueryVerdictWorkResponse{}, nil
}
