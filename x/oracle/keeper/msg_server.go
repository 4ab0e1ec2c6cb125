// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/oracle/types"
)

type msgServer struct{ k *Keeper }

// NewMsgServer returns the transaction service of x/oracle.
func NewMsgServer(k *Keeper) types.MsgServer {
	return msgServer{k: k}
}

// UpdateParams implements types.MsgServer.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := s.authorize(msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.k.Params.Set(ctx, msg.Params)
}

// RegisterAttestor implements types.MsgServer.
func (s msgServer) RegisterAttestor(ctx context.Context, msg *types.MsgRegisterAttestor) (*types.MsgRegisterAttestorResponse, error) {
	operator, err := s.k.account("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	account, err := s.k.account("account", msg.Account)
	if err != nil {
		return nil, err
	}
	key, possession, err := parseKey(msg.Key, msg.Possession)
	if err != nil {
		return nil, err
	}
	return &types.MsgRegisterAttestorResponse{}, s.k.RegisterAttestor(ctx, operator, account, key, possession)
}

// RotateAttestorKey implements types.MsgServer.
func (s msgServer) RotateAttestorKey(ctx context.Context, msg *types.MsgRotateAttestorKey) (*types.MsgRotateAttestorKeyResponse, error) {
	operator, err := s.k.account("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	key, possession, err := parseKey(msg.Key, msg.Possession)
	if err != nil {
		return nil, err
	}
	return &types.MsgRotateAttestorKeyResponse{}, s.k.RotateAttestorKey(ctx, operator, key, possession)
}

// Attest implements types.MsgServer.
func (s msgServer) Attest(ctx context.Context, msg *types.MsgAttest) (*types.MsgAttestResponse, error) {
	account, err := s.k.account("account", msg.Account)
	if err != nil {
		return nil, err
	}
	stored, err := s.k.Attest(ctx, account, msg.Attestations)
	if err != nil {
		return nil, err
	}
	return &types.MsgAttestResponse{Stored: stored}, nil
}

// SubmitEvidence implements types.MsgServer.
func (s msgServer) SubmitEvidence(ctx context.Context, msg *types.MsgSubmitEvidence) (*types.MsgSubmitEvidenceResponse, error) {
	if _, err := s.k.account("submitter", msg.Submitter); err != nil {
		return nil, err
	}
	operator, err := s.k.SubmitEvidence(ctx, msg.Header, msg.Signature)
	if err != nil {
		return nil, err
	}
	return &types.MsgSubmitEvidenceResponse{Operator: operator}, nil
}

// ForceSeal implements types.MsgServer.
func (s msgServer) ForceSeal(ctx context.Context, msg *types.MsgForceSeal) (*types.MsgForceSealResponse, error) {
	if err := s.authorize(msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgForceSealResponse{}, s.k.ForceSeal(ctx, msg.Nonce)
}

// Beacon implements types.MsgServer.
func (s msgServer) Beacon(ctx context.Context, msg *types.MsgBeacon) (*types.MsgBeaconResponse, error) {
	account, err := s.k.account("account", msg.Account)
	if err != nil {
		return nil, err
	}
	return &types.MsgBeaconResponse{}, s.k.SendBeacon(ctx, account, msg)
}

// authorize returns an error unless the sender is the authority.
func (s msgServer) authorize(sender string) error {
	authority, err := s.k.account("authority", sender)
	if err != nil {
		return err
	}
	if !bytes.Equal(authority, s.k.authority) {
		return sdkerrors.ErrUnauthorized.Wrapf("%s is not the authority of x/oracle: send the message in a governance proposal", sender)
	}
	return nil
}
