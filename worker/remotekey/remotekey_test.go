// SPDX-License-Identifier: Apache-2.0

package remotekey

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/worker/chain"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

func policy() Policy {
	return Policy{ChainID: "cupel-1", Messages: Allowed(), MaxFee: 1000, Denom: chain.Denom, MaxAhead: 10 * time.Minute}
}

func newRing(t *testing.T) (chain.Encoding, keyring.Keyring) {
	t.Helper()
	enc, err := chain.NewEncoding()
	require.NoError(t, err)
	ring := keyring.NewInMemory(enc.Codec)
	_, _, err = ring.NewMnemonic("hot", keyring.English, hd.CreateHDPath(chain.CoinType, 0, 0).String(), "", hd.Secp256k1)
	require.NoError(t, err)
	return enc, ring
}

func serve(t *testing.T, ring keyring.Keyring, token string) http.Handler {
	t.Helper()
	return Server{Ring: ring, Key: "hot", Policy: policy(), Token: token, Log: slog.New(slog.DiscardHandler)}.Handler()
}

func terms(fee int64) chain.Terms {
	return chain.Terms{Account: 3, Timeout: time.Now().Add(time.Minute), Gas: 200_000, Fee: sdk.NewCoins(sdk.NewInt64Coin(chain.Denom, fee))}
}

// TestAWorkerSignsWithAKeyElsewhere signs every message of a worker over a
// unix socket; the bytes are those that a local key would sign.
func TestAWorkerSignsWithAKeyElsewhere(t *testing.T) {
	enc, far := newRing(t)
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	srv := httptest.NewUnstartedServer(serve(t, far, ""))
	srv.Listener = l
	srv.Start()
	defer srv.Close()

	ring, err := Dial(t.Context(), enc.Codec, "unix://"+socket, "", "worker")
	require.NoError(t, err)
	remote, err := chain.NewSigner(enc, ring, "worker", "cupel-1", "")
	require.NoError(t, err)
	local, err := chain.NewSigner(enc, far, "hot", "cupel-1", "")
	require.NoError(t, err)
	require.Equal(t, local.Address(), remote.Address())
	at := terms(1000)
	for _, msg := range []sdk.Msg{
		&markettypes.MsgCommit{Worker: local.Address(), Lots: []markettypes.LotCommit{{Batch: 1}}},
		&markettypes.MsgReveal{Worker: local.Address()}, &markettypes.MsgCommitCase{Worker: local.Address()},
		&markettypes.MsgRevealCase{Worker: local.Address()}, &registrytypes.MsgHeartbeat{Worker: local.Address()},
		&registrytypes.MsgDrain{Signer: local.Address(), Drain: true},
	} {
		want, err := local.Sign(t.Context(), msg, at)
		require.NoError(t, err)
		got, err := remote.Sign(t.Context(), msg, at)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err = remote.Sign(t.Context(), &registrytypes.MsgHeartbeat{Worker: local.Address()}, terms(1001))
	require.ErrorIs(t, err, ErrRefused)
	_, err = remote.Sign(t.Context(), &registrytypes.MsgBond{Operator: local.Address(), Amount: sdk.NewInt64Coin(chain.Denom, 1)}, at)
	require.ErrorIs(t, err, ErrRefused)
	_, err = remote.Sign(t.Context(), &registrytypes.MsgUpdateProvider{Operator: local.Address(), Payout: "thief"}, at)
	require.ErrorContains(t, err, "not a message of a worker")

	rec, err := ring.Key("worker")
	require.NoError(t, err)
	addr, err := rec.GetAddress()
	require.NoError(t, err)
	byAddress, err := ring.KeyByAddress(addr)
	require.NoError(t, err)
	require.Equal(t, rec, byAddress)
	_, err = ring.Key("other")
	require.Error(t, err)
	_, _, err = ring.SignByAddress(addr, []byte("no transaction"), signingtypes.SignMode_SIGN_MODE_DIRECT)
	require.ErrorIs(t, err, ErrRefused)
}

// doc is a transaction of a worker as it is signed.
func doc(t *testing.T, edit func(*txtypes.TxBody, *txtypes.AuthInfo, *txtypes.SignDoc)) []byte {
	t.Helper()
	msg, err := codectypes.NewAnyWithValue(&registrytypes.MsgHeartbeat{Worker: "w"})
	require.NoError(t, err)
	at := time.Now().Add(time.Minute)
	body := &txtypes.TxBody{Messages: []*codectypes.Any{msg}, Unordered: true, TimeoutTimestamp: &at}
	auth := &txtypes.AuthInfo{
		SignerInfos: []*txtypes.SignerInfo{{}},
		Fee:         &txtypes.Fee{GasLimit: 1, Amount: sdk.NewCoins(sdk.NewInt64Coin(chain.Denom, 1000))},
	}
	sign := &txtypes.SignDoc{ChainId: "cupel-1", AccountNumber: 1}
	edit(body, auth, sign)
	if sign.BodyBytes == nil {
		sign.BodyBytes, err = proto.Marshal(body)
		require.NoError(t, err)
	}
	sign.AuthInfoBytes, err = proto.Marshal(auth)
	require.NoError(t, err)
	raw, err := proto.Marshal(sign)
	require.NoError(t, err)
	return raw
}

func TestWhatIsRefused(t *testing.T) {
	send, err := codectypes.NewAnyWithValue(&banktypes.MsgSend{})
	require.NoError(t, err)
	type (
		body = txtypes.TxBody
		auth = txtypes.AuthInfo
		sign = txtypes.SignDoc
	)
	late := time.Now().Add(time.Hour)
	for want, edit := range map[string]func(*body, *auth, *sign){
		"":                     func(*body, *auth, *sign) {},
		"for chain":            func(_ *body, _ *auth, s *sign) { s.ChainId = "cupel-2" },
		"MsgSend":              func(b *body, _ *auth, _ *sign) { b.Messages[0] = send },
		"2 messages":           func(b *body, _ *auth, _ *sign) { b.Messages = append(b.Messages, send) },
		"0 messages":           func(b *body, _ *auth, _ *sign) { b.Messages = nil },
		"memos":                func(b *body, _ *auth, _ *sign) { b.Memo = "x" },
		"extensions":           func(b *body, _ *auth, _ *sign) { b.ExtensionOptions = append(b.ExtensionOptions, send) },
		"unordered":            func(b *body, _ *auth, _ *sign) { b.Unordered = false },
		"with a timeout":       func(b *body, _ *auth, _ *sign) { b.TimeoutTimestamp = nil },
		"ahead":                func(b *body, _ *auth, _ *sign) { b.TimeoutTimestamp = &late },
		"needs a fee":          func(_ *body, a *auth, _ *sign) { a.Fee = nil },
		"one signer":           func(_ *body, a *auth, _ *sign) { a.SignerInfos = append(a.SignerInfos, &txtypes.SignerInfo{}) },
		"above 1000":           func(_ *body, a *auth, _ *sign) { a.Fee.Amount[0].Amount = sdkmath.NewInt(1001) },
		"uother":               func(_ *body, a *auth, _ *sign) { a.Fee.Amount[0].Denom = "uother" },
		"fields that are not":  func(_ *body, _ *auth, s *sign) { s.BodyBytes = []byte{0xf8, 0x07, 0x01} },
		"its body cannot be r": func(_ *body, _ *auth, s *sign) { s.BodyBytes = []byte{0xff} },
	} {
		err := policy().Check(doc(t, edit), time.Now())
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ErrRefused, want)
		require.ErrorContains(t, err, want)
	}
	require.ErrorIs(t, policy().Check([]byte("garbage"), time.Now()), ErrRefused)
	require.ErrorIs(t, policy().Check(nil, time.Now()), ErrRefused)
}

func TestToken(t *testing.T) {
	enc, far := newRing(t)
	srv := httptest.NewServer(serve(t, far, "a long enough token"))
	defer srv.Close()
	_, err := Dial(t.Context(), enc.Codec, srv.URL, "another token", "worker")
	require.ErrorContains(t, err, "token is missing or wrong")
	ring, err := Dial(t.Context(), enc.Codec, srv.URL, "a long enough token", "worker")
	require.NoError(t, err)
	sig, pub, err := ring.Sign("worker", doc(t, func(*txtypes.TxBody, *txtypes.AuthInfo, *txtypes.SignDoc) {}), signingtypes.SignMode_SIGN_MODE_DIRECT)
	require.NoError(t, err)
	require.Len(t, sig, 64)
	require.NotNil(t, pub)
}

func TestASignerThatChangesItsKey(t *testing.T) {
	enc, far := newRing(t)
	srv := httptest.NewServer(serve(t, far, ""))
	defer srv.Close()
	ring, err := Dial(t.Context(), enc.Codec, srv.URL, "", "worker")
	require.NoError(t, err)
	_, other := newRing(t)
	srv.Config.Handler = serve(t, other, "")
	_, _, err = ring.Sign("worker", doc(t, func(*txtypes.TxBody, *txtypes.AuthInfo, *txtypes.SignDoc) {}), signingtypes.SignMode_SIGN_MODE_DIRECT)
	require.ErrorContains(t, err, "does not fit the key")
}

func TestWhereASignerCanBe(t *testing.T) {
	for raw, ok := range map[string]bool{
		"unix:///run/s.sock": true, "https://signer.example.com": true, "http://127.0.0.1:9": true, "http://localhost:9": true, "http://[::1]:9": true,
		"http://signer.example.com": false, "http://10.0.0.1:9": false, "unix://host/path": false, "unix://": false, "": false, "/run/s": false, "tcp://127.0.0.1:9": false,
	} {
		require.Equal(t, ok, ValidURL(raw) == nil, raw)
	}
	enc, _ := newRing(t)
	_, err := Dial(t.Context(), enc.Codec, "unix:///does/not/exist", "", "w")
	require.ErrorContains(t, err, "cupel-worker signer")
}
