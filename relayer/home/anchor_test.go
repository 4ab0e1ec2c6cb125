// SPDX-License-Identifier: Apache-2.0

package home

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/relayer/home/hometest"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types"
)

func TestFetchedAnchors(t *testing.T) {
	h := sample()
	s := newTestSource(t, nil, hometest.NewNode(h), hometest.NewNode(h))
	for nonce := range uint64(8) {
		root, set, err := s.anchor(t.Context(), nonce)
		require.NoError(t, err)
		later := newTestSource(t, func(o *Options) { o.Anchor = Anchor{Nonce: nonce, Root: root, Set: set.Hash()} }, hometest.NewNode(h))
		_, err = later.Entry(t.Context(), 8)
		require.NoError(t, err, "the line goes on from anchor %d", nonce)
	}
	_, _, err := s.anchor(t.Context(), 9)
	require.ErrorIs(t, err, mirror.ErrNotSealed)
	_, err = s.set(t.Context(), 9)
	require.ErrorContains(t, err, "no attestor set 9 yet")
	_, _, err = FetchAnchor(t.Context(), Options{ChainID: chainID, Endpoints: []string{"http://127.0.0.1:1"}, Timeout: time.Second}, 0)
	require.ErrorIs(t, err, mirror.ErrUnknown)

	liar := hometest.NewNode(h)
	s = newTestSource(t, nil, hometest.NewNode(h), liar)
	liar.Edit = func(_ int64, reply proto.Message) {
		if res, ok := reply.(*types.QueryAttestorSetResponse); ok {
			res.Set.Time++
		}
	}
	_, _, err = s.anchor(t.Context(), 0)
	require.ErrorIs(t, err, mirror.ErrDisagreement)
	_, _, err = newTestSource(t, nil, liar).anchor(t.Context(), 2)
	require.ErrorIs(t, err, mirror.ErrForged, "the header names another set")
	liar.Edit = func(_ int64, reply proto.Message) {
		if res, ok := reply.(*types.QueryAttestorSetResponse); ok {
			res.Set.Members = res.Set.Members[:1]
		}
	}
	_, _, err = newTestSource(t, nil, liar).anchor(t.Context(), 0)
	require.ErrorIs(t, err, mirror.ErrForged)
}

func TestMade(t *testing.T) {
	h := sample()
	n := hometest.NewNode(h)
	s := newTestSource(t, nil, n)
	made, err := s.Made(t.Context(), 2)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), made, time.Minute)
	n.Edit = func(_ int64, reply proto.Message) {
		if res, ok := reply.(*types.QuerySignaturesResponse); ok {
			res.Checkpoint.Time = 1 << 62
		}
	}
	_, err = s.Made(t.Context(), 2)
	require.ErrorIs(t, err, mirror.ErrUnknown)
	_, err = s.Made(t.Context(), 99)
	require.ErrorIs(t, err, mirror.ErrNotSealed)
}
