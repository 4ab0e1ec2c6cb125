// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"

	storetypes "cosmossdk.io/store/types"
	abci "github.com/cometbft/cometbft/abci/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// stores are those of our modules.
func stores() []string {
	return []string{markettypes.StoreKey, registrytypes.StoreKey, oracletypes.StoreKey, reputationtypes.StoreKey}
}

// writes counts the sets and deletes that reach the trees of our modules,
// which is what a block writes, not what its transactions do.
type writes struct{ byStore map[string]int }

// ListenFinalizeBlock implements storetypes.ABCIListener.
func (*writes) ListenFinalizeBlock(context.Context, abci.RequestFinalizeBlock, abci.ResponseFinalizeBlock) error {
	return nil
}

// ListenCommit implements storetypes.ABCIListener.
func (w *writes) ListenCommit(_ context.Context, _ abci.ResponseCommit, changes []*storetypes.StoreKVPair) error {
	for _, change := range changes {
		w.byStore[change.StoreKey]++
	}
	return nil
}

// total returns the writes of all stores and forgets them.
func (w *writes) total() int {
	sum := 0
	for _, name := range stores() {
		sum += w.byStore[name]
	}
	clear(w.byStore)
	return sum
}

// listen counts the writes of every block from now on.
func (n *node) listen() *writes {
	w := &writes{byStore: map[string]int{}}
	var keys []storetypes.StoreKey
	for _, key := range n.app.GetStoreKeys() {
		if slices.Contains(stores(), key.Name()) {
			keys = append(keys, key)
		}
	}
	n.app.CommitMultiStore().AddListeners(keys)
	n.app.SetStreamingManager(storetypes.StreamingManager{ABCIListeners: []storetypes.ABCIListener{w}, StopNodeOnErr: true})
	return w
}

// stateBytes returns the size of the keys and values of x/market.
func (n *node) stateBytes() (size int, err error) {
	key := n.app.UnsafeFindStoreKey(markettypes.StoreKey)
	iterator := n.app.CommitMultiStore().GetKVStore(key).Iterator(nil, nil)
	defer func() { err = errors.Join(err, iterator.Close()) }()
	for ; iterator.Valid(); iterator.Next() {
		size += len(iterator.Key()) + len(iterator.Value())
	}
	return size, nil
}

// footprint is what the state of a task costs.
type footprint struct {
	// keys are the writes until it is settled, pruned those until it has left.
	keys, pruned float64
	// bytes is the largest size of an open task in x/market.
	bytes float64
}

// measure runs a scenario with a listener on the stores.
func measure(n *node, w *writes, s scenario, tasks int) (footprint, error) {
	l := newLife(n, s, tasks)
	empty, err := n.stateBytes()
	if err != nil {
		return footprint{}, err
	}
	var f footprint
	l.onBlock = func(l *life) error {
		if l.settled > 0 || l.submitted == 0 {
			return nil
		}
		size, err := n.stateBytes()
		f.bytes = max(f.bytes, float64(size-empty)/float64(l.submitted))
		return err
	}
	w.total()
	if _, err := l.run(); err != nil {
		return footprint{}, err
	}
	f.keys = float64(w.total()) / float64(l.tasks)
	if _, err := l.prune(); err != nil {
		return footprint{}, err
	}
	f.pruned = float64(w.total()) / float64(l.tasks)
	return f, nil
}
