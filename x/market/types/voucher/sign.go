// SPDX-License-Identifier: Apache-2.0

package voucher

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"filippo.io/edwards25519"
	"github.com/hdevalence/ed25519consensus"
)

// HeaderName is the HTTP header that carries a voucher with a call.
const HeaderName = "Cupel-Voucher"

// headerVersion opens the value; another version is another encoding.
const headerVersion = "v1."

// maxHeader bounds what is decoded at all.
const maxHeader = 512

// encoding is base64url without padding, each value in one form only.
var encoding = base64.RawURLEncoding.Strict()

// Signed is a voucher with the Ed25519 signature of its session's voucher key.
type Signed struct {
	Voucher
	Signature [SignatureSize]byte
}

// CheckKey reports whether a public key can be the key of a session: 32 bytes,
// the one encoding of a point, and not one of the few for which everybody can
// sign. It wraps ErrKey.
func CheckKey(key []byte) error {
	if len(key) != KeySize {
		return fmt.Errorf("%w: %d bytes, an Ed25519 public key has %d", ErrKey, len(key), KeySize)
	}
	point, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || !slices.Equal(point.Bytes(), key) {
		return fmt.Errorf("%w: %x is not the encoding of a point", ErrKey, key)
	}
	if new(edwards25519.Point).MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return fmt.Errorf("%w: %x has low order, anybody can sign for it", ErrKey, key)
	}
	return nil
}

// Sign signs a valid voucher with the private half of the session's voucher key.
func Sign(key ed25519.PrivateKey, v Voucher) (Signed, error) {
	if len(key) != ed25519.PrivateKeySize {
		return Signed{}, fmt.Errorf("%w: a private key has %d bytes, not %d", ErrKey, ed25519.PrivateKeySize, len(key))
	}
	if err := v.Validate(); err != nil {
		return Signed{}, err
	}
	return Signed{Voucher: v, Signature: [SignatureSize]byte(ed25519.Sign(key, v.Encode()))}, nil
}

// Verify checks the fields and the signature under the rule of the chain
// (ZIP-215). It wraps ErrMalformed, ErrKey or ErrSignature.
func (s Signed) Verify(key []byte) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if len(key) != KeySize {
		return fmt.Errorf("%w: %d bytes, an Ed25519 public key has %d", ErrKey, len(key), KeySize)
	}
	if !ed25519consensus.Verify(key, s.Encode(), s.Signature[:]) {
		return fmt.Errorf("%w: session %d of %s, sequence %d, key %x", ErrSignature, s.Session, s.ChainID, s.Sequence, key)
	}
	return nil
}

// Header returns the value of the header HeaderName: "v1." and, in base64url
// without padding, the signed bytes followed by the signature.
func (s Signed) Header() string {
	return headerVersion + encoding.EncodeToString(append(s.Encode(), s.Signature[:]...))
}

// ParseHeader is the inverse of Header. It takes each voucher in exactly one
// form and does not check the signature. It wraps ErrMalformed.
func ParseHeader(value string) (Signed, error) {
	text, ok := strings.CutPrefix(value, headerVersion)
	if !ok || len(value) > maxHeader || strings.ContainsAny(text, "\r\n") {
		return Signed{}, fmt.Errorf("%w: %s has %d characters and must start with %q", ErrMalformed, HeaderName, len(value), headerVersion)
	}
	data, err := encoding.DecodeString(text)
	if err != nil {
		return Signed{}, fmt.Errorf("%w: %s: %w", ErrMalformed, HeaderName, err)
	}
	split := len(data) - SignatureSize
	if split < 0 {
		return Signed{}, fmt.Errorf("%w: %s holds %d bytes", ErrMalformed, HeaderName, len(data))
	}
	v, err := Decode(data[:split])
	if err != nil {
		return Signed{}, err
	}
	return Signed{Voucher: v, Signature: [SignatureSize]byte(data[split:])}, nil
}
