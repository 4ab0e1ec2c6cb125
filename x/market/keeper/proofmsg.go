// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// Prove implements types.MsgServer.
func (s msgServer) Prove(ctx context.Context, msg *types.MsgProve) (*types.MsgProveResponse, error) {
	b := newBook()
	failed, err := s.asActor(ctx, msg.Worker, len(msg.Lots), func(ctx context.Context, a *actor, i int) error {
		own := b.page()
		if err := s.k.Prove(ctx, a, msg.Lots[i], own); err != nil {
			return err
		}
		b.take(own)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgProveResponse{Errors: failed}, s.k.flush(ctx, b)
}
