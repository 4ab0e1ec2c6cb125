// SPDX-License-Identifier: Apache-2.0

// Package access lets the key of an account ask a worker for what is not for
// everybody. A token is a signed claim, for one worker, for a short time, used
// once. See worker/adr/004-private-jobs.md.
package access

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/types/bech32"
)

// What a token can be used for.
const (
	// UseStatus asks how far a batch is. Only its requester may.
	UseStatus = "cupel/worker/access/v1/status"
	// UseKey asks for the key of an encrypted input. Only a worker with a seat
	// in the batch may.
	UseKey = "cupel/worker/access/v1/key"
)

const (
	// MaxLife is the longest time that a token may be valid.
	MaxLife = 5 * time.Minute
	// Scheme is the word before a token in the header Authorization.
	Scheme = "Cupel "

	maxToken   = 4096
	maxSeen    = 1 << 16
	nonceBytes = 16
	prefix     = "cupel"
)

var (
	// ErrDenied is a token that is not valid here and now.
	ErrDenied = errors.New("token is not valid")
	// ErrBusy is a worker that cannot remember more tokens; try again later.
	ErrBusy = errors.New("too many tokens at once")
)

// Claims are what a token says.
type Claims struct {
	// Use is one of the constants above.
	Use     string `json:"use"`
	ChainID string `json:"chain_id"`
	// Audience is the endpoint of the worker, as registered.
	Audience string `json:"aud"`
	// Subject is the address of the key that signed.
	Subject string `json:"sub"`
	Batch   uint64 `json:"batch"`
	// Digest is the sha256 of an encrypted input, for UseKey.
	Digest string `json:"digest,omitempty"`
	// Case is the task of a case in which the subject has a seat; Lot is the
	// lot otherwise. For UseKey.
	Case uint64 `json:"case,omitempty"`
	Lot  uint32 `json:"lot,omitempty"`
	// Expires is in Unix seconds.
	Expires int64 `json:"exp"`
	// Nonce is 32 hex digits that are never used again.
	Nonce string `json:"nonce"`
}

// SignFunc signs bytes with the key of an account and returns its compressed
// secp256k1 public key too.
type SignFunc func(message []byte) (signature, publicKey []byte, err error)

// New returns a token that is valid for a minute from now. Nonce and expiry
// are filled in.
func New(c Claims, now time.Time, sign SignFunc) (string, error) {
	nonce := make([]byte, nonceBytes)
	_, _ = rand.Read(nonce) // documented never to fail
	c.Nonce, c.Expires = hex.EncodeToString(nonce), now.Add(time.Minute).Unix()
	claims, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signature, key, err := sign(signDoc(claims, c.Subject))
	if err != nil {
		return "", fmt.Errorf("sign the request: %w", err)
	}
	part := base64.RawURLEncoding.EncodeToString
	return part(claims) + "." + part(key) + "." + part(signature), nil
}

// signDoc is the document of the Cosmos SDK's ADR 036 over data: what wallets sign that is not
// a transaction and can never be one.
func signDoc(data []byte, signer string) []byte {
	return []byte(`{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"` +
		base64.StdEncoding.EncodeToString(data) + `","signer":"` + signer + `"}}],"sequence":"0"}`)
}

// Gate checks tokens for one worker. It is safe for concurrent use.
type Gate struct {
	chainID, audience string
	now               func() time.Time

	mu   sync.Mutex
	seen map[string]int64
}

// NewGate returns a gate of the worker at the endpoint.
func NewGate(chainID, endpoint string) *Gate {
	return &Gate{chainID: chainID, audience: strings.TrimRight(endpoint, "/"), now: time.Now, seen: make(map[string]int64)}
}

// Check returns the claims of a token for a use. A token is good once. Errors
// wrap ErrDenied or ErrBusy.
func (g *Gate) Check(token, use string) (Claims, error) {
	c, err := parse(token)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrDenied, err)
	}
	now := g.now()
	switch {
	case c.Use != use:
		err = errors.New("it is for another use")
	case c.ChainID != g.chainID:
		err = errors.New("it is for another chain")
	case strings.TrimRight(c.Audience, "/") != g.audience:
		err = errors.New("it is for another worker")
	case c.Expires <= now.Unix():
		err = errors.New("it has expired")
	case c.Expires > now.Add(MaxLife).Unix():
		err = fmt.Errorf("it is valid for more than %s", MaxLife)
	}
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrDenied, err)
	}
	return c, g.once(c, now)
}

// once remembers the nonce until the token has expired.
func (g *Gate) once(c Claims, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, used := g.seen[c.Subject+c.Nonce]; used {
		return fmt.Errorf("%w: it was used before", ErrDenied)
	}
	if len(g.seen) >= maxSeen {
		for nonce, expires := range g.seen {
			if expires <= now.Unix() {
				delete(g.seen, nonce)
			}
		}
		if len(g.seen) >= maxSeen {
			return ErrBusy
		}
	}
	g.seen[c.Subject+c.Nonce] = c.Expires
	return nil
}

// parse decodes a token and checks the signature.
func parse(token string) (Claims, error) {
	if len(token) > maxToken {
		return Claims{}, errors.New("it is too long")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Claims{}, errors.New("it has not three parts")
	}
	var raw [3][]byte
	for i, p := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(p); err != nil {
			return Claims{}, errors.New("it is not base64url")
		}
	}
	c, err := decode(raw[0])
	if err != nil {
		return c, err
	}
	if len(raw[1]) != secp256k1.PubKeySize {
		return c, errors.New("its key is not a compressed secp256k1 key")
	}
	key := &secp256k1.PubKey{Key: raw[1]}
	hrp, address, err := bech32.DecodeAndConvert(c.Subject)
	if err != nil || hrp != prefix || !bytes.Equal(address, key.Address()) {
		return c, errors.New("its key is not that of its subject")
	}
	if !key.VerifySignature(signDoc(raw[0], c.Subject), raw[2]) {
		return c, errors.New("its signature is wrong")
	}
	return c, nil
}

func decode(raw []byte) (Claims, error) {
	var c Claims
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, errors.New("its claims are not readable")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return c, errors.New("something follows its claims")
	}
	if nonce, err := hex.DecodeString(c.Nonce); err != nil || len(nonce) != nonceBytes || strings.ToLower(c.Nonce) != c.Nonce {
		return c, errors.New("its nonce is not 32 hex digits")
	}
	return c, nil
}
