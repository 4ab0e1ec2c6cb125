// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// RegisterCircuit implements types.MsgServer.
func (s msgServer) RegisterCircuit(ctx context.Context, msg *types.MsgRegisterCircuit) (*types.MsgRegisterCircuitResponse, error) {
	owner, err := s.k.account("owner", msg.Owner)
	if err != nil {
		return nil, err
	}
	id, err := s.k.RegisterCircuit(ctx, owner, msg.Name, msg.Inputs, msg.Key)
	if err != nil {
		return nil, err
	}
	return &types.MsgRegisterCircuitResponse{Circuit: id}, nil
}

// AuditCircuit implements types.MsgServer.
func (s msgServer) AuditCircuit(ctx context.Context, msg *types.MsgAuditCircuit) (*types.MsgAuditCircuitResponse, error) {
	if err := s.authorize(msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgAuditCircuitResponse{}, s.k.AuditCircuit(ctx, msg.Circuit, msg.Audited, msg.Note)
}

// Circuit implements types.QueryServer.
func (s queryServer) Circuit(ctx context.Context, req *types.QueryCircuitRequest) (*types.QueryCircuitResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	c, err := s.k.CircuitByID(ctx, req.Circuit)
	if err != nil {
		return nil, err
	}
	key, err := s.k.CircuitKeys.Get(ctx, req.Circuit)
	if err != nil {
		return nil, err
	}
	return &types.QueryCircuitResponse{Circuit: c, Key: key}, nil
}

// Circuits implements types.QueryServer.
func (s queryServer) Circuits(ctx context.Context, req *types.QueryCircuitsRequest) (*types.QueryCircuitsResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	circuits, page, err := query.CollectionPaginate(ctx, s.k.Circuits, req.Pagination,
		func(_ uint64, c types.Circuit) (types.Circuit, error) { return c, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryCircuitsResponse{Circuits: circuits, Pagination: page}, nil
}
