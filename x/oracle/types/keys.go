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

	LinePrefix        = collections.NewPrefix(3)
	AttestorsPrefix   = collections.NewPrefix(4)
	KeysPrefix        = collections.NewPrefix(5)
	AccountsPrefix    = collections.NewPrefix(6)
	SetsPrefix        = collections.NewPrefix(7)
	CheckpointsPrefix = collections.NewPrefix(8)
	SignaturesPrefix  = collections.NewPrefix(9)
	LeavesPrefix      = collections.NewPrefix(10)

	BeaconPrefix     = collections.NewPrefix(11)
	SlotsPrefix      = collections.NewPrefix(12)
	ExposedPrefix    = collections.NewPrefix(13)
	BlockSeedsPrefix = collections.NewPrefix(14)
	CoversPrefix     = collections.NewPrefix(15)

	CircuitsPrefix    = collections.NewPrefix(21)
	CircuitKeysPrefix = collections.NewPrefix(22)
	LastCircuitPrefix = collections.NewPrefix(23)
)
