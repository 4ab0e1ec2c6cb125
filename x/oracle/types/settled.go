// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/cupel-network/cupel/x/oracle/types/checkpoint"

// Settled is a payment that became final: the hash of its leaf, and the task
// by which people find it.
type Settled struct {
	Task uint64
	Leaf checkpoint.Hash
}
