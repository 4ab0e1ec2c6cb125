// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// Challenge implements types.MsgServer.
func (s msgServer) Challenge(ctx context.Context, msg *types.MsgChallenge) (*types.MsgChallengeResponse, error) {
	sender, err := s.address("sender", msg.Sender)
	if err != nil {
		return nil, err
	}
	bond, err := s.k.Challenge(ctx, sender, msg.Task, msg.Kind)
	if err != nil {
		return nil, err
	}
	return &types.MsgChallengeResponse{Bond: bond}, nil
}

// Appeal implements types.MsgServer.
func (s msgServer) Appeal(ctx context.Context, msg *types.MsgAppeal) (*types.MsgAppealResponse, error) {
	sender, err := s.address("sender", msg.Sender)
	if err != nil {
		return nil, err
	}
	bond, err := s.k.Appeal(ctx, sender, msg.Task)
	if err != nil {
		return nil, err
	}
	return &types.MsgAppealResponse{Bond: bond}, nil
}
