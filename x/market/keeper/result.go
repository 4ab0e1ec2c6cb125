// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// validateResult checks one result of an order.
func (o *order) validateResult(r types.Result) error {
	switch {
	case r.Outcome.HostMade():
		if len(r.Digest) != 0 || r.Units != 0 {
			return types.ErrInvalidReveal.Wrapf("%s has neither digest nor units", r.Outcome)
		}
	case r.Outcome.Deterministic():
		if len(r.Digest) != types.HashSize {
			return types.ErrInvalidReveal.Wrapf("digest has %d bytes, must be %d", len(r.Digest), types.HashSize)
		}
		if checkpoint.Hash(r.Digest).IsZero() {
			return types.ErrInvalidReveal.Wrap("digest is zero, which no leaf can hold")
		}
		if r.Units > o.Limits.Units {
			return types.ErrInvalidReveal.Wrapf("%d units, the limit is %d", r.Units, o.Limits.Units)
		}
	default:
		return types.ErrInvalidReveal.Wrapf("unknown outcome %d", r.Outcome)
	}
	return nil
}
