// SPDX-License-Identifier: Apache-2.0

package npm_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/npm"
)

// outcome records what Require does to a test.
type outcome struct{ skipped, failed bool }

func (o *outcome) Helper()               { /* nothing to mark */ }
func (o *outcome) Skipf(string, ...any)  { o.skipped = true }
func (o *outcome) Fatalf(string, ...any) { o.failed = true }

// module is an empty module with or without an installation.
func module(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range append(files, "go.mod") {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	inner := filepath.Join(root, "a", "b")
	require.NoError(t, os.MkdirAll(inner, 0o700))
	t.Chdir(inner)
	return root
}

func TestMissing(t *testing.T) {
	module(t)
	_, err := npm.Dir()
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "make npm")

	t.Setenv(npm.RequireEnv, "")
	skipped := &outcome{}
	npm.Require(skipped)
	require.True(t, skipped.skipped)
	t.Setenv(npm.RequireEnv, "1")
	failed := &outcome{}
	npm.Require(failed)
	require.True(t, failed.failed)
}

func TestInstalled(t *testing.T) {
	root := module(t, "build/npm/node_modules/solc/package.json")
	dir, err := npm.Dir()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(root, "build", "npm"), dir)
	require.Equal(t, dir, npm.Require(t))
	_, err = npm.Foundry("anvil")
	require.ErrorContains(t, err, "platform")
}
