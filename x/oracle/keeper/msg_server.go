// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/oracle/types"
)

type msgServer struct {
	*types.UnimplementedMsgServer
	k *Keeper
}

// NewMsgServer returns the transaction service of x/oracle.
func NewMsgServer(k *Keeper) types.MsgServer {
	return msgServer{k: k}
}

// UpdateParams implements types.MsgServer.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	authority, err := s.k.addressCodec.StringToBytes(msg.Authority)
	if err != nil {
		return nil, sdkerrors.ErrInvalidAddress.Wrapf("authority: %s", err)
	}
	if !bytes.Equal(authority, s.k.authority) {
		return nil, sdkerrors.ErrUnauthorized.Wrapf("%s is not the authority of x/oracle: send the message in a governance proposal", msg.Authority)
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.k.Params.Set(ctx, msg.Params)
}
