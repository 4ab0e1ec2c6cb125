// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// Prove implements types.MsgServer.
func (s msgServer) Prove(context.Context, *types.MsgProve) (*types.MsgProveResponse, error) {
	return nil, types.ErrInvalidParams
}
