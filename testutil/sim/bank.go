// SPDX-License-Identifier: Apache-2.0

// Package sim runs the four modules of Cupel in memory, with a ledger for a
// bank and providers that answer as a test says. It has no transactions: a
// message either changes the state or leaves no trace, as in a block.
package sim

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

// Treasury is the account of the community pool.
var Treasury = authtypes.NewModuleAddress("treasury")

// Bank is a ledger in the same store as the modules, so that a failed message
// leaves it as it was.
type Bank struct {
	balances collections.Map[collections.Pair[[]byte, string], uint64]
	supply   collections.Map[string, uint64]
	// Blocked accounts refuse coins.
	Blocked map[string]bool
	// NoBurn makes every burn fail.
	NoBurn bool
}

// GetBalance returns what an account holds of a denom.
func (b *Bank) GetBalance(ctx context.Context, a sdk.AccAddress, denom string) sdk.Coin {
	amount, err := b.balances.Get(ctx, collections.Join([]byte(a), denom))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		panic(err)
	}
	return sdk.NewCoin(denom, math.NewIntFromUint64(amount))
}

// Supply returns how many base units of a denom exist.
func (b *Bank) Supply(ctx context.Context, denom string) uint64 {
	amount, err := b.supply.Get(ctx, denom)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		panic(err)
	}
	return amount
}

// Mint creates coins.
func (b *Bank) Mint(ctx context.Context, a sdk.AccAddress, denom string, amount uint64) error {
	if err := b.supply.Set(ctx, denom, b.Supply(ctx, denom)+amount); err != nil {
		return err
	}
	return b.balances.Set(ctx, collections.Join([]byte(a), denom), b.GetBalance(ctx, a, denom).Amount.Uint64()+amount)
}

// BlockedAddr reports whether an account refuses coins.
func (b *Bank) BlockedAddr(a sdk.AccAddress) bool { return b.Blocked[string(a)] }

// SendCoinsFromAccountToModule implements the modules' bank.
func (b *Bank) SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, to string, amt sdk.Coins) error {
	return b.move(ctx, from, authtypes.NewModuleAddress(to), amt)
}

// SendCoinsFromModuleToAccount implements the modules' bank.
func (b *Bank) SendCoinsFromModuleToAccount(ctx context.Context, from string, to sdk.AccAddress, amt sdk.Coins) error {
	if b.BlockedAddr(to) {
		return sdkerrors.ErrUnauthorized.Wrapf("%s is not allowed to receive funds", to)
	}
	return b.move(ctx, authtypes.NewModuleAddress(from), to, amt)
}

// SendCoinsFromModuleToModule implements the modules' bank.
func (b *Bank) SendCoinsFromModuleToModule(ctx context.Context, from, to string, amt sdk.Coins) error {
	return b.move(ctx, authtypes.NewModuleAddress(from), authtypes.NewModuleAddress(to), amt)
}

// FundCommunityPool implements the market's treasury.
func (b *Bank) FundCommunityPool(ctx context.Context, amt sdk.Coins, from sdk.AccAddress) error {
	return b.move(ctx, from, Treasury, amt)
}

// BurnCoins implements the modules' bank.
func (b *Bank) BurnCoins(ctx context.Context, module string, amt sdk.Coins) error {
	if b.NoBurn {
		return sdkerrors.ErrUnauthorized.Wrap("burns are switched off")
	}
	for _, c := range amt {
		if err := b.take(ctx, authtypes.NewModuleAddress(module), c); err != nil {
			return err
		}
		if err := b.supply.Set(ctx, c.Denom, b.Supply(ctx, c.Denom)-c.Amount.Uint64()); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bank) take(ctx context.Context, from sdk.AccAddress, c sdk.Coin) error {
	has := b.GetBalance(ctx, from, c.Denom)
	if has.IsLT(c) {
		return sdkerrors.ErrInsufficientFunds.Wrapf("%s is smaller than %s", has, c)
	}
	return b.balances.Set(ctx, collections.Join([]byte(from), c.Denom), has.Sub(c).Amount.Uint64())
}

func (b *Bank) move(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) error {
	if !amt.IsValid() || amt.IsZero() {
		return fmt.Errorf("coins %q cannot be moved", amt)
	}
	for _, c := range amt {
		if err := b.take(ctx, from, c); err != nil {
			return err
		}
		if err := b.balances.Set(ctx, collections.Join([]byte(to), c.Denom), b.GetBalance(ctx, to, c.Denom).Add(c).Amount.Uint64()); err != nil {
			return err
		}
	}
	return nil
}
