// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/runner"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// edit changes the configuration in a home.
func edit(t *testing.T, home string, change func(*worker.Config)) {
	t.Helper()
	cfg, err := worker.LoadConfig(home)
	require.NoError(t, err)
	change(&cfg)
	raw, err := yaml.Marshal(cfg)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(home, worker.ConfigName), raw, 0o600))
}

func busyStatus() worker.Status {
	return worker.Status{
		Version: "v1", ChainID: "cupel-1", Worker: "cupel1worker", Height: 77, Healthy: true,
		Work:    runner.Snapshot{Provider: 7, Status: "PROVIDER_STATUS_ACTIVE", Lots: 3, Cases: 1, Running: 2},
		Pending: 4, Classes: []string{"container/v1", "wasm/v1-amd64"}, FeesSpent: 1200, FeesLimit: 5000,
		Degraded: []worker.Degraded{{Reason: worker.DegradedEndpoint, Text: "http://b: connection refused"}},
		Endpoints: []chain.Endpoint{
			{URL: "http://a", Up: true, Height: 77}, {URL: "http://b", Error: "connection refused"},
		},
		Prices: []worker.Price{{Class: "wasm/v1-amd64", Registered: 30, Policy: 45, Floor: 20}},
		Open:   []earnings.Risk{{Requester: "cupel1alice", Attempts: 2, Expected: 900}},
	}
}

// serveStatus is a running worker.
func serveStatus(t *testing.T, home string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(busyStatus())
	})
	mux.HandleFunc("GET /earnings", func(w http.ResponseWriter, req *http.Request) {
		_ = json.NewEncoder(w).Encode(earnings.Report{From: "live", To: req.URL.Query().Get("days")})
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	edit(t, home, func(c *worker.Config) { c.HTTP.Operations = strings.TrimPrefix(srv.URL, "http://") })
}

func TestStatusPage(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, printStatus(&page, busyStatus()))
	golden(t, "status.golden", page.String())

	home, _ := initHome(t)
	serveStatus(t, home)
	cfg, err := worker.LoadConfig(home)
	require.NoError(t, err)
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var live, plain bytes.Buffer
	require.NoError(t, onePage(t.Context(), &live, cfg, true, at))
	require.NoError(t, onePage(t.Context(), &plain, cfg, false, at))
	require.Equal(t, "12:00:00\n"+page.String()+"\n", plain.String(), "no control characters where there is no terminal")
	require.True(t, strings.HasPrefix(live.String(), cursorHome+"12:00:00"+clearLine))
	require.True(t, strings.HasSuffix(live.String(), clearBelow))
	require.Equal(t, strings.Count(page.String(), "\n")+1, strings.Count(live.String(), clearLine))
}

func TestWatchGoesOnWithoutTheWorker(t *testing.T) {
	home, _ := initHome(t, "--operations", "127.0.0.1:1")
	ctx, cancel := context.WithTimeout(t.Context(), 450*time.Millisecond)
	defer cancel()
	var out bytes.Buffer
	root := NewRootCmd()
	root.SetArgs([]string{"status", "--watch", "--every", "100ms", "--home", home})
	root.SetOut(&out)
	require.NoError(t, root.ExecuteContext(ctx), "Ctrl-C is no error")
	require.Greater(t, strings.Count(out.String(), "not running"), 1)
	_, code := run(t, "status", "--watch", "--every", "1ms", "--home", home)
	require.Equal(t, exit.UsageError, code)
}

func TestEarnings(t *testing.T) {
	home, _ := initHome(t, "--operations", "127.0.0.1:1")
	out, code := run(t, "earnings", "--home", home)
	require.Equal(t, exit.Failure, code)
	require.Contains(t, out, "no book of earnings")
	cfg, err := worker.LoadConfig(home)
	require.NoError(t, err)
	book, err := earnings.Open(cfg.Path("earnings.db"))
	require.NoError(t, err)
	require.NoError(t, book.Open(earnings.Entry{Key: "1", Class: "wasm/v1-amd64", Denom: "ucupel", Price: 30, Tasks: 1, Share: 9, Expected: 9}))
	require.NoError(t, book.Close("1", earnings.Outcome{Paid: 9}))
	require.NoError(t, book.CloseFile())
	out, code = run(t, "earnings", "--home", home, "-o", "json")
	require.Equal(t, exit.OK, code, out)
	var r earnings.Report
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Equal(t, uint64(9), r.Classes[0].Paid)
	out, code = run(t, "earnings", "--home", home)
	require.Equal(t, exit.OK, code)
	require.Contains(t, out, "9ucupel")
	_, code = run(t, "earnings", "--days", "0", "--home", home)
	require.Equal(t, exit.UsageError, code)

	serveStatus(t, home)
	out, code = run(t, "earnings", "--days", "12", "--home", home)
	require.Equal(t, exit.OK, code)
	require.Contains(t, out, "live to 12", "the running worker has the book open, and is asked")
}

func TestPrice(t *testing.T) {
	home, _ := initHome(t, "--operations", "127.0.0.1:1")
	out, code := run(t, "price", "--home", home)
	require.Equal(t, exit.OK, code)
	require.Contains(t, out, "names no class")
	require.NoError(t, os.WriteFile(filepath.Join(home, "policy.yaml"), []byte("classes: {wasm/v1-amd64: {ask: 44, floor: 20}}"), 0o600))
	edit(t, home, func(c *worker.Config) { c.Policy.File = "policy.yaml" })
	out, code = run(t, "price", "--home", home)
	require.Equal(t, exit.OK, code, out)
	require.Contains(t, out, "44")
	require.Contains(t, out, "not running")
	serveStatus(t, home)
	out, code = run(t, "price", "--home", home)
	require.Equal(t, exit.OK, code)
	require.Contains(t, out, "update-provider")
}

func TestKeyRotate(t *testing.T) {
	home, _ := initHome(t)
	out, code := run(t, "key", "rotate", "second", "--home", home)
	require.Equal(t, exit.OK, code, out)
	require.Contains(t, out, "rotate-worker cupel1")
	again, code := run(t, "key", "rotate", "second", "--home", home)
	require.Equal(t, exit.OK, code)
	require.Equal(t, out, again, "a key that is there is kept")
	_, code = run(t, "key", "rotate", "worker", "--home", home)
	require.Equal(t, exit.UsageError, code)
	edit(t, home, func(c *worker.Config) { c.Key.Next = "second" })
	out, code = run(t, "key", "show", "--home", home)
	require.Equal(t, exit.OK, code)
	require.Equal(t, 2, strings.Count(out, "cupel1"))
}

// TestSigner lets `init` and `key show` of a home without a key use the key of
// a signer.
func TestSigner(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "s.sock")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		root := NewRootCmd()
		root.SetArgs([]string{"signer", "--chain-id", "cupel-1", "--listen", "unix://" + socket, "--dir", dir, "--keyring-backend", "test"})
		root.SetOut(&bytes.Buffer{})
		root.SetErr(&bytes.Buffer{})
		ended <- root.ExecuteContext(ctx)
	}()
	require.Eventually(t, func() bool {
		info, err := os.Stat(socket)
		return err == nil && info.Mode().Perm() == 0o600
	}, 10*time.Second, 10*time.Millisecond)

	home, out := initHome(t, "--keyring-backend", "remote", "--signer", "unix://"+socket)
	require.Contains(t, out, "worker address: cupel1")
	shown, code := run(t, "key", "show", "--home", home)
	require.Equal(t, exit.OK, code, shown)
	require.Contains(t, out, strings.Fields(shown)[1])
	matches, err := filepath.Glob(filepath.Join(home, "keyring-*"))
	require.NoError(t, err)
	require.Empty(t, matches, "there is no key in this home")
	_, code = run(t, "key", "rotate", "x", "--home", home)
	require.Equal(t, exit.UsageError, code)

	stop()
	require.NoError(t, <-ended)
	out, code = run(t, "key", "show", "--home", home)
	require.Equal(t, exit.Failure, code)
	require.Contains(t, out, "cupel-worker signer")
}

func TestSignerIsNotOpenToEverybody(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	base := []string{"signer", "--chain-id", "c", "--dir", dir, "--keyring-backend", "test"}
	for want, args := range map[string][]string{
		"needs --token-file": {"--listen", "http://127.0.0.1:0"},
		"this machine only":  {"--listen", "http://0.0.0.0:9"},
		"no TLS":             {"--listen", "https://host:9"},
		"not a socket":       {"--listen", "unix://" + token},
		"chmod 600":          {"--listen", "http://127.0.0.1:0", "--token-file", token},
	} {
		require.NoError(t, os.WriteFile(token, []byte("0123456789abcdef"), 0o600))
		require.NoError(t, os.Chmod(token, 0o644))
		out, code := run(t, append(base, args...)...)
		require.NotEqual(t, exit.OK, code)
		require.Contains(t, out, want)
	}
	require.NoError(t, os.Chmod(token, 0o600))
	require.NoError(t, os.WriteFile(token, []byte("short"), 0o600))
	_, err := readToken(token)
	require.ErrorContains(t, err, "at least 16")
}
