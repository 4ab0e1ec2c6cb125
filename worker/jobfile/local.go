// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/cupel-network/cupel/worker/manifest"
)

// wasmHead is the magic number and the version of a core WebAssembly module.
var wasmHead = []byte("\x00asm\x01\x00\x00\x00")

// Local is a file that a job file names.
type Local struct {
	// Field is where the job file names it.
	Field string `json:"field"`
	// Path is absolute, with links resolved.
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   uint64 `json:"size"`
}

// local is what is known of one file; a sweep names the same file many times.
type local struct {
	Local
	head []byte
}

// resolver turns sources into references.
type resolver struct {
	opts  Options
	root  string
	files map[string]*local
	order []*local

	encrypt Encrypt
	sealed  map[string]manifest.Ref
}

func newResolver(opts Options, encrypt Encrypt) (*resolver, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil, errorf(0, "cannot find the directory of the job file: %v", err)
	}
	return &resolver{opts: opts, root: dir, files: map[string]*local{}, encrypt: encrypt, sealed: map[string]manifest.Ref{}}, nil
}

// ref returns the reference to a source. Content on this machine is read and
// hashed.
func (r *resolver) ref(s Source) (manifest.Ref, *local, error) {
	switch {
	case s.Path != "":
		return r.fromPath(s)
	case strings.HasPrefix(s.URI, "file:///"):
		return r.fromFileURI(s)
	case s.Size == 0:
		return manifest.Ref{}, nil, errorf(s.line, "%s has a uri without size, write its size in bytes", s.field)
	}
	return manifest.Ref{URI: s.URI, SHA256: s.SHA256, Size: s.Size}, nil, nil
}

func (r *resolver) fromFileURI(s Source) (manifest.Ref, *local, error) {
	u, err := url.Parse(s.URI)
	if err != nil || u.Host != "" || u.RawQuery != "" || u.Fragment != "" {
		return manifest.Ref{}, nil, errorf(s.line, "%s: uri %.128q is not the URI of a file", s.field, s.URI)
	}
	f, err := r.file(s, filepath.Clean(u.Path))
	if err != nil {
		return manifest.Ref{}, nil, err
	}
	return manifest.Ref{URI: s.URI, SHA256: f.SHA256, Size: f.Size}, f, nil
}

func (r *resolver) fromPath(s Source) (manifest.Ref, *local, error) {
	path := r.absolute(s.Path)
	if !r.opts.AllowOutside && !r.inside(filepath.Clean(path)) {
		return manifest.Ref{}, nil, errorf(s.line, "%s: path %.128q leaves the directory of the job file, use --allow-outside if that is meant", s.field, s.Path)
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return manifest.Ref{}, nil, missing(s, err)
	}
	if !r.opts.AllowOutside && !r.inside(target) {
		return manifest.Ref{}, nil, errorf(s.line, "%s: path %.128q is a link out of the directory of the job file, use --allow-outside if that is meant", s.field, s.Path)
	}
	f, err := r.file(s, target)
	if err != nil {
		return manifest.Ref{}, nil, err
	}
	uri, err := r.uri(s, target)
	return manifest.Ref{URI: uri, SHA256: f.SHA256, Size: f.Size}, f, err
}

func (r *resolver) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.root, path)
}

func (r *resolver) inside(path string) bool {
	rel, err := filepath.Rel(r.root, path)
	return err == nil && filepath.IsLocal(rel)
}

// uri is where the providers get a local file from.
func (r *resolver) uri(s Source, path string) (string, error) {
	if r.opts.BaseURL == "" {
		return (&url.URL{Scheme: "file", Path: path}).String(), nil
	}
	if !r.inside(path) {
		return "", errorf(s.line, "%s: path %.128q is outside the directory that --base-url stands for", s.field, s.Path)
	}
	rel, err := filepath.Rel(r.root, path)
	if err != nil {
		return "", errorf(s.line, "%s: path %.128q: %v", s.field, s.Path, err)
	}
	return strings.TrimSuffix(r.opts.BaseURL, "/") + (&url.URL{Path: "/" + filepath.ToSlash(rel)}).EscapedPath(), nil
}

func missing(s Source, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return errorf(s.line, "%s: cannot read %s: %v", s.field, at.Path, at.Err)
	}
	return errorf(s.line, "%s: cannot read %.128q: %v", s.field, s.Path, err)
}

// file hashes a file once and compares it with what the job file says.
func (r *resolver) file(s Source, path string) (*local, error) {
	f := r.files[path]
	if f == nil {
		var err error
		if f, err = hashFile(s, path); err != nil {
			return nil, err
		}
		r.files[path] = f
		r.order = append(r.order, f)
	}
	if s.SHA256 != "" && s.SHA256 != f.SHA256 {
		return nil, errorf(s.line, "%s: %s has sha256 %s, the job file says %s", s.field, filepath.Base(path), f.SHA256, s.SHA256)
	}
	if s.Size != 0 && s.Size != f.Size {
		return nil, errorf(s.line, "%s: %s has %d bytes, the job file says %d", s.field, filepath.Base(path), f.Size, s.Size)
	}
	return f, nil
}

func hashFile(s Source, path string) (*local, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, missing(s, err)
	}
	switch {
	case info.IsDir():
		return nil, errorf(s.line, "%s: %s is a directory", s.field, path)
	case !info.Mode().IsRegular():
		return nil, errorf(s.line, "%s: %s is not a regular file", s.field, path)
	case info.Size() > MaxInputBytes:
		return nil, errorf(s.line, "%s: %s has %d bytes, at most %d are allowed", s.field, path, info.Size(), MaxInputBytes)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, missing(s, err)
	}
	defer file.Close()
	var head bytes.Buffer
	hash := sha256.New()
	if _, err = io.CopyN(io.MultiWriter(hash, &head), file, min(info.Size(), int64(len(wasmHead)))); err == nil {
		_, err = io.Copy(hash, io.LimitReader(file, MaxInputBytes))
	}
	if err != nil {
		return nil, missing(s, err)
	}
	return &local{
		Local: Local{Field: s.field, Path: path, SHA256: hex.EncodeToString(hash.Sum(nil)), Size: uint64(info.Size())},
		head:  head.Bytes(),
	}, nil
}

// module returns the reference to the program and checks what is cheap to.
func (r *resolver) module(s Source) (manifest.Ref, error) {
	ref, f, err := r.ref(s)
	if err != nil {
		return ref, err
	}
	if ref.Size > MaxModuleBytes {
		return ref, errorf(s.line, "module has %d bytes, at most %d are allowed", ref.Size, MaxModuleBytes)
	}
	if f != nil && !bytes.Equal(f.head, wasmHead) {
		return ref, errorf(s.line, "module: %s is not a WebAssembly module", filepath.Base(f.Path))
	}
	return ref, nil
}
