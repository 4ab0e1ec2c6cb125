// SPDX-License-Identifier: Apache-2.0

package container

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/cupel-network/cupel/worker/engine"
)

// Reasons in the artifact.
const (
	reasonRefused = "job-refused"
	reasonMemory  = "memory-limit"
	reasonOutput  = "output-refused"
)

const (
	artifactName = "artifact.tar"
	// maxDepth bounds the nesting of directories in /out.
	maxDepth = 100
)

// unfitError is output that is not taken, which is a result. Which of several
// faults is found first may differ, so that all give one reason.
type unfitError struct {
	text string
	// over is set if there is too much.
	over bool
}

// Error implements error.
func (e *unfitError) Error() string { return e.text }

// overflows reports whether a run has written more than it may. It may be
// called while the container runs.
func (r *run) overflows() bool {
	if mounted(r.state.io()) {
		return full(r.state.io())
	}
	_, err := r.entries()
	var unfit *unfitError
	return errors.As(err, &unfit) && unfit.over
}

// entries lists what the run wrote. Nothing is opened: a name that is not a
// plain file is an unfitError, as is what goes beyond a limit.
func (r *run) entries() ([]engine.Entry, error) {
	root, err := os.OpenRoot(r.state.io())
	if err != nil {
		return nil, fmt.Errorf("open the output of a run: %w", err)
	}
	w := walk{root: root, limit: int64(r.job.OutputBytes), files: r.opts.OutputFiles}
	for _, name := range []string{engine.StdoutName, engine.StderrName} {
		if err == nil {
			err = w.file(name)
		}
	}
	if err == nil {
		err = w.dir(outName, 0)
	}
	return w.entries, errors.Join(err, root.Close())
}

// walk collects the entries of an artifact below a directory.
type walk struct {
	root    *os.Root
	limit   int64
	files   int
	dirs    int
	total   int64
	entries []engine.Entry
}

func (w *walk) dir(name string, depth int) error {
	if w.dirs++; w.dirs > w.files || depth > maxDepth {
		return &unfitError{fmt.Sprintf("/out has more than %d directories, or they are nested more than %d deep", w.files, maxDepth), true}
	}
	d, err := w.root.Open(name)
	if errors.Is(err, fs.ErrPermission) && w.root.Chmod(name, 0o700) == nil {
		d, err = w.root.Open(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the container runs and has removed it
	}
	if err != nil {
		return fmt.Errorf("open a directory of the output: %w", err)
	}
	defer d.Close()
	for {
		batch, err := d.ReadDir(256)
		for _, e := range batch {
			child := path.Join(name, e.Name())
			if err := engine.ValidateEntryName(child); err != nil {
				return &unfitError{text: err.Error()}
			}
			if e.IsDir() {
				err = w.dir(child, depth+1)
			} else {
				err = w.file(child)
			}
			if err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a directory of the output: %w", err)
		}
	}
}

// file adds one file. A sparse file counts with the size that it claims, a file
// with two names twice.
func (w *walk) file(name string) error {
	info, err := w.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at a file of the output: %w", err)
	case !info.Mode().IsRegular():
		return &unfitError{text: name + " is neither a regular file nor a directory"}
	}
	w.total += info.Size()
	if w.total > w.limit || len(w.entries) == w.files+2 {
		return &unfitError{fmt.Sprintf("the run wrote more than %d bytes or %d files", w.limit, w.files), true}
	}
	w.entries = append(w.entries, engine.Entry{Name: name, Size: info.Size()})
	return nil
}

// result packs what the run left.
func (r *run) result(end ending, scratchDir string) (engine.Result, error) {
	res := engine.Result{Outcome: engine.OutcomeOK, Wall: end.took, Fuel: r.job.Container.Used(end.took, r.job.Fuel)}
	if end.killed == causeWall {
		return engine.Result{Outcome: engine.OutcomeWall, Wall: end.took, Detail: fmt.Sprintf("the container was killed at its wall limit of %s", r.job.Wall)}, nil
	}
	entries, err := r.entries()
	var unfit *unfitError
	if err == nil && (end.killed == causeOutput || r.overflows()) {
		unfit = &unfitError{fmt.Sprintf("the run filled its output of %d bytes", r.job.OutputBytes), true}
	} else if err != nil && !errors.As(err, &unfit) {
		return res, err
	}
	meta := engine.Meta{Outcome: engine.OutcomeOK, ExitCode: int32(end.code)}
	switch {
	case unfit != nil:
		meta = engine.Meta{Outcome: engine.OutcomeTrap, Reason: reasonOutput}
		res.Detail, entries = unfit.text, nil
	case end.code != 0 && end.oom:
		// Where in its output a run is killed differs from machine to machine.
		meta = engine.Meta{Outcome: engine.OutcomeMemoryLimit, Reason: reasonMemory}
		res.Detail, entries = fmt.Sprintf("the container was killed at its memory limit of %d MiB", r.job.MemoryBytes>>20), nil
	case end.code != 0:
		meta.Outcome = engine.OutcomeExit
	}
	res.Outcome, res.ExitCode = meta.Outcome, meta.ExitCode
	if err := r.pack(&res, scratchDir, meta, entries); err != nil {
		return engine.Result{}, err
	}
	return res, nil
}

// pack writes the artifact. The container has ended: nobody changes its files.
func (r *run) pack(res *engine.Result, scratchDir string, meta engine.Meta, entries []engine.Entry) error {
	var root *os.Root
	if len(entries) > 0 {
		var err error
		if root, err = os.OpenRoot(r.state.io()); err != nil {
			return fmt.Errorf("open the output of a run: %w", err)
		}
		defer root.Close()
	}
	for i := range entries {
		name := entries[i].Name
		entries[i].Open = func() (io.ReadCloser, error) { return openPlain(root, name) }
	}
	return writeArtifact(res, scratchDir, meta, entries)
}

// openPlain opens a file that was seen to be a regular one, and fails if it is
// not any more.
func openPlain(root *os.Root, name string) (*os.File, error) {
	const flags = os.O_RDONLY | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	f, err := root.OpenFile(name, flags, 0)
	if errors.Is(err, fs.ErrPermission) && root.Chmod(name, 0o600) == nil {
		f, err = root.OpenFile(name, flags, 0)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file any more", name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writeArtifact(res *engine.Result, scratchDir string, meta engine.Meta, entries []engine.Entry) error {
	res.Artifact = filepath.Join(scratchDir, artifactName)
	f, err := os.OpenFile(res.Artifact, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create the artifact: %w", err)
	}
	hash := sha256.New()
	err = engine.WriteArtifact(io.MultiWriter(f, hash), meta, entries)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the artifact: %w", err)
	}
	hash.Sum(res.ArtifactSHA256[:0])
	return nil
}

// refusedResult is that of a job that nobody runs: a trap that used nothing.
// The reason is for people; the digest holds the fact.
func (e *Engine) refusedResult(scratchDir string, refused *refusedError) (engine.Result, error) {
	res := engine.Result{Outcome: engine.OutcomeTrap, Detail: refused.Error()}
	err := writeArtifact(&res, scratchDir, engine.Meta{Outcome: engine.OutcomeTrap, Reason: reasonRefused}, nil)
	return res, err
}
