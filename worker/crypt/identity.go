// SPDX-License-Identifier: Apache-2.0

package crypt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// maxIdentityFile is the most bytes of a file of identities.
const maxIdentityFile = 64 << 10

// Identities are the private keys of one party, the newest first. Older ones
// still open what was encrypted to them.
type Identities struct{ keys []*age.X25519Identity }

// String hides the keys from logs.
func (Identities) String() string { return "<identities>" }

// GoString hides the keys from logs.
func (Identities) GoString() string { return "<identities>" }

// Recipient is the public key of the newest identity, age1….
func (i *Identities) Recipient() string { return i.keys[0].Recipient().String() }

// Count returns the number of identities.
func (i *Identities) Count() int { return len(i.keys) }

// All returns the identities for Decrypt. Those of nil are none.
func (i *Identities) All() []age.Identity {
	if i == nil {
		return nil
	}
	all := make([]age.Identity, 0, len(i.keys))
	for _, k := range i.keys {
		all = append(all, k)
	}
	return all
}

// Create writes a new identity to path with mode 0600, in the format of
// age-keygen. It fails with an error that wraps fs.ErrExist if there is a file.
func Create(path string) error {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create the encryption key: %w", err)
	}
	_, err = f.WriteString(lines(id))
	return errors.Join(err, f.Sync(), f.Close())
}

func lines(id *age.X25519Identity) string {
	return "# public key: " + id.Recipient().String() + "\n" + id.String() + "\n"
}

// Load reads the identities at path. A file that others can read is an error.
func Load(path string) (*Identities, error) {
	raw, err := read(path)
	if err != nil {
		return nil, err
	}
	parsed, err := age.ParseIdentities(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s holds no age identities (AGE-SECRET-KEY-1…): restore it from your backup", path)
	}
	ids := &Identities{}
	for _, p := range parsed {
		key, ok := p.(*age.X25519Identity)
		if !ok {
			return nil, fmt.Errorf("%s holds an identity that is not of age X25519", path)
		}
		ids.keys = append(ids.keys, key)
	}
	return ids, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the encryption key: %w", err)
	}
	switch {
	case !info.Mode().IsRegular() || info.Size() > maxIdentityFile:
		return nil, fmt.Errorf("%s is not a file of identities: %w", path, fs.ErrInvalid)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("encryption key %s has mode %04o: run chmod 600 on it", path, info.Mode().Perm())
	}
	return os.ReadFile(path)
}

// Rotate puts a new identity before those at path and returns its recipient.
// The old ones stay: jobs that were encrypted to them may still be running.
func Rotate(path string) (string, error) {
	if _, err := Load(path); err != nil {
		return "", err
	}
	old, err := read(path)
	if err != nil {
		return "", err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(lines(id) + string(old))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("write the encryption key: %w", err), os.Remove(f.Name()))
	}
	return id.Recipient().String(), nil
}
