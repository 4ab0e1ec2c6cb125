// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBookLosesNothing: movements of one recipient are one, unless 64 bits cannot
// hold their sum.
func TestBookLosesNothing(t *testing.T) {
	const large = math.MaxUint64 - 5
	b := newBook()
	for _, amount := range []uint64{3, large, 2, 0} {
		b.add(transfer{target: toProvider, provider: 1, denom: "ibc/x", amount: amount})
		b.add(transfer{target: toProvider, provider: 2, denom: "ibc/x", amount: 1})
		b.add(transfer{target: toProvider, provider: 1, denom: "ibc/y", amount: 1})
	}
	page := b.page()
	page.add(transfer{target: toProvider, provider: 1, denom: "ibc/x", amount: large})
	b.take(page)

	of := map[uint32][]uint64{}
	for _, m := range b.merged() {
		if m.denom == "ibc/x" {
			of[m.provider] = append(of[m.provider], m.amount)
		}
	}
	require.ElementsMatch(t, []uint64{large + 5, large}, of[1])
	require.Equal(t, []uint64{4}, of[2])
	require.Len(t, b.merged(), 4)
}
