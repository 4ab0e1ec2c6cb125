// SPDX-License-Identifier: Apache-2.0

package voucher_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

var update = flag.Bool("update", false, "write the vectors from this code")

const vectorsFile = "testdata/vectors.json"

// vector is what every implementation must compute alike. Bytes are hex,
// numbers are strings because they have 63 bits.
type vector struct {
	Seed      string `json:"seed"`
	Key       string `json:"key"`
	ChainID   string `json:"chain_id"`
	Session   uint64 `json:"session,string"`
	Sequence  uint64 `json:"sequence,string"`
	Amount    uint64 `json:"amount,string"`
	Units     uint64 `json:"units,string"`
	Receipts  string `json:"receipts"`
	Signed    string `json:"signed_bytes"`
	Signature string `json:"signature"`
	Header    string `json:"header"`
}

type receiptVector struct {
	Before   string `json:"before"`
	Request  string `json:"request"`
	Response string `json:"response"`
	Units    uint64 `json:"units,string"`
	After    string `json:"after"`
}

type vectors struct {
	Domain   string          `json:"domain"`
	Vouchers []vector        `json:"vouchers"`
	Receipts []receiptVector `json:"receipts"`
	// Refused are values of the header that no implementation takes.
	Refused []string `json:"refused"`
}

func makeVectors(t *testing.T) vectors {
	t.Helper()
	out := vectors{Domain: voucher.Domain}
	var running [32]byte
	for i, v := range []voucher.Voucher{
		{ChainID: "c", Session: 1, Sequence: 1, Amount: 1, Units: 1},
		sample(),
		{ChainID: strings.Repeat("c", voucher.MaxChainID), Session: math.MaxUint64, Sequence: math.MaxUint64, Amount: math.MaxInt64, Units: math.MaxInt64},
	} {
		r := voucher.Receipt{Request: [32]byte{byte(i)}, Response: [32]byte{31: byte(i)}, Units: v.Units}
		after := r.Chain(running)
		out.Receipts = append(out.Receipts, receiptVector{hexOf(running[:]), hexOf(r.Request[:]), hexOf(r.Response[:]), r.Units, hexOf(after[:])})
		running, v.Receipts = after, after
		k := key(byte(i))
		s, err := voucher.Sign(k, v)
		require.NoError(t, err)
		out.Vouchers = append(out.Vouchers, vector{
			Seed: hexOf(k.Seed()), Key: hexOf(public(k)), ChainID: v.ChainID, Session: v.Session, Sequence: v.Sequence,
			Amount: v.Amount, Units: v.Units, Receipts: hexOf(v.Receipts[:]),
			Signed: hexOf(v.Encode()), Signature: hexOf(s.Signature[:]), Header: s.Header(),
		})
	}
	good := out.Vouchers[1].Header
	out.Refused = []string{"", "v1.", "v2." + good[3:], good + "=", good[:len(good)-4], good[:10] + "+" + good[11:], good + "AAAA"}
	return out
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func TestVectors(t *testing.T) {
	made := makeVectors(t)
	if *update {
		text, err := json.MarshalIndent(made, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(vectorsFile, append(text, '\n'), 0o600))
	}
	text, err := os.ReadFile(vectorsFile)
	require.NoError(t, err)
	var kept vectors
	require.NoError(t, json.Unmarshal(text, &kept))
	require.Equal(t, kept, made, "the encoding is an API: it never changes within a version")

	for _, v := range kept.Vouchers {
		s, err := voucher.ParseHeader(v.Header)
		require.NoError(t, err)
		pub, err := hex.DecodeString(v.Key)
		require.NoError(t, err)
		require.NoError(t, voucher.CheckKey(pub))
		require.NoError(t, s.Verify(pub))
		// The standard library agrees on honest signatures.
		require.True(t, ed25519.Verify(pub, s.Encode(), s.Signature[:]))
	}
	for _, bad := range kept.Refused {
		_, err := voucher.ParseHeader(bad)
		require.ErrorIs(t, err, voucher.ErrMalformed, bad)
	}
}
