// SPDX-License-Identifier: Apache-2.0

package keeper

import "context"

// AuditRates returns the audit rate of every row of the table, in basis points
// and in the order of the rows.
func (k *Keeper) AuditRates(ctx context.Context) ([]uint32, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	rates := make([]uint32, len(params.Levels))
	for i, level := range params.Levels {
		rates[i] = level.AuditBps
	}
	return rates, nil
}
