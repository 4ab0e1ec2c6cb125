// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// CheckInvariants returns ErrBrokenInvariant unless the state is one that a
// genesis may hold: see types.GenesisState.Validate. It reads everything and is
// for tests and audits, never for a block.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return types.ErrBrokenInvariant.Wrap(err.Error())
	}
	return nil
}
