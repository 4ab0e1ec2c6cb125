// SPDX-License-Identifier: Apache-2.0

package types

import (
	"math"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// MaxAmount bounds every amount of coins: sums of two never overflow.
const MaxAmount = uint64(math.MaxInt64)

// Amount returns the value of a coin in ucupel. It refuses another denom and
// anything that is not 1 to MaxAmount.
func Amount(coin sdk.Coin) (uint64, error) {
	if coin.Denom != Denom {
		return 0, ErrInvalidAmount.Wrapf("denom is %q", coin.Denom)
	}
	if coin.Amount.IsNil() || !coin.Amount.IsPositive() || !coin.Amount.IsInt64() {
		return 0, ErrInvalidAmount.Wrapf("got %s", coin)
	}
	return coin.Amount.Uint64(), nil
}

// Coins returns an amount of ucupel as coins; 0 gives none.
func Coins(amount uint64) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(Denom, sdkmath.NewIntFromUint64(amount)))
}

// saturate returns a - b, and 0 where b is larger.
func saturate(a, b uint64) uint64 {
	if b >= a {
		return 0
	}
	return a - b
}
