// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// cache is a model of a store with a limit: what is in it, oldest first.
type cache struct {
	store  *Store
	limit  int64
	order  []string
	size   map[string]int64
	keep   map[string]bool
	held   map[string][]func()
	clock  time.Time
	number int
}

func (c *cache) stays(d string) bool { return c.keep[d] || len(c.held[d]) > 0 }

// touch makes a digest the one used last, as Path does with the real clock.
func (c *cache) touch(t *rapid.T, d string) {
	c.clock = c.clock.Add(time.Second)
	if err := os.Chtimes(filepath.Join(c.store.dir, d), c.clock, c.clock); err != nil {
		t.Fatal(err)
	}
	for i, other := range c.order {
		if other == d {
			c.order = append(c.order[:i:i], c.order[i+1:]...)
			break
		}
	}
	c.order = append(c.order, d)
}

// settle evicts in the model: oldest first, until need more fits.
func (c *cache) settle(need int64) (used int64) {
	for _, d := range c.order {
		used += c.size[d]
	}
	used += need
	var left []string
	for _, d := range c.order {
		if used > c.limit && !c.stays(d) {
			used -= c.size[d]
			continue
		}
		left = append(left, d)
	}
	c.order = left
	return used
}

// TestCacheLimit compares the store with the model after every step: the limit
// holds unless all that is left must stay, and what goes is the oldest.
func TestCacheLimit(t *testing.T) {
	base := t.TempDir()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		c := &cache{
			limit: int64(rapid.IntRange(100, 2000).Draw(t, "limit")), size: map[string]int64{}, keep: map[string]bool{},
			held: map[string][]func(){}, clock: time.Now().Add(-24 * time.Hour),
		}
		open := func() {
			var err error
			if c.store, err = Open(filepath.Join(base, fmt.Sprint(runs)), c.limit); err != nil {
				t.Fatal(err)
			}
			c.store.Protect(func(d string) (bool, error) { return c.keep[d], nil })
		}
		open()
		some := func(t *rapid.T) string {
			if len(c.order) == 0 {
				t.Skip("nothing there")
			}
			return rapid.SampledFrom(c.order).Draw(t, "digest")
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				c.number++
				body := []byte(fmt.Sprintf("%0*d", rapid.IntRange(8, 400).Draw(t, "size"), c.number))
				used := c.settle(int64(len(body)))
				release, err := c.store.reserve(t.Context(), sum(body), int64(len(body)))
				if (err == nil) != (used <= c.limit) || err != nil && !errors.Is(err, ErrNoRoom) {
					t.Fatalf("%d used of %d: %v", used, c.limit, err)
				}
				if err != nil {
					return
				}
				d, err := c.store.Put(body)
				if err != nil {
					t.Fatal(err)
				}
				release()
				c.size[d] = int64(len(body))
				c.touch(t, d)
			},
			"use":    func(t *rapid.T) { c.touch(t, some(t)) },
			"serve":  func(t *rapid.T) { c.keep[some(t)] = true },
			"forget": func(t *rapid.T) { delete(c.keep, some(t)) },
			"hold":   func(t *rapid.T) { d := some(t); c.held[d] = append(c.held[d], c.store.Hold(d)) },
			"release": func(t *rapid.T) {
				if d := some(t); len(c.held[d]) > 0 {
					c.held[d][0]()
					c.held[d][0]() // twice is once
					c.held[d] = c.held[d][1:]
				}
			},
			"restart": func(*rapid.T) { c.held = map[string][]func(){}; open() },
			"trim": func(t *rapid.T) {
				c.settle(0)
				if err := c.store.Trim(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				infos, err := c.store.list()
				if err != nil || len(infos) != len(c.order) {
					t.Fatalf("%d files, the model has %d: %v", len(infos), len(c.order), err)
				}
				for _, d := range c.order {
					if _, err := os.Stat(filepath.Join(c.store.dir, d)); err != nil {
						t.Fatal(err)
					}
				}
			},
		})
	})
}

// TestFetchNeedsRoom refuses what does not fit beside what must stay, and takes
// it when that may go.
func TestFetchNeedsRoom(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(serveContent))
	defer srv.Close()
	store, err := Open(t.TempDir(), 8000)
	require.NoError(t, err)
	old, err := store.Put(make([]byte, 4000))
	require.NoError(t, err)
	release := store.Hold(old)
	f := newFetcher(t, store, options())
	_, err = f.Fetch(t.Context(), source(srv.URL))
	require.ErrorIs(t, err, ErrNoRoom)
	release()
	_, err = f.Fetch(t.Context(), source(srv.URL))
	require.NoError(t, err)
	_, err = store.Path(old)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Empty(t, store.reserved)
}

// TestPartsAreEvictedToo are left of downloads that nobody goes on with.
func TestPartsAreEvictedToo(t *testing.T) {
	store, err := Open(t.TempDir(), 100)
	require.NoError(t, err)
	part := filepath.Join(store.dir, sum(content)+partSuffix)
	require.NoError(t, os.WriteFile(part, make([]byte, 101), 0o600))
	release, err := store.reserve(t.Context(), sum(content), 100)
	require.NoError(t, err)
	require.NoError(t, store.Trim(t.Context()))
	require.FileExists(t, part, "it is being downloaded")
	release()
	require.NoError(t, store.Trim(t.Context()))
	require.NoFileExists(t, part)
}
