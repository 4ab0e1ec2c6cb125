// SPDX-License-Identifier: Apache-2.0

package job

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// keyName is the voucher key's file in the home.
const keyName = "voucher.pem"

// keyBlock is the PEM type of a PKCS #8 key, as OpenSSL and Node write it.
const keyBlock = "PRIVATE KEY"

// keyFile is the file of the voucher key: what the flag says, or the one in the home.
func keyFile(cmd *cobra.Command, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	home, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil || home == "" {
		return "", failf(exit.UsageError, "--voucher-key is missing: name the file of the voucher key")
	}
	return filepath.Join(home, keyName), nil
}

// loadKey reads a voucher key that nobody else may read.
func loadKey(file string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, failf(exit.UsageError, "there is no voucher key in %s\nName its file with --voucher-key", file)
	}
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, failf(exit.Failure, "voucher key %s can be read by others (mode %04o)\nTake that away with: chmod 600 %s", file, info.Mode().Perm(), file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	bad := failf(exit.Failure, "%s does not hold an Ed25519 key in PKCS #8 PEM\nMake one with: openssl genpkey -algorithm ed25519 -out %s", file, file)
	block, rest := pem.Decode(text)
	if block == nil || block.Type != keyBlock || len(rest) != 0 {
		return nil, bad
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, bad
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, bad
	}
	return key, nil
}

// loadOrMakeKey reads a voucher key, or makes one if there is no such file.
func loadOrMakeKey(file string) (ed25519.PrivateKey, error) {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return loadKey(file)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	// O_EXCL: a key that appeared in between is not overwritten.
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, failf(exit.Failure, "keep the voucher key: %w", err)
	}
	err = pem.Encode(f, &pem.Block{Type: keyBlock, Bytes: der})
	if err == nil {
		err = f.Sync() // a deposit must not be bound to a key that a crash forgets
	}
	return key, errors.Join(err, f.Close())
}

// publicHalf is what the chain knows of a voucher key.
func publicHalf(key ed25519.PrivateKey) []byte {
	return key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]
}
