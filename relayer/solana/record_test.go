// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"crypto/ed25519"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// The lookup account is where readers look: it never changes.
func TestLookup(t *testing.T) {
	key, err := Lookup(checkpoint.NewDomain("cupel-1"))
	require.NoError(t, err)
	require.Equal(t, "A8dg89tsXJhanQXMMSpim23c1TBGG1MPUGKVB6hnd6Vo", key.String())
	require.False(t, key.IsOnCurve(), "nobody has its key")
	other, err := Lookup(checkpoint.NewDomain("cupel-2"))
	require.NoError(t, err)
	require.NotEqual(t, key, other)
}

// unsignedRecord packs as many signatures of a checkpoint as fit.
func unsignedRecord(t testing.TB, nonce, height, power, price uint64) ([]byte, int, mirror.Entry) {
	t.Helper()
	h := newHome(11)
	for i := range h.set.Members {
		h.set.Members[i].Power = power
	}
	h.nonce = nonce - 1
	header := h.header()
	header.Height, header.LeafCount = height, checkpoint.MaxLeaves
	entry := mirror.Entry{Header: header, Set: h.set, Signatures: h.set.Quorum(h.sign(header))}
	lookup, err := Lookup(h.domain)
	require.NoError(t, err)
	payer := ed25519.NewKeyFromSeed(make([]byte, 32))
	signer, err := newSigner(payer)
	require.NoError(t, err)
	tx, taken, err := packSigned(signer.Address(), lookup, solanago.Hash{1}, Budget{UnitPrice: price}, entry, h.domain.Message(header), entry.Signatures)
	require.NoError(t, err)
	message, err := tx.Message.MarshalBinary()
	require.NoError(t, err)
	id, err := signer.Sign(t.Context(), message)
	require.NoError(t, err)
	tx.Signatures = []solanago.Signature{id}
	raw, err := tx.MarshalBinary()
	require.NoError(t, err)
	parsed, err := parseRecord(raw, lookup)
	require.NoError(t, err)
	require.Equal(t, entry.Signatures[:taken], parsed.signed)
	require.Equal(t, h.domain.Message(header), parsed.message)
	return raw, taken, entry
}

func TestRecordSize(t *testing.T) {
	tests := map[string]struct {
		nonce, height, power, price uint64
		size, signatures            int
	}{
		"first":                {1, 60, 10, 0, 1179, 8},
		"usual":                {100_000, 6_000_000, 1_000_000_000, 0, 1197, 8},
		"usual with a price":   {100_000, 6_000_000, 1_000_000_000, 1000, 1209, 8},
		"most with a price":    {1_000_000_000, 10_000_000_000, math.MaxInt64 / 16, 1000, 1226, 8},
		"largest":              {math.MaxInt64, math.MaxInt64, math.MaxInt64 / 11, 0, 1231, 8},
		"largest with a price": {math.MaxInt64, math.MaxInt64, math.MaxInt64 / 11, 1000, 1147, 7},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			raw, taken, _ := unsignedRecord(t, tc.nonce, tc.height, tc.power, tc.price)
			require.Equal(t, tc.signatures, taken)
			require.Equal(t, tc.size, len(raw))
		})
	}
}

func TestMemberParts(t *testing.T) {
	h := newHome(checkpoint.MaxMembers)
	parts := memberMemos(h.set)
	require.Len(t, parts, maxParts)
	var data []byte
	for _, part := range parts {
		again, err := ParseMemo(part.String())
		require.NoError(t, err)
		require.Equal(t, part, again)
		data = append(data, part.Data...)
		tx, err := newRecord(solanago.PublicKey{1}, solanago.PublicKey{2}, solanago.Hash{}, Budget{UnitPrice: math.MaxUint64}, part, nil, nil)
		require.NoError(t, err)
		raw, err := tx.MarshalBinary()
		require.NoError(t, err)
		require.LessOrEqual(t, len(raw), packetSize)
	}
	set, err := joinSet(data)
	require.NoError(t, err)
	require.Equal(t, h.set, set)
	_, err = joinSet(data[:len(data)-1])
	require.Error(t, err)
}

func TestParseMemo(t *testing.T) {
	hash := strings.Repeat("A", 42) + "E"
	tests := map[string]bool{
		"cupel1:c:1:60:7:" + hash + ":40":          true,
		"cupel1:s:2:60:" + hash + ":40":            true,
		"cupel1:m:" + hash + ":2/9:AQ":             true,
		"cupel2:c:1:60:7:" + hash + ":40":          false,
		"cupel1:c:01:60:7:" + hash + ":40":         false,
		"cupel1:c:+1:60:7:" + hash + ":40":         false,
		"cupel1:c:1:60:4294967296:" + hash + ":40": false,
		"cupel1:c:1:60:7:" + hash + "=:40":         false,
		"cupel1:c:1:60:7:" + hash[:42] + "F:40":    false, // a bit that the hash does not have
		"cupel1:c:1:60:7:" + hash[:42] + ":40":     false,
		"cupel1:c:1:60:7:" + hash + ":40:":         false,
		"cupel1:c:1:60:7:" + hash + ":40\n":        false,
		"cupel1:s:2:60:7:" + hash + ":40":          false,
		"cupel1:x:2:60:" + hash + ":40":            false,
		"cupel1:m:" + hash + ":0/9:AQ":             false,
		"cupel1:m:" + hash + ":3/2:AQ":             false,
		"cupel1:m:" + hash + ":1/10:AQ":            false,
		"cupel1:m:" + hash + ":1/1:":               false,
		"cupel1:m:" + hash + ":1:AQ":               false,
		"":                                         false,
	}
	for text, valid := range tests {
		memo, err := ParseMemo(text)
		require.Equal(t, valid, err == nil, "%s: %v", text, err)
		if valid {
			require.Equal(t, text, memo.String())
		}
	}
}

func TestLoadKey(t *testing.T) {
	key := ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	numbers := func(key []byte) []int {
		var out []int
		for _, b := range key {
			out = append(out, int(b))
		}
		return out
	}
	wrong := slices.Clone(key)
	wrong[40] ^= 1
	large := numbers(key)
	large[0] += 256
	tests := map[string]struct {
		content any
		mode    os.FileMode
		err     string
	}{
		"good":              {numbers(key), 0o600, ""},
		"others can read":   {numbers(key), 0o644, "chmod 600"},
		"short":             {numbers(key)[:63], 0o600, "64 bytes"},
		"other public key":  {numbers(wrong), 0o600, "public key"},
		"number is no byte": {large, 0o600, "not a JSON list of bytes"},
		"not a list":        {"secret", 0o600, "not a JSON list of bytes"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key.json")
			text, err := json.Marshal(tc.content)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, text, tc.mode))
			signer, err := LoadKey(path)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.NotContains(t, err.Error(), "secret")
				return
			}
			require.NoError(t, err)
			require.Equal(t, solanago.PublicKeyFromBytes(key[32:]), signer.Address())
			id, err := signer.Sign(t.Context(), []byte("message"))
			require.NoError(t, err)
			require.True(t, id.Verify(signer.Address(), []byte("message")))
		})
	}
	_, err := LoadKey(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// The parser takes any bytes, and what it takes has one encoding.
func FuzzRecord(f *testing.F) {
	for _, price := range []uint64{0, 1000} {
		raw, _, _ := unsignedRecord(f, 3, 60, 10, price)
		f.Add(raw, uint16(0), byte(0))
	}
	lookup, err := Lookup(checkpoint.NewDomain(testChain))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte, at uint16, flip byte) {
		changed := slices.Clone(raw)
		if len(changed) > 0 {
			changed[int(at)%len(changed)] ^= flip
		}
		parsed, err := parseRecord(changed, lookup)
		if err != nil {
			require.NotEmpty(t, reasonOf(err))
			return
		}
		again, err := ParseMemo(parsed.memo.String())
		require.NoError(t, err)
		require.Equal(t, parsed.memo, again)
		if parsed.memo.Kind != Members {
			require.NotEmpty(t, parsed.signed)
			require.Len(t, parsed.message, messageSize)
		}
	})
}

// The proof of a record, which the fuzzer of whole transactions does not reach
// behind their signature.
func FuzzProof(f *testing.F) {
	h := newHome(4)
	header := h.header()
	f.Add(byte(1), secpData(1, h.domain.Message(header), h.sign(header)))
	f.Fuzz(func(t *testing.T, index byte, data []byte) {
		message, signed, err := parseSecp(index, data)
		if err != nil {
			require.NotEmpty(t, reasonOf(err))
			return
		}
		require.Equal(t, data, secpData(index, message, signed))
	})
}
