// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Coin is an amount with its denom, as REST writes both a coin and a decimal
// coin.
type Coin struct{ Denom, Amount string }

// amountOf returns the whole ucupel in a list of coins.
func amountOf(coins []Coin) uint64 {
	for _, c := range coins {
		if c.Denom != Denom {
			continue
		}
		whole, _, _ := strings.Cut(c.Amount, ".")
		if n, err := strconv.ParseUint(whole, 10, 64); err == nil {
			return n
		}
	}
	return 0
}

// Balance returns the ucupel of an account at a height, 0 for the latest.
func (n *Network) Balance(ctx context.Context, height int64, address string) (uint64, error) {
	var res struct{ Balance Coin }
	err := n.Query(ctx, height, fmt.Sprintf("/cosmos/bank/v1beta1/balances/%s/by_denom?denom=%s", address, Denom), &res)
	return amountOf([]Coin{res.Balance}), err
}

// Supply returns all ucupel that exist.
func (n *Network) Supply(ctx context.Context, height int64) (uint64, error) {
	var res struct{ Amount Coin }
	err := n.Query(ctx, height, "/cosmos/bank/v1beta1/supply/by_denom?denom="+Denom, &res)
	return amountOf([]Coin{res.Amount}), err
}

// Treasury returns the ucupel of the community pool.
func (n *Network) Treasury(ctx context.Context, height int64) (uint64, error) {
	var res struct{ Pool []Coin }
	err := n.Query(ctx, height, "/cosmos/distribution/v1beta1/community_pool", &res)
	return amountOf(res.Pool), err
}

// ModuleAddress returns the account that a module holds its coins in.
func (n *Network) ModuleAddress(ctx context.Context, module string) (string, error) {
	var res struct {
		Account struct {
			BaseAccount struct{ Address string } `json:"base_account"`
			Value       struct{ Address string }
		}
	}
	err := n.Query(ctx, 0, "/cosmos/auth/v1beta1/module_accounts/"+module, &res)
	if address := res.Account.BaseAccount.Address; address != "" {
		return address, err
	}
	return res.Account.Value.Address, err
}
