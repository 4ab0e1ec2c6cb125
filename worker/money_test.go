// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/policy"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

func TestPrices(t *testing.T) {
	file := policy.File{OverLimit: policy.OverDrain, Classes: map[string]policy.Class{
		"a/v1": {Ask: 40, Floor: 20, Surge: []policy.Surge{{Percent: 200, Busy: 50}}},
	}}
	registered := []registrytypes.Resource{{Class: "a/v1", Price: 30}, {Class: "b/v1", Price: 1}}
	require.Equal(t, []Price{{Class: "a/v1", Registered: 30, Policy: 40, Floor: 20}}, Prices(file, registered, 49, time.Now()))
	require.Equal(t, uint64(80), Prices(file, registered, 50, time.Now())[0].Policy)
	require.Empty(t, Prices(policy.File{}, registered, 0, time.Now()))
}

func TestAgreed(t *testing.T) {
	for _, tc := range []struct{ endpoints, agree, want int }{{1, 0, 1}, {2, 0, 1}, {3, 0, 2}, {4, 0, 3}, {5, 0, 3}, {3, 1, 1}, {2, 2, 2}} {
		cfg := ChainConfig{RPC: make([]string, tc.endpoints), Agree: tc.agree}
		require.Equal(t, tc.want, cfg.agreed(), tc)
	}
}

func TestValidateMoney(t *testing.T) {
	for want, edit := range map[string]func(*Config){
		"":              func(*Config) {},
		"chain.agree":   func(c *Config) { c.Chain.Agree = 2 },
		"key.remote":    func(c *Config) { c.Key.Backend = BackendRemote },
		"key.next":      func(c *Config) { c.Key.Next = c.Key.Name },
		"is for keys":   func(c *Config) { c.Key.Backend, c.Key.Remote, c.Key.Next = BackendRemote, "unix:///s", "other" },
		"but key.back":  func(c *Config) { c.Key.Remote = "unix:///s" },
		"log.max_mib":   func(c *Config) { c.Log.File, c.Log.MaxMiB = "l", 0 },
		"log.keep":      func(c *Config) { c.Log.File, c.Log.Keep = "l", 0 },
		"log.max_age":   func(c *Config) { c.Log.File, c.Log.MaxAge = "l", time.Minute },
		"signer is ok,": func(c *Config) { c.Key.Backend, c.Key.Remote = BackendRemote, "unix:///s" },
	} {
		cfg := valid()
		edit(&cfg)
		if want == "" || want == "signer is ok," {
			require.NoError(t, cfg.Validate())
			continue
		}
		require.ErrorContains(t, cfg.Validate(), want)
	}
	cfg := valid()
	cfg.Policy.File = "/does/not/exist"
	_, err := cfg.LoadPolicy()
	require.ErrorContains(t, err, "policy.file")
}

func TestAStopFitsInTheGrace(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Second, 10 * time.Second, 30 * time.Second, 10 * time.Minute} {
		run := runnerGrace(grace)
		require.LessOrEqual(t, run+min(2*farewell, grace/2), grace+time.Second)
		require.GreaterOrEqual(t, run, grace/2)
	}
	require.Equal(t, 20*time.Second, runnerGrace(30*time.Second))
}

func TestSwitchingKeys(t *testing.T) {
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
	next, ok := signer.Other()
	require.True(t, ok)
	require.NotEqual(t, old, next)
	require.True(t, signer.Knows(old) && signer.Knows(next))
	require.False(t, signer.Knows("cupel1other"))
	signer.Switch()
	require.Equal(t, next, signer.Address())
	back, _ := signer.Other()
	require.Equal(t, old, back)

	cfg.Key.Next = "missing"
	_, err = newSigner(cfg, ring)
	require.ErrorContains(t, err, "missing")
	cfg.Key.Next = ""
	signer, err = newSigner(cfg, ring)
	require.NoError(t, err)
	_, ok = signer.Other()
	require.False(t, ok)
	signer.Switch()
	require.Equal(t, old, signer.Address())
}

func TestLogFile(t *testing.T) {
	cfg := valid()
	cfg.Home, cfg.Log.File = t.TempDir(), "worker.log"
	log, done, err := cfg.OpenLog(nil)
	require.NoError(t, err)
	require.IsType(t, &slog.Logger{}, log)
	log.Info("hello")
	done()
	require.FileExists(t, cfg.Path("worker.log"))
}
