// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/cupel-network/cupel/relayer/evm"
	"github.com/cupel-network/cupel/relayer/secret"
	"github.com/cupel-network/cupel/relayer/solana"
)

// Key is a key file in a relayer's home. It holds nothing secret.
type Key struct {
	Name string `json:"name"`
	// Type is TypeEVM for an encrypted keystore, TypeSolana for a keypair file.
	Type    string `json:"type"`
	Address string `json:"address"`
	// Path is where key.file of a target points, below the home.
	Path string `json:"path"`
}

// KeyPath returns the path below the home of a key of that name.
func KeyPath(name string) string { return filepath.Join("keys", name+".json") }

// AddKey makes a new key. The password is that of an EVM keystore and not used
// for Solana, whose format has none. A key that is there is never overwritten.
func AddKey(dir, name, kind, password string) (Key, error) {
	path, err := newKeyFile(dir, name)
	if err != nil {
		return Key{}, err
	}
	switch kind {
	case TypeEVM:
		key, err := crypto.GenerateKey()
		if err != nil {
			return Key{}, err
		}
		if _, err := evm.WriteKeystore(path, password, key); err != nil {
			return Key{}, err
		}
	case TypeSolana:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return Key{}, err
		}
		if err := writeKeypair(path, key); err != nil {
			return Key{}, err
		}
	default:
		return Key{}, fmt.Errorf("type is %q, known are evm and solana", kind)
	}
	return ReadKey(dir, name)
}

// ImportKey takes over a key: for EVM the hex digits of a private key, which
// are encrypted with the password, or a keystore of that password; for Solana
// the content of a keypair file.
func ImportKey(dir, name, kind, password string, content []byte) (Key, error) {
	path, err := newKeyFile(dir, name)
	if err != nil {
		return Key{}, err
	}
	switch kind {
	case TypeEVM:
		err = importEVM(path, password, content)
	case TypeSolana:
		err = importSolana(path, content)
	default:
		err = fmt.Errorf("type is %q, known are evm and solana", kind)
	}
	if err != nil {
		return Key{}, err
	}
	return ReadKey(dir, name)
}

func importEVM(path, password string, content []byte) error {
	text := strings.TrimSpace(string(content))
	if !strings.HasPrefix(text, "{") {
		key, err := crypto.HexToECDSA(strings.TrimPrefix(text, "0x"))
		if err != nil {
			return errors.New("the file holds neither 64 hex digits nor a keystore") // the cause could quote the key
		}
		_, err = evm.WriteKeystore(path, password, key)
		return err
	}
	if _, err := keystore.DecryptKey([]byte(text), password); err != nil {
		return fmt.Errorf("open the keystore: %w", err)
	}
	return secret.Write(path, []byte(text))
}

func importSolana(path string, content []byte) error {
	if err := secret.Write(path, content); err != nil {
		return err
	}
	if _, err := solana.LoadKey(path); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func newKeyFile(dir, name string) (string, error) {
	if !targetName.MatchString(name) {
		return "", fmt.Errorf("name %q is not 1 to 32 of a-z, 0-9 and -", name)
	}
	path := filepath.Join(dir, KeyPath(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return "", fmt.Errorf("key %s exists: %s", name, path)
	}
	return path, nil
}

func writeKeypair(path string, key ed25519.PrivateKey) error {
	numbers := make([]int, len(key))
	for i, b := range key {
		numbers[i] = int(b)
	}
	text, err := json.Marshal(numbers)
	if err != nil {
		return err
	}
	return secret.Write(path, text)
}

// ReadKey returns a key's type and address, without its password.
func ReadKey(dir, name string) (Key, error) {
	path := filepath.Join(dir, KeyPath(name))
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fmt.Errorf("there is no key %s in %s (cupel-relayer keys list shows all)", name, filepath.Dir(path))
	}
	if err != nil {
		return Key{}, err
	}
	key := Key{Name: name, Type: TypeEVM, Path: KeyPath(name)}
	var stored struct {
		Address string `json:"address"`
	}
	if json.Unmarshal(text, &stored) == nil && common.IsHexAddress(stored.Address) {
		key.Address = common.HexToAddress(stored.Address).Hex()
		return key, nil
	}
	signer, err := solana.LoadKey(path)
	if err != nil {
		return Key{}, fmt.Errorf("%s is neither a keystore nor a keypair: %w", path, err)
	}
	key.Type, key.Address = TypeSolana, signer.Address().String()
	return key, nil
}

// ListKeys returns the keys in a home by name.
func ListKeys(dir string) ([]Key, error) {
	files, err := filepath.Glob(filepath.Join(dir, "keys", "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	keys := make([]Key, 0, len(files))
	for _, file := range files {
		key, err := ReadKey(dir, strings.TrimSuffix(filepath.Base(file), ".json"))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}
