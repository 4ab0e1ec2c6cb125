// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cutter sends at most a random number of bytes of every answer and then
// breaks the connection.
type cutter struct {
	http.ResponseWriter
	left int
	sent *atomic.Int64
}

// Write implements http.ResponseWriter.
func (c *cutter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	c.left -= n
	c.sent.Add(int64(n))
	if err == nil && n < len(p) {
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// cutting breaks the first answers at random bytes, from a fixed seed.
func cutting(h http.Handler, cuts, most int, sent *atomic.Int64) http.Handler {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(1, 2))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		left := 1 << 30
		if cuts > 0 {
			cuts--
			left = rng.IntN(most)
		}
		mu.Unlock()
		h.ServeHTTP(&cutter{w, left, sent}, r)
	})
}

// TestCutAtRandomBytes goes on from every byte: nothing is sent twice but what
// was lost on the way.
func TestCutAtRandomBytes(t *testing.T) {
	big := make([]byte, 600_000)
	_, err := rand.NewChaCha8([32]byte{1}).Read(big)
	require.NoError(t, err)
	var sent atomic.Int64
	srv := httptest.NewServer(cutting(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(big))
	}), 40, 30_000, &sent))
	defer srv.Close()
	store := newStore(t)
	src := Source{SHA256: sum(big), Size: uint64(len(big)), URIs: []string{srv.URL}}
	attempts := 0
	for ; ; attempts++ {
		require.Less(t, attempts, 60)
		path, err := newFetcher(t, store, options()).Fetch(t.Context(), src) // a new process each time
		if err == nil {
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, src.SHA256, sum(got))
			break
		}
	}
	require.Greater(t, attempts, 20)
	require.Less(t, sent.Load(), int64(2*len(big)), "an interrupted download goes on where it was")
}

// TestLiars are servers whose answer is never taken.
func TestLiars(t *testing.T) {
	other := bytes.Repeat([]byte("x"), len(content))
	half := len(content) / 2
	partial := func(start, total string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				send(w, other)
				return
			}
			w.Header().Set("Content-Range", "bytes "+start+"-4999/"+total)
			w.WriteHeader(http.StatusPartialContent)
			send(w, content[half:])
		}
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		noPart  bool
	}{
		"range from another byte":  {handler: partial("0", "5000")},
		"range of another whole":   {handler: partial("2500", "9999")},
		"range without numbers":    {handler: partial("x", "y")},
		"range that was not asked": {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(206); send(w, content) }, noPart: true},
		"range of other bytes": {handler: func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(other))
		}},
		"no content": {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
		"shorter than it says": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			send(w, content[:10])
		}, noPart: true},
		"compressed though not asked": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			send(w, other)
		}},
		"huge headers": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Huge", strings.Repeat("h", 2*maxHeader))
			send(w, content)
		}},
		"many headers": {handler: func(w http.ResponseWriter, _ *http.Request) {
			for i := range 10_000 {
				w.Header().Set("X-"+strconv.Itoa(i), "hhhhhhhhhhhhhhhh")
			}
			send(w, content)
		}},
		"redirects round and round": {handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/"+strconv.Itoa(rand.IntN(1<<30)), http.StatusTemporaryRedirect)
		}},
		"redirect to s3": {handler: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "s3://bucket/key", http.StatusFound) }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(tc.handler)
			defer srv.Close()
			store := newStore(t)
			if !tc.noPart {
				require.NoError(t, os.WriteFile(filepath.Join(store.dir, sum(content)+partSuffix), content[:half], 0o600))
			}
			for range 3 {
				_, err := newFetcher(t, store, options()).Fetch(t.Context(), source(srv.URL))
				require.Error(t, err)
			}
			_, err := store.Path(sum(content))
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

// TestLyingSourceDoesNotSpoilTheNext leaves bytes of a liar behind.
func TestLyingSourceDoesNotSpoilTheNext(t *testing.T) {
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		send(w, bytes.Repeat([]byte("x"), 100))
	}))
	defer liar.Close()
	honest := httptest.NewServer(http.HandlerFunc(serveContent))
	defer honest.Close()
	src := source(liar.URL)
	src.URIs = append(src.URIs, honest.URL)
	_, err := newFetcher(t, newStore(t), options()).Fetch(t.Context(), src)
	require.NoError(t, err)
}

// TestSlowLoris drips for ever, far below the time limit.
func TestSlowLoris(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; r.Context().Err() == nil; i++ {
			send(w, content[i:i+1])
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	}))
	defer srv.Close()
	opts := options()
	opts.Timeout, opts.Stall = time.Minute, 500*time.Millisecond
	start := time.Now()
	_, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), source(srv.URL))
	require.ErrorIs(t, err, ErrStalled)
	require.Less(t, time.Since(start), 10*time.Second)
}

// TestFinishedPartNeedsNoServer was written whole before the crash.
func TestFinishedPartNeedsNoServer(t *testing.T) {
	store := newStore(t)
	require.NoError(t, os.WriteFile(filepath.Join(store.dir, sum(content)+partSuffix), content, 0o600))
	_, err := newFetcher(t, store, options()).Fetch(t.Context(), source("http://127.0.0.1:1/"))
	require.NoError(t, err)
}

// TestHundredParallelFetches are ten contents, wanted ten times each.
func TestHundredParallelFetches(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		time.Sleep(20 * time.Millisecond)
		send(w, bytes.Repeat([]byte(r.URL.Path), 1000))
	}))
	defer srv.Close()
	f := newFetcher(t, newStore(t), options())
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			path := fmt.Sprintf("/%d", i%10)
			body := bytes.Repeat([]byte(path), 1000)
			_, err := f.Fetch(t.Context(), Source{SHA256: sum(body), Size: uint64(len(body)), URIs: []string{srv.URL + path}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int32(10), hits.Load())
}

// TestFailureIsShared asks a dead source once for all who wait, and the source
// of one who names another.
func TestFailureIsShared(t *testing.T) {
	var hits atomic.Int32
	waiting := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		<-waiting
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer srv.Close()
	f := newFetcher(t, newStore(t), options())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_, err := f.Fetch(t.Context(), source(srv.URL))
			if err == nil {
				t.Error("there is no content")
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	close(waiting)
	wg.Wait()
	require.LessOrEqual(t, hits.Load(), int32(2))
}

// TestWhoLeavesDoesNotEndTheDownloadOfOthers cancels the one who began it.
func TestWhoLeavesDoesNotEndTheDownloadOfOthers(t *testing.T) {
	begun := make(chan struct{}, 2)
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		if hits.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		serveContent(w, r)
	}))
	defer srv.Close()
	f := newFetcher(t, newStore(t), options())
	ctx, leave := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, err := f.Fetch(ctx, source(srv.URL)); first <- err }()
	<-begun
	second := make(chan error, 1)
	go func() { _, err := f.Fetch(t.Context(), source(srv.URL)); second <- err }()
	time.Sleep(50 * time.Millisecond)
	leave()
	require.ErrorIs(t, <-first, context.Canceled)
	require.NoError(t, <-second)
}

// TestDiskFull downloads more than a file system of one MiB has room for.
func TestDiskFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	require.NoError(t, os.Mkdir(dir, 0o700))
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		if os.Getenv("CUPEL_REQUIRE_ALL") == "1" || !errors.Is(err, syscall.EPERM) {
			t.Fatalf("mount a small file system: %v", err)
		}
		t.Skip("needs the right to mount a file system")
	}
	defer func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) }()
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, bytes.NewReader(big)) }))
	defer srv.Close()
	store, err := Open(filepath.Join(dir, "inputs"), 0)
	require.NoError(t, err)
	opts := options()
	opts.MaxBytes = 1 << 30
	_, err = newFetcher(t, store, opts).Fetch(t.Context(), Source{SHA256: sum(big), Size: uint64(len(big)), URIs: []string{srv.URL}})
	require.ErrorIs(t, err, ErrNoRoom)
	left, err := os.ReadDir(store.dir)
	require.NoError(t, err)
	require.Empty(t, left, "the journal is on this disk too: nothing is left lying")
}

func TestURIs(t *testing.T) {
	const c = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
	for uri, fine := range map[string]bool{
		"http://host/x": true, "https://host:1/x?y=z": true, "file:///x": true, "s3://bucket/a/b": true,
		"ipfs://" + c: true, "ipfs://" + c + "/a/b%20c": true, "ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG/readme": true,
		"": false, "x": false, "http:///x": false, "file://host/x": false, "file:x": false, "file:///x?y": false, "ftp://host/x": false,
		"s3://bucket": false, "s3://bucket/": false, "s3://key:secret@bucket/x": false, "s3://bucket/a/../b": false, "s3://Bucket/x": false,
		"s3://b/x": false, "s3://bucket/x?versionId=1": false, "s3:///x": false,
		"ipfs://": false, "ipfs://nonsense": false, "ipfs://" + c + "/../x": false, "ipfs://" + c + "//x": false, "ipfs://" + c + "?format=raw": false,
		// dag-cbor, and a hash that is not sha2-256
		"ipfs://bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy": false,
		"ipfs://bafkr4igh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy": false,
		"ipfs://" + c + strings.Repeat("/x", 40):                             false,
		"http://host/" + strings.Repeat("x", maxURI):                         false,
	} {
		err := ValidateURI(uri)
		require.Equal(t, fine, err == nil, "%.100s: %v", uri, err)
		if err != nil {
			require.ErrorIs(t, err, ErrForbidden)
		}
	}
}

func FuzzURI(f *testing.F) {
	f.Add("ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy/a/b")
	f.Add("s3://bucket/key")
	f.Add("http://[::1]:80/x")
	f.Fuzz(func(t *testing.T, uri string) {
		loc, err := parseURI(uri)
		switch {
		case err != nil:
			if !errors.Is(err, ErrForbidden) {
				t.Fatalf("%q: %v", uri, err)
			}
		case loc.scheme == "ipfs" && (!loc.root.Defined() || loc.root.Version() != 1):
			t.Fatalf("%q has no root", uri)
		case loc.scheme == "s3" && (loc.bucket == "" || loc.key == ""):
			t.Fatalf("%q has no key", uri)
		}
	})
}
