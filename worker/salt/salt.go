// SPDX-License-Identifier: Apache-2.0

// Package salt derives the salts of commitments from one secret, so that a
// lost disk cannot lose a reveal. See worker/adr/003-journal-and-salts.md.
package salt

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
)

// Size is the size in bytes of the secret and of every salt.
const Size = sha256.Size

const (
	domainLot  = "cupel/worker/salt/lot/v1"
	domainCase = "cupel/worker/salt/case/v1"
	domainVote = "cupel/worker/salt/vote/v1"
)

// Secret is the key of all salts of one worker. Its formatted form never shows
// the bytes.
type Secret struct{ key [Size]byte }

// String hides the secret from logs.
func (Secret) String() string { return "<secret>" }

// GoString hides the secret from logs.
func (Secret) GoString() string { return "<secret>" }

// New returns the secret over key.
func New(key [Size]byte) Secret { return Secret{key} }

// Create writes a new random secret to path with mode 0600. It fails with an
// error that wraps fs.ErrExist if there is a file: a secret is never replaced,
// because commitments that are not revealed yet depend on it.
func Create(path string) error {
	var key [Size]byte
	_, _ = rand.Read(key[:]) // documented never to fail
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create the secret: %w", err)
	}
	_, err = f.Write(key[:])
	return errors.Join(err, f.Sync(), f.Close())
}

// Load reads the secret at path. A file that others can read, or of another
// size, is an error.
func Load(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, fmt.Errorf("read the secret: %w (cupel-worker init makes one)", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Secret{}, fmt.Errorf("secret %s has mode %04o: run chmod 600 on it", path, info.Mode().Perm())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, fmt.Errorf("read the secret: %w", err)
	}
	if len(raw) != Size || [Size]byte(raw) == [Size]byte{} {
		return Secret{}, fmt.Errorf("secret %s is not %d random bytes: restore it from your backup: %w", path, Size, fs.ErrInvalid)
	}
	return New([Size]byte(raw)), nil
}

// Lot returns the salt of an attempt at a lot: HMAC-SHA256 over the domain,
// the chain id, batch, lot, attempt and the operator's address bytes, each
// with a fixed size or a length of its own.
func (s Secret) Lot(chainID string, batch uint64, lot, attempt uint32, operator []byte) []byte {
	m := newMAC(s, domainLot)
	m.bytes([]byte(chainID))
	m.uint(batch)
	m.uint(uint64(lot))
	m.uint(uint64(attempt))
	m.bytes(operator)
	return m.h.Sum(nil)
}

// Case returns the salt of an attempt at a case, under a domain of its own.
func (s Secret) Case(chainID string, task uint64, attempt uint32, operator []byte) []byte {
	m := newMAC(s, domainCase)
	m.bytes([]byte(chainID))
	m.uint(task)
	m.uint(uint64(attempt))
	m.bytes(operator)
	return m.h.Sum(nil)
}

// Vote returns the salt of a vote in a round of a committee, under a domain of
// its own.
func (s Secret) Vote(chainID string, verdict uint64, round uint32, operator []byte) []byte {
	m := newMAC(s, domainVote)
	m.bytes([]byte(chainID))
	m.uint(verdict)
	m.uint(uint64(round))
	m.bytes(operator)
	return m.h.Sum(nil)
}

type mac struct{ h hash.Hash }

func newMAC(s Secret, domain string) mac {
	m := mac{hmac.New(sha256.New, s.key[:])}
	m.bytes([]byte(domain))
	return m
}

func (m mac) uint(v uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	m.h.Write(b[:])
}

func (m mac) bytes(v []byte) {
	m.uint(uint64(len(v)))
	m.h.Write(v)
}
