// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/worker/access"
)

func TestSignedRequests(t *testing.T) {
	key := secp256k1.GenPrivKey()
	address, err := bech32.ConvertAndEncode("cupel", key.PubKey().Address())
	require.NoError(t, err)
	var answer error
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	defer srv.Close()
	Private(mux, Options{Log: slog.New(slog.DiscardHandler)}, Access{
		Gate: access.NewGate("cupel-1", srv.URL),
		Status: func(_ context.Context, c access.Claims) (any, error) {
			return map[string]string{"for": c.Subject}, answer
		},
		Key: func(_ context.Context, c access.Claims) ([]byte, error) { return []byte("key of " + c.Digest), answer },
	})
	token := func(edit func(*access.Claims)) string {
		c := access.Claims{Use: access.UseStatus, ChainID: "cupel-1", Audience: srv.URL, Subject: address, Batch: 7, Digest: "d"}
		if edit != nil {
			edit(&c)
		}
		text, err := access.New(c, time.Now(), func(m []byte) ([]byte, []byte, error) {
			s, err := key.Sign(m)
			return s, key.PubKey().Bytes(), err
		})
		require.NoError(t, err)
		return access.Scheme + text
	}
	ask := func(method, path, authorization string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, http.NoBody)
		require.NoError(t, err)
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(body)
	}
	use := func(u string) func(*access.Claims) { return func(c *access.Claims) { c.Use = u } }

	good := token(nil)
	code, body := ask(http.MethodGet, "/jobs/7", good)
	require.Equal(t, http.StatusOK, code, body)
	require.Contains(t, body, address)
	code, body = ask(http.MethodPost, "/keys", token(use(access.UseKey)))
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "key of d", body)

	tests := map[string]struct {
		method, path, token string
		answer              error
		code                int
	}{
		"no token":        {http.MethodGet, "/jobs/7", "", nil, http.StatusUnauthorized},
		"used before":     {http.MethodGet, "/jobs/7", good, nil, http.StatusUnauthorized},
		"another scheme":  {http.MethodGet, "/jobs/7", "Bearer x", nil, http.StatusUnauthorized},
		"another use":     {http.MethodGet, "/jobs/7", token(use(access.UseKey)), nil, http.StatusUnauthorized},
		"another batch":   {http.MethodGet, "/jobs/8", token(nil), nil, http.StatusForbidden},
		"refused":         {http.MethodGet, "/jobs/7", token(nil), fmt.Errorf("%w: not yours", ErrRefused), http.StatusForbidden},
		"chain is silent": {http.MethodGet, "/jobs/7", token(nil), errors.New("internal detail"), http.StatusServiceUnavailable},
		"key is refused":  {http.MethodPost, "/keys", token(use(access.UseKey)), ErrRefused, http.StatusForbidden},
		"key by GET":      {http.MethodGet, "/keys", token(use(access.UseKey)), nil, http.StatusMethodNotAllowed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer = tc.answer
			code, body := ask(tc.method, tc.path, tc.token)
			require.Equal(t, tc.code, code, body)
			require.NotContains(t, body, "internal detail")
			require.NotContains(t, body, "key of")
		})
	}
}
