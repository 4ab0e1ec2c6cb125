// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"

	"cosmossdk.io/collections"
)

// Export reads the states of the modules.
func (c *Chain) Export() (Genesis, error) {
	var g Genesis
	var err error
	if g.Registry, err = c.Registry.ExportGenesis(c.Ctx); err != nil {
		return g, err
	}
	if g.Oracle, err = c.Oracle.ExportGenesis(c.Ctx); err != nil {
		return g, err
	}
	if g.Reputation, err = c.Reputation.ExportGenesis(c.Ctx); err != nil {
		return g, err
	}
	g.Market, err = c.Market.ExportGenesis(c.Ctx)
	return g, err
}

// Fork starts a second chain from the exported state of this one, at the same
// block and with the same balances and workers.
func (c *Chain) Fork() (*Chain, error) {
	g, err := c.Export()
	if err != nil {
		return nil, err
	}
	f, err := c.Clone()
	if err != nil {
		return nil, err
	}
	return f, f.Init(g)
}

// Clone returns a chain before its genesis, at the same block and with the
// same balances and workers.
func (c *Chain) Clone() (*Chain, error) {
	f := Empty()
	f.Ctx = f.Ctx.WithBlockHeight(c.Ctx.BlockHeight()).WithBlockTime(c.Ctx.BlockTime()).WithHeaderHash(c.Ctx.HeaderHash())
	f.Workers, f.BlockTime = c.Workers, c.BlockTime
	return f, c.Bank.copyTo(c.Ctx, f.Ctx, f.Bank)
}

func (b *Bank) copyTo(ctx, to context.Context, other *Bank) error {
	other.Blocked = b.Blocked
	err := b.balances.Walk(ctx, nil, func(key collections.Pair[[]byte, string], amount uint64) (bool, error) {
		return false, other.balances.Set(to, key, amount)
	})
	if err != nil {
		return err
	}
	return b.supply.Walk(ctx, nil, func(denom string, amount uint64) (bool, error) {
		return false, other.supply.Set(to, denom, amount)
	})
}

// Total adds up the balances of a denom: it is always the supply.
func (b *Bank) Total(ctx context.Context, denom string) (uint64, error) {
	var sum uint64
	err := b.balances.Walk(ctx, nil, func(key collections.Pair[[]byte, string], amount uint64) (bool, error) {
		if key.K2() == denom {
			sum += amount
		}
		return false, nil
	})
	return sum, err
}
