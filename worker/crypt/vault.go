// SPDX-License-Identifier: Apache-2.0

package crypt

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"filippo.io/age"

	"github.com/cupel-network/cupel/worker/artifact"
)

// maxLearned bounds the keys of files that other workers told.
const maxLearned = 4096

// Vault opens the encrypted inputs of one worker and keeps encrypted results.
// It is safe for concurrent use.
type Vault struct {
	ids    *Identities
	sealed *artifact.Store

	mu      sync.Mutex
	learned map[string]age.Identity
	order   []string
}

// NewVault returns a vault that keeps results in sealed. Ids may be nil: then
// nothing is opened but with keys that are learned.
func NewVault(ids *Identities, sealed *artifact.Store) *Vault {
	return &Vault{ids: ids, sealed: sealed, learned: make(map[string]age.Identity)}
}

// Learn takes the key of the file with the given sha256 from another worker.
// The file is at path: a key that does not open it is ErrBroken.
func (v *Vault) Learn(digest, path string, key []byte) error {
	id, err := KeyIdentity(key)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := FileKey(bufio.NewReader(f), id); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.learned[digest] == nil {
		v.order = append(v.order, digest)
	}
	v.learned[digest] = id
	if len(v.order) > maxLearned {
		delete(v.learned, v.order[0])
		v.order = v.order[1:]
	}
	return nil
}

func (v *Vault) keys(digest string) []age.Identity {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := v.ids.All()
	if id := v.learned[digest]; id != nil {
		all = append([]age.Identity{id}, all...)
	}
	return all
}

// FileKey returns the key of the file at path with the given sha256.
func (v *Vault) FileKey(digest, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	keys := v.keys(digest)
	if len(keys) == 0 {
		return nil, ErrNoKey
	}
	return FileKey(bufio.NewReader(f), keys...)
}

// Open decrypts the file at path with the given sha256 into dir and returns
// the path there.
func (v *Vault) Open(ctx context.Context, digest, path, dir string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	to := filepath.Join(dir, digest)
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	err = Decrypt(out, &untilDone{ctx, in}, v.keys(digest)...)
	if err = errors.Join(err, out.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("decrypt %s: %w", digest, err), os.Remove(to))
	}
	return to, nil
}

// Seal encrypts the file at path to the recipients and keeps it under a name of
// SealedName. What is there already is kept.
func (v *Vault) Seal(path, name string, to []string) error {
	if _, err := v.sealed.Path(name); err == nil {
		return nil
	}
	recipients, err := ParseRecipients(to)
	if err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	temp := path + ".age"
	out, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = Encrypt(out, in, recipients)
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(fmt.Errorf("encrypt a result: %w", err), os.Remove(temp))
	}
	return v.sealed.Adopt(temp, name)
}

// Remove forgets an encrypted result. It is a no-op if there is none.
func (v *Vault) Remove(name string) error { return v.sealed.Remove(name) }

// Name returns SealedName as bytes, which is how the journal knows it.
func Name(manifest, digest []byte) []byte {
	raw, _ := hex.DecodeString(SealedName(manifest, digest)) // it is hex
	return raw
}

// untilDone ends a copy when the context does.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
