// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

func TestServeFlags(t *testing.T) {
	const url = "https://provider.example.com/v1"
	for name, tc := range map[string]struct {
		o  serveOptions
		ok bool
	}{
		"loopback":           {serveOptions{url: url, listen: "127.0.0.1:8090"}, true},
		"loopback, IPv6":     {serveOptions{url: url, listen: "[::1]:0"}, true},
		"localhost":          {serveOptions{url: url, listen: "localhost:8090"}, true},
		"everybody":          {serveOptions{url: url, listen: "0.0.0.0:8090"}, false},
		"everybody, unnamed": {serveOptions{url: url, listen: ":8090"}, false},
		"a name":             {serveOptions{url: url, listen: "gpu.example.com:8090"}, false},
		"everybody, allowed": {serveOptions{url: url, listen: "0.0.0.0:8090", public: true}, true},
		"no port":            {serveOptions{url: url, listen: "127.0.0.1"}, false},
		"no scheme":          {serveOptions{url: "provider.example.com/v1", listen: "127.0.0.1:8090"}, false},
		"a file":             {serveOptions{url: "file:///v1", listen: "127.0.0.1:8090"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.o.check()
			if tc.ok {
				require.NoError(t, err)
				return
			}
			require.Equal(t, exit.UsageError, exit.Code(err))
		})
	}
}

// TestServeUntil shows that a call under way ends well when serving stops.
func TestServeUntil(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- serveUntil(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			cancel()
			_, _ = io.WriteString(w, "done")
		}))
	}()
	res, err := http.Get("http://" + l.Addr().String())
	require.NoError(t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, "done", string(text))
	require.NoError(t, <-ended)
}
