// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"math"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Terms are what serving a lot brings and costs, in ucupel.
type Terms struct {
	// Pay is the provider's share of all its tasks.
	Pay uint64
	// Fees are those of the transactions that are still to be sent.
	Fees uint64
	// Cost is what running it costs the provider; 0 once it has run.
	Cost uint64
	// NoShow is what the chain takes for not committing.
	NoShow uint64
}

// Worth reports whether serving is better than not to: not serving costs the
// no-show fee, so that a small loss is the better choice.
func (t Terms) Worth() bool { return add(t.Pay, t.NoShow) >= add(t.Fees, t.Cost) }

// seatTerms is what the chain pinned for one seat of a lot.
type seatTerms struct {
	batch  markettypes.Batch
	params markettypes.Params
	scale  uint64
	// price of the seat in base units of the batch's denom.
	price uint64
}

// share returns the provider's part for units of each task, in base units of
// the denom. What does not fit counts as the largest number.
func (s seatTerms) share(units ...uint64) uint64 {
	var sum uint64
	for _, u := range units {
		gross, err := markettypes.Gross(s.price, u, s.scale)
		if err != nil {
			return math.MaxUint64
		}
		sum = add(sum, s.params.Split.Shares(gross, s.native()).Provider)
	}
	return sum
}

// pay is share in ucupel.
func (s seatTerms) pay(units ...uint64) uint64 { return s.toUcupel(s.share(units...)) }

func (s seatTerms) native() bool { return s.batch.Denom == markettypes.BaseDenom }

// toUcupel converts at the rate that was pinned at the submit.
func (s seatTerms) toUcupel(amount uint64) uint64 {
	if s.native() {
		return amount
	}
	return mulDiv(amount, s.batch.Rate, markettypes.RateUnit)
}

// noShow is what a missed commit costs, in ucupel.
func (s seatTerms) noShow() uint64 {
	value, err := s.batch.Value(s.params, s.price, s.scale)
	if err != nil {
		return math.MaxUint64
	}
	return markettypes.Bps(value, s.params.NoShowBps)
}

// cost is what count tasks cost at most at a price of a unit.
func (s seatTerms) cost(floor uint64, count uint32) uint64 {
	return mulDiv(mulDiv(floor, s.batch.Limits.Units, s.scale), uint64(count), 1)
}
