// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/registry/types"
)

// CreateModel implements types.MsgServer.
func (s msgServer) CreateModel(ctx context.Context, msg *types.MsgCreateModel) (*types.MsgCreateModelResponse, error) {
	owner, err := s.address("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	id, err := s.k.CreateModel(ctx, owner, draft{msg.Name, msg.RoyaltyBps, msg.Signers}, msg.Content, nil)
	return &types.MsgCreateModelResponse{Model: id}, err
}

// PublishVersion implements types.MsgServer.
func (s msgServer) PublishVersion(ctx context.Context, msg *types.MsgPublishVersion) (*types.MsgPublishVersionResponse, error) {
	owner, err := s.address("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	version, err := s.k.PublishVersion(ctx, owner, msg.Model, msg.Content)
	return &types.MsgPublishVersionResponse{Version: version}, err
}

// ForkModel implements types.MsgServer.
func (s msgServer) ForkModel(ctx context.Context, msg *types.MsgForkModel) (*types.MsgForkModelResponse, error) {
	owner, err := s.address("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	id, err := s.k.CreateModel(ctx, owner, draft{msg.Name, msg.RoyaltyBps, msg.Signers}, msg.Content, &msg.Parent)
	return &types.MsgForkModelResponse{Model: id}, err
}

// MergeModels implements types.MsgServer.
func (s msgServer) MergeModels(ctx context.Context, msg *types.MsgMergeModels) (*types.MsgMergeModelsResponse, error) {
	owner, err := s.address("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	version, err := s.k.MergeModels(ctx, owner, msg.Model, msg.Parents, msg.Content)
	return &types.MsgMergeModelsResponse{Version: version}, err
}

// RollbackModel implements types.MsgServer.
func (s msgServer) RollbackModel(ctx context.Context, msg *types.MsgRollbackModel) (*types.MsgRollbackModelResponse, error) {
	owner, err := s.address("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	version, err := s.k.RollbackModel(ctx, owner, msg.Model, msg.Version)
	return &types.MsgRollbackModelResponse{Version: version}, err
}

// SignVersion implements types.MsgServer.
func (s msgServer) SignVersion(ctx context.Context, msg *types.MsgSignVersion) (*types.MsgSignVersionResponse, error) {
	signer, err := s.address("signer", msg.Signer)
	if err != nil {
		return nil, err
	}
	released, err := s.k.SignVersion(ctx, signer, types.VersionRef{Model: msg.Model, Version: msg.Version})
	return &types.MsgSignVersionResponse{Released: released}, err
}

// UpdateModel implements types.MsgServer.
func (s msgServer) UpdateModel(ctx context.Context, msg *types.MsgUpdateModel) (*types.MsgUpdateModelResponse, error) {
	owner, err := s.address("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	return &types.MsgUpdateModelResponse{}, s.k.UpdateModel(ctx, owner, msg.Model, msg.RoyaltyBps, msg.Signers)
}

// TransferModel implements types.MsgServer.
func (s msgServer) TransferModel(ctx context.Context, msg *types.MsgTransferModel) (*types.MsgTransferModelResponse, error) {
	owner, err := s.address("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	to, err := s.address("new_owner", msg.NewOwner)
	if err != nil {
		return nil, err
	}
	return &types.MsgTransferModelResponse{}, s.k.TransferModel(ctx, owner, msg.Model, to)
}
