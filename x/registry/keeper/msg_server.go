// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/registry/types"
)

type msgServer struct {
	k *Keeper
}

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the transaction service of x/registry.
func NewMsgServer(k *Keeper) types.MsgServer {
	return msgServer{k: k}
}

// Register implements types.MsgServer.
func (s msgServer) Register(ctx context.Context, msg *types.MsgRegister) (*types.MsgRegisterResponse, error) {
	operator, err := s.address("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	worker, err := s.address("worker", msg.Worker)
	if err != nil {
		return nil, err
	}
	profile, err := s.profile(operator, msg)
	if err != nil {
		return nil, err
	}
	bond, err := types.Amount(msg.Bond)
	if err != nil {
		return nil, err
	}
	provider, err := s.k.Register(ctx, operator, worker, profile, bond)
	return &types.MsgRegisterResponse{Provider: provider.Id}, err
}

// UpdateProvider implements types.MsgServer.
func (s msgServer) UpdateProvider(ctx context.Context, msg *types.MsgUpdateProvider) (*types.MsgUpdateProviderResponse, error) {
	operator, err := s.address("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	profile, err := s.profile(operator, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgUpdateProviderResponse{}, s.k.UpdateProvider(ctx, operator, profile)
}

// RotateWorker implements types.MsgServer.
func (s msgServer) RotateWorker(ctx context.Context, msg *types.MsgRotateWorker) (*types.MsgRotateWorkerResponse, error) {
	operator, err := s.address("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	worker, err := s.address("worker", msg.Worker)
	if err != nil {
		return nil, err
	}
	return &types.MsgRotateWorkerResponse{}, s.k.RotateWorker(ctx, operator, worker)
}

// Bond implements types.MsgServer.
func (s msgServer) Bond(ctx context.Context, msg *types.MsgBond) (*types.MsgBondResponse, error) {
	operator, err := s.address("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	amount, err := types.Amount(msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgBondResponse{}, s.k.Bond(ctx, operator, amount)
}

// Unbond implements types.MsgServer.
func (s msgServer) Unbond(ctx context.Context, msg *types.MsgUnbond) (*types.MsgUnbondResponse, error) {
	operator, err := s.address("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	amount, err := types.Amount(msg.Amount)
	if err != nil {
		return nil, err
	}
	release, err := s.k.Unbond(ctx, operator, amount)
	return &types.MsgUnbondResponse{Release: release}, err
}

// Heartbeat implements types.MsgServer.
func (s msgServer) Heartbeat(ctx context.Context, msg *types.MsgHeartbeat) (*types.MsgHeartbeatResponse, error) {
	worker, err := s.address("worker", msg.Worker)
	if err != nil {
		return nil, err
	}
	return &types.MsgHeartbeatResponse{}, s.k.Heartbeat(ctx, worker)
}

// Drain implements types.MsgServer.
func (s msgServer) Drain(ctx context.Context, msg *types.MsgDrain) (*types.MsgDrainResponse, error) {
	signer, err := s.address("signer", msg.Signer)
	if err != nil {
		return nil, err
	}
	if msg.Drain {
		return &types.MsgDrainResponse{}, s.k.Drain(ctx, signer)
	}
	return &types.MsgDrainResponse{}, s.k.Resume(ctx, signer)
}

// Unjail implements types.MsgServer.
func (s msgServer) Unjail(ctx context.Context, msg *types.MsgUnjail) (*types.MsgUnjailResponse, error) {
	operator, err := s.address("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgUnjailResponse{}, s.k.Unjail(ctx, operator)
}

// Deregister implements types.MsgServer.
func (s msgServer) Deregister(ctx context.Context, msg *types.MsgDeregister) (*types.MsgDeregisterResponse, error) {
	operator, err := s.address("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	release, err := s.k.Deregister(ctx, operator)
	return &types.MsgDeregisterResponse{Release: release}, err
}

// AddClass implements types.MsgServer.
func (s msgServer) AddClass(ctx context.Context, msg *types.MsgAddClass) (*types.MsgAddClassResponse, error) {
	if err := s.authorize(msg.Authority); err != nil {
		return nil, err
	}
	class, err := s.k.AddClass(ctx, types.Class{Name: msg.Name, Unit: msg.Unit, Sound: msg.Sound})
	return &types.MsgAddClassResponse{Class: class.Id}, err
}

// UpdateParams implements types.MsgServer.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := s.authorize(msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.k.SetParams(ctx, msg.Params)
}

// address decodes an address; the role names it in the error.
func (s msgServer) address(role, text string) (sdk.AccAddress, error) {
	addr, err := s.k.addresses.StringToBytes(text)
	if err != nil {
		return nil, sdkerrors.ErrInvalidAddress.Wrapf("%s: %s", role, err)
	}
	return addr, nil
}

// profiled is a message that declares a profile.
type profiled interface {
	GetPayout() string
	GetRegion() string
	GetEndpoint() string
	GetEncryptionKey() string
	GetResources() []types.Resource
}

// profile decodes what a message declares; an empty payout is the operator.
func (s msgServer) profile(operator sdk.AccAddress, msg profiled) (types.Profile, error) {
	payout := operator
	if text := msg.GetPayout(); text != "" {
		addr, err := s.address("payout", text)
		if err != nil {
			return types.Profile{}, err
		}
		payout = addr
	}
	return types.Profile{
		Payout:        payout,
		Region:        msg.GetRegion(),
		Endpoint:      msg.GetEndpoint(),
		EncryptionKey: msg.GetEncryptionKey(),
		Resources:     msg.GetResources(),
	}, nil
}

// authorize checks that the signer is the authority of the module.
func (s msgServer) authorize(signer string) error {
	addr, err := s.address("authority", signer)
	if err != nil {
		return err
	}
	if !bytes.Equal(addr, s.k.authority) {
		return types.ErrInvalidAuthority.Wrapf("expected %s", s.k.text(s.k.authority))
	}
	return nil
}
