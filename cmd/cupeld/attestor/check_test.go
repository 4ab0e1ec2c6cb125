// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

var other = checkpoint.Address{9}

// line is a chain with every kind of header: checkpoints 1, 2 and 4, of which
// 2 fills more than a page, and the set change 3.
func line(n *node) {
	n.add(3)
	n.add(leavesPage + 1)
	n.add(0, n.addSet(2, n.key, other))
	n.add(5)
}

func TestCheckTakesTheHonestLine(t *testing.T) {
	n := newNode(checkpoint.Address{1})
	line(n)
	checker := NewChecker(n, chainID)
	for nonce := uint64(1); nonce <= 4; nonce++ {
		h, err := checker.Check(t.Context(), n.duty(nonce), n.head())
		require.NoError(t, err)
		require.Equal(t, nonce, h.Nonce)
	}
}

// lies are what a node may say of the header with the nonce.
func lies() map[string]struct {
	nonce uint64
	tell  func(*node)
} {
	type lie = struct {
		nonce uint64
		tell  func(*node)
	}
	wrong := make([]byte, 32)
	wrong[0] = 7
	header := func(nonce uint64, change func(*types.Header)) lie {
		return lie{nonce, func(n *node) { n.edit(nonce, func(c *types.Checkpoint) { change(&c.Header) }) }}
	}
	stored := func(nonce uint64, change func(*types.Checkpoint)) lie {
		return lie{nonce, func(n *node) { n.edit(nonce, change) }}
	}
	return map[string]lie{
		"wrong root":             header(2, func(h *types.Header) { h.Root = wrong }),
		"zero root":              header(2, func(h *types.Header) { h.Root = make([]byte, 32) }),
		"short root":             header(2, func(h *types.Header) { h.Root = wrong[1:] }),
		"wrong prev_root":        header(2, func(h *types.Header) { h.PrevRoot = wrong }),
		"wrong prev_root of 1":   header(1, func(h *types.Header) { h.PrevRoot = wrong }),
		"prev_root is the root":  header(2, func(h *types.Header) { h.Root = h.PrevRoot }),
		"wrong set":              header(2, func(h *types.Header) { h.Set, h.NextSet = wrong, wrong }),
		"wrong next set":         header(3, func(h *types.Header) { h.NextSet = wrong }),
		"a checkpoint hands on":  header(2, func(h *types.Header) { h.NextSet = wrong }),
		"a set change with leaf": header(3, func(h *types.Header) { h.LeafCount = 1 }),
		"one leaf more":          header(2, func(h *types.Header) { h.LeafCount++ }),
		"one leaf less":          header(2, func(h *types.Header) { h.LeafCount-- }),
		"too many leaves":        header(2, func(h *types.Header) { h.LeafCount = checkpoint.MaxLeaves + 1 }),
		"height of another":      header(2, func(h *types.Header) { h.Height = 10 }),
		"height of no block":     header(2, func(h *types.Header) { h.Height = 15 }),
		"height of the future":   header(4, func(h *types.Header) { h.Height = 1_000 }),
		"height beyond 63 bits":  header(4, func(h *types.Header) { h.Height = 1 << 63 }),
		"another time":           stored(2, func(c *types.Checkpoint) { c.Time++ }),
		"another first leaf":     stored(2, func(c *types.Checkpoint) { c.FirstLeaf++ }),
		"another set id":         stored(2, func(c *types.Checkpoint) { c.SetId, c.NextSetId = 2, 2 }),
		"no such set":            stored(3, func(c *types.Checkpoint) { c.NextSetId = 9 }),
		"a leaf is missing":      {2, func(n *node) { n.leaves[2] = n.leaves[2][1:] }},
		"a page is missing":      {2, func(n *node) { n.leaves[2] = n.leaves[2][:leavesPage] }},
		"no leaves":              {2, func(n *node) { n.leaves[2] = nil }},
		"a leaf is another":      {1, func(n *node) { n.leaves[1][1].Hash = wrong }},
		"a leaf is zero":         {1, func(n *node) { n.leaves[1][1].Hash = make([]byte, 32) }},
		"a leaf is short":        {1, func(n *node) { n.leaves[1][1].Hash = wrong[1:] }},
		"a leaf of later":        {1, func(n *node) { n.leaves[1][2].Height = 1_000 }},
		"leaves out of order":    {1, func(n *node) { n.leaves[1][0].Height, n.leaves[1][1].Height = 8, 7 }},
		"block of another chain": {2, func(n *node) { n.blocks[20] = Block{ChainID: "cupel-other-1", Time: time.Unix(20, 0)} }},
		"the block is not there": {2, func(n *node) { delete(n.blocks, 20) }},
		"no header before":       {2, func(n *node) { delete(n.checkpoints, 1) }},
		"another header before":  {2, func(n *node) { n.edit(1, func(c *types.Checkpoint) { c.Header.Nonce = 7 }) }},
		"members are others":     {2, func(n *node) { n.addSet(1, n.key, other) }},
		"members do not make the hash": {2, func(n *node) {
			set := n.sets[1]
			more := n.addSet(1, n.key, other)
			set.Members = more.Packed()
			n.sets[1] = set
		}},
		"next members are others": {3, func(n *node) { n.addSet(2, n.key) }},
		"the set before again": {3, func(n *node) {
			set := n.sets[1]
			n.edit(3, func(c *types.Checkpoint) { c.NextSetId, c.Header.NextSet = 1, set.Hash })
		}},
		"a set is left out": {3, func(n *node) {
			set := n.addSet(3, n.key)
			hash := set.Hash()
			n.edit(3, func(c *types.Checkpoint) { c.NextSetId, c.Header.NextSet = 3, hash[:] })
		}},
		"a set without the key": {1, func(n *node) { n.key = other }},
	}
}

func TestCheckRefusesALyingNode(t *testing.T) {
	for name, lie := range lies() {
		t.Run(name, func(t *testing.T) {
			n := newNode(checkpoint.Address{1})
			line(n)
			lie.tell(n)
			_, err := NewChecker(n, chainID).Check(t.Context(), n.duty(lie.nonce), n.head())
			require.ErrorIs(t, err, ErrMismatch)
		})
	}
	t.Run("another chain", func(t *testing.T) {
		n := newNode(checkpoint.Address{1})
		line(n)
		for nonce := uint64(1); nonce <= 4; nonce++ {
			_, err := NewChecker(n, "cupel-other-1").Check(t.Context(), n.duty(nonce), n.head())
			require.ErrorIs(t, err, ErrMismatch)
		}
	})
	t.Run("the duty is not what is stored", func(t *testing.T) {
		n := newNode(checkpoint.Address{1})
		line(n)
		duty := n.duty(2)
		n.edit(2, func(c *types.Checkpoint) { c.Header.Height-- })
		_, err := NewChecker(n, chainID).Check(t.Context(), duty, n.head())
		require.ErrorIs(t, err, ErrMismatch)
	})
}

// TestNoAnswerIsNoMismatch: a node that is down is asked again.
func TestNoAnswerIsNoMismatch(t *testing.T) {
	n := newNode(checkpoint.Address{1})
	line(n)
	n.down = errors.New("connection refused")
	_, err := NewChecker(n, chainID).Check(t.Context(), n.duty(2), n.head())
	require.ErrorIs(t, err, n.down)
	require.NotErrorIs(t, err, ErrMismatch)
}

// TestNothingIsSignedForALyingNode runs the whole attestor on every lie: it
// signs neither that header nor one after it, guards nothing and alerts.
func TestNothingIsSignedForALyingNode(t *testing.T) {
	for name, lie := range lies() {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			line(f.node)
			lie.tell(f.node)
			for range 3 {
				f.round(t.Context())
				f.at = f.at.Add(againAfter)
			}
			for _, nonces := range f.post.nonces() {
				for _, nonce := range nonces {
					require.Less(t, nonce, lie.nonce)
				}
			}
			h := f.Metrics.Health()
			require.False(t, h.OK)
			require.NotZero(t, h.Refused)
			f.stop(t)
			guard := reopen(t, f)
			_, found, err := guard.Header(lie.nonce)
			require.NoError(t, err)
			require.False(t, found)
		})
	}
}

// TestUnconfirmedIsNotSigned: the block that made a header does not hold the
// hash of the state that it is in; the next one does.
func TestUnconfirmedIsNotSigned(t *testing.T) {
	f := newFixture(t)
	f.node.add(1)
	f.node.add(2)
	for _, behind := range []int64{1, 2, maxLag} {
		f.node.behind = behind // by the time of the answer the node is ahead of its head
		_, err := f.checker.Check(t.Context(), f.node.duty(2), f.node.head())
		require.ErrorIs(t, err, ErrUnconfirmed)
		require.NotErrorIs(t, err, ErrMismatch)
	}
	f.node.behind = 1
	f.round(t.Context())
	require.Equal(t, [][]uint64{{1}}, f.post.nonces())
	require.True(t, f.Metrics.Health().OK, "to wait is no refusal")

	f.node.behind = 0
	f.round(t.Context())
	require.Equal(t, [][]uint64{{1}, {2}}, f.post.nonces(), "without a pause")
}
