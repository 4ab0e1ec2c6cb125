// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/stretchr/testify/require"
)

func unsigned() *types.Transaction {
	to := common.Address{5}
	return types.NewTx(&types.DynamicFeeTx{
		ChainID: big.NewInt(8453), Nonce: 7, GasTipCap: big.NewInt(1), GasFeeCap: big.NewInt(100), Gas: 90_000,
		To: &to, Value: new(big.Int), Data: []byte{1, 2, 3},
	})
}

func TestKeystore(t *testing.T) {
	t.Parallel()
	key, err := crypto.GenerateKey()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "base.json")
	_, err = WriteKeystore(path, "", key)
	require.Error(t, err)
	address, err := WriteKeystore(path, "correct horse", key)
	require.NoError(t, err)
	require.Equal(t, crypto.PubkeyToAddress(key.PublicKey), address)
	_, err = WriteKeystore(path, "another", key)
	require.Error(t, err, "a key is never overwritten")

	signer, err := LoadKeystore(path, "correct horse")
	require.NoError(t, err)
	require.Equal(t, address, signer.Address())
	tx, err := signer.Sign(t.Context(), unsigned())
	require.NoError(t, err)
	from, err := types.Sender(types.LatestSignerForChainID(big.NewInt(8453)), tx)
	require.NoError(t, err)
	require.Equal(t, address, from)

	_, err = LoadKeystore(path, "wrong")
	require.Error(t, err)
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = LoadKeystore(path, "correct horse")
	require.ErrorContains(t, err, "chmod 600")
}

func TestSignerIsNotPrinted(t *testing.T) {
	key, err := crypto.GenerateKey()
	require.NoError(t, err)
	secret := common.Bytes2Hex(crypto.FromECDSA(key))
	signer := NewSigner(key)
	for _, text := range []string{fmt.Sprint(signer), fmt.Sprintf("%+v", signer), fmt.Sprintf("%#v", signer)} {
		require.NotContains(t, strings.ToLower(text), secret)
		require.NotContains(t, text, new(big.Int).SetBytes(crypto.FromECDSA(key)).String())
	}
}

func TestRemoteSigner(t *testing.T) {
	t.Parallel()
	key, err := crypto.GenerateKey()
	require.NoError(t, err)
	other, err := crypto.GenerateKey()
	require.NoError(t, err)
	own := NewSigner(key)
	raw := func(signer Signer, edit func(*types.DynamicFeeTx)) func(signArgs) any {
		return func(args signArgs) any {
			inner := &types.DynamicFeeTx{
				ChainID: args.ChainID.ToInt(), Nonce: uint64(args.Nonce), GasTipCap: args.Tip.ToInt(), GasFeeCap: args.FeeCap.ToInt(),
				Gas: uint64(args.Gas), To: args.To, Value: args.Value.ToInt(), Data: args.Data,
			}
			edit(inner)
			signed, err := signer.Sign(t.Context(), types.NewTx(inner))
			require.NoError(t, err)
			out, err := signed.MarshalBinary()
			require.NoError(t, err)
			return hexutil.Bytes(out)
		}
	}
	same := func(*types.DynamicFeeTx) {}
	tests := map[string]struct {
		answer func(signArgs) any
		ok     bool
	}{
		"the bytes, as web3signer":  {raw(own, same), true},
		"an object, as clef":        {func(a signArgs) any { return map[string]any{"raw": raw(own, same)(a), "tx": map[string]any{}} }, true},
		"another recipient":         {raw(own, func(tx *types.DynamicFeeTx) { tx.To = &common.Address{6} }), false},
		"another nonce":             {raw(own, func(tx *types.DynamicFeeTx) { tx.Nonce++ }), false},
		"a higher fee":              {raw(own, func(tx *types.DynamicFeeTx) { tx.GasFeeCap = big.NewInt(101) }), false},
		"a value":                   {raw(own, func(tx *types.DynamicFeeTx) { tx.Value = big.NewInt(1) }), false},
		"another chain":             {raw(own, func(tx *types.DynamicFeeTx) { tx.ChainID = big.NewInt(1) }), false},
		"another account":           {raw(NewSigner(other), same), false},
		"no transaction":            {func(signArgs) any { return "0x1234" }, false},
		"neither bytes nor object":  {func(signArgs) any { return 5 }, false},
		"an object without a field": {func(signArgs) any { return map[string]any{} }, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var req struct {
					ID     json.RawMessage `json:"id"`
					Method string          `json:"method"`
					Params []signArgs      `json:"params"`
				}
				if json.NewDecoder(r.Body).Decode(&req) != nil || req.Method != "eth_signTransaction" || len(req.Params) != 1 {
					http.Error(w, "bad request", http.StatusBadRequest)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": req.ID, "result": tc.answer(req.Params[0])})
			}))
			defer server.Close()
			signer, err := NewRemoteSigner(t.Context(), server.URL, own.Address())
			require.NoError(t, err)
			tx, err := signer.Sign(t.Context(), unsigned())
			if !tc.ok {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, unsigned().Data(), tx.Data())
		})
	}
}
