// SPDX-License-Identifier: Apache-2.0

// Package crypt encrypts inputs to workers and results to requesters with age.
// See worker/adr/004-private-jobs.md.
package crypt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// Bounds of recipients and of the part of a file that wraps its key.
const (
	// MaxRecipients is the most recipients of one file.
	MaxRecipients = 256
	// FileKeySize is the size in bytes of the key of one encrypted file.
	FileKeySize = 16
)

var (
	// ErrNoKey is a file that is not encrypted to any key at hand.
	ErrNoKey = errors.New("not encrypted to a key of this worker")
	// ErrBroken is a file that is not encrypted, damaged or cut off.
	ErrBroken = errors.New("not a whole file of age")
)

// ParseRecipients reads X25519 recipients, age1….
func ParseRecipients(texts []string) ([]age.Recipient, error) {
	if len(texts) == 0 || len(texts) > MaxRecipients {
		return nil, fmt.Errorf("%d recipients, 1 to %d are allowed", len(texts), MaxRecipients)
	}
	all := make([]age.Recipient, 0, len(texts))
	for _, text := range texts {
		r, err := age.ParseX25519Recipient(text)
		if err != nil {
			return nil, fmt.Errorf("recipient %.80q is not an age X25519 recipient (age1…)", text)
		}
		all = append(all, r)
	}
	return all, nil
}

// Encrypt writes src to dst so that only the recipients can read it.
func Encrypt(dst io.Writer, src io.Reader, to []age.Recipient) error {
	w, err := age.Encrypt(dst, to...)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, src); err != nil {
		return err
	}
	return w.Close()
}

// Decrypt writes what src holds to dst. Until it returns nil what was written
// may be cut off. Errors wrap ErrNoKey, ErrBroken or what dst gave.
func Decrypt(dst io.Writer, src io.Reader, ids ...age.Identity) error {
	if len(ids) == 0 {
		return ErrNoKey
	}
	r, err := age.Decrypt(src, ids...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return ErrNoKey
	case err != nil:
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	in := &reader{r: r}
	if _, err := io.Copy(dst, in); err != nil {
		if in.err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, in.err)
		}
		return err
	}
	return nil
}

// reader tells an error of reading from one of writing.
type reader struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// FileKey returns the key of one encrypted file, of which head is at least the
// header. The header proves that the key is the right one.
func FileKey(head io.Reader, ids ...age.Identity) ([]byte, error) {
	c := &captor{ids: ids}
	_, err := age.Decrypt(head, c)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrNoKey
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return c.key, nil
}

// captor remembers the file key that an identity finds.
type captor struct {
	ids []age.Identity
	key []byte
}

// Unwrap implements age.Identity.
func (c *captor) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, id := range c.ids {
		key, err := id.Unwrap(stanzas)
		if errors.Is(err, age.ErrIncorrectIdentity) {
			continue
		}
		c.key = bytes.Clone(key)
		return key, err
	}
	return nil, age.ErrIncorrectIdentity
}

// fileKey is an identity for one file whose key another worker told.
type fileKey []byte

// Unwrap implements age.Identity.
func (k fileKey) Unwrap([]*age.Stanza) ([]byte, error) { return bytes.Clone(k), nil }

// KeyIdentity opens the one file that has the key. A file with another key is
// ErrBroken: its header does not match.
func KeyIdentity(key []byte) (age.Identity, error) {
	if len(key) != FileKeySize {
		return nil, fmt.Errorf("key of a file has %d bytes, not %d", len(key), FileKeySize)
	}
	return fileKey(bytes.Clone(key)), nil
}

// SealedName is under what name a worker serves an encrypted result: 64 hex
// digits that follow from the manifest's hash and the digest on the chain.
func SealedName(manifest, digest []byte) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte("cupel/worker/sealed/v1"), manifest, digest} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
