// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Server serves a signer by HTTP.
type Server struct {
	// Signer signs for ChainID alone.
	Signer  Signer
	ChainID string
	// Token, if set, is asked for as a bearer token.
	Token string
	Log   *slog.Logger
}

// Handler returns the routes of the remote signer.
func (s Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathKeys, s.keys)
	mux.HandleFunc("POST "+pathSign, s.sign)
	mux.HandleFunc("POST "+pathPossession, s.possession)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !s.authorized(req) {
			s.answer(w, http.StatusUnauthorized, errorAnswer{codeUnauthorized, "the bearer token is missing or wrong"})
			return
		}
		req.Body = http.MaxBytesReader(w, req.Body, maxBody)
		mux.ServeHTTP(w, req)
	})
}

// authorized compares hashes, so that the time says nothing of the token.
func (s Server) authorized(req *http.Request) bool {
	if s.Token == "" {
		return true
	}
	want, got := sha256.Sum256([]byte("Bearer "+s.Token)), sha256.Sum256([]byte(req.Header.Get("Authorization")))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

func (s Server) keys(w http.ResponseWriter, req *http.Request) {
	keys, err := s.Signer.Keys(req.Context())
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.answer(w, http.StatusOK, keysAnswer{ChainID: s.ChainID, Keys: keys})
}

func (s Server) sign(w http.ResponseWriter, req *http.Request) {
	var body signRequest
	if err := s.read(req, &body, &body.ChainID); err != nil {
		s.refuse(w, err)
		return
	}
	signature, err := s.Signer.Sign(req.Context(), body.Key, body.Header)
	if err != nil {
		s.Log.Error("signature refused", "key", body.Key, "nonce", body.Header.Nonce, "err", err)
		s.refuse(w, err)
		return
	}
	s.Log.Info("header signed", "key", body.Key, "nonce", body.Header.Nonce, "root", body.Header.Root)
	s.answer(w, http.StatusOK, signatureAnswer{signature})
}

func (s Server) possession(w http.ResponseWriter, req *http.Request) {
	var body possessionRequest
	if err := s.read(req, &body, &body.ChainID); err != nil {
		s.refuse(w, err)
		return
	}
	signature, err := s.Signer.Possession(req.Context(), body.Key, body.Operator)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.Log.Info("possession signed", "key", body.Key)
	s.answer(w, http.StatusOK, signatureAnswer{signature})
}

// read decodes a request. Unknown fields are refused: what the signer does not
// understand, it does not sign.
func (s Server) read(req *http.Request, into any, chainID *string) error {
	decoder := json.NewDecoder(req.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	if *chainID != s.ChainID {
		return fmt.Errorf("%w: it is for chain %q, this signer serves %q", ErrBadRequest, *chainID, s.ChainID)
	}
	return nil
}

func (s Server) refuse(w http.ResponseWriter, err error) {
	status, code := http.StatusInternalServerError, codeInternal
	switch {
	case errors.Is(err, ErrSecondDigest):
		status, code = http.StatusConflict, codeSecondDigest
	case errors.Is(err, ErrUnknownKey):
		status, code = http.StatusNotFound, codeUnknownKey
	case errors.Is(err, ErrBadRequest):
		status, code = http.StatusBadRequest, codeBadRequest
	}
	s.answer(w, status, errorAnswer{code, err.Error()})
}

func (s Server) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.Log.Debug("the client is gone", "err", err)
	}
}

var _ Signer = (*Local)(nil)

// check that a signature is the key's before anybody relies on it.
func checkSigner(signature checkpoint.Signature, digest checkpoint.Hash, key checkpoint.Address) error {
	signer, err := signature.Recover(digest)
	if err != nil {
		return fmt.Errorf("the signer answers with a wrong signature: %w", err)
	}
	if signer != key {
		return fmt.Errorf("the signer answers with a signature of %s, not of %s", signer, key)
	}
	return nil
}
