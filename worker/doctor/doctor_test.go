// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/salt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// node is a chain with one provider.
type node struct {
	err      error
	account  error
	skew     time.Duration
	balance  int64
	provider registrytypes.Provider
}

// Refresh implements Node.
func (n *node) Refresh(context.Context) (chain.Head, error) {
	return chain.Head{Height: 5, Time: time.Now().Add(-n.skew)}, n.err
}

// Provider implements Node.
func (n *node) Provider(context.Context, string) (*registrytypes.QueryProviderResponse, error) {
	return &registrytypes.QueryProviderResponse{Provider: n.provider, Tier: "starter", Slots: 1}, n.err
}

// Balance implements Node.
func (n *node) Balance(context.Context, string, string) (sdk.Coin, error) {
	return sdk.NewInt64Coin(chain.Denom, n.balance), n.err
}

// AccountNumber implements Node.
func (n *node) AccountNumber(context.Context, string) (uint64, error) { return 1, n.account }

// MarketParams implements Market.
func (n *node) MarketParams(context.Context, uint32) (markettypes.Params, error) {
	return markettypes.DefaultParams(), n.err
}

// coin is an engine that gives another result at every run if it is loaded.
type coin struct {
	loaded  bool
	outcome engine.Outcome
	err     error
	runs    byte
}

// Class implements engine.Engine.
func (*coin) Class() string { return "test/v1" }

// Run implements engine.Engine.
func (c *coin) Run(context.Context, engine.Job, string) (engine.Result, error) {
	if c.loaded {
		c.runs++
	}
	return engine.Result{Outcome: c.outcome, ArtifactSHA256: sha256.Sum256([]byte{c.runs})}, c.err
}

func good() registrytypes.Provider {
	return registrytypes.Provider{Id: 1, Status: registrytypes.ProviderActive, Endpoint: "http://e", Resources: []registrytypes.Resource{{Class: "test/v1"}}}
}

func worst(t *testing.T, c Check) Level {
	t.Helper()
	var out bytes.Buffer
	level, err := Run(t.Context(), []Check{c}, Print(&out))
	require.NoError(t, err)
	if level != OK {
		require.Contains(t, out.String(), "fix: ", "what is not ok comes with its fix")
	}
	require.NotContains(t, out.String(), "fix: \n")
	return level
}

func TestLocalChecks(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.Chmod(home, 0o700))
	require.Equal(t, OK, worst(t, Home(home)))
	require.Equal(t, Fail, worst(t, Home(filepath.Join(home, "none"))))
	require.NoError(t, os.Chmod(home, 0o750))
	require.Equal(t, Fail, worst(t, Home(home)))

	secret := filepath.Join(home, "secret")
	require.Equal(t, Fail, worst(t, Secret(secret)))
	require.NoError(t, salt.Create(secret))
	require.Equal(t, OK, worst(t, Secret(secret)))
	require.Equal(t, Fail, worst(t, Home(secret)))

	require.Equal(t, OK, worst(t, FileRoots(nil)))
	require.Equal(t, OK, worst(t, FileRoots([]string{home})))
	require.Equal(t, Warn, worst(t, FileRoots([]string{home, secret})))
	require.Equal(t, Warn, worst(t, Disk(home, 1<<62)))
	require.Equal(t, Fail, worst(t, Disk("/does/not/exist", 0)))
}

func TestEngineCheck(t *testing.T) {
	for name, tc := range map[string]struct {
		eng     coin
		missing []string
		err     error
		want    Level
	}{
		"sound":        {eng: coin{outcome: engine.OutcomeOK}, want: OK},
		"not isolated": {eng: coin{outcome: engine.OutcomeOK}, missing: []string{"network"}, want: Warn},
		"two results":  {eng: coin{outcome: engine.OutcomeOK, loaded: true}, want: Fail},
		"trap":         {eng: coin{outcome: engine.OutcomeTrap}, want: Fail},
		"broken":       {eng: coin{err: errors.New("no")}, want: Fail},
		"cannot open":  {err: errors.New("no"), want: Fail},
	} {
		open := func(context.Context) (engine.Engine, []string, error) { return &tc.eng, tc.missing, tc.err }
		require.Equal(t, tc.want, worst(t, Engine(open)), name)
	}
}

func TestChainChecks(t *testing.T) {
	refused := &chain.AnswerError{Codespace: "registry", Code: 13}
	require.Equal(t, OK, worst(t, Endpoint("http://n", &node{})))
	require.Equal(t, Fail, worst(t, Endpoint("http://n", &node{err: chain.ErrUnknown})))
	for _, skew := range []time.Duration{-time.Hour, time.Hour} {
		require.Equal(t, Warn, worst(t, Endpoint("http://n", &node{skew: skew})))
	}

	classes := []string{"test/v1"}
	require.Equal(t, OK, worst(t, Provider(&node{provider: good()}, "w", "http://e", classes)))
	require.Equal(t, Fail, worst(t, Provider(&node{err: refused}, "w", "http://e", classes)))
	require.Equal(t, Fail, worst(t, Provider(&node{err: chain.ErrUnknown}, "w", "http://e", classes)))
	require.Equal(t, Warn, worst(t, Provider(&node{provider: good()}, "w", "http://other", classes)))
	require.Equal(t, Fail, worst(t, Provider(&node{provider: good()}, "w", "http://e", nil)))
	for _, s := range []registrytypes.ProviderStatus{registrytypes.ProviderDraining, registrytypes.ProviderJailed, registrytypes.ProviderRetired} {
		p := good()
		p.Status = s
		require.Equal(t, Warn, worst(t, Provider(&node{provider: p}, "w", "http://e", classes)))
	}

	require.Equal(t, OK, worst(t, Funds(&node{balance: 10}, "w", "", 10)))
	require.Equal(t, Fail, worst(t, Funds(&node{balance: 9}, "w", "granter", 10)))
	require.Equal(t, Fail, worst(t, Funds(&node{account: chain.ErrNotFound}, "w", "", 0)))
	require.Equal(t, Fail, worst(t, Funds(&node{err: chain.ErrUnknown}, "w", "", 0)))
}

func TestAppealsCheck(t *testing.T) {
	const least = 1_000_000
	require.Equal(t, OK, worst(t, Appeals(&node{balance: least + 5}, "w", true, 5)))
	require.Equal(t, Warn, worst(t, Appeals(&node{balance: least + 4}, "w", true, 5)))
	require.Equal(t, OK, worst(t, Appeals(&node{}, "w", false, 5)))
	require.Equal(t, Fail, worst(t, Appeals(&node{err: chain.ErrUnknown}, "w", true, 5)))
}

func TestReachable(t *testing.T) {
	code := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/healthz", r.URL.Path)
		w.WriteHeader(code)
	}))
	require.Equal(t, OK, worst(t, Reachable(srv.URL)))
	code = http.StatusServiceUnavailable
	require.Equal(t, Warn, worst(t, Reachable(srv.URL)))
	srv.Close()
	require.Equal(t, Warn, worst(t, Reachable(srv.URL)))
	require.Equal(t, Fail, worst(t, Reachable("http://\x7f")))
}
