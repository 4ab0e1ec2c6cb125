// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// fetchFile copies a local file. The path is resolved first, so that a link
// cannot lead out of the roots, and opened through the root, so that it cannot
// be exchanged in between.
func (f *Fetcher) fetchFile(ctx context.Context, t transfer, path string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for _, dir := range f.opts.FileRoots {
		root, err := filepath.EvalSymlinks(dir)
		if err != nil {
			continue
		}
		rel, err := filepath.Rel(root, target)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		return f.copyFile(ctx, t, root, rel)
	}
	return fmt.Errorf("path is outside artifacts.file_roots: %w", ErrForbidden)
}

// copyFile does not wait for what is not a file: a pipe would never answer.
func (f *Fetcher) copyFile(ctx context.Context, t transfer, dir, rel string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	in, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("not a regular file: %w", ErrForbidden)
	}
	if info.Size() > t.limit {
		return fmt.Errorf("file has %d bytes, at most %d are read: %w", info.Size(), t.limit, ErrTooLarge)
	}
	if err := t.drop(); err != nil {
		return err
	}
	return f.save(ctx, t, in, 0)
}
