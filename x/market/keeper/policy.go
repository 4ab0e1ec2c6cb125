// SPDX-License-Identifier: Apache-2.0

package keeper

import "github.com/cupel-network/cupel/x/market/types"

// audited reports whether the tasks of the order are open to the audit draw:
// not those proved on chain, nor those of which no difference proves anything.
func (o *order) audited() bool {
	switch o.Policy {
	case types.PolicyRedundant, types.PolicyOptimistic, types.PolicyAttested:
		return o.class.Sound
	default:
		return false
	}
}

// alone reports whether the result of one audited replica is paid, so that its
// share funds the audit pool and nobody else can stand in for it.
func (o *order) alone() bool {
	return o.Policy == types.PolicyOptimistic || o.Policy == types.PolicyAttested
}
