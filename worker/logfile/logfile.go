// SPDX-License-Identifier: Apache-2.0

// Package logfile is a log file that is rotated by size and whose old files are
// removed by number and age.
package logfile

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options of a File.
type Options struct {
	// MaxBytes is the size at which a new file is begun, after the write that
	// reaches it: no line is torn apart.
	MaxBytes int64
	// Keep is the number of old files, MaxAge how long they are kept.
	Keep   int
	MaxAge time.Duration
}

// File is safe for concurrent use.
type File struct {
	path string
	opts Options
	now  func() time.Time

	mu   sync.Mutex
	f    *os.File
	size int64
}

// stamp sorts like the time.
const stamp = "20060102T150405.000000000"

// Open opens path for appending, with mode 0600 if it is new.
func Open(path string, opts Options) (*File, error) {
	l := &File{path: path, opts: opts, now: time.Now}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, l.prune()
}

func (l *File) open() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.f, l.size = f, info.Size()
	return nil
}

// Write implements io.Writer. If a new file cannot be begun, it goes on in the
// old one.
func (l *File) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.f.Write(p)
	l.size += int64(n)
	if err == nil && l.size >= l.opts.MaxBytes {
		err = l.rotate()
	}
	return n, err
}

func (l *File) rotate() error {
	old := l.path + "." + l.now().UTC().Format(stamp)
	if err := os.Rename(l.path, old); err != nil {
		return fmt.Errorf("rotate the log: %w", err)
	}
	full := l.f
	if err := l.open(); err != nil {
		return err // goes on in the renamed file
	}
	return errors.Join(full.Close(), l.prune())
}

// prune removes old files, the oldest first. Files that were not made by
// rotation are left alone.
func (l *File) prune() error {
	names, err := filepath.Glob(globQuote(l.path) + ".*")
	if err != nil {
		return err
	}
	type old struct {
		name string
		at   time.Time
	}
	var all []old
	for _, name := range names {
		if at, err := time.Parse(stamp, strings.TrimPrefix(name, l.path+".")); err == nil {
			all = append(all, old{name, at})
		}
	}
	slices.SortFunc(all, func(a, b old) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	var errs []error
	for i, o := range all {
		if i >= l.opts.Keep || l.now().Sub(o.at) > l.opts.MaxAge {
			errs = append(errs, os.Remove(o.name))
		}
	}
	return errors.Join(errs...)
}

// globQuote takes away the meaning of the characters of a pattern.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// Close closes the file; what is written afterwards is lost with an error.
func (l *File) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.f.Close()
}
