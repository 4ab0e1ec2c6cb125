// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

const (
	cacheKeyFile = "key"
	codeSuffix   = ".code"
	macSuffix    = ".mac"
)

// cache keeps compiled modules. Loading machine code trusts its bytes, so the
// directory is the parent's alone (0700), a child gets an open file and never
// the directory, and every entry carries a MAC under a key that is made with
// the directory: a file that was swapped, cut or left by another version is
// compiled again.
type cache struct {
	dir   string
	limit int64
	key   []byte

	mu sync.Mutex
}

func openCache(dir string, limit int64) (*cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the cache of compiled modules: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory needs x
		return nil, fmt.Errorf("protect the cache of compiled modules: %w", err)
	}
	c := &cache{dir: dir, limit: limit}
	return c, c.loadKey()
}

func (c *cache) loadKey() error {
	path := filepath.Join(c.dir, cacheKeyFile)
	key, err := os.ReadFile(path)
	if err == nil && len(key) == sha256.Size {
		c.key = key
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the cache key: %w", err)
	}
	key = make([]byte, sha256.Size)
	_, _ = rand.Read(key) // documented never to fail
	if err := c.writeKey(path, key); err != nil {
		return fmt.Errorf("write the cache key: %w", err)
	}
	return nil
}

// writeKey publishes a key at once and whole. When two engines share a new
// directory, both end with the key that came first.
func (c *cache) writeKey(path string, key []byte) error {
	tmp, err := os.CreateTemp(c.dir, "key-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(key)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	err = os.Link(tmp.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	stored, err := os.ReadFile(path)
	if err == nil && len(stored) != sha256.Size {
		err = os.Rename(tmp.Name(), path)
		stored = key
	}
	c.key = stored
	return err
}

// entryName depends on everything that the code depends on.
func entryName(module [32]byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n%x\n", Class, engineVersion, engineFlags, module)
	return hex.EncodeToString(h.Sum(nil))
}

// open returns the compiled module positioned at its start, or nil when there
// is none that can be trusted.
func (c *cache) open(module [32]byte) *os.File {
	base := filepath.Join(c.dir, entryName(module))
	want, err := os.ReadFile(base + macSuffix)
	if err != nil {
		return nil
	}
	f, err := os.Open(base + codeSuffix)
	if err != nil {
		return nil
	}
	got, err := c.mac(module, f)
	if err != nil || !hmac.Equal(got, want) {
		_ = f.Close() // only read
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(base+codeSuffix, now, now) // only orders the eviction
	return f
}

func (c *cache) mac(module [32]byte, f *os.File) ([]byte, error) {
	m := hmac.New(sha256.New, c.key)
	m.Write([]byte(entryName(module)))
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if _, err := io.Copy(m, f); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return m.Sum(nil), nil
}

// create returns a file for the compiler to write to. The caller passes it to
// keep or discard.
func (c *cache) create() (*os.File, error) {
	f, err := os.CreateTemp(c.dir, "new-*")
	if err != nil {
		return nil, fmt.Errorf("create a file in the cache of compiled modules: %w", err)
	}
	return f, nil
}

func (c *cache) discard(f *os.File) {
	_ = f.Close() // the file is not wanted
	_ = os.Remove(f.Name())
}

// keep publishes the compiler's file and returns it opened read-only.
func (c *cache) keep(module [32]byte, f *os.File) (*os.File, error) {
	defer c.discard(f)
	mac, err := c.mac(module, f)
	if err != nil {
		return nil, fmt.Errorf("read back a compiled module: %w", err)
	}
	base := filepath.Join(c.dir, entryName(module))
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := os.Rename(f.Name(), base+codeSuffix); err != nil {
		return nil, fmt.Errorf("store a compiled module: %w", err)
	}
	if err := writeFileAtomic(base+macSuffix, mac); err != nil {
		return nil, fmt.Errorf("store a compiled module: %w", err)
	}
	c.evict(base + codeSuffix)
	r, err := os.Open(base + codeSuffix)
	if err != nil {
		return nil, fmt.Errorf("open a compiled module: %w", err)
	}
	return r, nil
}

func writeFileAtomic(path string, data []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// evict removes the modules that were not used for longest until the rest fits.
// The one just stored stays. Runs under way keep their open files.
func (c *cache) evict(keep string) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var infos []fs.FileInfo
	var total int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), codeSuffix) {
			infos = append(infos, info)
			total += info.Size()
		}
	}
	sort.Slice(infos, func(i, j int) bool { return infos[i].ModTime().Before(infos[j].ModTime()) })
	for _, info := range infos {
		path := filepath.Join(c.dir, info.Name())
		if total <= c.limit {
			return
		}
		if path == keep {
			continue
		}
		_ = os.Remove(strings.TrimSuffix(path, codeSuffix) + macSuffix)
		_ = os.Remove(path)
		total -= info.Size()
	}
}
