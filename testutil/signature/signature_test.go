// SPDX-License-Identifier: Apache-2.0

// Package signature_test proves that the builds of a node with and without
// libsecp256k1 accept the same signatures: a difference would split the chain.
// It is run with and without the tag libsecp256k1_sdk against one file.
package signature_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
)

const file = "testdata/vectors.json"

var update = flag.Bool("update", false, "write the vectors from this build")

// vector is a signature and whether a node takes it.
type vector struct {
	Name      string `json:"name"`
	PublicKey string `json:"public_key"`
	Message   string `json:"message"`
	Signature string `json:"signature"`
	Valid     bool   `json:"valid"`
}

// order is the order n of the group of secp256k1.
var order, _ = new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)

func TestVectors(t *testing.T) {
	if *update {
		write(t)
	}
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var vectors []vector
	require.NoError(t, json.Unmarshal(data, &vectors))
	valid := 0
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			require.Equal(t, v.Valid, verify(t, v))
		})
		if v.Valid {
			valid++
		}
	}
	require.Greater(t, valid, 30)
	require.Greater(t, len(vectors)-valid, 300)
}

func decode(t *testing.T, text string) []byte {
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

// verify does what the ante handler does; a key that cannot be parsed refuses.
func verify(t *testing.T, v vector) (ok bool) {
	key := secp256k1.PubKey{Key: decode(t, v.PublicKey)}
	return key.VerifySignature(decode(t, v.Message), decode(t, v.Signature))
}

func write(t *testing.T) {
	var vectors []vector
	for i := range 32 {
		secret := []byte{byte(i), 'v', 'e', 'c', 't', 'o', 'r'}
		key := secp256k1.GenPrivKeyFromSecret(secret)
		message := append([]byte("message "), secret...)
		signature, err := key.Sign(message)
		require.NoError(t, err)
		vectors = append(vectors, variants(hex.EncodeToString(secret), key.PubKey().Bytes(), message, signature)...)
	}
	for i := range vectors {
		vectors[i].Valid = verify(t, vectors[i])
	}
	data, err := json.MarshalIndent(vectors, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(data, '\n'), 0o600))
}

// variants are one good signature and every way that we know to bend it.
func variants(name string, key, message, signature []byte) []vector {
	r, s := signature[:32], signature[32:]
	bent := map[string][]byte{
		"zero r":      join(make([]byte, 32), s),
		"zero s":      join(r, make([]byte, 32)),
		"r plus n":    join(number(new(big.Int).Add(new(big.Int).SetBytes(r), order)), s),
		"high s":      join(r, number(new(big.Int).Sub(order, new(big.Int).SetBytes(s)))),
		"s is n":      join(r, number(order)),
		"r is n":      join(number(order), s),
		"all ones":    join(ones(), ones()),
		"swapped":     join(s, r),
		"short":       signature[:63],
		"long":        append(append([]byte{}, signature...), 0),
		"with id":     append([]byte{27}, signature...),
		"empty":       {},
		"flipped r":   flip(signature, 3),
		"flipped s":   flip(signature, 60),
		"first flips": flip(signature, 0),
	}
	var out []vector
	add := func(kind string, key, message, signature []byte) {
		out = append(out, vector{
			Name: name + " " + kind, PublicKey: hex.EncodeToString(key),
			Message: hex.EncodeToString(message), Signature: hex.EncodeToString(signature),
		})
	}
	add("good", key, message, signature)
	for _, kind := range []string{
		"zero r", "zero s", "r plus n", "high s", "s is n", "r is n", "all ones", "swapped", "short", "long", "with id", "empty",
		"flipped r", "flipped s", "first flips",
	} {
		add(kind, key, message, bent[kind])
	}
	add("other message", key, append(message, '.'), signature)
	add("key off the curve", join(key[:1], ones()), message, signature)
	add("other parity", flip(key, 0), message, signature)
	add("short key", key[:32], message, signature)
	return out
}

func join(a, b []byte) []byte { return append(append([]byte{}, a...), b...) }

func ones() []byte {
	out := make([]byte, 32)
	for i := range out {
		out[i] = 0xff
	}
	return out
}

// number is the low 32 bytes of n, big endian.
func number(n *big.Int) []byte {
	var out [32]byte
	new(big.Int).Mod(n, new(big.Int).Lsh(big.NewInt(1), 256)).FillBytes(out[:])
	return out[:]
}

func flip(b []byte, i int) []byte {
	out := append([]byte{}, b...)
	out[i] ^= 1
	return out
}
