// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretFile is the beacon's secret in the folder of the keys.
const secretFile = "beacon.secret"

// Secret is what an attestor's shares of the beacon come from. A copy of it
// does no harm but to be known: every process makes the same shares.
type Secret struct{ key [32]byte }

// SecretPath is the beacon's secret of a home.
func SecretPath(home string) string { return filepath.Join(KeysDir(home), secretFile) }

// OpenSecret reads the secret of a home, which is made if there is none. It is
// on disk when OpenSecret returns, so that a share that was committed to can
// always be made again.
func OpenSecret(home string) (Secret, error) {
	path := SecretPath(home)
	secret, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	_, _ = rand.Read(secret.key[:]) // it never fails
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Secret{}, fmt.Errorf("make the folder of the beacon's secret: %w", err)
	}
	// Under another name first: a process that is killed leaves no half a secret.
	half := path + ".new"
	if err := os.Remove(half); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Secret{}, fmt.Errorf("make the beacon's secret: %w", err)
	}
	if err := writeNew(half, []byte(hex.EncodeToString(secret.key[:])+"\n")); err != nil {
		return Secret{}, fmt.Errorf("write the beacon's secret: %w", err)
	}
	if err := errors.Join(os.Rename(half, path), syncDir(filepath.Dir(path))); err != nil {
		return Secret{}, fmt.Errorf("write the beacon's secret: %w", err)
	}
	return secret, nil
}

func readSecret(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Secret{}, fmt.Errorf("the beacon's secret %s may be read by others (mode %o): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, err
	}
	var secret Secret
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != len(secret.key) {
		return Secret{}, fmt.Errorf("the beacon's secret %s is not %d hex digits: restore it from a backup, or remove it once no share is due", path, 2*len(secret.key))
	}
	copy(secret.key[:], raw)
	return secret, nil
}

// Share returns the share of an epoch: HMAC-SHA256 over the chain id, behind its
// length in eight bytes, and the epoch.
func (s Secret) Share(chainID string, epoch uint64) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(chainID))))
	mac.Write([]byte(chainID))
	mac.Write(binary.BigEndian.AppendUint64(nil, epoch))
	return mac.Sum(nil)
}
