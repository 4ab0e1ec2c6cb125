// SPDX-License-Identifier: Apache-2.0

// Package types holds the messages, records and pure rules of x/registry.
package types

import "cosmossdk.io/collections"

// Names of the module.
const (
	ModuleName = "registry"
	StoreKey   = ModuleName
)

// Denom is the only coin that a bond is made of.
const Denom = "ucupel"

// Store prefixes, append-only.
var (
	ParamsKey       = collections.NewPrefix(0)
	TickKey         = collections.NewPrefix(1)
	ClassesKey      = collections.NewPrefix(2)
	ClassNamesKey   = collections.NewPrefix(3)
	ProvidersKey    = collections.NewPrefix(4)
	ByOperatorKey   = collections.NewPrefix(5)
	ByWorkerKey     = collections.NewPrefix(6)
	LoadsKey        = collections.NewPrefix(7)
	RostersKey      = collections.NewPrefix(8)
	UnbondingsKey   = collections.NewPrefix(9)
	UnbondingsOfKey = collections.NewPrefix(10)
	SilenceKey      = collections.NewPrefix(11)
	RefreshKey      = collections.NewPrefix(12)
	FloorKey        = collections.NewPrefix(13)

	ModelsKey        = collections.NewPrefix(23)
	ModelVersionsKey = collections.NewPrefix(24)
	LastModelKey     = collections.NewPrefix(25)
	ModelsOfKey      = collections.NewPrefix(26)
)
