// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/cupel-network/cupel/relayer/evm/anvil"
	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/home/hometest"
	"github.com/cupel-network/cupel/relayer/npm"
	"github.com/cupel-network/cupel/relayer/solana/svm"
)

// world is a home chain of two nodes, an EVM chain with a mirror, a Solana
// cluster and a relayer's home.
type world struct {
	history *hometest.History
	node    *hometest.Node
	cfg     Config
}

func newWorld(t *testing.T) *world {
	tools := npm.Require(t)
	w := &world{history: hometest.NewHistory()}
	w.history.Checkpoint(3)
	w.node = hometest.NewNode(w.history)
	w.cfg = DefaultConfig(filepath.Join(t.TempDir(), "home"))
	w.cfg.Home.ChainID, w.cfg.Metrics.Listen = hometest.ChainID, "127.0.0.1:0"
	for _, n := range []*hometest.Node{w.node, hometest.NewNode(w.history)} {
		srv := httptest.NewServer(n)
		t.Cleanup(srv.Close)
		w.cfg.Home.RPC = append(w.cfg.Home.RPC, srv.URL)
	}
	require.NoError(t, os.MkdirAll(w.cfg.Dir, 0o700))
	a, err := FetchAnchor(t.Context(), w.cfg, 0)
	require.NoError(t, err)
	require.NoError(t, a.Write(w.cfg.Path(w.cfg.Home.Anchor)))
	w.cfg.Targets = []TargetConfig{w.base(t), w.solana(t, tools)}
	raw, err := yaml.Marshal(w.cfg)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.cfg.Path(ConfigName), raw, 0o600))
	w.cfg, err = LoadConfig(w.cfg.Dir)
	require.NoError(t, err, "what is written can be read")
	return w
}

// base starts a chain and deploys a mirror.
func (w *world) base(t *testing.T) TargetConfig {
	node, err := anvil.Start(t.Context(), t.TempDir(), anvil.Options{BlockTime: 200 * time.Millisecond, SlotsInEpoch: 2})
	require.NoError(t, err)
	t.Cleanup(func() { _ = node.Stop() })
	client, err := ethclient.Dial(node.URL)
	require.NoError(t, err)
	key, err := crypto.HexToECDSA(strings.TrimPrefix(node.Accounts[0].Key, "0x"))
	require.NoError(t, err)
	opts, err := bind.NewKeyedTransactorWithChainID(key, big.NewInt(31337))
	require.NoError(t, err)
	address, tx, err := contract.Deploy(opts, client, contract.Deployment{
		HomeChain: hometest.ChainID, Set: w.history.Sets[0].Set, MaxSetAge: 252 * time.Hour, OwnerDelay: time.Hour,
		Owner: common.HexToAddress(node.Accounts[1].Address), Guardian: common.HexToAddress(node.Accounts[2].Address),
	})
	require.NoError(t, err)
	receipt, err := bind.WaitMined(t.Context(), client, tx)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(w.cfg.Path("password"), []byte("secret\n"), 0o600))
	imported, err := ImportKey(w.cfg.Dir, "base", TypeEVM, "secret", []byte(node.Accounts[3].Key+"\n"))
	require.NoError(t, err)
	require.Equal(t, common.HexToAddress(node.Accounts[3].Address).Hex(), imported.Address)
	return TargetConfig{
		Name: "base", Type: TypeEVM, RPC: []string{node.URL}, Poll: 100 * time.Millisecond,
		Key: KeyConfig{File: imported.Path, PasswordFile: "password"},
		EVM: &EVMConfig{ChainID: 31337, Contract: address.Hex(), DeployBlock: receipt.BlockNumber.Uint64()},
	}
}

func (w *world) solana(t *testing.T, tools string) TargetConfig {
	server, err := svm.Start(t.Context(), tools, svm.Options{SlotTime: 50 * time.Millisecond, FinalizedAfter: 8})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Stop() })
	var genesis string
	require.NoError(t, server.Call(t.Context(), &genesis, "getGenesisHash"))
	key, err := AddKey(w.cfg.Dir, "solana", TypeSolana, "")
	require.NoError(t, err)
	require.NoError(t, server.Airdrop(t.Context(), key.Address, 1_000_000_000))
	return TargetConfig{
		Name: "solana", Type: TypeSolana, RPC: []string{server.URL}, Poll: 100 * time.Millisecond,
		Key: KeyConfig{File: key.Path}, Solana: &SolanaConfig{GenesisHash: genesis},
	}
}

// run starts a relayer and returns how to stop it.
func (w *world) run(t *testing.T) (*Service, func()) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := New(ctx, w.cfg, slog.New(slog.NewTextHandler(t.Output(), nil)), WithVersion("v1"))
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(30 * time.Second):
			t.Fatal("it does not stop within 30 seconds")
		}
	}
}

// reach waits until targets have a nonce, finally or not.
func reach(t *testing.T, s *Service, nonce uint64, final bool, names ...string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, l := range s.lanes {
			for _, name := range names {
				p := l.mirror.State().Progress
				if l.cfg.Name == name && (p.Sent < nonce || final && p.Final < nonce) {
					return false
				}
			}
		}
		return true
	}, time.Minute, 50*time.Millisecond, "%+v", s.Status())
}

func TestMirrorsToRealChains(t *testing.T) {
	w := newWorld(t)
	s, stop := w.run(t)
	reach(t, s, 1, true, "base", "solana")
	w.history.Change()
	w.history.Checkpoint(12)
	reach(t, s, 3, false, "base", "solana")

	pauses := NewPauses(w.cfg.Dir)
	require.NoError(t, pauses.Set("base", Pause{Reason: "test", Since: time.Now()}))
	require.Eventually(t, func() bool { return s.lanes[0].mirror.State().Paused }, 10*time.Second, 20*time.Millisecond)
	w.history.Checkpoint(1)
	reach(t, s, 4, false, "solana")
	stop()

	s, stop = w.run(t)
	reach(t, s, 4, true, "solana")
	require.Equal(t, uint64(3), s.lanes[0].mirror.State().Progress.Sent, "a pause outlives a restart")
	checkHTTP(t, s)
	require.NoError(t, pauses.Clear("base"))
	reach(t, s, 4, true, "base")
	require.Empty(t, s.Health().Targets["base"])
	stop()

	for _, target := range w.cfg.Targets {
		v, err := Verify(t.Context(), w.cfg, target, VerifyOptions{Home: true})
		require.NoError(t, err, target.Name)
		require.Equal(t, uint64(4), v.Nonce)
		require.Equal(t, 3, v.Checkpoints)
		require.Equal(t, 1, v.SetChanges)
		require.Equal(t, uint64(16), v.Leaves)
		require.Equal(t, uint64(16), v.HomeLeaves)
		require.Equal(t, w.history.Sets[1].Set.Hash(), v.Set)
		require.Equal(t, 4*3, v.Signatures)
	}
	w.checkOffline(t)
}

// checkHTTP reads what a running relayer serves.
func checkHTTP(t *testing.T, s *Service) {
	get := func(path string) (int, []byte) {
		res, err := http.Get("http://" + s.Listen() + path)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, body
	}
	code, body := get("/healthz")
	require.Equal(t, http.StatusOK, code, string(body))
	_, body = get("/status")
	var st Status
	require.NoError(t, json.Unmarshal(body, &st))
	require.True(t, st.Running)
	require.Equal(t, uint64(4), st.Home.Head)
	require.True(t, st.Targets[0].Paused)
	require.Equal(t, uint64(1), st.Targets[0].Lag)
	require.Positive(t, st.Targets[0].OldestPendingSeconds)
	require.Contains(t, st.Targets[0].Reason, "test")
	_, body = get("/pending")
	var pending []TargetPending
	require.NoError(t, json.Unmarshal(body, &pending))
	require.Equal(t, "waiting", pending[0].Entries[len(pending[0].Entries)-1].State)
	require.Empty(t, pending[1].Entries)
	require.Eventually(t, func() bool {
		_, body = get("/metrics")
		return strings.Contains(string(body), `cupel_relayer_wallet_balance{address=`) &&
			strings.Contains(string(body), `cupel_relayer_chain_latest_height{chain="cupel-1"} 1000`)
	}, 10*time.Second, 100*time.Millisecond)
	for _, line := range []string{
		`cupel_relayer_paused{dst="base"} 1`, `cupel_relayer_unrelayed{dst="base"} 1`, `cupel_relayer_sent_nonce{dst="solana"} 4`,
		`cupel_relayer_rpc_disagreement_total{dst="base"} 0`,
	} {
		require.True(t, strings.Contains(string(body), line), line)
	}
}

// checkOffline looks at everything without a running relayer.
func (w *world) checkOffline(t *testing.T) {
	st, err := Inspect(t.Context(), w.cfg, "v1")
	require.NoError(t, err)
	require.False(t, st.Running)
	for _, target := range st.Targets {
		require.Equal(t, uint64(4), target.Progress.Sent)
		require.Positive(t, target.Balance.Sign())
		require.Empty(t, target.Reason)
	}
	pending, err := InspectPending(t.Context(), w.cfg, "v1")
	require.NoError(t, err)
	require.Len(t, pending, 2)
	for _, f := range Doctor(t.Context(), w.cfg) {
		require.Equal(t, LevelOK, f.Level, "%+v", f)
	}

	// Every kind of trouble has its finding, and each its fix.
	bad := w.cfg
	bad.Targets = append([]TargetConfig(nil), w.cfg.Targets...)
	bad.Targets[0].BalanceFloor = "1" + strings.Repeat("0", 30)
	other := *bad.Targets[1].Solana
	other.GenesisHash = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
	bad.Targets[1].Solana = &other
	w.node.Chain = "cupel-2"
	require.NoError(t, os.Chmod(w.cfg.Dir, 0o755))
	failed := map[string]bool{}
	for _, f := range Doctor(t.Context(), bad) {
		require.Equal(t, f.Level == LevelOK, f.Fix == "", "%+v", f)
		if f.Level == LevelFail {
			failed[f.Check] = true
		}
	}
	require.Equal(t, map[string]bool{"home": true, "nodes": true, "base": true, "solana": true}, failed)
}

// TestVerifyFindsAnotherLine checks that a mirror of other attestors does not
// pass, although it is consistent in itself.
func TestVerifyFindsAnotherLine(t *testing.T) {
	w := newWorld(t)
	s, stop := w.run(t)
	reach(t, s, 1, true, "base")
	stop()
	a, err := LoadAnchor(w.cfg, w.cfg.Home.Anchor)
	require.NoError(t, err)
	a.Set.ID = 7
	a.SetHash = a.Set.Hash()
	require.NoError(t, a.Write(w.cfg.Path(w.cfg.Home.Anchor)))
	_, err = Verify(t.Context(), w.cfg, w.cfg.Targets[0], VerifyOptions{})
	require.ErrorContains(t, err, "trusted are")
}
