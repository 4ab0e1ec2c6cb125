// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/worker/chain"
)

// TestValidators runs four validators under a load of jobs and transfers. They
// agree on the state of every block; one of them is killed, comes back and
// agrees too.
func TestValidators(t *testing.T) {
	need(t)
	blocks := int64(scale.Of(t, 60, 200))
	spender := newSpender(t)
	w := newWorld(t, 3, 12*time.Minute, params(), func(s *net.Setup) {
		s.Validators, s.BlockTime = 4, 200*time.Millisecond
		s.Funds = []net.Fund{{Address: spender.address, Amount: 1_000 * net.CUPEL}}
	})
	require.NoError(t, w.StartWorkers())
	stop := w.load(spender)
	first, err := w.Nodes[0].Height(w.ctx)
	require.NoError(t, err)
	at := func(share int64) int64 { return first + blocks*share/4 }

	victim := w.Nodes[3]
	require.NoError(t, w.Nodes[0].WaitHeight(w.ctx, at(1)))
	victim.Process().Kill()
	require.NoError(t, w.Nodes[0].WaitHeight(w.ctx, at(2)), "three validators of four do not go on")
	require.NoError(t, victim.Start())
	require.NoError(t, w.Nodes[0].WaitHeight(w.ctx, at(4)))
	sent, settled := stop()
	require.NotZero(t, sent)
	require.NotZero(t, settled)

	last, err := w.Nodes[0].Height(w.ctx)
	require.NoError(t, err)
	t.Logf("%d blocks, %d transfers and %d settled jobs under way", last-first, sent, settled)
	for _, node := range w.Nodes {
		require.NoError(t, node.WaitHeight(w.ctx, last), node.Name)
	}
	for height := int64(2); height <= last; height++ {
		want, err := w.Nodes[0].AppHash(w.ctx, height)
		require.NoError(t, err)
		for _, node := range w.Nodes[1:] {
			hash, err := node.AppHash(w.ctx, height)
			require.NoError(t, err)
			require.Equal(t, want, hash, "%s at %d", node.Name, height)
		}
	}
}

// load sends transfers and jobs until the function it returns is called, which
// says how many transfers were accepted and how many jobs were settled.
func (w *world) load(s *spender) (stop func() (sent, settled int64)) {
	ctx, cancel := context.WithCancel(w.ctx)
	var wg sync.WaitGroup
	var sent, settled atomic.Int64
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if s.send(ctx, w, w.Nodes[i%len(w.Nodes)]) == nil {
				sent.Add(1)
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	wg.Go(func() {
		for leaf := 0; ctx.Err() == nil; leaf++ {
			file, _ := w.job(leaf)
			batch, err := w.Submit(ctx, file)
			if err != nil {
				continue
			}
			if task, err := w.WaitFinal(ctx, net.TaskOf(batch)); err == nil && task.State == net.Settled {
				settled.Add(1)
			}
		}
	})
	return func() (int64, int64) {
		cancel()
		wg.Wait()
		return sent.Load(), settled.Load()
	}
}

// spender is an account that sends unordered transfers to itself.
type spender struct {
	enc     chain.Encoding
	ring    keyring.Keyring
	address string

	signer *chain.Signer
	number uint64
	nodes  map[string]*chain.Client
}

func newSpender(t *testing.T) *spender {
	t.Helper()
	enc, err := chain.NewEncoding()
	require.NoError(t, err)
	banktypes.RegisterInterfaces(enc.Codec.InterfaceRegistry())
	ring := keyring.NewInMemory(enc.Codec)
	path := hd.CreateHDPath(chain.CoinType, 0, 0).String()
	record, _, err := ring.NewMnemonic("spender", keyring.English, path, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	require.NoError(t, err)
	account, err := record.GetAddress()
	require.NoError(t, err)
	address, err := chain.FormatAddress(account)
	require.NoError(t, err)
	return &spender{enc: enc, ring: ring, address: address, nodes: map[string]*chain.Client{}}
}

// send sends one transfer through a node. A node that is down is an error.
func (s *spender) send(ctx context.Context, w *world, node *net.Node) error {
	client := s.nodes[node.Name]
	if client == nil {
		var err error
		client, err = chain.New(chain.Options{ChainID: w.ChainID, Endpoints: []string{node.RPC()}, Timeout: 2 * time.Second, MaxLag: 1_000})
		if err != nil {
			return err
		}
		s.nodes[node.Name] = client
	}
	if s.signer == nil {
		number, err := client.AccountNumber(ctx, s.address)
		if err != nil {
			return fmt.Errorf("find the spender: %w", err)
		}
		signer, err := chain.NewSigner(s.enc, s.ring, "spender", w.ChainID, "")
		if err != nil {
			return err
		}
		s.number, s.signer = number, signer
	}
	coins := sdk.NewCoins(sdk.NewCoin(chain.Denom, sdkmath.NewInt(1)))
	msg := &banktypes.MsgSend{FromAddress: s.address, ToAddress: s.address, Amount: coins}
	tx, err := s.signer.Sign(ctx, msg, chain.Terms{
		Account: s.number, Timeout: time.Now().Add(time.Minute), Gas: 200_000,
		Fee: sdk.NewCoins(sdk.NewCoin(chain.Denom, sdkmath.NewInt(200))),
	})
	if err != nil {
		return err
	}
	return client.Broadcast(ctx, tx)
}
