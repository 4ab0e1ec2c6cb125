// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/x/registry/client/cli"
)

func TestEncryptionKey(t *testing.T) {
	home, _ := initHome(t)
	path := filepath.Join(home, "encryption.key")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	profile, err := cli.ReadProfile(filepath.Join(home, profileName))
	require.NoError(t, err)

	shown, code := run(t, "encryption-key", "--home", home)
	require.Equal(t, exit.OK, code)
	require.Equal(t, profile.EncryptionKey, strings.TrimSpace(shown), "what is registered is what the worker has")

	rotated, code := run(t, "encryption-key", "--home", home, "--rotate")
	require.Equal(t, exit.OK, code)
	recipient, _, _ := strings.Cut(rotated, "\n")
	require.NotEqual(t, profile.EncryptionKey, recipient)
	ids, err := crypt.Load(path)
	require.NoError(t, err)
	require.Equal(t, recipient, ids.Recipient())
	require.Equal(t, 2, ids.Count(), "the old key opens what is under way")

	require.NoError(t, os.Chmod(path, 0o640))
	out, code := run(t, "encryption-key", "--home", home, "--rotate")
	require.Equal(t, exit.Failure, code)
	require.Contains(t, out, "chmod 600")
}
