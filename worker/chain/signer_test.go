// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// TestMain sets the prefix, which the SDK's transaction builder takes from a
// global, as every main does.
func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount(Prefix, Prefix+"pub")
	os.Exit(m.Run())
}

func TestSignUnordered(t *testing.T) {
	enc, err := NewEncoding()
	require.NoError(t, err)
	ring := keyring.NewInMemory(enc.Codec)
	_, _, err = ring.NewMnemonic("worker", keyring.English, hd.CreateHDPath(CoinType, 0, 0).String(), "", hd.Secp256k1)
	require.NoError(t, err)
	granter, err := FormatAddress(make([]byte, 20))
	require.NoError(t, err)
	s, err := NewSigner(enc, ring, "worker", "cupel-1", granter)
	require.NoError(t, err)
	require.Contains(t, s.Address(), "cupel1")

	timeout := time.Unix(1000, 123).UTC()
	msg := &markettypes.MsgCommit{Worker: s.Address(), Lots: []markettypes.LotCommit{{Batch: 1, Commitment: make([]byte, 32)}}}
	raw, err := s.Sign(t.Context(), msg, Terms{Account: 4, Timeout: timeout, Gas: 9, Fee: sdk.NewCoins(sdk.NewInt64Coin(Denom, 1))})
	require.NoError(t, err)

	tx, err := enc.TxConfig.TxDecoder()(raw)
	require.NoError(t, err)
	require.Equal(t, []sdk.Msg{msg}, tx.GetMsgs())
	unordered, ok := tx.(sdk.TxWithUnordered)
	require.True(t, ok)
	require.True(t, unordered.GetUnordered())
	require.True(t, unordered.GetTimeoutTimeStamp().Equal(timeout))
	signed, ok := tx.(authsigning.Tx)
	require.True(t, ok)
	sigs, err := signed.GetSignaturesV2()
	require.NoError(t, err)
	require.Len(t, sigs, 1)
	require.Zero(t, sigs[0].Sequence, "an unordered transaction has no sequence")
	require.Equal(t, make([]byte, 20), signed.FeeGranter())
}

func TestSignerNeedsItsKey(t *testing.T) {
	enc, err := NewEncoding()
	require.NoError(t, err)
	_, err = NewSigner(enc, keyring.NewInMemory(enc.Codec), "worker", "cupel-1", "")
	require.ErrorContains(t, err, "worker")
}

func TestAddresses(t *testing.T) {
	text, err := FormatAddress(make([]byte, 20))
	require.NoError(t, err)
	raw, err := ParseAddress(text)
	require.NoError(t, err)
	require.Equal(t, make([]byte, 20), raw)
	for _, bad := range []string{"", "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a", text[:len(text)-1]} {
		_, err := ParseAddress(bad)
		require.Error(t, err, bad)
	}
}
