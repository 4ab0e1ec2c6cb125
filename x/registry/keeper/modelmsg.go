// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/registry/types"
)

// CreateModel implements types.MsgServer.
func (s msgServer) CreateModel(context.Context, *types.MsgCreateModel) (*types.MsgCreateModelResponse, error) {
	return nil, types.ErrInvalidParams
}

// PublishVersion implements types.MsgServer.
func (s msgServer) PublishVersion(context.Context, *types.MsgPublishVersion) (*types.MsgPublishVersionResponse, error) {
	return nil, types.ErrInvalidParams
}

// ForkModel implements types.MsgServer.
func (s msgServer) ForkModel(context.Context, *types.MsgForkModel) (*types.MsgForkModelResponse, error) {
	return nil, types.ErrInvalidParams
}

// MergeModels implements types.MsgServer.
func (s msgServer) MergeModels(context.Context, *types.MsgMergeModels) (*types.MsgMergeModelsResponse, error) {
	return nil, types.ErrInvalidParams
}

// RollbackModel implements types.MsgServer.
func (s msgServer) RollbackModel(context.Context, *types.MsgRollbackModel) (*types.MsgRollbackModelResponse, error) {
	return nil, types.ErrInvalidParams
}

// SignVersion implements types.MsgServer.
func (s msgServer) SignVersion(context.Context, *types.MsgSignVersion) (*types.MsgSignVersionResponse, error) {
	return nil, types.ErrInvalidParams
}

// UpdateModel implements types.MsgServer.
func (s msgServer) UpdateModel(context.Context, *types.MsgUpdateModel) (*types.MsgUpdateModelResponse, error) {
	return nil, types.ErrInvalidParams
}

// TransferModel implements types.MsgServer.
func (s msgServer) TransferModel(context.Context, *types.MsgTransferModel) (*types.MsgTransferModelResponse, error) {
	return nil, types.ErrInvalidParams
}

// Model implements types.QueryServer.
func (s queryServer) Model(context.Context, *types.QueryModelRequest) (*types.QueryModelResponse, error) {
	return nil, types.ErrInvalidParams
}

// Models implements types.QueryServer.
func (s queryServer) Models(context.Context, *types.QueryModelsRequest) (*types.QueryModelsResponse, error) {
	return nil, types.ErrInvalidParams
}

// ModelVersion implements types.QueryServer.
func (s queryServer) ModelVersion(context.Context, *types.QueryModelVersionRequest) (*types.QueryModelVersionResponse, error) {
	return nil, types.ErrInvalidParams
}

// ModelVersions implements types.QueryServer.
func (s queryServer) ModelVersions(context.Context, *types.QueryModelVersionsRequest) (*types.QueryModelVersionsResponse, error) {
	return nil, types.ErrInvalidParams
}

// Lineage implements types.QueryServer.
func (s queryServer) Lineage(context.Context, *types.QueryLineageRequest) (*types.QueryLineageResponse, error) {
	return nil, types.ErrInvalidParams
}
