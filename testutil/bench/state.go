// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
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
// which is what a block writes, not what its transactions do, and knows the
// size of what lies in them.
type writes struct {
	// count by store and prefix.
	count map[string]map[byte]int
	// distinct holds the keys that were set since the last reset.
	distinct map[string]bool
	// size of every key with its value.
	size  map[string]int
	bytes int
}

// ListenFinalizeBlock implements storetypes.ABCIListener.
func (*writes) ListenFinalizeBlock(context.Context, abci.RequestFinalizeBlock, abci.ResponseFinalizeBlock) error {
	return nil
}

// ListenCommit implements storetypes.ABCIListener.
func (w *writes) ListenCommit(_ context.Context, _ abci.ResponseCommit, changes []*storetypes.StoreKVPair) error {
	for _, change := range changes {
		byPrefix := w.count[change.StoreKey]
		if byPrefix == nil {
			byPrefix = map[byte]int{}
			w.count[change.StoreKey] = byPrefix
		}
		byPrefix[change.Key[0]]++
		key := change.StoreKey + string(change.Key)
		w.bytes -= w.size[key]
		delete(w.size, key)
		if !change.Delete {
			w.distinct[key] = true
			w.size[key] = len(change.Key) + len(change.Value)
			w.bytes += w.size[key]
		}
	}
	return nil
}

// reset forgets the writes, not what lies in the trees.
func (w *writes) reset() {
	clear(w.count)
	clear(w.distinct)
}

// total returns the writes of all stores.
func (w *writes) total() int {
	sum := 0
	for _, byPrefix := range w.count {
		for _, n := range byPrefix {
			sum += n
		}
	}
	return sum
}

// cases returns the writes of records that only audits have.
func (w *writes) cases() int {
	market := w.count[markettypes.StoreKey]
	return market[prefix(markettypes.CasesPrefix)] + market[prefix(markettypes.CaseWorkPrefix)]
}

func prefix(p interface{ Bytes() []byte }) byte { return p.Bytes()[0] }

// listen counts the writes of every block from now on.
func (n *node) listen() *writes {
	if n.writes != nil {
		return n.writes
	}
	n.writes = &writes{count: map[string]map[byte]int{}, distinct: map[string]bool{}, size: map[string]int{}}
	var keys []storetypes.StoreKey
	for _, key := range n.app.GetStoreKeys() {
		if slices.Contains(stores(), key.Name()) {
			keys = append(keys, key)
		}
	}
	n.app.CommitMultiStore().AddListeners(keys)
	n.app.SetStreamingManager(storetypes.StreamingManager{ABCIListeners: []storetypes.ABCIListener{n.writes}, StopNodeOnErr: true})
	return n.writes
}

// footprint is what the state of a task costs.
type footprint struct {
	// keys are the writes until it is settled, of which cases are those of
	// records that only audits have; pruned those until it has left.
	keys, cases, pruned float64
	// distinct keys are set for it, and deleted again.
	distinct float64
	// audits per task.
	audits float64
	// open is the largest size of an open task in the four modules, left what
	// is still there once it is pruned.
	open, left float64
}

// measure runs a scenario with a listener on the stores.
func measure(n *node, s scenario, tasks int) (footprint, error) {
	w := n.listen()
	l := newLife(n, s, tasks)
	// Whatever a first task leaves for all others is there before.
	if _, err := warm(n, s); err != nil {
		return footprint{}, err
	}
	w.reset()
	before := w.bytes
	var f footprint
	l.onBlock = func(l *life) error {
		if l.settled == 0 && l.submitted > 0 {
			f.open = max(f.open, float64(w.bytes-before)/float64(l.submitted))
		}
		return nil
	}
	if _, err := l.run(); err != nil {
		return footprint{}, err
	}
	per := func(n int) float64 { return float64(n) / float64(l.tasks) }
	f.keys, f.cases, f.distinct, f.audits = per(w.total()), per(w.cases()), per(len(w.distinct)), per(l.audits)
	w.reset()
	if _, err := l.prune(); err != nil {
		return footprint{}, err
	}
	f.pruned, f.left = per(w.total()), per(w.bytes-before)
	return f, nil
}

// warm runs one block of a scenario to its end.
func warm(n *node, s scenario) (cost, error) {
	l := newLife(n, s, 0)
	if _, err := l.run(); err != nil {
		return cost{}, err
	}
	return l.prune()
}
