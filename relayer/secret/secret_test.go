// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, Write(path, []byte("one")))
	require.ErrorIs(t, Write(path, []byte("two")), os.ErrExist)
	text, err := Read(path)
	require.NoError(t, err)
	require.Equal(t, "one", string(text))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, mode, info.Mode().Perm())
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, make([]byte, size), mode))
		return path
	}
	for name, tc := range map[string]struct{ path, want string }{
		"others can read": {write("group", 1, 0o640), "chmod 600"},
		"too large":       {write("large", maxSize+1, 0o600), "larger than"},
		"a folder":        {dir, "no regular file"},
		"a device":        {os.DevNull, "no regular file"},
		"none":            {filepath.Join(dir, "none"), "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := Read(tc.path)
			require.ErrorContains(t, err, tc.want)
			require.Empty(t, text)
		})
	}
	_, err := Read(write("fits", maxSize, 0o600))
	require.NoError(t, err)

	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(write("target", 1, 0o644), link))
	_, err = Read(link)
	require.ErrorContains(t, err, "chmod 600", "the mode of what is read counts")
}
