// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// partPrefix begins the names of files that hold the first part of a download.
const partPrefix = ".cupel-part-"

// errPartBusy is a part that another command fetches.
var errPartBusy = errors.New("another command fetches it")

// part is the beginning of an artifact on disk. It outlives a download that was
// interrupted; the next one, also from another provider, goes on behind it.
type part struct {
	f    *os.File
	path string
	hash hash.Hash
	size int64
}

// openPart opens or creates the part of a digest in dir and reads what is there.
// It returns errPartBusy if it is in use.
func openPart(dir string, digest []byte) (*part, error) {
	p := &part{path: filepath.Join(dir, partPrefix+hex.EncodeToString(digest)), hash: sha256.New()}
	var err error
	if p.f, err = os.OpenFile(p.path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600); err != nil {
		return nil, err
	}
	if err := p.claim(); err != nil {
		return nil, errors.Join(err, p.f.Close())
	}
	return p, nil
}

// claim makes this command the only one to work on the part, and reads it.
func (p *part) claim() error {
	if err := syscall.Flock(int(p.f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errPartBusy
	}
	locked, err := p.f.Stat()
	if err != nil {
		return err
	}
	if named, err := os.Lstat(p.path); err != nil || !os.SameFile(locked, named) {
		return errPartBusy // whoever had it took it away
	}
	p.size, err = io.Copy(p.hash, p.f)
	return err
}

// matches reports whether the part is the whole.
func (p *part) matches(digest []byte) bool { return string(p.hash.Sum(nil)) == string(digest) }

// reset forgets what is there.
func (p *part) reset() error {
	p.hash.Reset()
	p.size = 0
	if err := p.f.Truncate(0); err != nil {
		return err
	}
	_, err := p.f.Seek(0, io.SeekStart)
	return err
}

// add appends what r gives, and fails once there is more than limit.
func (p *part) add(r io.Reader, limit int64) error {
	n, err := io.Copy(io.MultiWriter(p.f, p.hash), io.LimitReader(r, limit-p.size+1))
	p.size += n
	if p.size > limit {
		return fmt.Errorf("more than %d bytes: %w", limit, errMismatch)
	}
	return err
}

// keep gives the whole a name of its own.
func (p *part) keep() (string, error) {
	f, err := os.CreateTemp(filepath.Dir(p.path), ".cupel-artifact-*")
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(f.Close(), os.Rename(p.path, f.Name()))
}

// close leaves the part for the next download, unless it is empty.
func (p *part) close() {
	if p.size == 0 {
		_ = os.Remove(p.path) // the next download takes it as it is
	}
	_ = p.f.Close() // nothing is lost that the hash would not show
}

// fetchPart downloads an artifact into dir, going on where an earlier download
// ended. If the whole is not what the chain says, it is fetched once from the
// start: the first part may be another provider's.
func (s *session) fetchPart(ctx context.Context, url string, digest []byte, limit int64, dir string) (string, error) {
	p, err := openPart(dir, digest)
	if err != nil {
		return "", err
	}
	defer p.close()
	for {
		before := p.size
		if !p.matches(digest) {
			err = s.fill(ctx, p, url, limit)
		}
		switch {
		case err != nil && !errors.Is(err, errMismatch):
			return "", err
		case err == nil && p.matches(digest):
			return p.keep()
		}
		if err := p.reset(); err != nil {
			return "", err
		}
		if before == 0 {
			return "", errMismatch
		}
	}
}

// fill asks for what the part lacks.
func (s *session) fill(ctx context.Context, p *part, url string, limit int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	if p.size > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.size))
	}
	answer, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusOK:
		if err := p.reset(); err != nil { // it knows no ranges
			return err
		}
	case answer.StatusCode == http.StatusPartialContent && p.size > 0:
		if !strings.HasPrefix(answer.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", p.size)) {
			return fmt.Errorf("it answers with another range: %w", errMismatch)
		}
	case answer.StatusCode == http.StatusRequestedRangeNotSatisfiable && p.size > 0:
		return fmt.Errorf("it has no more than %d bytes: %w", p.size, errMismatch)
	default:
		return &statusError{req.URL.Scheme + "://" + req.URL.Host, answer.Status, answer.StatusCode}
	}
	return p.add(answer.Body, limit)
}
