// SPDX-License-Identifier: Apache-2.0

package remotekey

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// maxRequest bounds a request: the largest transaction of a worker is smaller.
const maxRequest = 4 << 20

// keyResponse is the answer to GET /v1/key.
type keyResponse struct {
	// Type is that of the key, PubKey its bytes.
	Type   string `json:"type"`
	PubKey []byte `json:"pub_key"`
}

// signRequest is the body of POST /v1/sign.
type signRequest struct {
	Doc []byte `json:"doc"`
}

type signResponse struct {
	Signature []byte `json:"signature"`
}

type errorResponse struct {
	Error string `json:"error"`
}

// Server signs with one key of a keyring what its policy allows.
type Server struct {
	Ring   keyring.Keyring
	Key    string
	Policy Policy
	// Token must come with every request unless it is empty, which is right
	// for a unix socket only.
	Token string
	Log   *slog.Logger
}

// Handler serves GET /v1/key and POST /v1/sign.
func (s Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/key", s.guarded(s.key))
	mux.HandleFunc("POST /v1/sign", s.guarded(s.sign))
	return mux
}

func (s Server) guarded(next http.HandlerFunc) http.HandlerFunc {
	want := []byte("Bearer " + s.Token)
	return func(w http.ResponseWriter, req *http.Request) {
		if s.Token != "" && subtle.ConstantTimeCompare([]byte(req.Header.Get("Authorization")), want) != 1 {
			s.fail(w, http.StatusUnauthorized, errors.New("the token is missing or wrong: compare key.token with --token-file"))
			return
		}
		next(w, req)
	}
}

func (s Server) key(w http.ResponseWriter, _ *http.Request) {
	pub, err := s.pubKey()
	if err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	reply(w, http.StatusOK, keyResponse{Type: pub.Type(), PubKey: pub.Bytes()})
}

func (s Server) pubKey() (cryptotypes.PubKey, error) {
	rec, err := s.Ring.Key(s.Key)
	if err != nil {
		return nil, err
	}
	return rec.GetPubKey()
}

func (s Server) sign(w http.ResponseWriter, req *http.Request) {
	var in signRequest
	if err := json.NewDecoder(io.LimitReader(req.Body, maxRequest)).Decode(&in); err != nil {
		s.fail(w, http.StatusBadRequest, err)
		return
	}
	if err := s.Policy.Check(in.Doc, time.Now()); err != nil {
		s.Log.Warn("refused", "err", err)
		s.fail(w, http.StatusForbidden, err)
		return
	}
	sig, _, err := s.Ring.Sign(s.Key, in.Doc, signingtypes.SignMode_SIGN_MODE_DIRECT)
	if err != nil {
		s.Log.Error("signing failed", "err", err)
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	s.Log.Debug("signed", "bytes", len(in.Doc))
	reply(w, http.StatusOK, signResponse{Signature: sig})
}

func (s Server) fail(w http.ResponseWriter, code int, err error) {
	reply(w, code, errorResponse{Error: err.Error()})
}

func reply(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client is gone if this fails
}
