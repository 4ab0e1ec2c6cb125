// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"maps"

	"cosmossdk.io/store/cachekv"
	"cosmossdk.io/store/cachemulti"
	"cosmossdk.io/store/metrics"
	pruningtypes "cosmossdk.io/store/pruning/types"
	"cosmossdk.io/store/tracekv"
	storetypes "cosmossdk.io/store/types"
	"github.com/tidwall/btree"

	dbm "github.com/cosmos/cosmos-db"
)

// memoryStores hold the last state of every module and nothing else: no Merkle
// tree, no history, no disk. What the modules read and write is the same as on
// a node; only the app hash, which no module reads, is always empty. It is for
// one goroutine. What a node asks of a store besides panics.
type memoryStores struct {
	storetypes.CommitMultiStore // nil
	stores                      map[storetypes.StoreKey]storetypes.CacheWrapper
	names                       map[string]storetypes.StoreKey
	transient                   []*memory // forget at Commit
	version                     int64
}

func newMemoryStores() *memoryStores {
	return &memoryStores{stores: map[storetypes.StoreKey]storetypes.CacheWrapper{}, names: map[string]storetypes.StoreKey{}}
}

// MountStoreWithDB makes an empty store.
func (m *memoryStores) MountStoreWithDB(key storetypes.StoreKey, typ storetypes.StoreType, _ dbm.DB) {
	m.names[key.Name()] = key
	s := newMemory(typ)
	m.stores[key] = s
	if typ == storetypes.StoreTypeTransient {
		m.transient = append(m.transient, s)
	}
}

// Commit counts the versions: what was written is there already.
func (m *memoryStores) Commit() storetypes.CommitID {
	for _, s := range m.transient {
		clear(s.values)
		s.keys.Clear()
	}
	m.version++
	return m.LastCommitID()
}

// LastCommitID has no hash.
func (m *memoryStores) LastCommitID() storetypes.CommitID {
	return storetypes.CommitID{Version: m.version}
}

// CacheMultiStore branches all stores.
func (m *memoryStores) CacheMultiStore() storetypes.CacheMultiStore {
	return cachemulti.NewFromKVStore(newMemory(storetypes.StoreTypeDB), maps.Clone(m.stores), m.names, nil, nil)
}

// GetKVStore returns a store that is mounted.
func (m *memoryStores) GetKVStore(key storetypes.StoreKey) storetypes.KVStore {
	return m.stores[key].(storetypes.KVStore) //nolint:forcetypeassert // all are
}

// What an application asks while it starts and in each block.

func (m *memoryStores) WorkingHash() []byte                       { return nil }
func (m *memoryStores) LatestVersion() int64                      { return m.version }
func (m *memoryStores) LoadLatestVersion() error                  { return nil }
func (m *memoryStores) SetInitialVersion(int64) error             { return nil }
func (m *memoryStores) TracingEnabled() bool                      { return false }
func (m *memoryStores) SetTracer(io.Writer) storetypes.MultiStore { return m }
func (m *memoryStores) SetMetrics(metrics.StoreMetrics)           {}
func (m *memoryStores) SetPruning(pruningtypes.PruningOptions)    {}
func (m *memoryStores) AddListeners([]storetypes.StoreKey)        {}
func (m *memoryStores) PopStateCache() []*storetypes.StoreKVPair  { return nil }
func (m *memoryStores) ListeningEnabled(storetypes.StoreKey) bool { return false }
func (m *memoryStores) GetPruning() (none pruningtypes.PruningOptions) {
	return pruningtypes.NewPruningOptions(pruningtypes.PruningNothing)
}

// memory is a store in memory: values by key, and the keys in order.
type memory struct {
	kind   storetypes.StoreType
	values map[string][]byte
	keys   *btree.BTreeG[string]
}

func newMemory(kind storetypes.StoreType) *memory {
	return &memory{kind, map[string][]byte{}, btree.NewBTreeGOptions(func(a, b string) bool { return a < b }, btree.Options{NoLocks: true})}
}

func (m *memory) Get(key []byte) []byte { return m.values[string(key)] }

func (m *memory) Has(key []byte) bool {
	_, ok := m.values[string(key)]
	return ok
}

func (m *memory) Set(key, value []byte) {
	storetypes.AssertValidKey(key)
	storetypes.AssertValidValue(value)
	if _, ok := m.values[string(key)]; !ok {
		m.keys.Set(string(key))
	}
	m.values[string(key)] = value
}

func (m *memory) Delete(key []byte) {
	delete(m.values, string(key))
	m.keys.Delete(string(key))
}

func (m *memory) GetStoreType() storetypes.StoreType { return m.kind }

func (m *memory) CacheWrap() storetypes.CacheWrap { return cachekv.NewStore(m) }

func (m *memory) CacheWrapWithTrace(w io.Writer, tc storetypes.TraceContext) storetypes.CacheWrap {
	return cachekv.NewStore(tracekv.NewStore(m, w, tc))
}

func (m *memory) Iterator(start, end []byte) storetypes.Iterator { return m.walk(start, end, true) }

func (m *memory) ReverseIterator(start, end []byte) storetypes.Iterator {
	return m.walk(start, end, false)
}

func (m *memory) walk(start, end []byte, up bool) *walk {
	w := &walk{of: m, at: m.keys.Iter(), start: start, end: end, up: up}
	switch {
	case up && start == nil:
		w.ok = w.at.First()
	case up:
		w.ok = w.at.Seek(string(start))
	case end == nil || !w.at.Seek(string(end)):
		w.ok = w.at.Last()
	default: // the first key that is not before the end
		w.ok = w.at.Prev()
	}
	return w
}

// walk is an iterator over keys from start, included, to end, excluded; nil is
// no bound. The store must not change under it.
type walk struct {
	of         *memory
	at         btree.IterG[string]
	start, end []byte
	up, ok     bool
}

func (w *walk) Valid() bool {
	switch {
	case !w.ok:
		return false
	case w.up:
		return w.end == nil || w.at.Item() < string(w.end)
	default:
		return w.start == nil || w.at.Item() >= string(w.start)
	}
}

func (w *walk) Next() {
	if !w.Valid() {
		panic("the iterator is at its end")
	}
	if w.up {
		w.ok = w.at.Next()
	} else {
		w.ok = w.at.Prev()
	}
}

func (w *walk) Key() []byte                 { return []byte(w.at.Item()) }
func (w *walk) Value() []byte               { return w.of.values[w.at.Item()] }
func (w *walk) Error() error                { return nil }
func (w *walk) Domain() (start, end []byte) { return w.start, w.end }
func (w *walk) Close() error                { w.at.Release(); return nil }
