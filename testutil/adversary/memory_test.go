// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"

	"cosmossdk.io/store"
	pruningtypes "cosmossdk.io/store/pruning/types"
	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// merkle are the stores of a node.
var merkle = []func(*baseapp.BaseApp){
	baseapp.SetInterBlockCache(store.NewCommitKVStoreCacheManager()),
	baseapp.SetPruning(pruningtypes.NewPruningOptions(pruningtypes.PruningEverything)),
}

// TestStoresMakeNoDifference: a game ends in the same state, byte by byte, on
// the stores of a node and on those in memory.
func TestStoresMakeNoDifference(t *testing.T) {
	var outcomes []outcome
	var states []string
	for _, options := range [][]func(*baseapp.BaseApp){nil, merkle} {
		b := garbage()
		w, err := newWorld(b, 7, options...)
		require.NoError(t, err)
		out, err := w.play(20)
		require.NoError(t, err)
		require.Positive(t, out.bites)
		out.bot, out.took = nil, 0
		outcomes = append(outcomes, out)
		exported, err := w.app.ExportAppStateAndValidators(false, nil, nil)
		require.NoError(t, err)
		states = append(states, string(exported.AppState))
		require.NoError(t, w.close())
	}
	require.Equal(t, outcomes[1], outcomes[0])
	require.Contains(t, states[0], markettypes.ModuleName)
	require.True(t, states[1] == states[0], "the states differ")
}

// TestMemory walks a store in memory up and down within bounds.
func TestMemory(t *testing.T) {
	m := newMemory(storetypes.StoreTypeDB)
	for _, key := range []string{"b", "d", "a", "c", "b"} {
		m.Set([]byte(key), []byte("v"+key))
	}
	m.Delete([]byte("c"))
	require.False(t, m.Has([]byte("c")))
	require.Nil(t, m.Get([]byte("c")))
	require.Equal(t, "vd", string(m.Get([]byte("d"))))
	for _, tc := range []struct{ start, end, want string }{
		{"", "", "abd"}, {"b", "", "bd"}, {"", "b", "a"}, {"b", "d", "b"}, {"c", "cc", ""}, {"e", "", ""}, {"", "z", "abd"}, {"d", "b", ""},
	} {
		var start, end []byte
		if tc.start != "" {
			start = []byte(tc.start)
		}
		if tc.end != "" {
			end = []byte(tc.end)
		}
		read := func(it storetypes.Iterator) (all []byte) {
			for ; it.Valid(); it.Next() {
				require.Equal(t, "v"+string(it.Key()), string(it.Value()))
				all = append(all, it.Key()...)
			}
			require.NoError(t, it.Close())
			return all
		}
		require.Equal(t, tc.want, string(read(m.Iterator(start, end))), tc)
		down := read(m.ReverseIterator(start, end))
		slices.Reverse(down)
		require.Equal(t, tc.want, string(down), tc)
	}
}
