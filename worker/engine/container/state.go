// SPDX-License-Identifier: Apache-2.0

package container

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/cupel-network/cupel/worker/engine"
)

// What is in the directory of the engine.
const (
	runsDir  = "runs"
	initName = "init"
)

// What is in the directory of a run. ioDir is a file system of its own where
// the worker may mount.
const (
	ioDir     = "io"
	inDir     = "in"
	outName   = "out"
	blockSize = 4096
	slack     = 1 << 20
)

// Paths in the guest.
const (
	guestInit   = "/run/cupel/init"
	guestStdin  = "/run/cupel/stdin"
	guestStdout = "/run/cupel/stdout"
	guestStderr = "/run/cupel/stderr"
	guestOut    = "/out"
)

// initProgram is init_amd64.asm, assembled.
//
//go:embed init_amd64.elf
var initProgram []byte

// writeInit puts the first program of containers where they mount it from. An
// equal one stays: running containers use it.
func writeInit(dir string) error {
	path := filepath.Join(dir, initName)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, initProgram) {
		return nil
	}
	temp := path + ".new"
	err := os.WriteFile(temp, initProgram, 0o600)
	if err == nil {
		err = os.Chmod(temp, 0o555) //nolint:gosec // another user executes it, whatever the umask is
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return fmt.Errorf("write the first program of containers: %w", err)
	}
	return nil
}

// state is the directory of one run.
type state struct{ dir string }

func (h *host) state(id string) state { return state{filepath.Join(h.opts.Dir, runsDir, id)} }

func (s state) io() string     { return filepath.Join(s.dir, ioDir) }
func (s state) out() string    { return filepath.Join(s.io(), outName) }
func (s state) stdout() string { return filepath.Join(s.io(), engine.StdoutName) }
func (s state) stderr() string { return filepath.Join(s.io(), engine.StderrName) }

func (s state) input(i int) string { return filepath.Join(s.dir, inDir, strconv.Itoa(i)) }

// intact reports whether the files that a running container writes to are
// there. A restart of the machine takes them away where they were in memory.
func (s state) intact() bool {
	_, err := os.Lstat(s.stdout())
	return err == nil
}

// prepare makes the directory anew, with room for what job may write.
func (s state) prepare(job engine.Job, mounts bool, files int) error {
	if err := s.remove(); err != nil {
		return err
	}
	for _, dir := range []string{s.dir, s.io(), filepath.Join(s.dir, inDir)} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("make the directory of a run: %w", err)
		}
	}
	if mounts {
		// Each file takes whole blocks, and its inode.
		size := int64(job.OutputBytes) + int64(files)*blockSize + slack
		if err := mountTmpfs(s.io(), size, 2*files+16); err != nil {
			return fmt.Errorf("mount the output of a run: %w", err)
		}
	}
	if err := makeOpen(s.out(), s.stdout(), s.stderr()); err != nil {
		return fmt.Errorf("make the output of a run: %w", err)
	}
	for i, f := range job.Files {
		if err := place(f.HostPath, s.input(i)); err != nil {
			return fmt.Errorf("%w: %w", errInput, err)
		}
	}
	return nil
}

var errInput = errors.New("input cannot be read")

// makeOpen makes what another user, the container's, writes to. The directory
// above is closed to all others.
func makeOpen(dir string, files ...string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, path := range files {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Close(), os.Chmod(path, 0o666)); err != nil { //nolint:gosec // the directory above is closed
			return err
		}
	}
	return os.Chmod(dir, 0o777) //nolint:gosec // the directory above is closed
}

// place makes an input readable to the container's user without changing the
// original: by a link if all may read it, else by a copy.
func place(from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", from)
	}
	if info.Mode().Perm()&0o004 != 0 && os.Link(from, to) == nil {
		return nil
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Chmod(0o444), dst.Close())
}

// remove takes the directory away, whatever a container left in it.
func (s state) remove() error {
	if err := unmount(s.io()); err != nil {
		return fmt.Errorf("unmount the output of a run: %w", err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		// A guest may have taken the owner's rights away from directories.
		s.unlock()
		if err = os.RemoveAll(s.dir); err != nil {
			return fmt.Errorf("remove the directory of a run: %w", err)
		}
	}
	return nil
}

func (s state) unlock() {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return
	}
	defer root.Close()
	_ = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && err != nil {
			_ = root.Chmod(path, 0o700)
		}
		return nil
	})
}
