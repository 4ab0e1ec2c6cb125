// SPDX-License-Identifier: Apache-2.0

// Package signing holds the keys of an attestor and the guard that makes sure
// that they never sign two headers of one nonce.
package signing

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	keyMode    = 0o600
	keySuffix  = ".json"
	privateLen = 32
)

// ErrNoKeys is returned for a folder without a key.
var ErrNoKeys = errors.New("no attestor key")

// Key is a signing key that is bound to one guard: a copy of it is of no use
// where that guard is not.
type Key struct {
	Address checkpoint.Address
	// Guard is the id of the guard that the key was made with.
	Guard string

	private *secp256k1.PrivateKey
}

// keyFile is a key on disk.
type keyFile struct {
	Address    checkpoint.Address `json:"address"`
	PrivateKey string             `json:"private_key"`
	Guard      string             `json:"guard"`
}

// NewKey makes a key for a guard and writes it to dir/<address>.json with mode
// 0600. It is on disk when NewKey returns.
func NewKey(dir, guard string) (Key, error) {
	private, err := secp256k1.GeneratePrivateKey()
	if err != nil {
		return Key{}, fmt.Errorf("make an attestor key: %w", err)
	}
	key := Key{Address: checkpoint.KeyAddress(private.PubKey()), Guard: guard, private: private}
	file := keyFile{key.Address, hex.EncodeToString(private.Serialize()), guard}
	text, err := json.MarshalIndent(file, "", "  ") //nolint:gosec // G117: this is the file that the key is kept in
	if err != nil {
		return Key{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Key{}, fmt.Errorf("make the folder of attestor keys: %w", err)
	}
	if err := writeNew(filepath.Join(dir, key.Address.String()+keySuffix), append(text, '\n')); err != nil {
		return Key{}, fmt.Errorf("write the attestor key: %w", err)
	}
	return key, nil
}

// writeNew writes a file that must not exist and returns once it is durable.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, keyMode)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// LoadKeys reads all keys of a folder, ascending by address. ErrNoKeys if
// there is none. One bad file is an error: a key that is silently left out
// signs nothing.
func LoadKeys(dir string) ([]Key, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the attestor keys: %w", err)
	}
	var keys []Key
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), keySuffix) {
			continue
		}
		key, err := readKey(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w in %s: make one with 'cupeld attest init'", ErrNoKeys, dir)
	}
	return keys, nil
}

func readKey(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("attestor key %s may be read by others (mode %o): chmod 600 it, and rotate it if others had access", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, err
	}
	key, err := parseKey(text)
	if err != nil {
		return Key{}, fmt.Errorf("attestor key %s: %w", path, err)
	}
	if name := key.Address.String() + keySuffix; name != filepath.Base(path) {
		return Key{}, fmt.Errorf("attestor key %s holds the key of %s: name it %s", path, key.Address, name)
	}
	return key, nil
}

// parseKey never repeats what is secret in an error.
func parseKey(text []byte) (Key, error) {
	var file keyFile
	if err := json.Unmarshal(text, &file); err != nil {
		return Key{}, errors.New("it is not a JSON key file")
	}
	raw, err := hex.DecodeString(strings.TrimPrefix(file.PrivateKey, "0x"))
	if err != nil || len(raw) != privateLen {
		return Key{}, fmt.Errorf("private_key is not %d hex digits", 2*privateLen)
	}
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(raw); overflow || scalar.IsZero() {
		return Key{}, errors.New("private_key is not between 1 and the order of the curve")
	}
	private := secp256k1.NewPrivateKey(&scalar)
	if address := checkpoint.KeyAddress(private.PubKey()); address != file.Address {
		return Key{}, fmt.Errorf("private_key is that of %s, address says %s", address, file.Address)
	}
	if file.Guard == "" {
		return Key{}, errors.New("guard is missing")
	}
	return Key{Address: file.Address, Guard: file.Guard, private: private}, nil
}
