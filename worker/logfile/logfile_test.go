// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// content joins all files of a log, the oldest first.
func content(t *testing.T, path string) (lines []string, files int) {
	t.Helper()
	names, err := filepath.Glob(path + ".*")
	require.NoError(t, err)
	for _, name := range append(names, path) {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		lines = append(lines, strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")...)
	}
	return lines, len(names)
}

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "worker.log")
	l, err := Open(path, Options{MaxBytes: 100, Keep: 3, MaxAge: time.Hour})
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l.now = func() time.Time { at = at.Add(time.Second); return at }

	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 10 {
				fmt.Fprintf(l, "%02d %s\n", 10*i+j, strings.Repeat("x", 46)) // 50 bytes: two to a file
			}
		})
	}
	wg.Wait()
	lines, files := content(t, path)
	require.Equal(t, 3, files)
	require.Len(t, lines, 3*2+1, "three old files of two lines and an empty one")
	for _, line := range lines[:6] {
		require.Len(t, line, 49, "no line is torn apart")
	}
	require.NoError(t, l.Close())
	_, err = l.Write([]byte("late"))
	require.Error(t, err)
}

func TestOldFilesGoByAgeAndOthersStay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a[b].log")
	old, young := path+"."+time.Now().Add(-2*time.Hour).UTC().Format(stamp), path+"."+time.Now().UTC().Format(stamp)
	other := path + ".backup"
	for _, name := range []string{old, young, other} {
		require.NoError(t, os.WriteFile(name, []byte("x"), 0o600))
	}
	l, err := Open(path, Options{MaxBytes: 100, Keep: 9, MaxAge: time.Hour})
	require.NoError(t, err)
	defer l.Close()
	require.NoFileExists(t, old)
	require.FileExists(t, young)
	require.FileExists(t, other)
	_, err = Open(filepath.Join(dir, "none", "x.log"), Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestItGoesOnAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "worker.log")
	for range 3 {
		l, err := Open(path, Options{MaxBytes: 25, Keep: 9, MaxAge: time.Hour})
		require.NoError(t, err)
		_, err = l.Write([]byte("123456789\n"))
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
	lines, files := content(t, path)
	require.Equal(t, 1, files, "the size of what was there counts")
	require.Len(t, lines, 4)
}
