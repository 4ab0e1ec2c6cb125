// SPDX-License-Identifier: Apache-2.0

package home

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/home/hometest"
)

const chainID = hometest.ChainID

// newTestSource returns a source over nodes with the history's beginning as
// its anchor.
func newTestSource(t testing.TB, edit func(*Options), nodes ...*hometest.Node) *Source {
	t.Helper()
	opts := Options{ChainID: chainID, Timeout: 100 * time.Millisecond, MaxLag: 5, Anchor: Anchor{Set: nodes[0].History.Sets[0].Set.Hash()}}
	rpcs := make(map[string]RPC)
	for i, n := range nodes {
		url := fmt.Sprintf("http://node%d/key", i)
		opts.Endpoints = append(opts.Endpoints, url)
		rpcs[url] = n
	}
	if edit != nil {
		edit(&opts)
	}
	s, err := newSource(opts, rpcs)
	require.NoError(t, err)
	return s
}
