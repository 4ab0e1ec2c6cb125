// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProbe asks a server, and believes neither the store nor another hash.
func TestProbe(t *testing.T) {
	content := []byte("the artifact of a replica")
	sum := sha256.Sum256(content)
	src := Source{SHA256: hex.EncodeToString(sum[:])}
	store, err := Open(t.TempDir(), 0)
	require.NoError(t, err)
	_, err = store.Put(content)
	require.NoError(t, err)
	f, err := NewFetcher(store, FetchOptions{PrivateHosts: true, MaxBytes: 64, Timeout: 5 * time.Second, Stall: 200 * time.Millisecond})
	require.NoError(t, err)
	tests := map[string]struct {
		handler http.HandlerFunc
		err     error
		fails   bool
	}{
		"serves":       {handler: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }},
		"says 404":     {handler: http.NotFound, fails: true},
		"sends others": {handler: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("other")) }, err: ErrMismatch},
		"cut short":    {handler: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content[:5]) }, err: ErrMismatch},
		"too large":    {handler: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 65)) }, err: ErrTooLarge},
		"stalls": {handler: func(w http.ResponseWriter, req *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-req.Context().Done()
		}, err: ErrStalled},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(tc.handler)
			defer srv.Close()
			err := f.Probe(t.Context(), src, srv.URL+"/artifacts/"+src.SHA256)
			switch {
			case tc.err != nil:
				require.ErrorIs(t, err, tc.err)
			case tc.fails:
				require.Error(t, err)
			default:
				require.NoError(t, err)
			}
		})
	}
	require.ErrorIs(t, f.Probe(t.Context(), src, "file:///etc/hostname"), ErrForbidden)
	closed, err := NewFetcher(store, FetchOptions{MaxBytes: 64, Timeout: time.Second})
	require.NoError(t, err)
	srv := httptest.NewServer(tests["serves"].handler)
	defer srv.Close()
	require.Error(t, closed.Probe(t.Context(), src, srv.URL), "private hosts are not asked")
}
