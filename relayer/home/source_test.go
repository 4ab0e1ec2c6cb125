// SPDX-License-Identifier: Apache-2.0

package home

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/relayer/home/hometest"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// sample is three checkpoints, a change, two checkpoints, a change, one.
func sample() *hometest.History {
	h := hometest.NewHistory()
	h.Checkpoint(1)
	h.Checkpoint(12)
	h.Checkpoint(2)
	h.Change()
	h.Checkpoint(3)
	h.Checkpoint(1)
	h.Change()
	h.Checkpoint(1)
	return h
}

func TestEntriesInOrder(t *testing.T) {
	h := sample()
	s := newTestSource(t, nil, hometest.NewNode(h), hometest.NewNode(h))
	head, err := s.Head(t.Context())
	require.NoError(t, err)
	require.Equal(t, uint64(8), head)
	require.Equal(t, int64(1000), s.Height())
	for nonce := uint64(1); nonce <= head; nonce++ {
		e, err := s.Entry(t.Context(), nonce)
		require.NoError(t, err)
		require.Equal(t, nonce, e.Header.Nonce)
		require.Equal(t, e.Header.IsSetChange(), e.Next != nil)
		require.Len(t, e.Signatures, 3)
	}
	_, err = s.Entry(t.Context(), 9)
	require.ErrorIs(t, err, mirror.ErrNotSealed)
	require.Empty(t, s.Refused())
}

// TestEntryOfTheMiddle starts without any knowledge of the entries before: the
// sets are followed from the anchor.
func TestEntryOfTheMiddle(t *testing.T) {
	h := sample()
	for nonce := uint64(1); nonce <= 8; nonce++ {
		n := hometest.NewNode(h)
		s := newTestSource(t, nil, n)
		e, err := s.Entry(t.Context(), nonce)
		require.NoError(t, err, nonce)
		require.Equal(t, nonce, e.Header.Nonce)
		calls := n.Methods[methodSignatures]
		_, err = s.Entry(t.Context(), nonce)
		require.NoError(t, err)
		require.Equal(t, calls, n.Methods[methodSignatures], "several targets ask for the same")
	}
}

func TestLaterAnchor(t *testing.T) {
	h := sample()
	at := func(nonce uint64) func(*Options) {
		header := h.Entries[nonce-1].Checkpoint.Header
		return func(o *Options) {
			o.Anchor = Anchor{Nonce: nonce, Root: checkpoint.Hash(header.Root), Set: checkpoint.Hash(header.NextSet)}
		}
	}
	for anchor := uint64(1); anchor <= 7; anchor++ {
		s := newTestSource(t, at(anchor), hometest.NewNode(h))
		_, err := s.Entry(t.Context(), anchor)
		require.Error(t, err, "the anchor itself is given")
		for nonce := anchor + 1; nonce <= 8; nonce++ {
			_, err := s.Entry(t.Context(), nonce)
			require.NoError(t, err, "anchor %d, nonce %d", anchor, nonce)
		}
	}
	wrongRoot := newTestSource(t, func(o *Options) { at(2)(o); o.Anchor.Root[0] ^= 1 }, hometest.NewNode(h))
	_, err := wrongRoot.Entry(t.Context(), 3)
	require.ErrorIs(t, err, mirror.ErrForged)
	wrongSet := newTestSource(t, func(o *Options) { o.Anchor.Set[0] ^= 1 }, hometest.NewNode(h))
	_, err = wrongSet.Entry(t.Context(), 1)
	require.ErrorIs(t, err, mirror.ErrForged)
}

// TestBadEndpoints puts every kind of bad endpoint before a good one, and then
// has nothing else: the answer is the good one's or unknown, never "not there".
func TestBadEndpoints(t *testing.T) {
	h := sample()
	for name, tc := range map[string]struct {
		edit func(*hometest.Node)
		err  error
	}{
		"connection refused": {func(n *hometest.Node) { n.Err = errors.New("connection refused") }, mirror.ErrUnknown},
		"another chain":      {func(n *hometest.Node) { n.Chain = "cupel-2" }, mirror.ErrWrongChain},
		"catching up":        {func(n *hometest.Node) { n.Syncing = true }, mirror.ErrUnknown},
		"half-open":          {func(n *hometest.Node) { n.Hangs = true }, mirror.ErrUnknown},
		"behind":             {func(n *hometest.Node) { n.Height, n.Limit = 994, 2 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bad, good := hometest.NewNode(h), hometest.NewNode(h)
			tc.edit(bad)
			s := newTestSource(t, nil, bad, good)
			head, err := s.Head(t.Context())
			require.NoError(t, err)
			require.Equal(t, uint64(8), head)
			require.Len(t, s.Refused(), 1)
			require.Contains(t, s.Refused(), "node0", "named without what may be secret in its URL")
			_, err = s.Entry(t.Context(), 8)
			require.NoError(t, err)

			if tc.err == nil {
				return
			}
			alone := newTestSource(t, nil, bad)
			_, err = alone.Head(t.Context())
			require.ErrorIs(t, err, tc.err)
			_, err = alone.Entry(t.Context(), 1)
			require.ErrorIs(t, err, tc.err)
			require.NotErrorIs(t, err, mirror.ErrNotSealed)
			require.NotContains(t, err.Error(), "/key")
		})
	}
}

func TestEndpointsThatDisagree(t *testing.T) {
	h, other := sample(), hometest.NewHistory()
	other.Checkpoint(2)
	s := newTestSource(t, nil, hometest.NewNode(h), hometest.NewNode(other))
	_, err := s.Entry(t.Context(), 1)
	require.ErrorIs(t, err, mirror.ErrDisagreement)
	require.True(t, mirror.Stops(err))

	// A node that only lags does not disagree.
	lagging := hometest.NewNode(h)
	lagging.Limit = 3
	s = newTestSource(t, nil, lagging, hometest.NewNode(h))
	_, err = s.Entry(t.Context(), 8)
	require.NoError(t, err)

	// Where a set begins is not for one node to say.
	liar := hometest.NewNode(h)
	liar.Edit = func(_ int64, reply proto.Message) {
		if res, ok := reply.(*types.QueryAttestorSetResponse); ok {
			res.Set.Nonce = 7
		}
	}
	s = newTestSource(t, nil, hometest.NewNode(h), liar)
	_, err = s.Entry(t.Context(), 8)
	require.ErrorIs(t, err, mirror.ErrDisagreement)
	s = newTestSource(t, nil, liar)
	_, err = s.Entry(t.Context(), 8)
	require.ErrorIs(t, err, mirror.ErrForged)
}

// TestLies has the only endpoint lie in every way about nonce 5, or about what
// is before it.
func TestLies(t *testing.T) {
	signatures := func(edit func(*types.QuerySignaturesResponse)) func(int64, proto.Message) {
		return func(_ int64, reply proto.Message) {
			if res, ok := reply.(*types.QuerySignaturesResponse); ok && res.Checkpoint.Header.Nonce == 5 {
				edit(res)
			}
		}
	}
	h := sample()
	stranger := hometest.NewAttestors(2, 4)
	stranger.Set.Time++ // the same members, not the set that the line leads to
	for name, edit := range map[string]func(*types.QuerySignaturesResponse){
		"root":             func(r *types.QuerySignaturesResponse) { r.Checkpoint.Header.Root[0] ^= 1 },
		"short root":       func(r *types.QuerySignaturesResponse) { r.Checkpoint.Header.Root = []byte{1} },
		"another nonce":    func(r *types.QuerySignaturesResponse) { *r = *h.Entries[5] },
		"signature":        func(r *types.QuerySignaturesResponse) { r.Signatures[0].Signature[0] ^= 1 },
		"short signature":  func(r *types.QuerySignaturesResponse) { r.Signatures[0].Signature = nil },
		"too few":          func(r *types.QuerySignaturesResponse) { r.Signatures = r.Signatures[:2] },
		"twice the same":   func(r *types.QuerySignaturesResponse) { r.Signatures[1] = r.Signatures[0] },
		"members":          func(r *types.QuerySignaturesResponse) { r.Set.Members = r.Set.Members[:28] },
		"packed members":   func(r *types.QuerySignaturesResponse) { r.Set.Members = r.Set.Members[:27] },
		"next set":         func(r *types.QuerySignaturesResponse) { r.NextSet = &r.Set },
		"packed next set":  func(r *types.QuerySignaturesResponse) { r.NextSet = &types.AttestorSet{Members: []byte{1}} },
		"own set, own key": func(r *types.QuerySignaturesResponse) { resign(h, r, stranger) },
	} {
		t.Run(name, func(t *testing.T) {
			n := hometest.NewNode(h)
			n.Edit = signatures(edit)
			s := newTestSource(t, nil, n)
			for _, nonce := range []uint64{5, 6} {
				_, err := s.Entry(t.Context(), nonce)
				require.ErrorIs(t, err, mirror.ErrForged, nonce)
			}
		})
	}
}

// resign makes a set sign an entry in its own name.
func resign(h *hometest.History, r *types.QuerySignaturesResponse, signer hometest.Attestors) {
	header, err := toHeader(r.Checkpoint.Header)
	if err != nil {
		panic(err)
	}
	header.Set, header.NextSet = signer.Set.Hash(), signer.Set.Hash()
	*r = *hometest.Answer(h.Domain, header, signer, nil)
}

// TestASecondLine has the attestors sign a header that does not continue the
// one before it: their power is real, the line is not.
func TestASecondLine(t *testing.T) {
	h := sample()
	header, err := toHeader(h.Entries[1].Checkpoint.Header)
	require.NoError(t, err)
	header.PrevRoot[0] ^= 1
	h.Entries[1] = hometest.Answer(h.Domain, header, h.Sets[0], nil)
	s := newTestSource(t, nil, hometest.NewNode(h))
	_, err = s.Entry(t.Context(), 2)
	require.ErrorIs(t, err, mirror.ErrForged)

	// An old set that goes on to sign after it handed over.
	h = sample()
	header, err = toHeader(h.Entries[4].Checkpoint.Header)
	require.NoError(t, err)
	header.Set, header.NextSet = h.Sets[0].Set.Hash(), h.Sets[0].Set.Hash()
	h.Entries[4] = hometest.Answer(h.Domain, header, h.Sets[0], nil)
	s = newTestSource(t, nil, hometest.NewNode(h))
	_, err = s.Entry(t.Context(), 5)
	require.ErrorIs(t, err, mirror.ErrForged)
}

func TestPrunedSignatures(t *testing.T) {
	h := sample()
	archive := true
	n := hometest.NewNode(h)
	n.Edit = func(height int64, reply proto.Message) {
		if res, ok := reply.(*types.QuerySignaturesResponse); ok && (height == 0 || !archive) {
			res.Signatures = nil
		}
	}
	s := newTestSource(t, nil, n)
	_, err := s.Entry(t.Context(), 2)
	require.NoError(t, err, "read at the height at which they were complete")
	archive = false
	_, err = s.Entry(t.Context(), 3)
	require.ErrorIs(t, err, mirror.ErrUnknown)
	require.ErrorContains(t, err, "archive")
	require.NotErrorIs(t, err, mirror.ErrForged)
}

func TestForcedHeader(t *testing.T) {
	h := sample()
	n := hometest.NewNode(h)
	n.Edit = func(_ int64, reply proto.Message) {
		if res, ok := reply.(*types.QuerySignaturesResponse); ok {
			res.Signatures, res.Checkpoint.Forced = nil, true
		}
	}
	_, err := newTestSource(t, nil, n).Entry(t.Context(), 1)
	require.ErrorIs(t, err, mirror.ErrForced)
	_, err = newTestSource(t, nil, n, hometest.NewNode(h)).Entry(t.Context(), 1)
	require.NoError(t, err, "signatures are proof, whatever another says")
}

func TestNotSealedYet(t *testing.T) {
	h := sample()
	n := hometest.NewNode(h)
	n.Edit = func(_ int64, reply proto.Message) {
		if res, ok := reply.(*types.QuerySignaturesResponse); ok && res.Checkpoint.Header.Nonce >= 4 {
			res.Checkpoint.SealedHeight = 0
		}
	}
	s := newTestSource(t, nil, n)
	_, err := s.Entry(t.Context(), 4)
	require.ErrorIs(t, err, mirror.ErrNotSealed)
	_, err = s.Entry(t.Context(), 3)
	require.NoError(t, err)
}

func TestLeaves(t *testing.T) {
	h := sample()
	n := hometest.NewNode(h)
	s := newTestSource(t, nil, n)
	for _, entry := range h.Entries {
		header, err := toHeader(entry.Checkpoint.Header)
		require.NoError(t, err)
		if header.IsSetChange() {
			continue
		}
		leaves, err := s.Leaves(t.Context(), header)
		require.NoError(t, err)
		require.Len(t, leaves, int(header.LeafCount))
	}
	header, err := toHeader(h.Entries[1].Checkpoint.Header)
	require.NoError(t, err)
	for name, edit := range map[string]func(*types.QueryLeavesResponse){
		"another leaf": func(r *types.QueryLeavesResponse) { r.Leaves[0].Hash[0] ^= 1 },
		"short leaf":   func(r *types.QueryLeavesResponse) { r.Leaves[0].Hash = nil },
		"zero leaf":    func(r *types.QueryLeavesResponse) { r.Leaves[0].Hash = make([]byte, 32) },
		"too many": func(r *types.QueryLeavesResponse) {
			for range 20 {
				r.Leaves = append(r.Leaves, r.Leaves[0])
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			n.Edit = func(_ int64, reply proto.Message) {
				if res, ok := reply.(*types.QueryLeavesResponse); ok {
					edit(res)
				}
			}
			_, err := s.Leaves(t.Context(), header)
			require.ErrorIs(t, err, mirror.ErrForged)
		})
	}
	n.Edit = func(_ int64, reply proto.Message) {
		if res, ok := reply.(*types.QueryLeavesResponse); ok {
			res.Leaves = nil
		}
	}
	_, err = s.Leaves(t.Context(), header)
	require.ErrorIs(t, err, mirror.ErrUnknown, "an empty answer is unknown")
	require.NotErrorIs(t, err, mirror.ErrForged)
	leaves, err := newTestSource(t, nil, n, hometest.NewNode(h)).Leaves(t.Context(), header)
	require.NoError(t, err, "leaves that make up the root are proof, whatever another says")
	require.Len(t, leaves, 12)
}

func TestNew(t *testing.T) {
	good := Options{ChainID: chainID, Endpoints: []string{"http://127.0.0.1:1"}, Timeout: 1e9, Anchor: Anchor{Set: checkpoint.Hash{1}}}
	s, err := New(good)
	require.NoError(t, err)
	_, err = s.Head(t.Context())
	require.ErrorIs(t, err, mirror.ErrUnknown)
	nodes, errs := s.Nodes(t.Context())
	require.Len(t, nodes, 1)
	require.Error(t, errs[0])
	for name, edit := range map[string]func(*Options){
		"no endpoint":         func(o *Options) { o.Endpoints = nil },
		"no set":              func(o *Options) { o.Anchor.Set = checkpoint.Hash{} },
		"a nonce and no root": func(o *Options) { o.Anchor.Nonce = 3 },
	} {
		t.Run(name, func(t *testing.T) {
			opts := good
			edit(&opts)
			_, err := New(opts)
			require.Error(t, err)
		})
	}
}

func TestCacheIsBounded(t *testing.T) {
	l := newLine(checkpoint.NewDomain(chainID), Anchor{Set: checkpoint.Hash{1}})
	for nonce := range uint64(2 * keepEntries) {
		l.add(mirror.Entry{Header: checkpoint.Header{Nonce: nonce}})
	}
	require.Len(t, l.entries, keepEntries)
	_, ok := l.entry(2*keepEntries - 1)
	require.True(t, ok)
}
