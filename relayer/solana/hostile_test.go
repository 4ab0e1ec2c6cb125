// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/solana/svm"
)

// A cluster that took nothing for hours leaves more attempts than nodes look up
// in one call. They are forgotten, and the entry is recorded once.
func TestManyExpired(t *testing.T) {
	t.Parallel()
	const expired = 300
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor, book, signer, entry := h.anchor(), openBook(t), l.payer(t, "payer"), h.checkpoint()
	for i := range expired {
		id := solanago.Signature{1}
		binary.BigEndian.PutUint64(id[1:], uint64(i))
		require.NoError(t, book.Put(1, journal.Attempt{Hash: id.String(), Raw: []byte("gone"), Created: time.Now()}))
	}
	require.Eventually(t, func() bool {
		clock, err := l.client.Clock(t.Context(), Finalized)
		require.NoError(t, err)
		return clock.Height > 0
	}, 10*time.Second, 10*time.Millisecond)
	submit(t, l.target(t, anchor, signer, book), entry)
	require.Len(t, attempts(t, book, 1), 1)
	l.once(t, anchor, 1, 1)
}

// Whoever fills the history of the lookup account with the longest memos does
// not keep readers from it.
func TestLongestMemos(t *testing.T) {
	t.Parallel()
	memo := "[1000] " + strings.Repeat("\x01", packetSize) // six bytes each in JSON
	page := make([]map[string]any, fullPage)
	for i := range page {
		page[i] = map[string]any{"signature": solanago.Signature{byte(i), byte(i >> 8)}, "slot": 7, "err": nil, "memo": memo}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": 1, "result": page})
	}))
	defer server.Close()
	list, err := NewClient(server.URL, 10*time.Second).Signatures(t.Context(), solanago.PublicKey{}, solanago.Signature{}, fullPage, Finalized)
	require.NoError(t, err)
	require.Len(t, list, fullPage)
}

// What was final stays so if only an endpoint that is behind answers: that is
// unknown, and no contradiction.
func TestFinalStays(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{FinalizedAfter: 2}), newHome(4)
	down := false
	clock := func(c Clock) Clock {
		if down {
			return Clock{}
		}
		return c
	}
	cfg := l.config(h.anchor())
	cfg.Quorum, cfg.MaxLag = 1, 1000
	late := liar{RPC: l.client, list: noList}
	target := newTarget(t, cfg, l.payer(t, "payer"), openBook(t), liar{RPC: l.client, clock: clock}, late)
	submit(t, target, h.checkpoint())
	require.Eventually(t, func() bool {
		progress, err := target.Progress(t.Context())
		require.NoError(t, err)
		return progress.Final == 1
	}, 5*time.Second, 20*time.Millisecond)
	down = true
	require.Eventually(t, func() bool {
		_, err := target.Progress(t.Context())
		return err != nil
	}, 30*time.Second, 100*time.Millisecond)
	_, err := target.Progress(t.Context())
	require.ErrorIs(t, err, mirror.ErrUnknown)
	require.ErrorContains(t, err, "nonce 1 was final")
}
