// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/artifact"
)

// public is a set of digests; damaged makes every question fail.
type public struct {
	digests map[string]bool
	damaged error
}

// Public implements Public.
func (p *public) Public(digest []byte) (bool, error) {
	return p.digests[hex.EncodeToString(digest)], p.damaged
}

func newServer(t *testing.T) (*httptest.Server, *public, string) {
	t.Helper()
	store, err := artifact.Open(t.TempDir(), 0)
	require.NoError(t, err)
	digest, err := store.Put([]byte("0123456789"))
	require.NoError(t, err)
	p := &public{digests: map[string]bool{}}
	o := Options{
		Public: p, Files: []Files{store}, Sealed: store, Log: slog.New(slog.DiscardHandler),
		Health:  func(context.Context) Health { return Health{OK: p.damaged == nil, Height: 7} },
		Status:  func(context.Context) any { return map[string]int{"lots": 3} },
		Metrics: http.NotFoundHandler(),
	}
	mux := Artifacts(o)
	Operations(mux, o)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv, p, digest
}

func get(t *testing.T, url, byteRange string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(body), res.Header
}

func TestArtifactIsServedOnlyOncePublic(t *testing.T) {
	srv, p, digest := newServer(t)
	url := srv.URL + "/artifacts/" + digest
	code, text, _ := get(t, url, "")
	require.Equal(t, http.StatusNotFound, code)
	absent := srv.URL + "/artifacts/" + hex.EncodeToString(make([]byte, 32))
	_, other, _ := get(t, absent, "")
	require.Equal(t, other, text, "the answer does not tell what is here")

	p.digests[digest] = true
	code, text, header := get(t, url, "")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "0123456789", text)
	require.Equal(t, `"`+digest+`"`, header.Get("ETag"))
	require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
}

func TestRanges(t *testing.T) {
	srv, p, digest := newServer(t)
	p.digests[digest] = true
	for byteRange, want := range map[string]struct {
		code int
		text string
	}{
		"bytes=2-4":  {http.StatusPartialContent, "234"},
		"bytes=8-":   {http.StatusPartialContent, "89"},
		"bytes=-2":   {http.StatusPartialContent, "89"},
		"bytes=0-99": {http.StatusPartialContent, "0123456789"},
		"bytes=10-":  {http.StatusRequestedRangeNotSatisfiable, ""},
	} {
		code, text, _ := get(t, srv.URL+"/artifacts/"+digest, byteRange)
		require.Equal(t, want.code, code, byteRange)
		if want.text != "" {
			require.Equal(t, want.text, text, byteRange)
		}
	}
}

func TestArtifactErrors(t *testing.T) {
	srv, p, digest := newServer(t)
	for path, want := range map[string]int{
		"/artifacts/xyz":              http.StatusBadRequest,
		"/artifacts/" + digest[:62]:   http.StatusBadRequest,
		"/artifacts/..%2f..%2fsecret": http.StatusBadRequest,
		"/artifacts/" + digest + "/x": http.StatusNotFound,
		"/journal.db":                 http.StatusNotFound,
	} {
		code, _, _ := get(t, srv.URL+path, "")
		require.Equal(t, want, code, path)
	}
	gone := hex.EncodeToString(make([]byte, 32))
	p.digests[gone] = true
	code, _, _ := get(t, srv.URL+"/artifacts/"+gone, "")
	require.Equal(t, http.StatusGone, code)
	p.damaged = errors.New("disk")
	code, text, _ := get(t, srv.URL+"/artifacts/"+digest, "")
	require.Equal(t, http.StatusInternalServerError, code)
	require.NotContains(t, text, "disk")
}

func TestHealthAndStatus(t *testing.T) {
	srv, p, _ := newServer(t)
	code, text, _ := get(t, srv.URL+"/healthz", "")
	require.Equal(t, http.StatusOK, code)
	require.JSONEq(t, `{"ok":true,"chain":false,"height":7,"jobs":0,"journal":false}`, text)
	p.damaged = errors.New("disk")
	code, _, _ = get(t, srv.URL+"/healthz", "")
	require.Equal(t, http.StatusServiceUnavailable, code)
	_, text, _ = get(t, srv.URL+"/status", "")
	require.JSONEq(t, `{"lots":3}`, text)
}

func TestRunStops(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, l, http.NotFoundHandler()) }()
	code, _, _ := get(t, "http://"+l.Addr().String(), "")
	require.Equal(t, http.StatusNotFound, code)
	cancel()
	select {
	case err := <-done:
		require.ErrorIs(t, err, context.Canceled)
	case <-time.After(10 * time.Second):
		t.Fatal("the server does not stop")
	}
}
