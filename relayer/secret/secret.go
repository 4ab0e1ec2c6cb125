// SPDX-License-Identifier: Apache-2.0

// Package secret reads and writes the files of keys and passwords. What it
// returns as an error never quotes their content.
package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	// mode is that of a secret's file; others are the bits it must not have.
	mode   fs.FileMode = 0o600
	others fs.FileMode = 0o077
	// maxSize bounds a secret, in bytes.
	maxSize = 64 << 10
)

// Read returns the content of a regular file that only its owner can read. The
// file that is checked is the one that is read, whatever happens to its name.
func Read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := read(f, path)
	return text, errors.Join(err, f.Close())
}

func read(f *os.File, path string) ([]byte, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	case info.Mode().Perm()&others != 0:
		return nil, fmt.Errorf("%s can be read by others (%s): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if len(text) > maxSize {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxSize)
	}
	return text, err
}

// Write puts content into a new file that only its owner can read, on disk
// before it returns. It never overwrites a file, and leaves none if it fails.
func Write(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
