// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// flaky serves data with ranges and breaks each answer off after some bytes.
type flaky struct {
	data   []byte
	after  int
	ranges []string
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.ranges = append(f.ranges, r.Header.Get("Range"))
	if f.after > 0 {
		w = &cutOff{w, f.after}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}

// cutOff ends the connection after some bytes.
type cutOff struct {
	http.ResponseWriter
	left int
}

func (c *cutOff) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func start(t *testing.T, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestResultsGoOn breaks a download off again and again, across providers and
// commands: nothing is fetched twice.
func TestResultsGoOn(t *testing.T) {
	t.Chdir(t.TempDir())
	_, data := agreed(t)
	third := len(data)/3 + 1
	a := &flaky{data: data, after: third}
	b, _ := agreed(t, start(t, a))
	b.market.frames[0].tasks[0].Right = []uint32{1}
	require.NoError(t, b.execute("results", "7", "--out", "r"))
	require.Equal(t, []string{"", fmt.Sprintf("bytes=%d-", third), fmt.Sprintf("bytes=%d-", 2*third)}, a.ranges)
	require.FileExists(t, "r/out/a/b.txt")
	requireNoParts(t)

	// The first provider goes away for good, the second one goes on.
	a = &flaky{data: data, after: len(data) - 10}
	c := &flaky{data: data}
	b, _ = agreed(t, start(t, a), start(t, c))
	require.NoError(t, b.execute("results", "7", "--out", "s"))
	require.Equal(t, []string{fmt.Sprintf("bytes=%d-", len(data)-10)}, c.ranges)
	require.FileExists(t, "s/stdout")
	requireNoParts(t)

	// So does another command, a day later.
	a = &flaky{data: data, after: 5}
	b, _ = agreed(t, start(t, a))
	require.Equal(t, exit.NetworkUnreachable, exit.Code(b.execute("results", "7", "--out", "u")))
	left, err := filepath.Glob(partPrefix + "*")
	require.NoError(t, err)
	require.Len(t, left, 1, "it waits for the next command")
	c = &flaky{data: data}
	b, _ = agreed(t, start(t, c))
	require.NoError(t, b.execute("results", "7", "--out", "u"))
	require.Equal(t, []string{fmt.Sprintf("bytes=%d-", 5*fetchRounds)}, c.ranges)
	requireNoParts(t)
}

// TestPartIsVerified goes on behind parts that are wrong, whole, too long or in
// use, from servers that know no ranges or lie about them.
func TestPartIsVerified(t *testing.T) {
	_, data := agreed(t)
	sum := sha256.Sum256(data)
	digest := sum[:]
	ranges := func(w http.ResponseWriter, r *http.Request) { (&flaky{data: data}).ServeHTTP(w, r) }
	whole := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
	wrong := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("something else")) }
	other := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", "bytes 0-1/2")
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(data)
	}
	tests := map[string]struct {
		part  []byte
		serve http.HandlerFunc
		err   error
		hits  int
	}{
		"none":                {nil, ranges, nil, 1},
		"a good beginning":    {data[:7], ranges, nil, 1},
		"a wrong beginning":   {[]byte("liar"), ranges, nil, 2},
		"already whole":       {data, ranges, nil, 0},
		"longer than whole":   {append(bytes.Clone(data), 'x'), ranges, nil, 2},
		"no ranges":           {data[:7], whole, nil, 1},
		"another range":       {data[:7], other, nil, 2},
		"other bytes":         {nil, wrong, errMismatch, 1},
		"other bytes, behind": {data[:7], wrong, errMismatch, 2},
		"more than allowed":   {nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, len(data)+1)) }, errMismatch, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fmt.Sprintf("%s%x", partPrefix, digest))
			if tc.part != nil {
				require.NoError(t, os.WriteFile(path, tc.part, 0o600))
			}
			hits := 0
			url := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hits++
				tc.serve(w, r)
			}))
			got, err := newBench().fetchPart(t.Context(), url, digest, int64(len(data)), dir)
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.hits, hits)
			require.NoFileExists(t, path)
			if tc.err == nil {
				bz, err := os.ReadFile(got)
				require.NoError(t, err)
				require.Equal(t, data, bz)
			}
		})
	}

	dir := t.TempDir()
	busy, err := openPart(dir, digest)
	require.NoError(t, err)
	_, err = openPart(dir, digest)
	require.ErrorIs(t, err, errPartBusy)
	busy.close()
	linked := filepath.Join(dir, fmt.Sprintf("%s%x", partPrefix, digest))
	require.NoError(t, os.Symlink("/etc/hostname", linked))
	_, err = openPart(dir, digest)
	require.Error(t, err, "a link is not written through")
}

func requireNoParts(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(".cupel-*")
	require.NoError(t, err)
	require.Empty(t, left)
}
