// SPDX-License-Identifier: Apache-2.0

package access

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/types/bech32"
)

const endpoint = "https://worker.example.com"

type account struct {
	key     *secp256k1.PrivKey
	address string
}

func newAccount(t testing.TB) account {
	t.Helper()
	key := secp256k1.GenPrivKey()
	address, err := bech32.ConvertAndEncode(prefix, key.PubKey().Address())
	require.NoError(t, err)
	return account{key, address}
}

func (a account) sign(message []byte) ([]byte, []byte, error) {
	signature, err := a.key.Sign(message)
	return signature, a.key.PubKey().Bytes(), err
}

func (a account) claims() Claims {
	return Claims{Use: UseStatus, ChainID: "cupel-1", Audience: endpoint, Subject: a.address, Batch: 7}
}

func TestToken(t *testing.T) {
	alice, mallory := newAccount(t), newAccount(t)
	now := time.Unix(1_000_000, 0)
	tests := map[string]struct {
		edit  func(*Claims)
		token func(string) string
		at    time.Duration
		sign  SignFunc
		says  string
	}{
		"good":             {},
		"good at the end":  {at: 59 * time.Second},
		"slash of the URL": {edit: func(c *Claims) { c.Audience += "/" }},
		"expired":          {at: time.Minute, says: "expired"},
		"from the future":  {at: -5 * time.Minute, says: "more than"},
		"another use":      {edit: func(c *Claims) { c.Use = UseKey }, says: "another use"},
		"another chain":    {edit: func(c *Claims) { c.ChainID = "cupel-2" }, says: "another chain"},
		"another worker":   {edit: func(c *Claims) { c.Audience = "https://other.example.com" }, says: "another worker"},
		"another's name":   {sign: mallory.sign, says: "not that of its subject"},
		"another's signature": {sign: func(m []byte) ([]byte, []byte, error) {
			s, _, err := mallory.sign(m)
			return s, alice.key.PubKey().Bytes(), err
		}, says: "signature"},
		"prefix of another": {edit: func(c *Claims) { c.Subject = "cosmos" + strings.TrimPrefix(c.Subject, prefix) }, says: "not that of its subject"},
		"changed claims": {token: func(s string) string {
			parts := strings.Split(s, ".")
			raw, _ := base64.RawURLEncoding.DecodeString(parts[0])
			parts[0] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(raw), `"batch":7`, `"batch":8`, 1)))
			return strings.Join(parts, ".")
		}, says: "signature"},
		"cut off":   {token: func(s string) string { return s[:len(s)-6] }, says: "signature"},
		"two parts": {token: func(s string) string { return s[:strings.LastIndex(s, ".")] }, says: "three parts"},
		"empty":     {token: func(string) string { return "" }, says: "three parts"},
		"too long":  {token: func(string) string { return strings.Repeat("a", maxToken+1) }, says: "too long"},
		"no base64": {token: func(s string) string { return "!" + s }, says: "base64url"},
		"extra data": {token: func(s string) string {
			return base64.RawURLEncoding.EncodeToString([]byte(`{"x":1}`)) + s[strings.Index(s, "."):]
		}, says: "not readable"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c, sign := alice.claims(), SignFunc(alice.sign)
			if tc.edit != nil {
				tc.edit(&c)
			}
			if tc.sign != nil {
				sign = tc.sign
			}
			token, err := New(c, now, sign)
			require.NoError(t, err)
			if tc.token != nil {
				token = tc.token(token)
			}
			g := NewGate("cupel-1", endpoint)
			g.now = func() time.Time { return now.Add(tc.at) }
			got, err := g.Check(token, UseStatus)
			if tc.says != "" {
				require.ErrorIs(t, err, ErrDenied)
				require.ErrorContains(t, err, tc.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, alice.address, got.Subject)
			require.Equal(t, uint64(7), got.Batch)
			_, err = g.Check(token, UseStatus)
			require.ErrorIs(t, err, ErrDenied, "a token is good once")
		})
	}
	_, err := New(alice.claims(), now, func([]byte) ([]byte, []byte, error) { return nil, nil, errors.New("no key") })
	require.ErrorContains(t, err, "no key")
}

func TestTokenIsUsedOnceByMany(t *testing.T) {
	alice := newAccount(t)
	token, err := New(alice.claims(), time.Now(), alice.sign)
	require.NoError(t, err)
	g := NewGate("cupel-1", endpoint)
	var good atomic.Int32
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := g.Check(token, UseStatus); err == nil {
				good.Add(1)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int32(1), good.Load())
}

// TestMemoryIsBounded fills the gate; expired tokens make room.
func TestMemoryIsBounded(t *testing.T) {
	alice := newAccount(t)
	now := time.Unix(1_000_000, 0)
	g := NewGate("cupel-1", endpoint)
	g.now = func() time.Time { return now }
	for i := range maxSeen {
		g.seen[strconv.Itoa(i)] = now.Unix() + 1
	}
	token, err := New(alice.claims(), now, alice.sign)
	require.NoError(t, err)
	_, err = g.Check(token, UseStatus)
	require.ErrorIs(t, err, ErrBusy)
	now = now.Add(2 * time.Second)
	_, err = g.Check(token, UseStatus)
	require.NoError(t, err)
	require.Len(t, g.seen, 1)
}

// TestSignDoc is the document that wallets sign, byte for byte.
func TestSignDoc(t *testing.T) {
	require.JSONEq(t, `{"chain_id":"","account_number":"0","sequence":"0","fee":{"gas":"0","amount":[]},"memo":"",
		"msgs":[{"type":"sign/MsgSignData","value":{"signer":"cupel1x","data":"aGVsbG8="}}]}`, string(signDoc([]byte("hello"), "cupel1x")))
	require.Equal(t, `{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"aGVsbG8=","signer":"cupel1x"}}],"sequence":"0"}`,
		string(signDoc([]byte("hello"), "cupel1x")), "keys are sorted and nothing is between them")
}

func FuzzToken(f *testing.F) {
	alice := newAccount(f)
	token, err := New(alice.claims(), time.Now(), alice.sign)
	require.NoError(f, err)
	f.Add(token)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		c, err := NewGate("cupel-1", endpoint).Check(token, UseStatus)
		if err == nil && c.Subject != alice.address {
			t.Fatalf("%q is let in as %q", token, c.Subject)
		}
		if err != nil && !errors.Is(err, ErrDenied) {
			t.Fatal(err)
		}
	})
}
