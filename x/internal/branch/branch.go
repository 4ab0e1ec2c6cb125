// SPDX-License-Identifier: Apache-2.0

// Package branch branches the state for a step that must leave no trace if it
// fails. sdk.Context.CacheContext branches every store of the application at
// once, some thirty; a step of ours touches two or three.
package branch

import (
	"io"

	"cosmossdk.io/store/cachekv"
	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Context does what ctx.CacheContext does, and branches a store when it is
// first asked for: the branch sees its own writes, and only write hands them
// and the events on to ctx.
func Context(ctx sdk.Context) (branched sdk.Context, write func()) {
	if ctx.MultiStore().TracingEnabled() {
		return ctx.CacheContext()
	}
	stores := &multiStore{MultiStore: ctx.MultiStore()}
	branched = ctx.WithMultiStore(stores).WithEventManager(sdk.NewEventManager())
	return branched, func() {
		ctx.EventManager().EmitEvents(branched.EventManager().Events())
		stores.Write()
	}
}

// multiStore is a branch of the multi store that it embeds.
type multiStore struct {
	storetypes.MultiStore
	// opened holds the stores in use. They are few: looking through them is
	// faster than a map, and their order is that of their first use.
	opened []opened
}

type opened struct {
	key storetypes.StoreKey
	kv  *cachekv.Store
}

var _ storetypes.CacheMultiStore = (*multiStore)(nil)

// GetKVStore implements storetypes.MultiStore.
func (m *multiStore) GetKVStore(key storetypes.StoreKey) storetypes.KVStore {
	for _, o := range m.opened {
		if o.key == key {
			return o.kv
		}
	}
	kv := cachekv.NewStore(m.MultiStore.GetKVStore(key))
	m.opened = append(m.opened, opened{key, kv})
	return kv
}

// GetStore implements storetypes.MultiStore.
func (m *multiStore) GetStore(key storetypes.StoreKey) storetypes.Store { return m.GetKVStore(key) }

// Write implements storetypes.CacheMultiStore.
func (m *multiStore) Write() {
	for _, o := range m.opened {
		o.kv.Write()
	}
}

// CacheMultiStore implements storetypes.MultiStore: branches nest.
func (m *multiStore) CacheMultiStore() storetypes.CacheMultiStore { return &multiStore{MultiStore: m} }

// CacheWrap implements storetypes.CacheWrapper.
func (m *multiStore) CacheWrap() storetypes.CacheWrap { return m.CacheMultiStore() }

// CacheWrapWithTrace implements storetypes.CacheWrapper; a branch is not traced.
func (m *multiStore) CacheWrapWithTrace(io.Writer, storetypes.TraceContext) storetypes.CacheWrap {
	return m.CacheWrap()
}

// SetTracer implements storetypes.MultiStore; a branch is not traced.
func (m *multiStore) SetTracer(io.Writer) storetypes.MultiStore { return m }

// SetTracingContext implements storetypes.MultiStore; a branch is not traced.
func (m *multiStore) SetTracingContext(storetypes.TraceContext) storetypes.MultiStore { return m }
