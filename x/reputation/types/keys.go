// SPDX-License-Identifier: Apache-2.0

// Package types holds the state, messages and pure rules of x/reputation.
package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its store and its routes.
	ModuleName = "reputation"
	// StoreKey is the name of the module's store.
	StoreKey = ModuleName
)

// Store prefixes, append-only.
var (
	ParamsPrefix     = collections.NewPrefix(0)
	RecordsPrefix    = collections.NewPrefix(1)
	RankingPrefix    = collections.NewPrefix(2)
	SeenPrefix       = collections.NewPrefix(3)
	NewestPrefix     = collections.NewPrefix(4)
	RequestersPrefix = collections.NewPrefix(5)
	PrunedPrefix     = collections.NewPrefix(6)
)
