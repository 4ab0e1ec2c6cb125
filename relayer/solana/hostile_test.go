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
