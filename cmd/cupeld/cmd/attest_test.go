// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// attestHome makes what `attest init` makes.
func attestHome(t *testing.T, args ...string) (home, key, account string) {
	t.Helper()
	home = t.TempDir()
	out := mustCupeld(t, home, append([]string{"attest", "init", "--chain-id", "cupel-cli-1", "--keyring-backend", "test", "-o", "json"}, args...)...)
	var made struct{ Key, Account string }
	require.NoError(t, json.Unmarshal([]byte(out), &made))
	return home, made.Key, made.Account
}

func TestAttestInit(t *testing.T) {
	home, key, account := attestHome(t)
	require.True(t, strings.HasPrefix(account, "cupel1"))
	path := filepath.Join(signing.KeysDir(home), key+".json")
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	_, err = cupeld(t, home, "attest", "init", "--chain-id", "cupel-cli-1", "--keyring-backend", "test")
	require.ErrorContains(t, err, "not overwritten")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)

	mustCupeld(t, home, "attest", "init", "--chain-id", "cupel-cli-1", "--keyring-backend", "test", "--add")
	local, err := signing.OpenLocal(home, "cupel-cli-1")
	require.NoError(t, err)
	keys, err := local.Keys(t.Context())
	require.NoError(t, err)
	require.Len(t, keys, 2)
	// A rotation works while the attestor has the guard.
	mustCupeld(t, home, "attest", "init", "--chain-id", "cupel-cli-1", "--keyring-backend", "test", "--add")
	require.NoError(t, local.Close())

	_, key, account = attestHome(t, "--no-account")
	require.NotEmpty(t, key)
	require.Empty(t, account)
	_, key, account = attestHome(t, "--no-key")
	require.Empty(t, key)
	require.NotEmpty(t, account)
}

// TestAttestNeedsItsGuard: without the guard nothing runs, and nothing makes a
// new one by itself.
func TestAttestNeedsItsGuard(t *testing.T) {
	home, _, _ := attestHome(t)
	require.NoError(t, os.RemoveAll(filepath.Dir(signing.GuardPath(home))))
	for _, args := range [][]string{
		{"attest", "--chain-id", "cupel-cli-1", "--keyring-backend", "test"},
		{"attest", "signer", "--chain-id", "cupel-cli-1", "--listen", "unix://" + filepath.Join(home, "s")},
		{"attest", "init", "--chain-id", "cupel-cli-1", "--keyring-backend", "test", "--add"},
	} {
		_, err := cupeld(t, home, args...)
		require.ErrorIs(t, err, signing.ErrNoGuard)
		require.Equal(t, exit.Failure, exit.Code(err))
		require.LessOrEqual(t, strings.Count(err.Error(), "\n"), 2)
	}
	require.NoFileExists(t, signing.GuardPath(home))
}

func TestAttestExitCodes(t *testing.T) {
	home, key, _ := attestHome(t)
	file := filepath.Join(home, "evidence.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"header":{},"signature":"0x00"}`), 0o600))
	// Nothing listens here.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := "tcp://" + listener.Addr().String()
	require.NoError(t, listener.Close())
	chain := []string{"--chain-id", "cupel-cli-1", "--keyring-backend", "test", "--node", nobody}

	tests := map[string]struct {
		args []string
		code int
	}{
		"no chain id":          {[]string{"attest", "status"}, exit.UsageError},
		"unknown verb":         {append([]string{"attest", "go"}, chain...), exit.UsageError},
		"no poll":              {append([]string{"attest", "--poll", "0s"}, chain...), exit.UsageError},
		"unknown account":      {append([]string{"attest", "--from", "nobody"}, chain...), exit.UsageError},
		"signer of no kind":    {append([]string{"attest", "--signer", "ftp://x"}, chain...), exit.UsageError},
		"open signer":          {[]string{"attest", "signer", "--chain-id", "cupel-cli-1", "--listen", "tcp://127.0.0.1:0"}, exit.UsageError},
		"signer without where": {[]string{"attest", "signer", "--chain-id", "cupel-cli-1"}, exit.UsageError},
		"guard of a signer":    {append([]string{"attest", "--new-guard", "--signer", "unix:///s"}, chain...), exit.UsageError},
		"status, no node":      {append([]string{"attest", "status"}, chain...), exit.NetworkUnreachable},
		"register, no --from":  {append([]string{"attest", "register"}, chain...), exit.UsageError},
		"register, no node":    {append([]string{"attest", "register", "--from", "attest", "--yes"}, chain...), exit.NetworkUnreachable},
		"register, wrong key":  {append([]string{"attest", "register", "--from", "attest", "--key", "0x1"}, chain...), exit.UsageError},
		"register, right key":  {append([]string{"attest", "register", "--from", "attest", "--key", key, "--yes"}, chain...), exit.NetworkUnreachable},
		"rotate, no node":      {append([]string{"attest", "rotate", "--from", "attest", "--yes"}, chain...), exit.NetworkUnreachable},
		"evidence, bad file":   {append([]string{"attest", "evidence", file, "--from", "attest"}, chain...), exit.UsageError},
		"evidence, no file":    {append([]string{"attest", "evidence", "--from", "attest"}, chain...), exit.UsageError},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := cupeld(t, home, tc.args...)
			require.Equal(t, tc.code, exit.Code(err), "%v", err)
		})
	}
	keys, err := signing.LoadKeys(signing.KeysDir(home))
	require.NoError(t, err)
	require.Len(t, keys, 1, "a rotation that could not be sent has left a key")
}

// TestAttestHelp: every verb has an example.
func TestAttestHelp(t *testing.T) {
	root, err := NewRootCmd()
	require.NoError(t, err)
	attest := find(root, []string{"attest"})
	require.NotNil(t, attest)
	for _, verb := range append(attest.Commands(), attest) {
		require.NotEmpty(t, verb.Example, verb.CommandPath())
		require.NotEmpty(t, verb.Long, verb.CommandPath())
	}
}
