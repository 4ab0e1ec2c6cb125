// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/inventory"
	"github.com/cupel-network/cupel/worker/salt"
	"github.com/cupel-network/cupel/x/registry/client/cli"
)

func TestMain(m *testing.M) {
	configure()
	os.Exit(m.Run())
}

// run executes the command line and returns its output and exit code.
func run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	root := NewRootCmd()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	if err != nil {
		out.WriteString(err.Error())
	}
	return out.String(), exit.Code(err)
}

func initHome(t *testing.T, args ...string) (string, string) {
	t.Helper()
	home := filepath.Join(t.TempDir(), "home")
	out, code := run(t, append([]string{"init", "--home", home, "--chain-id", "cupel-1", "--keyring-backend", "test"}, args...)...)
	require.Equal(t, exit.OK, code, out)
	return home, out
}

func TestInit(t *testing.T) {
	home, out := initHome(t, "--file-root", "/data", "--slots", "3", "--endpoint", "https://w.example.com")
	require.Contains(t, out, "worker address: cupel1")
	info, err := os.Stat(home)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	cfg, err := worker.LoadConfig(home)
	require.NoError(t, err)
	require.Equal(t, []string{"/data"}, cfg.Artifacts.FileRoots)
	require.Equal(t, 3, cfg.Work.Slots)
	_, err = salt.Load(cfg.Path(cfg.Key.Secret))
	require.NoError(t, err)

	profile, err := cli.ReadProfile(filepath.Join(home, profileName))
	require.NoError(t, err, "what init writes can be registered")
	require.Contains(t, out, profile.Worker)
	require.Equal(t, "https://w.example.com", profile.Endpoint)
}

func TestInitKeepsWhatIsThere(t *testing.T) {
	home, first := initHome(t)
	before, err := os.ReadFile(filepath.Join(home, "secret"))
	require.NoError(t, err)
	second, code := run(t, "init", "--home", home, "--chain-id", "cupel-1", "--keyring-backend", "test", "--slots", "9")
	require.Equal(t, exit.OK, code)
	require.Equal(t, first, second, "the same key and the same configuration")
	after, err := os.ReadFile(filepath.Join(home, "secret"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestUsage(t *testing.T) {
	home, _ := initHome(t)
	for _, args := range [][]string{
		{"init", "--home", home},
		{"init", "--home", home, "--chain-id", "c", "--slots", "0"},
		{"wat"},
		{"run", "--wat"},
		{"inventory", "-o", "xml"},
		{"status", "extra"},
	} {
		out, code := run(t, args...)
		require.Equal(t, exit.UsageError, code, "%v: %s", args, out)
	}
	for _, verb := range []string{"run", "status", "doctor", "drain"} {
		out, code := run(t, verb, "--home", t.TempDir())
		require.Equal(t, exit.Failure, code)
		require.Contains(t, out, "cupel-worker init", verb)
	}
}

func TestInventory(t *testing.T) {
	out, code := run(t, "inventory", "-o", "json", "--home", t.TempDir())
	require.Equal(t, exit.OK, code, out)
	var inv inventory.Inventory
	require.NoError(t, json.Unmarshal([]byte(out), &inv))
	require.Positive(t, inv.CPU.Threads)
	out, code = run(t, "inventory")
	require.Equal(t, exit.OK, code)
	require.Contains(t, out, "memory")
}

func TestStatus(t *testing.T) {
	home, _ := initHome(t, "--listen", "127.0.0.1:1", "--operations", "127.0.0.1:1")
	out, code := run(t, "status", "--home", home)
	require.Equal(t, exit.NetworkUnreachable, code)
	require.Contains(t, out, "not running")

	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/status", r.URL.Path)
		require.NoError(t, json.NewEncoder(w).Encode(worker.Status{ChainID: "cupel-1", Height: 7, Healthy: true}))
	}))
	defer srv.Close()
	cfg, err := worker.LoadConfig(home)
	require.NoError(t, err)
	cfg.HTTP.Operations = strings.TrimPrefix(srv.URL, "http://")
	raw, err := yaml.Marshal(cfg)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(home, worker.ConfigName), raw, 0o600))
	out, code = run(t, "status", "--home", home)
	require.Equal(t, exit.OK, code, out)
	require.Contains(t, out, "cupel-1 at height 7")
	require.Contains(t, out, "not registered yet")
}

func TestDrainNeedsTheChain(t *testing.T) {
	home, _ := initHome(t, "--node", "http://127.0.0.1:1")
	out, code := run(t, "drain", "--home", home)
	require.Equal(t, exit.NetworkUnreachable, code, out)
}

func TestVersion(t *testing.T) {
	out, code := run(t, "version")
	require.Equal(t, exit.OK, code)
	require.NotEmpty(t, strings.TrimSpace(out))
}
