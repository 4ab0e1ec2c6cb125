// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/secret"
)

// Signer holds the key of the account that pays the fees. It can create no
// value: records are proven by the attestors' signatures alone.
type Signer interface {
	// Address is the public key.
	Address() solanago.PublicKey
	// Sign signs the message of a transaction.
	Sign(ctx context.Context, message []byte) (solanago.Signature, error)
}

type fileSigner struct{ key ed25519.PrivateKey }

// LoadKey reads a key file in the format of the Solana tools: a JSON list of 64
// bytes, the seed and the public key. Others must not be able to read the file.
func LoadKey(path string) (Signer, error) {
	text, err := secret.Read(path)
	if err != nil {
		return nil, fmt.Errorf("fee payer key: %w", err)
	}
	var numbers []uint16 // a list of bytes would be read from base64
	err = json.Unmarshal(text, &numbers)
	key := make([]byte, len(numbers))
	for i, n := range numbers {
		if key[i] = byte(n); n > math.MaxUint8 {
			err = strconv.ErrRange
		}
	}
	if err != nil {
		// The cause is left out: it could quote the key.
		return nil, fmt.Errorf("fee payer key %s is not a JSON list of bytes", path)
	}
	signer, err := newSigner(key)
	if err != nil {
		return nil, fmt.Errorf("fee payer key %s: %w", path, err)
	}
	return signer, nil
}

// newSigner returns the signer of a seed and its public key, 64 bytes.
func newSigner(key []byte) (Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("a key has %d bytes, got %d", ed25519.PrivateKeySize, len(key))
	}
	if !ed25519.NewKeyFromSeed(key[:ed25519.SeedSize]).Equal(ed25519.PrivateKey(key)) {
		return nil, errors.New("the second half is not the public key of the first")
	}
	return fileSigner{key}, nil
}

// Address implements Signer.
func (s fileSigner) Address() solanago.PublicKey {
	return solanago.PublicKeyFromBytes(s.key[ed25519.SeedSize:])
}

// Sign implements Signer.
func (s fileSigner) Sign(_ context.Context, message []byte) (solanago.Signature, error) {
	return solanago.SignatureFromBytes(ed25519.Sign(s.key, message)), nil
}

// String hides the key.
func (s fileSigner) String() string { return "fee payer " + s.Address().String() }

// GoString hides the key.
func (s fileSigner) GoString() string { return s.String() }
