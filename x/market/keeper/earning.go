// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"math"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
)

// maxFolded bounds the old entries that the first payment of a day adds up: it
// makes one entry, so that the old ones cannot outgrow it.
const maxFolded = 8

// earn adds a payment to what its provider was paid today. A book merges the
// payments of a block, so this is one write per provider, denom and block.
// See ADR-012.
func (k *Keeper) earn(ctx context.Context, provider uint32, denom string, amount uint64) error {
	tick, err := k.Registry.Tick(ctx)
	if err != nil {
		return err
	}
	today := types.EarningDay(tick)
	has, err := k.Earnings.Has(ctx, collections.Join3(provider, today, denom))
	if err != nil {
		return err
	}
	if !has {
		if err := k.foldEarnings(ctx, provider, today); err != nil {
			return err
		}
	}
	return k.addEarning(ctx, provider, today, denom, amount)
}

// addEarning saturates: a sum for people must never stop a payment.
func (k *Keeper) addEarning(ctx context.Context, provider uint32, day uint64, denom string, amount uint64) error {
	key := collections.Join3(provider, day, denom)
	sum, err := k.Earnings.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	return k.Earnings.Set(ctx, key, sum+min(amount, math.MaxUint64-sum))
}

// foldEarnings moves what is older than the days kept to day 0, oldest first.
func (k *Keeper) foldEarnings(ctx context.Context, provider uint32, today uint64) error {
	if today <= types.EarningDays {
		return nil
	}
	var old []types.Earning
	rng := collections.NewPrefixedTripleRange[uint32, uint64, string](provider)
	err := k.Earnings.Walk(ctx, rng, func(key earningKey, amount uint64) (bool, error) {
		if key.K2() > today-types.EarningDays || len(old) == maxFolded {
			return true, nil
		}
		if key.K2() > 0 {
			old = append(old, types.Earning{Provider: provider, Day: key.K2(), Denom: key.K3(), Amount: amount})
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, e := range old {
		if err := k.Earnings.Remove(ctx, collections.Join3(provider, e.Day, e.Denom)); err != nil {
			return err
		}
		if err := k.addEarning(ctx, provider, 0, e.Denom, e.Amount); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) initEarnings(ctx context.Context, g types.GenesisState) error {
	for _, e := range g.Earnings {
		if err := k.Earnings.Set(ctx, collections.Join3(e.Provider, e.Day, e.Denom), e.Amount); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportEarnings(ctx context.Context, g *types.GenesisState) error {
	return k.Earnings.Walk(ctx, nil, func(key earningKey, amount uint64) (bool, error) {
		g.Earnings = append(g.Earnings, types.Earning{Provider: key.K1(), Day: key.K2(), Denom: key.K3(), Amount: amount})
		return false, nil
	})
}
