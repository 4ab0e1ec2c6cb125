// SPDX-License-Identifier: Apache-2.0

package signing

import "github.com/cupel-network/cupel/x/oracle/types/checkpoint"

// Paths of the remote signer.
const (
	pathKeys       = "/v1/keys"
	pathSign       = "/v1/sign"
	pathPossession = "/v1/possession"
)

// maxBody bounds a request and an answer, in bytes.
const maxBody = 64 << 10

// keysAnswer is the answer of GET /v1/keys.
type keysAnswer struct {
	ChainID string               `json:"chain_id"`
	Keys    []checkpoint.Address `json:"keys"`
}

// signRequest is the body of POST /v1/sign.
type signRequest struct {
	ChainID string             `json:"chain_id"`
	Key     checkpoint.Address `json:"key"`
	Header  checkpoint.Header  `json:"header"`
}

// possessionRequest is the body of POST /v1/possession.
type possessionRequest struct {
	ChainID string             `json:"chain_id"`
	Key     checkpoint.Address `json:"key"`
	// Operator is base64 of the account's bytes.
	Operator []byte `json:"operator"`
}

// signatureAnswer is the answer of both.
type signatureAnswer struct {
	Signature checkpoint.Signature `json:"signature"`
}

// errorAnswer is every answer that is not 200.
type errorAnswer struct {
	Code  string `json:"code"`
	Error string `json:"error"`
}

// Codes of an errorAnswer.
const (
	codeSecondDigest = "second_digest"
	codeUnknownKey   = "unknown_key"
	codeBadRequest   = "bad_request"
	codeUnauthorized = "unauthorized"
	codeInternal     = "internal"
)
