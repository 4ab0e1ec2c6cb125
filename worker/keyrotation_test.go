// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/p2p"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/worker/chain"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// registry is a node that knows one provider by its worker key.
type registry struct {
	t *testing.T

	mu     sync.Mutex
	worker string
	down   bool
}

func (r *registry) set(worker string, down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.worker, r.down = worker, down
}

// ServeHTTP implements http.Handler.
func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var call struct {
		ID     rpctypes.JSONRPCIntID `json:"id"`
		Method string                `json:"method"`
		Params struct {
			Data string `json:"data"`
		} `json:"params"`
	}
	if err := json.NewDecoder(req.Body).Decode(&call); err != nil || r.down {
		http.Error(w, "down", http.StatusInternalServerError)
		return
	}
	var res any
	if call.Method == "status" {
		status := &coretypes.ResultStatus{NodeInfo: p2p.DefaultNodeInfo{Network: "cupel-1"}}
		status.SyncInfo.LatestBlockHeight = 5
		res = status
	} else {
		res = &coretypes.ResultABCIQuery{Response: r.provider(call.Params.Data)}
	}
	if err := json.NewEncoder(w).Encode(rpctypes.NewRPCSuccessResponse(call.ID, res)); err != nil {
		r.t.Error(err)
	}
}

func (r *registry) provider(data string) abci.ResponseQuery {
	raw, err := hex.DecodeString(data)
	require.NoError(r.t, err)
	var in registrytypes.QueryProviderRequest
	require.NoError(r.t, proto.Unmarshal(raw, &in))
	if in.Provider != r.worker {
		// This is how the SDK answers a query that fails with a module's error.
		return abci.ResponseQuery{Codespace: sdkerrors.RootCodespace, Code: sdkerrors.ErrInvalidRequest.ABCICode(), Height: 5}
	}
	out, err := proto.Marshal(&registrytypes.QueryProviderResponse{Provider: registrytypes.Provider{Id: 7, Worker: r.worker}})
	require.NoError(r.t, err)
	return abci.ResponseQuery{Value: out, Height: 5}
}

// TestRotation follows a rotation as the runner sees it: it asks by the address
// that the worker was started with.
func TestRotation(t *testing.T) {
	enc, err := chain.NewEncoding()
	require.NoError(t, err)
	ring := keyring.NewInMemory(enc.Codec)
	for _, name := range []string{"worker", "next"} {
		_, _, err = ring.NewMnemonic(name, keyring.English, hd.CreateHDPath(chain.CoinType, 0, 0).String(), "", hd.Secp256k1)
		require.NoError(t, err)
	}
	cfg := valid()
	cfg.Key.Next = "next"
	signer, err := newSigner(cfg, ring)
	require.NoError(t, err)
	old := signer.Address()
	next, _ := signer.Other()

	node := &registry{t: t}
	srv := httptest.NewServer(node)
	defer srv.Close()
	client, err := chain.New(chain.Options{ChainID: "cupel-1", Endpoints: []string{srv.URL}, Timeout: time.Second, MaxLag: 10})
	require.NoError(t, err)
	dir := rotation{Client: client, signer: signer, log: slog.New(slog.DiscardHandler)}
	ask := func(want string, wantErr error) {
		t.Helper()
		res, err := dir.Provider(t.Context(), old)
		if wantErr != nil {
			require.ErrorIs(t, err, wantErr)
		} else {
			require.NoError(t, err)
			require.Equal(t, uint32(7), res.Provider.Id)
		}
		require.Equal(t, want, signer.Address())
	}

	node.set("", false)
	ask(old, sdkerrors.ErrInvalidRequest) // not registered yet
	node.set(old, false)
	ask(old, nil)
	node.set(next, true)
	ask(old, chain.ErrUnknown) // silence never changes the key
	node.set(next, false)
	ask(next, nil)
	ask(next, nil)
	node.set(old, false)
	ask(old, nil) // the operator took it back
	node.set("cupel1somebodyelse", false)
	ask(old, sdkerrors.ErrInvalidRequest)
	_, err = dir.Provider(t.Context(), "cupel1somebodyelse")
	require.NoError(t, err, "others are looked up as they are")
}
