// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
)

// pinModel writes the terms of the model that a submit names into its batch:
// whom its royalty goes to, and how much of what a provider gets.
func (k *Keeper) pinModel(ctx context.Context, msg types.MsgSubmit, p types.Params, b *types.Batch) error {
	if msg.Model == 0 {
		return nil
	}
	terms, err := k.Registry.ModelTerms(ctx, msg.Model, msg.ModelVersion)
	if err != nil {
		return types.ErrInvalidModel.Wrap(err.Error())
	}
	b.Model, b.ModelVersion = msg.Model, msg.ModelVersion
	if b.RoyaltyBps = min(terms.RoyaltyBps, p.RoyaltyMaxBps); b.RoyaltyBps > 0 {
		b.RoyaltyTo = terms.Owner
	}
	return nil
}

// royalty takes the model owner's part out of what a provider gets and returns
// the rest.
func (o *order) royalty(b *book, amount uint64) (uint64, error) {
	part := types.Bps(amount, o.RoyaltyBps)
	if part == 0 {
		return amount, nil
	}
	if err := o.take(part); err != nil {
		return 0, err
	}
	o.tally.Royalties += part
	b.add(transfer{target: toAccount, account: o.RoyaltyTo, denom: o.Denom, amount: part})
	return amount - part, nil
}
