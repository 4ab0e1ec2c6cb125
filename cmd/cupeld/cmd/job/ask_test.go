// SPDX-License-Identifier: Apache-2.0

package job

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/access"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// TestProgress asks two providers, of which one is not there; the other checks
// the signature as a worker does.
func TestProgress(t *testing.T) {
	var gate *access.Gate
	var asked access.Claims
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		asked, err = gate.Check(strings.TrimPrefix(r.Header.Get("Authorization"), access.Scheme), access.UseStatus)
		if err != nil || r.URL.Path != "/jobs/7" {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"batch":7,"lots":[{"lot":0,"attempt":1,"step":"running","problem":"a\nb"}]}`))
	}))
	defer srv.Close()
	gate = access.NewGate(home, srv.URL)
	b := newBench()
	b.sender.key = *secp256k1.GenPrivKey()
	b.blocks = &fakeChronicle{}
	b.market.frames = []snapshot{frame(markettypes.TaskAssigned)}
	b.registry.endpoints["1"], b.registry.endpoints["2"] = "http://127.0.0.1:1", srv.URL
	require.Equal(t, exit.WaitTimedOut, exit.Code(b.execute("progress", "7", "--from", "alice")), "nobody has a seat")

	b.market.seats = []markettypes.Seat{{Provider: 2}, {Provider: 1}, {Provider: 2}}
	require.NoError(t, b.execute("progress", "7", "--from", "alice"))
	out := b.stdout.String()
	require.Contains(t, out, "provider 1  does not say: ")
	require.Contains(t, out, "provider 2  lot 0  attempt 1  running  for ")
	require.Contains(t, out, "  a b\n", "one line each")
	require.Equal(t, b.sender.From(), asked.Subject)

	gate = access.NewGate("another-chain", srv.URL)
	require.Equal(t, exit.NetworkUnreachable, exit.Code(b.execute("progress", "7", "--from", "alice")))
	require.Equal(t, exit.UsageError, exit.Code(b.execute("progress", "7")))
}
