// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// OpenSession implements types.MsgServer.
func (s msgServer) OpenSession(ctx context.Context, msg *types.MsgOpenSession) (*types.MsgOpenSessionResponse, error) {
	requester, err := s.address("requester", msg.Requester)
	if err != nil {
		return nil, err
	}
	opened, err := s.k.OpenSession(ctx, requester, *msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgOpenSessionResponse{Session: opened.Id, Price: opened.Price, Scale: opened.Scale, Expires: opened.Expires}, nil
}

// Redeem implements types.MsgServer.
func (s msgServer) Redeem(ctx context.Context, msg *types.MsgRedeem) (*types.MsgRedeemResponse, error) {
	if _, err := s.address("sender", msg.Sender); err != nil {
		return nil, err
	}
	b := newBook()
	earned := make([]uint64, len(msg.Vouchers))
	failed, err := each(ctx, len(msg.Vouchers), func(ctx context.Context, i int) error {
		own := b.page()
		got, err := s.k.Redeem(ctx, msg.Vouchers[i], own)
		if err != nil {
			return err
		}
		earned[i] = got
		b.take(own)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgRedeemResponse{Errors: failed, Earned: earned}, s.k.flush(ctx, b)
}

// TopUp implements types.MsgServer.
func (s msgServer) TopUp(ctx context.Context, msg *types.MsgTopUp) (*types.MsgTopUpResponse, error) {
	requester, err := s.address("requester", msg.Requester)
	if err != nil {
		return nil, err
	}
	deposit, err := s.k.TopUp(ctx, requester, msg.Session, msg.Amount)
	return &types.MsgTopUpResponse{Deposit: deposit}, err
}

// CloseSession implements types.MsgServer.
func (s msgServer) CloseSession(ctx context.Context, msg *types.MsgCloseSession) (*types.MsgCloseSessionResponse, error) {
	sender, err := s.address("sender", msg.Sender)
	if err != nil {
		return nil, err
	}
	b := newBook()
	res, err := s.k.CloseSession(ctx, sender, msg.Session, b)
	if err != nil {
		return nil, err
	}
	return &res, s.k.flush(ctx, b)
}
