// SPDX-License-Identifier: Apache-2.0

// Package artifact keeps content by its sha256: inputs that were fetched and
// checked, and results of this worker.
package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// ErrMismatch is content that has another hash or size than it should.
var ErrMismatch = errors.New("content does not match its hash")

// Store is a directory of files named by their sha256. It is safe for
// concurrent use, by one process.
type Store struct {
	dir   string
	limit int64

	mu       sync.Mutex
	keep     func(digest string) (bool, error)
	held     map[string]int
	reserved map[string]int64
}

const (
	partSuffix = ".part"
	nameLen    = 2 * sha256.Size
)

// Open creates the directory if need be. Limit is the number of bytes above
// which files that are not in use are evicted, those unused for longest first;
// 0 means that nothing is ever evicted.
func Open(dir string, limit int64) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the store: %w", err)
	}
	return &Store{dir: dir, limit: limit, held: make(map[string]int), reserved: make(map[string]int64)}, nil
}

// path returns the file of a digest, or an error if it is not one.
func (s *Store) path(digest string) (string, error) {
	if b, err := hex.DecodeString(digest); err != nil || len(b) != sha256.Size || strings.ToLower(digest) != digest {
		return "", fmt.Errorf("%q is not the sha256 of anything: give 64 lower-case hex digits", digest)
	}
	return filepath.Join(s.dir, digest), nil
}

// Path returns the file that holds the content, or an error that wraps
// fs.ErrNotExist.
func (s *Store) Path(digest string) (string, error) {
	p, err := s.path(digest)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(p); err != nil {
		return "", err
	}
	now := time.Now()
	_ = os.Chtimes(p, now, now) // only orders the eviction
	return p, nil
}

// Adopt moves the file at path into the store under its digest, which the
// caller computed. Content that is there already is kept.
func (s *Store) Adopt(path, digest string) error {
	to, err := s.path(digest)
	if err != nil {
		return err
	}
	if _, err := os.Stat(to); err == nil {
		return os.Remove(path)
	}
	if err := syncFile(path); err != nil {
		return fmt.Errorf("store %s: %w", digest, err)
	}
	if err := os.Rename(path, to); err != nil {
		return fmt.Errorf("store %s: %w", digest, err)
	}
	return syncFile(s.dir)
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Put stores content that is in memory and returns its digest.
func (s *Store) Put(content []byte) (string, error) {
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	if _, err := s.Path(digest); err == nil {
		return digest, nil
	}
	f, err := os.CreateTemp(s.dir, "put-*"+partSuffix)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return digest, s.Adopt(f.Name(), digest)
}

// Open returns the content for reading.
func (s *Store) Open(digest string) (*os.File, error) {
	p, err := s.Path(digest)
	if err != nil {
		return nil, err
	}
	return os.Open(p)
}

// Remove deletes content. It is a no-op if there is none.
func (s *Store) Remove(digest string) error {
	p, err := s.path(digest)
	if err != nil {
		return err
	}
	if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Retain removes all files for which keep is false, parts of downloads too, and
// returns how many it removed. Call it before the store is used.
func (s *Store) Retain(keep func(name string) bool) (int, error) {
	infos, err := s.list()
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, info := range infos {
		if keep(info.Name()) || !info.Mode().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, info.Name())); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
