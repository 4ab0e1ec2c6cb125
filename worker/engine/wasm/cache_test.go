// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func stored(t *testing.T, c *cache, module [32]byte, content string) {
	t.Helper()
	f, err := c.create()
	require.NoError(t, err)
	_, err = f.WriteString(content)
	require.NoError(t, err)
	r, err := c.keep(module, f)
	require.NoError(t, err)
	require.NoError(t, r.Close())
}

func cached(t *testing.T, c *cache, module [32]byte) string {
	t.Helper()
	f := c.open(module)
	if f == nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	return string(b)
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	c, err := openCache(dir, 1<<20)
	require.NoError(t, err)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	require.Empty(t, cached(t, c, [32]byte{1}))
	stored(t, c, [32]byte{1}, "code one")
	stored(t, c, [32]byte{2}, "code two")
	again, err := openCache(dir, 1<<20)
	require.NoError(t, err)
	require.Equal(t, "code one", cached(t, again, [32]byte{1}))
	require.Equal(t, "code two", cached(t, again, [32]byte{2}))
}

func TestCacheTrustsNothing(t *testing.T) {
	dir := t.TempDir()
	c, err := openCache(dir, 1<<20)
	require.NoError(t, err)
	one := filepath.Join(dir, entryName([32]byte{1}))
	two := filepath.Join(dir, entryName([32]byte{2}))
	for name, damage := range map[string]func(){
		"changed": func() { require.NoError(t, os.WriteFile(one+codeSuffix, []byte("evil one"), 0o600)) },
		"cut":     func() { require.NoError(t, os.Truncate(one+codeSuffix, 3)) },
		"no mac":  func() { require.NoError(t, os.Remove(one+macSuffix)) },
		"swapped": func() {
			require.NoError(t, os.Rename(two+codeSuffix, one+codeSuffix))
			require.NoError(t, os.Rename(two+macSuffix, one+macSuffix))
		},
	} {
		t.Run(name, func(t *testing.T) {
			stored(t, c, [32]byte{1}, "code one")
			stored(t, c, [32]byte{2}, "code two")
			require.Equal(t, "code one", cached(t, c, [32]byte{1}))
			damage()
			require.Empty(t, cached(t, c, [32]byte{1}))
		})
	}
	stored(t, c, [32]byte{1}, "code one")
	require.NoError(t, os.WriteFile(filepath.Join(dir, cacheKeyFile), bytes.Repeat([]byte{1}, 32), 0o600))
	other, err := openCache(dir, 1<<20)
	require.NoError(t, err)
	require.Empty(t, cached(t, other, [32]byte{1}), "another key accepts the entry")
}

func TestCacheEvictsTheOldest(t *testing.T) {
	dir := t.TempDir()
	c, err := openCache(dir, 25)
	require.NoError(t, err)
	for i := range byte(3) {
		stored(t, c, [32]byte{i}, "ten bytes.")
		old := time.Now().Add(time.Duration(int(i)-10) * time.Hour)
		if i < 2 {
			require.NoError(t, os.Chtimes(filepath.Join(dir, entryName([32]byte{i})+codeSuffix), old, old))
		}
		if i == 1 {
			require.NotEmpty(t, cached(t, c, [32]byte{0}), "a use keeps an entry")
		}
	}
	require.NotEmpty(t, cached(t, c, [32]byte{0}))
	require.Empty(t, cached(t, c, [32]byte{1}))
	require.NotEmpty(t, cached(t, c, [32]byte{2}))
	stored(t, c, [32]byte{9}, "larger than the whole cache may be")
	require.NotEmpty(t, cached(t, c, [32]byte{9}), "the newest stays")
}

func TestCacheKeyIsSharedByTwoEngines(t *testing.T) {
	dir := t.TempDir()
	keys := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			c, err := openCache(dir, 1)
			if err == nil {
				keys[i] = c.key
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		require.Equal(t, keys[0], k)
		require.Len(t, k, 32)
	}
}

func TestSingleFlight(t *testing.T) {
	var s singleFlight
	leave, err := s.enter(t.Context(), [32]byte{1})
	require.NoError(t, err)
	other, err := s.enter(t.Context(), [32]byte{2})
	require.NoError(t, err)
	other()
	entered := make(chan struct{})
	go func() {
		second, err := s.enter(t.Context(), [32]byte{1})
		if err == nil {
			second()
		}
		close(entered)
	}()
	select {
	case <-entered:
		t.Fatal("two callers work on one key")
	case <-time.After(20 * time.Millisecond):
	}
	leave()
	<-entered
}
