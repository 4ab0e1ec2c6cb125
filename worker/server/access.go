// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cupel-network/cupel/worker/access"
)

// ErrRefused is a request that is signed well by somebody who may not make it.
var ErrRefused = errors.New("not for this account")

// maxAsking bounds the signed requests that are answered at once: each asks the
// chain.
const maxAsking = 8

// Access answers signed requests.
type Access struct {
	Gate *access.Gate
	// Status is how far a batch is, for its requester.
	Status func(ctx context.Context, c access.Claims) (any, error)
	// Key is the key of an encrypted input, encrypted to the worker that asks.
	Key func(ctx context.Context, c access.Claims) ([]byte, error)
}

// Private adds GET /jobs/{batch} and POST /keys to mux. Both need a token; an
// error that wraps ErrRefused is answered with 403, any other with 503.
func Private(mux *http.ServeMux, o Options, a Access) {
	asking := make(chan struct{}, maxAsking)
	guard := func(use string, answer func(w http.ResponseWriter, req *http.Request, c access.Claims) error) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			token, ok := strings.CutPrefix(req.Header.Get("Authorization"), access.Scheme)
			if !ok {
				w.Header().Set("WWW-Authenticate", strings.TrimSpace(access.Scheme))
				http.Error(w, "a signed token is needed: Authorization: Cupel TOKEN", http.StatusUnauthorized)
				return
			}
			c, err := a.Gate.Check(token, use)
			switch {
			case errors.Is(err, access.ErrBusy):
				http.Error(w, "too many requests; try again later", http.StatusTooManyRequests)
				return
			case err != nil:
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			select {
			case asking <- struct{}{}:
				defer func() { <-asking }()
			default:
				http.Error(w, "too many requests; try again later with a new token", http.StatusTooManyRequests)
				return
			}
			if err := answer(w, req, c); errors.Is(err, ErrRefused) {
				http.Error(w, err.Error(), http.StatusForbidden)
			} else if err != nil {
				o.Log.Warn("a signed request was not answered", "use", use, "batch", c.Batch, "err", err)
				http.Error(w, "the worker cannot say; try again later with a new token", http.StatusServiceUnavailable)
			}
		}
	}
	mux.HandleFunc("GET /jobs/{batch}", guard(access.UseStatus, func(w http.ResponseWriter, req *http.Request, c access.Claims) error {
		if req.PathValue("batch") != strconv.FormatUint(c.Batch, 10) {
			return errors.Join(ErrRefused, errors.New("the token is for another batch"))
		}
		v, err := a.Status(req.Context(), c)
		if err == nil {
			w.Header().Set("Cache-Control", "no-store")
			writeJSON(w, http.StatusOK, v)
		}
		return err
	}))
	mux.HandleFunc("POST /keys", guard(access.UseKey, func(w http.ResponseWriter, req *http.Request, c access.Claims) error {
		key, err := a.Key(req.Context(), c)
		if err == nil {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(key) // the client is gone if this fails
		}
		return err
	}))
}
