// SPDX-License-Identifier: Apache-2.0

package types

import "cosmossdk.io/collections"

// ModuleName names the module, its store and its account, which holds the
// escrows, the pending payouts, the sessions' deposits, the claimables and the
// audit pools.
const (
	ModuleName = "market"
	StoreKey   = ModuleName
)

// Store prefixes, append-only.
var (
	ParamsPrefix    = collections.NewPrefix(0)
	EndedPrefix     = collections.NewPrefix(1)
	NextBatchPrefix = collections.NewPrefix(2)
	BatchesPrefix   = collections.NewPrefix(3)
	TalliesPrefix   = collections.NewPrefix(4)
	ByOwnerPrefix   = collections.NewPrefix(5)
	LotsPrefix      = collections.NewPrefix(6)
	ReadyPrefix     = collections.NewPrefix(7)
	DuePrefix       = collections.NewPrefix(8)
	WorkPrefix      = collections.NewPrefix(9)
	CasesPrefix     = collections.NewPrefix(10)
	CaseWorkPrefix  = collections.NewPrefix(11)
	SpecsPrefix     = collections.NewPrefix(12)
	ClaimablePrefix = collections.NewPrefix(13)
	PoolsPrefix     = collections.NewPrefix(14)
	FailedPrefix    = collections.NewPrefix(15)
	CurrentPrefix   = collections.NewPrefix(16)
	NextDuePrefix   = collections.NewPrefix(17)

	ReadyCountPrefix = collections.NewPrefix(18)
	LeavesPrefix     = collections.NewPrefix(19)

	NextSessionPrefix        = collections.NewPrefix(20)
	SessionsPrefix           = collections.NewPrefix(21)
	SessionsByOwnerPrefix    = collections.NewPrefix(22)
	SessionsByProviderPrefix = collections.NewPrefix(23)
	DepletionPrefix          = collections.NewPrefix(24)

	NextVerdictPrefix = collections.NewPrefix(30)
	CommitteesPrefix  = collections.NewPrefix(31)
	VoteWorkPrefix    = collections.NewPrefix(32)
	QuotesPrefix      = collections.NewPrefix(33)
	ScoredPrefix      = collections.NewPrefix(34)

	EarningsPrefix = collections.NewPrefix(40)
)

// PendingPrefix is that of the transient store.
var PendingPrefix = collections.NewPrefix(0)
