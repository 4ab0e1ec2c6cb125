// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"context"
	"math/big"
)

// Account is what a target pays from. Targets implement it beside Target;
// metrics, status and doctor show it. Amounts are in the chain's base unit:
// wei or lamports.
type Account interface {
	// Address is the account in the notation of its chain.
	Address() string
	// Balance returns what it holds now; a failed read is unknown, never zero.
	Balance(ctx context.Context) (*big.Int, error)
	// Floor is the balance below which nothing is sent.
	Floor() *big.Int
	// Spent is the sum of the fees of the transactions that this process saw
	// recorded.
	Spent() *big.Int
}

// Pending is a transaction that may be in flight.
type Pending struct {
	// Nonce is that of the entry, Hash that of the transaction.
	Nonce uint64 `json:"nonce,string"`
	Hash  string `json:"hash"`
}
