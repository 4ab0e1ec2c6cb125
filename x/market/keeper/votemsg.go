// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// CommitVote implements types.MsgServer.
func (s msgServer) CommitVote(ctx context.Context, msg *types.MsgCommitVote) (*types.MsgCommitVoteResponse, error) {
	failed, err := s.asActor(ctx, msg.Worker, len(msg.Votes), func(ctx context.Context, a *actor, i int) error {
		return s.k.CommitVote(ctx, a, msg.Votes[i])
	})
	return &types.MsgCommitVoteResponse{Errors: failed}, err
}

// RevealVote implements types.MsgServer.
func (s msgServer) RevealVote(ctx context.Context, msg *types.MsgRevealVote) (*types.MsgRevealVoteResponse, error) {
	failed, err := s.asActor(ctx, msg.Worker, len(msg.Votes), func(ctx context.Context, a *actor, i int) error {
		return s.k.RevealVote(ctx, a, msg.Votes[i])
	})
	return &types.MsgRevealVoteResponse{Errors: failed}, err
}

// SubmitQuote implements types.MsgServer.
func (s msgServer) SubmitQuote(ctx context.Context, msg *types.MsgSubmitQuote) (*types.MsgSubmitQuoteResponse, error) {
	sender, err := s.address("sender", msg.Sender)
	if err != nil {
		return nil, err
	}
	res, err := s.k.SubmitQuote(ctx, sender, *msg)
	if err != nil {
		return nil, err
	}
	return &res, nil
}

// Accept implements types.MsgServer.
func (s msgServer) Accept(ctx context.Context, msg *types.MsgAccept) (*types.MsgAcceptResponse, error) {
	requester, err := s.address("requester", msg.Requester)
	if err != nil {
		return nil, err
	}
	b := newBook()
	failed, err := each(ctx, len(msg.Lots), func(ctx context.Context, i int) error {
		own := b.page()
		if err := s.k.Accept(ctx, requester, msg.Lots[i], own); err != nil {
			return err
		}
		b.take(own)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgAcceptResponse{Errors: failed}, s.k.flush(ctx, b)
}

// Reject implements types.MsgServer.
func (s msgServer) Reject(ctx context.Context, msg *types.MsgReject) (*types.MsgRejectResponse, error) {
	requester, err := s.address("requester", msg.Requester)
	if err != nil {
		return nil, err
	}
	id, err := s.k.Reject(ctx, requester, msg.Task)
	return &types.MsgRejectResponse{Verdict: id}, err
}
