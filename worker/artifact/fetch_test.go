// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var content = bytes.Repeat([]byte("cupel"), 1000)

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func newStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "store"), 0)
	require.NoError(t, err)
	return s
}

func options() FetchOptions {
	return FetchOptions{PrivateHosts: true, MaxBytes: 1 << 20, Timeout: 5 * time.Second}
}

func source(uri string) Source {
	return Source{SHA256: sum(content), Size: uint64(len(content)), URIs: []string{uri}}
}

func newFetcher(t *testing.T, store *Store, opts FetchOptions) *Fetcher {
	t.Helper()
	f, err := NewFetcher(store, opts)
	require.NoError(t, err)
	return f
}

func serveContent(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// send writes to a client that may be gone.
func send(w http.ResponseWriter, b []byte) { _, _ = w.Write(b) }

func TestFetchHTTP(t *testing.T) {
	other := bytes.Repeat([]byte("x"), len(content))
	tests := map[string]struct {
		handler http.HandlerFunc
		edit    func(*Source, *FetchOptions)
		err     error
		fails   bool
	}{
		"whole":            {handler: serveContent},
		"size not known":   {handler: serveContent, edit: func(s *Source, _ *FetchOptions) { s.Size = 0 }},
		"another content":  {handler: func(w http.ResponseWriter, _ *http.Request) { send(w, other) }, err: ErrMismatch},
		"server error":     {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, fails: true},
		"not found":        {handler: http.NotFound, fails: true},
		"too short":        {handler: func(w http.ResponseWriter, _ *http.Request) { send(w, content[:10]) }, err: io.ErrUnexpectedEOF},
		"declares too big": {handler: func(w http.ResponseWriter, _ *http.Request) { send(w, append(other, 'x')) }, err: ErrTooLarge},
		"streams too big": {handler: func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				send(w, other)
				w.(http.Flusher).Flush()
			}
		}, err: ErrTooLarge},
		"above the limit": {handler: serveContent, edit: func(_ *Source, o *FetchOptions) { o.MaxBytes = 10 }, err: ErrTooLarge},
		"redirect loop":   {handler: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, fails: true},
		"redirect to a file": {handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/hostname", http.StatusFound)
		}, err: ErrForbidden},
		"private address": {handler: serveContent, edit: func(_ *Source, o *FetchOptions) { o.PrivateHosts = false }, err: ErrForbidden},
		"never answers": {
			handler: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			edit:    func(_ *Source, o *FetchOptions) { o.Timeout = 50 * time.Millisecond }, err: context.DeadlineExceeded,
		},
		"another scheme": {handler: serveContent, edit: func(s *Source, _ *FetchOptions) { s.URIs[0] = "ftp://host/x" }, err: ErrForbidden},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(tc.handler)
			defer srv.Close()
			store, src, opts := newStore(t), source(srv.URL+"/x"), options()
			if tc.edit != nil {
				tc.edit(&src, &opts)
			}
			path, err := newFetcher(t, store, opts).Fetch(t.Context(), src)
			switch {
			case tc.err != nil:
				require.ErrorIs(t, err, tc.err)
			case tc.fails:
				require.Error(t, err)
			default:
				require.NoError(t, err)
				got, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, content, got)
				return
			}
			_, err = store.Path(src.SHA256)
			require.ErrorIs(t, err, os.ErrNotExist, "nothing wrong is kept")
		})
	}
}

func TestFetchTriesTheNextSource(t *testing.T) {
	good := httptest.NewServer(http.HandlerFunc(serveContent))
	defer good.Close()
	bad := httptest.NewServer(http.NotFoundHandler())
	defer bad.Close()
	src := source(bad.URL)
	src.URIs = append(src.URIs, good.URL)
	_, err := newFetcher(t, newStore(t), options()).Fetch(t.Context(), src)
	require.NoError(t, err)
}

// TestFetchResumes breaks the connection halfway and goes on from there.
func TestFetchResumes(t *testing.T) {
	half := len(content) / 2
	var ranges []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if len(ranges) == 1 {
			w.Header().Set("Content-Length", "5000")
			send(w, content[:half])
			panic(http.ErrAbortHandler)
		}
		serveContent(w, r)
	}))
	defer srv.Close()
	f := newFetcher(t, newStore(t), options())
	_, err := f.Fetch(t.Context(), source(srv.URL))
	require.Error(t, err)
	_, err = f.Fetch(t.Context(), source(srv.URL))
	require.NoError(t, err)
	require.Equal(t, []string{"", "bytes=2500-"}, ranges)
}

// TestResumeOfOtherContentStartsOver lets a part of something else lie around.
func TestResumeOfOtherContentStartsOver(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(serveContent))
	defer srv.Close()
	store := newStore(t)
	require.NoError(t, os.WriteFile(filepath.Join(store.dir, sum(content)+partSuffix), []byte("junk"), 0o600))
	_, err := newFetcher(t, store, options()).Fetch(t.Context(), source(srv.URL))
	require.NoError(t, err)
}

func TestFetchOnceForAll(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		serveContent(w, r)
	}))
	defer srv.Close()
	f := newFetcher(t, newStore(t), options())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := f.Fetch(t.Context(), source(srv.URL))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int32(1), hits.Load())
}

func TestFetchFile(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	for _, dir := range []string{root, outside} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data"), content, 0o600))
	}
	require.NoError(t, os.Symlink(filepath.Join(outside, "data"), filepath.Join(root, "escape")))
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "dir")))
	require.NoError(t, os.Symlink(filepath.Join(root, "data"), filepath.Join(root, "inner")))
	require.NoError(t, os.Mkdir(filepath.Join(root, "folder"), 0o700))
	tests := map[string]struct {
		path string
		err  error
	}{
		"inside":            {filepath.Join(root, "data"), nil},
		"link inside":       {filepath.Join(root, "inner"), nil},
		"outside":           {filepath.Join(outside, "data"), ErrForbidden},
		"link to outside":   {filepath.Join(root, "escape"), ErrForbidden},
		"through a link":    {filepath.Join(root, "dir", "data"), ErrForbidden},
		"dots":              {root + "/../" + filepath.Base(outside) + "/data", ErrForbidden},
		"directory":         {filepath.Join(root, "folder"), ErrForbidden},
		"missing":           {filepath.Join(root, "nothing"), os.ErrNotExist},
		"the root's sister": {root + "x/data", os.ErrNotExist},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			opts := options()
			opts.FileRoots = []string{root}
			_, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), source("file://"+tc.path))
			require.ErrorIs(t, err, tc.err)
		})
	}
	_, err := newFetcher(t, newStore(t), options()).Fetch(t.Context(), source("file://"+filepath.Join(root, "data")))
	require.ErrorIs(t, err, ErrForbidden, "without roots no file is read")
}

func TestRefusePrivate(t *testing.T) {
	for address, refused := range map[string]bool{
		"127.0.0.1:80": true, "10.1.2.3:80": true, "192.168.0.1:80": true, "172.16.0.1:80": true, "169.254.169.254:80": true,
		"100.64.0.1:80": true, "0.0.0.0:80": true, "224.0.0.1:80": true, "[::1]:80": true, "[fe80::1]:80": true, "[fd00::1]:80": true,
		"[::ffff:127.0.0.1]:80": true, "nonsense": true, "8.8.8.8:443": false, "[2606:4700::1]:443": false,
	} {
		require.Equal(t, refused, refusePrivate("tcp", address, nil) != nil, address)
	}
}
