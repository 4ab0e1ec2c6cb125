// SPDX-License-Identifier: Apache-2.0

package types

import (
	"cmp"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// EarningDayTicks is a day of the earnings in ticks: a day at a block a second.
	EarningDayTicks = 86_400
	// EarningDays is how many days, today included, are kept apart.
	EarningDays = 62
)

// EarningDay is the day of a tick, from 1.
func EarningDay(tick uint64) uint64 { return tick/EarningDayTicks + 1 }

func compareEarnings(a, b Earning) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Denom, b.Denom))
}

func (g GenesisState) validateEarnings() error {
	for i, e := range g.Earnings {
		if i > 0 && compareEarnings(g.Earnings[i-1], e) >= 0 {
			return ErrInvariant.Wrapf("earning %d is listed twice or out of order", i)
		}
		if e.Provider == 0 || e.Amount == 0 {
			return ErrInvariant.Wrapf("earning %d: provider %d earned %d", i, e.Provider, e.Amount)
		}
		if err := sdk.ValidateDenom(e.Denom); err != nil {
			return ErrInvalidDenom.Wrapf("earning %d: %s", i, err)
		}
	}
	return nil
}
