// SPDX-License-Identifier: Apache-2.0

// Package types holds the state, messages and pure rules of x/oracle.
package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its store and its routes.
	ModuleName = "oracle"
	// StoreKey is the name of the module's store.
	StoreKey = ModuleName
)

// Store prefixes, append-only.
var (
	ParamsPrefix = collections.NewPrefix(0)
	EpochPrefix  = collections.NewPrefix(1)
	SeedsPrefix  = collections.NewPrefix(2)
)
