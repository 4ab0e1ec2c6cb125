// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/relayer"
	"github.com/cupel-network/cupel/relayer/home/hometest"
	"github.com/cupel-network/cupel/relayer/mirror"
)

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
		out.WriteString(brief(err))
		require.LessOrEqual(t, strings.Count(brief(err), "\n"), 2, "errors have at most three lines")
	}
	return out.String(), exit.Code(err)
}

// newHome returns a home with a home chain that answers and targets that are
// filled in.
func newHome(t *testing.T) (string, *hometest.History) {
	t.Helper()
	history := hometest.NewHistory()
	history.Checkpoint(2)
	srv := httptest.NewServer(hometest.NewNode(history))
	t.Cleanup(srv.Close)
	dir := filepath.Join(t.TempDir(), "home")
	out, code := run(t, "init", "--home", dir, "--chain-id", hometest.ChainID, "--node", srv.URL, "--target", "base", "--target", "solana", "--listen", "127.0.0.1:1")
	require.Equal(t, exit.OK, code, out)
	path := filepath.Join(dir, relayer.ConfigName)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	filled := strings.Replace(string(text), `contract: ""`, `contract: "0x00000000000000000000000000000000000000aA"`, 1)
	filled = strings.ReplaceAll(filled, "    # rpc: [https://…, https://…]", "    rpc: [http://127.0.0.1:1]")
	require.NoError(t, os.WriteFile(path, []byte(filled), 0o600))
	return dir, history
}

func TestInit(t *testing.T) {
	dir, _ := newHome(t)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	before, err := os.ReadFile(filepath.Join(dir, relayer.ConfigName))
	require.NoError(t, err)
	out, code := run(t, "init", "--home", dir, "--chain-id", "other-1")
	require.Equal(t, exit.OK, code)
	require.Contains(t, out, "kept")
	after, err := os.ReadFile(filepath.Join(dir, relayer.ConfigName))
	require.NoError(t, err)
	require.Equal(t, before, after)
	_, code = run(t, "init", "--home", t.TempDir(), "--chain-id", "c", "--target", "dogechain")
	require.Equal(t, exit.UsageError, code)
}

func TestAnchor(t *testing.T) {
	dir, history := newHome(t)
	out, code := run(t, "config", "validate", "--home", dir)
	require.Equal(t, exit.Failure, code)
	require.Contains(t, out, "cupel-relayer anchor")

	set := history.Sets[0].Set
	wrong := strings.Repeat("5", 64)
	out, code = run(t, "anchor", "--home", dir, "--set-hash", wrong)
	require.Equal(t, exit.VerificationFailed, code, out)
	_, code = run(t, "anchor", "--home", dir, "--set-hash", "0x12")
	require.Equal(t, exit.UsageError, code)
	out, code = run(t, "anchor", "--home", dir, "--set-hash", set.Hash().String(), "-o", "json")
	require.Equal(t, exit.OK, code, out)
	var a relayer.Anchor
	require.NoError(t, json.Unmarshal([]byte(out), &a))
	require.Equal(t, set, a.Set)

	_, code = run(t, "anchor", "--home", dir)
	require.Equal(t, exit.Failure, code, "an anchor is not replaced by accident")
	history.Change()
	out, code = run(t, "anchor", "--home", dir, "--replace", "--nonce", "2")
	require.Equal(t, exit.OK, code, out)
	require.Contains(t, out, history.Sets[1].Set.Hash().String())
	_, code = run(t, "anchor", "--home", dir, "--replace", "--nonce", "9")
	require.NotEqual(t, exit.OK, code, "there is no such header")

	out, code = run(t, "config", "validate", "--home", dir, "-o", "json")
	require.Equal(t, exit.OK, code, out)
	require.JSONEq(t, `{"valid":true,"problems":[]}`, out)
}

func TestKeys(t *testing.T) {
	dir, _ := newHome(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "keys", "base.password"), []byte("secret"), 0o600))
	out, code := run(t, "keys", "add", "base", "--home", dir, "--password-file", "keys/base.password")
	require.Equal(t, exit.OK, code, out)
	require.Contains(t, out, "0x")
	require.NotContains(t, out, "secret")
	_, code = run(t, "keys", "add", "other", "--home", dir)
	require.Equal(t, exit.UsageError, code)
	from := filepath.Join(t.TempDir(), "key.hex")
	require.NoError(t, os.WriteFile(from, []byte(strings.Repeat("5a", 32)), 0o600))
	t.Setenv("CUPEL_TEST_PASSWORD", "secret")
	out, code = run(t, "keys", "import", "old", "--home", dir, "--from", from, "--password-env", "CUPEL_TEST_PASSWORD", "-o", "json")
	require.Equal(t, exit.OK, code, out)
	require.NotContains(t, out, "5a5a")
	out, code = run(t, "keys", "add", "solana", "--home", dir, "--type", "solana")
	require.Equal(t, exit.OK, code, out)
	out, code = run(t, "keys", "list", "--home", dir, "-o", "json")
	require.Equal(t, exit.OK, code, out)
	var keys []relayer.Key
	require.NoError(t, json.Unmarshal([]byte(out), &keys))
	require.Len(t, keys, 3)
	out, code = run(t, "keys", "show", "solana", "--home", dir)
	require.Equal(t, exit.OK, code)
	require.Contains(t, out, keys[2].Address)
}

// TestChainsThatDoNotAnswer goes through what looks at the chains.
func TestChainsThatDoNotAnswer(t *testing.T) {
	dir, _ := newHome(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "keys", "base.password"), []byte("secret"), 0o600))
	for _, args := range [][]string{
		{"keys", "add", "base", "--password-file", "keys/base.password"},
		{"keys", "add", "solana", "--type", "solana"},
		{"anchor"},
		{"pause", "base", "--reason", "maintenance"},
	} {
		out, code := run(t, append(args, "--home", dir)...)
		require.Equal(t, exit.OK, code, out)
	}
	out, code := run(t, "status", "--home", dir)
	require.Equal(t, exit.OK, code, out)
	for _, want := range []string{"not running", "nonce 1 sealed", "paused", "maintenance", "failing"} {
		require.Contains(t, out, want)
	}
	out, code = run(t, "pending", "--home", dir, "-o", "json")
	require.Equal(t, exit.OK, code, out)
	out, code = run(t, "pending", "--home", dir)
	require.Equal(t, exit.OK, code, out)
	require.Contains(t, out, "waiting")

	out, code = run(t, "doctor", "--home", dir)
	require.Equal(t, exit.Failure, code, out)
	require.Contains(t, out, "fix: add an RPC endpoint that works")
	require.Contains(t, out, "header 1 follows from it")
	for _, chain := range []string{"base", "solana"} {
		out, code = run(t, "verify", "--home", dir, "--chain", chain)
		require.Equal(t, exit.NetworkUnreachable, code, out)
	}
	out, code = run(t, "resume", "base", "--home", dir)
	require.Equal(t, exit.OK, code, out)
	out, _ = run(t, "status", "--home", dir)
	require.NotContains(t, out, "maintenance")
}

func TestPauseNeedsNoValidConfiguration(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	out, code := run(t, "init", "--home", dir, "--chain-id", "c")
	require.Equal(t, exit.OK, code, out)
	_, code = run(t, "config", "validate", "--home", dir)
	require.Equal(t, exit.Failure, code, "the contract is missing")
	_, code = run(t, "pause", "base", "--home", dir)
	require.Equal(t, exit.OK, code)
	out, code = run(t, "pause", "bass", "--home", dir)
	require.Equal(t, exit.Failure, code)
	require.Contains(t, out, "base solana")
}

func TestUsage(t *testing.T) {
	dir, _ := newHome(t)
	for _, args := range [][]string{
		{"init"},
		{"wat"},
		{"start", "--wat"},
		{"pause"},
		{"verify", "--home", dir},
		{"verify", "--home", dir, "--chain", "wat"},
		{"version", "-o", "xml"},
		{"status", "extra"},
	} {
		out, code := run(t, args...)
		require.Equal(t, exit.UsageError, code, "%v: %s", args, out)
	}
	for _, verb := range []string{"start", "status", "doctor", "pending"} {
		out, code := run(t, verb, "--home", t.TempDir())
		require.Equal(t, exit.Failure, code)
		require.Contains(t, out, "cupel-relayer init", verb)
	}
}

// TestEveryCommandHasAnExample checks what --help of every command shows.
func TestEveryCommandHasAnExample(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		require.True(t, strings.HasPrefix(strings.TrimSpace(cmd.Example), "cupel-relayer"), cmd.CommandPath())
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(NewRootCmd())
}

func TestBrief(t *testing.T) {
	var all []error
	for i := range 7 {
		all = append(all, fmt.Errorf("problem %d", i))
	}
	require.Equal(t, "problem 0\nproblem 1\n… and 5 more", brief(errors.Join(all...)))
	require.Equal(t, exit.VerificationFailed, exit.Code(coded(fmt.Errorf("a: %w", mirror.ErrForged))))
	require.Equal(t, exit.InsufficientFunds, exit.Code(coded(mirror.ErrLowBalance)))
	require.Equal(t, exit.NetworkUnreachable, exit.Code(coded(mirror.ErrUnknown)))
	require.Equal(t, exit.Failure, exit.Code(coded(errors.New("x"))))
}

func TestVersion(t *testing.T) {
	out, code := run(t, "version")
	require.Equal(t, exit.OK, code)
	require.NotEmpty(t, strings.TrimSpace(out))
}
