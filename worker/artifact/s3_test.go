// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
)

// newS3 is a server with one bucket and one object in it.
func newS3(t *testing.T, key string, body []byte, wrap func(http.Handler) http.Handler) Bucket {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("models"))
	_, err := backend.PutObject("models", key, map[string]string{"Last-Modified": "Mon, 2 Jan 2006 15:04:05 GMT"}, bytes.NewReader(body), int64(len(body)), nil)
	require.NoError(t, err)
	srv := httptest.NewServer(wrap(gofakes3.New(backend).Server()))
	t.Cleanup(srv.Close)
	return Bucket{Name: "models", Endpoint: srv.URL, AccessKey: "access", SecretKey: "secret", Prefix: "public/"}
}

func TestFetchS3(t *testing.T) {
	signed := ""
	bucket := newS3(t, "public/a b.bin", content, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			signed = r.Header.Get("Authorization")
			h.ServeHTTP(w, r)
		})
	})
	tests := map[string]struct {
		uri  string
		edit func(*Source, *FetchOptions)
		err  error
	}{
		"whole":            {uri: "s3://models/public/a%20b.bin"},
		"another bucket":   {uri: "s3://others/public/a", err: ErrForbidden},
		"another prefix":   {uri: "s3://models/private/a", err: ErrForbidden},
		"another content":  {uri: "s3://models/public/a%20b.bin", edit: func(s *Source, _ *FetchOptions) { s.SHA256 = sum(nil) }, err: ErrMismatch},
		"too large":        {uri: "s3://models/public/a%20b.bin", edit: func(s *Source, _ *FetchOptions) { s.Size = 10 }, err: ErrTooLarge},
		"nothing is known": {uri: "s3://models/public/a%20b.bin", edit: func(_ *Source, o *FetchOptions) { o.Buckets = nil }, err: ErrForbidden},
		"private hosts are refused to jobs, not to the operator": {
			uri: "s3://models/public/a%20b.bin", edit: func(_ *Source, o *FetchOptions) { o.PrivateHosts = false },
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			src, opts := source(tc.uri), options()
			opts.Buckets = []Bucket{bucket}
			if tc.edit != nil {
				tc.edit(&src, &opts)
			}
			_, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), src)
			require.ErrorIs(t, err, tc.err)
		})
	}
	require.True(t, strings.HasPrefix(signed, "AWS4-HMAC-SHA256 Credential=access/"), signed)
	opts := options()
	opts.Buckets = []Bucket{bucket}
	_, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), source("s3://models/public/none"))
	require.ErrorContains(t, err, "key does not exist")
	require.NotContains(t, err.Error(), "secret")
}

// TestS3Resumes breaks the connection at random bytes.
func TestS3Resumes(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789"), 30_000)
	var sent atomic.Int64
	bucket := newS3(t, "public/big", big, func(h http.Handler) http.Handler { return cutting(h, 20, 20_000, &sent) })
	opts, store := options(), newStore(t)
	opts.Buckets = []Bucket{bucket}
	src := Source{SHA256: sum(big), Size: uint64(len(big)), URIs: []string{"s3://models/public/big"}}
	attempts := 0
	for ; ; attempts++ {
		require.Less(t, attempts, 40)
		path, err := newFetcher(t, store, opts).Fetch(t.Context(), src)
		if err == nil {
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, src.SHA256, sum(got))
			break
		}
	}
	require.Greater(t, attempts, 10)
	require.Less(t, sent.Load(), int64(2*len(big)))
}

func TestBucketsThatAreNotUsable(t *testing.T) {
	for name, b := range map[string][]Bucket{
		"no endpoint": {{Name: "a"}},
		"a path":      {{Name: "a", Endpoint: "http://host/path"}},
		"twice":       {{Name: "a", Endpoint: "http://host"}, {Name: "a", Endpoint: "http://host"}},
		"a scheme":    {{Name: "a", Endpoint: "ftp://host"}},
	} {
		opts := options()
		opts.Buckets = b
		_, err := NewFetcher(newStore(t), opts)
		require.Error(t, err, name)
	}
}
