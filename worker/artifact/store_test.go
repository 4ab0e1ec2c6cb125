// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStore(t *testing.T) {
	s := newStore(t)
	digest, err := s.Put(content)
	require.NoError(t, err)
	require.Equal(t, sum(content), digest)
	again, err := s.Put(content)
	require.NoError(t, err)
	require.Equal(t, digest, again)

	path := filepath.Join(t.TempDir(), "result")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.NoError(t, s.Adopt(path, digest), "content that is there is kept")
	require.NoFileExists(t, path)

	f, err := s.Open(digest)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, s.Remove(digest))
	require.NoError(t, s.Remove(digest))
	_, err = s.Open(digest)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestStoreTakesHashesOnly(t *testing.T) {
	s := newStore(t)
	for _, name := range []string{"", "..", "../x", "abc", sum(content)[:63], sum(content) + "0", "A" + sum(content)[1:], "/etc/passwd"} {
		_, err := s.Path(name)
		require.ErrorContains(t, err, "is not the sha256", name)
		require.Error(t, s.Adopt("x", name))
		require.Error(t, s.Remove(name))
	}
}

func TestTrimEvictsTheOldestThatNobodyNeeds(t *testing.T) {
	s, err := Open(t.TempDir(), 250)
	require.NoError(t, err)
	var digests []string
	for i := range 4 {
		d, err := s.Put(bytes.Repeat([]byte{byte(i)}, 100))
		require.NoError(t, err)
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		require.NoError(t, os.Chtimes(filepath.Join(s.dir, d), at, at))
		digests = append(digests, d)
	}
	s.Protect(func(d string) (bool, error) { return d == digests[0], nil })
	require.NoError(t, s.Trim(t.Context()))
	for i, kept := range []bool{true, false, false, true} {
		_, err := os.Stat(filepath.Join(s.dir, digests[i]))
		require.Equal(t, kept, err == nil, "file %d", i)
	}
}
