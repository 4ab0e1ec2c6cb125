// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// RegisterCircuit implements types.MsgServer.
func (s msgServer) RegisterCircuit(context.Context, *types.MsgRegisterCircuit) (*types.MsgRegisterCircuitResponse, error) {
	return nil, types.ErrInvalidParams
}

// AuditCircuit implements types.MsgServer.
func (s msgServer) AuditCircuit(context.Context, *types.MsgAuditCircuit) (*types.MsgAuditCircuitResponse, error) {
	return nil, types.ErrInvalidParams
}

// Circuit implements types.QueryServer.
func (s queryServer) Circuit(context.Context, *types.QueryCircuitRequest) (*types.QueryCircuitResponse, error) {
	return nil, types.ErrInvalidParams
}

// Circuits implements types.QueryServer.
func (s queryServer) Circuits(context.Context, *types.QueryCircuitsRequest) (*types.QueryCircuitsResponse, error) {
	return nil, types.ErrInvalidParams
}
