// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoRoom is content for which there is no room: all that the limit of the
// store allows is in use or must still be served, or the disk is full.
var ErrNoRoom = errors.New("no room for the content")

// strayAge is how old a file of a crashed process is before it may be removed.
const strayAge = time.Hour

// Protect names what must not be evicted though nobody holds it. Keep is asked
// for every candidate; call Protect before the store is used.
func (s *Store) Protect(keep func(digest string) (bool, error)) { s.keep = keep }

// Hold keeps content, now or once it is there, until it is released. Content
// may be held more than once.
func (s *Store) Hold(digest string) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[digest]++
	released := false
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if released {
			return
		}
		released = true
		if s.held[digest]--; s.held[digest] == 0 {
			delete(s.held, digest)
		}
	}
}

// Trim evicts until the limit holds or nothing is left that may go.
func (s *Store) Trim(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.evict(ctx, 0)
	return err
}

// reserve makes room for a download of at most size bytes, and keeps it until
// it is released. What an earlier attempt left of the same content counts as a
// part of it. The error wraps ErrNoRoom.
func (s *Store) reserve(ctx context.Context, digest string, size int64) (release func(), err error) {
	if s.limit == 0 {
		return func() {}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reserved[digest] = size
	release = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.reserved, digest)
	}
	used, err := s.evict(ctx, 0)
	if err == nil && used > s.limit {
		err = fmt.Errorf("%d bytes: %d of %d are in use or must be served (artifacts.cache_mib, work.retention): %w",
			size, used-size, s.limit, ErrNoRoom)
	}
	if err != nil {
		delete(s.reserved, digest)
		return nil, err
	}
	return release, nil
}

// evict removes what may go, unused for longest first, until used plus more is
// within the limit, and returns what is used then.
func (s *Store) evict(ctx context.Context, more int64) (used int64, err error) {
	infos, err := s.list()
	if err != nil || s.limit == 0 {
		return 0, err
	}
	for size := range maps.Values(s.reserved) {
		used += size
	}
	for _, info := range infos {
		used += s.weight(info)
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, info := range infos {
		if used+more <= s.limit || ctx.Err() != nil {
			return used, ctx.Err()
		}
		stays, err := s.stays(info)
		if err != nil {
			return used, err
		}
		if stays {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, info.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return used, err
		}
		used -= info.Size()
	}
	return used, nil
}

// weight is what a file counts; a part of a download counts as its reservation.
func (s *Store) weight(info fs.FileInfo) int64 {
	if digest, isPart := strings.CutSuffix(info.Name(), partSuffix); isPart {
		if _, active := s.reserved[digest]; active {
			return 0
		}
	}
	return info.Size()
}

// stays reports whether a file must not be evicted.
func (s *Store) stays(info fs.FileInfo) (bool, error) {
	digest, isPart := strings.CutSuffix(info.Name(), partSuffix)
	_, active := s.reserved[digest]
	switch {
	case len(digest) != nameLen:
		return !isPart || time.Since(info.ModTime()) < strayAge, nil
	case isPart:
		return active, nil
	case s.held[digest] > 0 || active:
		return true, nil
	case s.keep == nil:
		return false, nil
	}
	return s.keep(digest)
}

func (s *Store) list() ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var infos []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}
