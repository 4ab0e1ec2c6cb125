// SPDX-License-Identifier: Apache-2.0

package voucher_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// key returns the i-th key of the tests and the vectors.
func key(i byte) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte{'k', 'e', 'y', i})
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(k ed25519.PrivateKey) []byte { return k.Public().(ed25519.PublicKey) }

func sample() voucher.Voucher {
	return voucher.Voucher{
		ChainID: "cupel-1", Session: 7, Sequence: 3, Amount: 1_500, Units: 50_000,
		Receipts: sha256.Sum256([]byte("receipts")),
	}
}

func TestSignVerify(t *testing.T) {
	signed, err := voucher.Sign(key(1), sample())
	require.NoError(t, err)
	require.NoError(t, signed.Verify(public(key(1))))

	tests := map[string]struct {
		edit func(*voucher.Signed)
		key  []byte
		err  error
	}{
		"another key":       {key: public(key(2)), err: voucher.ErrSignature},
		"a short key":       {key: public(key(1))[:31], err: voucher.ErrKey},
		"no key":            {key: []byte{}, err: voucher.ErrKey},
		"another chain":     {edit: func(s *voucher.Signed) { s.ChainID = "cupel-2" }, err: voucher.ErrSignature},
		"another session":   {edit: func(s *voucher.Signed) { s.Session++ }, err: voucher.ErrSignature},
		"another sequence":  {edit: func(s *voucher.Signed) { s.Sequence++ }, err: voucher.ErrSignature},
		"a higher amount":   {edit: func(s *voucher.Signed) { s.Amount++ }, err: voucher.ErrSignature},
		"more units":        {edit: func(s *voucher.Signed) { s.Units++ }, err: voucher.ErrSignature},
		"other receipts":    {edit: func(s *voucher.Signed) { s.Receipts[0] ^= 1 }, err: voucher.ErrSignature},
		"a flipped bit":     {edit: func(s *voucher.Signed) { s.Signature[63] ^= 1 }, err: voucher.ErrSignature},
		"no signature":      {edit: func(s *voucher.Signed) { s.Signature = [64]byte{} }, err: voucher.ErrSignature},
		"an invalid amount": {edit: func(s *voucher.Signed) { s.Amount = 0 }, err: voucher.ErrMalformed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, k := signed, tc.key
			if k == nil {
				k = public(key(1))
			}
			if tc.edit != nil {
				tc.edit(&s)
			}
			require.ErrorIs(t, s.Verify(k), tc.err)
		})
	}
}

func TestValidate(t *testing.T) {
	tests := map[string]func(*voucher.Voucher){
		"no chain":        func(v *voucher.Voucher) { v.ChainID = "" },
		"a long chain id": func(v *voucher.Voucher) { v.ChainID = strings.Repeat("c", voucher.MaxChainID+1) },
		"no session":      func(v *voucher.Voucher) { v.Session = 0 },
		"no sequence":     func(v *voucher.Voucher) { v.Sequence = 0 },
		"no amount":       func(v *voucher.Voucher) { v.Amount = 0 },
		"64-bit amount":   func(v *voucher.Voucher) { v.Amount = 1 << 63 },
		"no units":        func(v *voucher.Voucher) { v.Units = 0 },
		"64-bit units":    func(v *voucher.Voucher) { v.Units = math.MaxUint64 },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			v := sample()
			require.NoError(t, v.Validate())
			edit(&v)
			require.ErrorIs(t, v.Validate(), voucher.ErrMalformed)
			_, err := voucher.Sign(key(1), v)
			require.ErrorIs(t, err, voucher.ErrMalformed)
			_, err = voucher.Decode(v.Encode())
			require.ErrorIs(t, err, voucher.ErrMalformed)
		})
	}
	_, err := voucher.Sign(key(1)[:63], sample())
	require.ErrorIs(t, err, voucher.ErrKey)
}

func TestCheckKey(t *testing.T) {
	require.NoError(t, voucher.CheckKey(public(key(1))))
	identity := make([]byte, 32)
	identity[0] = 1
	tests := map[string][]byte{
		"nothing":            nil,
		"a private key":      key(1),
		"the identity":       identity,
		"a point of order 4": make([]byte, 32),
		// y = 2^255 - 18 is 1 above the modulus: the identity again.
		"not canonical": append([]byte{0xee}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...),
		"not a point":   append([]byte{2}, make([]byte, 31)...),
	}
	for name, k := range tests {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, voucher.CheckKey(k), voucher.ErrKey) })
	}
}

func TestFollows(t *testing.T) {
	before := sample()
	tests := map[string]struct {
		edit func(*voucher.Voucher)
		err  error
	}{
		"one more call":      {edit: func(v *voucher.Voucher) { v.Sequence, v.Amount, v.Units = 4, 1_501, 50_001 }},
		"a free call":        {edit: func(v *voucher.Voucher) { v.Sequence = 9 }},
		"the same again":     {edit: func(*voucher.Voucher) {}, err: voucher.ErrOrder},
		"an older one":       {edit: func(v *voucher.Voucher) { v.Sequence = 2 }, err: voucher.ErrOrder},
		"less amount":        {edit: func(v *voucher.Voucher) { v.Sequence, v.Amount = 4, 1_499 }, err: voucher.ErrOrder},
		"fewer units":        {edit: func(v *voucher.Voucher) { v.Sequence, v.Units = 4, 49_999 }, err: voucher.ErrOrder},
		"of another session": {edit: func(v *voucher.Voucher) { v.Sequence, v.Session = 4, 8 }, err: voucher.ErrOrder},
		"of another chain":   {edit: func(v *voucher.Voucher) { v.Sequence, v.ChainID = 4, "x" }, err: voucher.ErrOrder},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			v := before
			tc.edit(&v)
			require.ErrorIs(t, v.Follows(before), tc.err)
		})
	}
}

func TestTerms(t *testing.T) {
	terms := voucher.Terms{Price: 30, Scale: 1_000, Deposit: 2_000}
	for units, want := range map[uint64]uint64{0: 0, 1: 1, 33: 1, 34: 2, 1_000: 30, 50_000: 1_500} {
		got, err := terms.Amount(units)
		require.NoError(t, err)
		require.Equal(t, want, got, "%d units", units)
	}
	require.NoError(t, terms.Check(sample()))

	dear, poor := sample(), sample()
	dear.Amount++
	require.ErrorIs(t, terms.CheckPrice(dear), voucher.ErrTerms)
	poor.Amount, poor.Units = 2_001, 1_000_000
	require.NoError(t, terms.CheckPrice(poor))
	require.ErrorIs(t, terms.Check(poor), voucher.ErrTerms)

	for name, bad := range map[string]voucher.Terms{
		"no scale":       {Price: 1, Deposit: 1},
		"beyond 128 bit": {Price: math.MaxUint64, Scale: 1, Deposit: 1},
		"beyond 63 bit":  {Price: 1 << 62, Scale: 1, Deposit: 1},
	} {
		_, err := bad.Amount(50_000)
		require.ErrorIs(t, err, voucher.ErrTerms, name)
		require.ErrorIs(t, bad.Check(sample()), voucher.ErrTerms, name)
	}
}

func TestReceiptChain(t *testing.T) {
	r := voucher.Receipt{Request: sha256.Sum256([]byte("q")), Response: sha256.Sum256([]byte("a")), Units: 5}
	first := r.Chain([32]byte{})
	require.NotEqual(t, first, r.Chain(first), "position counts")
	swapped := voucher.Receipt{Request: r.Response, Response: r.Request, Units: 5}
	require.NotEqual(t, first, swapped.Chain([32]byte{}))
	r.Units++
	require.NotEqual(t, first, r.Chain([32]byte{}))
}

func TestHeader(t *testing.T) {
	signed, err := voucher.Sign(key(1), sample())
	require.NoError(t, err)
	value := signed.Header()
	require.Less(t, len(value), 300, "a header must stay small")
	parsed, err := voucher.ParseHeader(value)
	require.NoError(t, err)
	require.Equal(t, signed, parsed)

	raw := append(signed.Encode(), signed.Signature[:]...)
	enc := base64.RawURLEncoding.EncodeToString
	tests := map[string]string{
		"empty":              "",
		"another version":    "v2." + value[3:],
		"no version":         value[3:],
		"blanks around it":   " " + value,
		"a line break in it": value[:20] + "\n" + value[20:],
		"padded":             "v1." + base64.URLEncoding.EncodeToString(append([]byte{0}, raw...)) + "=",
		"other alphabet":     "v1.+" + value[4:],
		"cut short":          value[:len(value)-4],
		"one byte more":      "v1." + enc(append(bytes.Clone(raw), 0)),
		"only a signature":   "v1." + enc(signed.Signature[:]),
		"fewer bytes":        "v1." + enc([]byte("x")),
		"too long":           "v1." + strings.Repeat("A", 600),
		"another domain":     "v1." + enc(bytes.Replace(raw, []byte("voucher"), []byte("receipt"), 1)),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := voucher.ParseHeader(text)
			require.ErrorIs(t, err, voucher.ErrMalformed)
		})
	}
}

func FuzzParseHeader(f *testing.F) {
	signed, err := voucher.Sign(key(1), sample())
	require.NoError(f, err)
	f.Add(signed.Header())
	f.Add("v1.")
	f.Add("v1." + strings.Repeat("A", 200))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := voucher.ParseHeader(text)
		if err != nil {
			require.ErrorIs(t, err, voucher.ErrMalformed)
			return
		}
		require.Equal(t, text, got.Header(), "one voucher has one form")
		require.NoError(t, got.Validate())
		if got.Verify(public(key(1))) == nil {
			require.Equal(t, signed.Voucher, got.Voucher, "forged")
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(sample().Encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := voucher.Decode(data)
		if err != nil {
			require.ErrorIs(t, err, voucher.ErrMalformed)
			return
		}
		require.Equal(t, data, v.Encode(), "one voucher has one form")
	})
}
