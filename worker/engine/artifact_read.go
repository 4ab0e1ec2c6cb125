// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// ArtifactLimits bounds what a reader accepts. Zero fields take the defaults.
type ArtifactLimits struct {
	// Bytes is the size of the artifact file; by default 1 GiB and some.
	Bytes int64
	// Entries is the number of files in it; by default 20,000.
	Entries int
}

func (l ArtifactLimits) withDefaults() ArtifactLimits {
	if l.Bytes == 0 {
		l.Bytes = MaxOutputBytes + 32<<20
	}
	if l.Entries == 0 {
		l.Entries = 20_000
	}
	return l
}

// ArtifactEntry is one file of an artifact.
type ArtifactEntry struct {
	Name   string
	Size   int64
	offset int64
}

// Artifact is an opened artifact. It was checked as a whole: every byte of it
// is what WriteArtifact writes for its contents.
type Artifact struct {
	Meta Meta
	// Entries are all files but meta, sorted by name.
	Entries []ArtifactEntry
	// SHA256 is the result digest.
	SHA256 [32]byte
	file   *os.File
}

// OpenArtifact opens and checks the artifact at path. It accepts canonical
// artifacts only: no links, no directories, no traversal, no second encoding of
// the same contents. The caller closes it.
func OpenArtifact(path string, limits ArtifactLimits) (*Artifact, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open artifact: %w", err)
	}
	a, err := readArtifact(f, limits.withDefaults())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return a, nil
}

func readArtifact(f *os.File, limits ArtifactLimits) (*Artifact, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("stat artifact: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > limits.Bytes {
		return nil, fmt.Errorf("artifact has %d bytes, at most %d are accepted: raise the limit if the job may write that much", info.Size(), limits.Bytes)
	}
	hash := sha256.New()
	s := &artifactScan{r: io.TeeReader(f, hash), left: info.Size(), limits: limits}
	a := &Artifact{file: f}
	if err := s.scan(a); err != nil {
		return nil, err
	}
	hash.Sum(a.SHA256[:0])
	return a, nil
}

type artifactScan struct {
	r      io.Reader
	left   int64
	offset int64
	limits ArtifactLimits
}

func (s *artifactScan) scan(a *Artifact) error {
	last := ""
	for first := true; ; first = false {
		name, size, err := s.header()
		if err != nil {
			return err
		}
		if name == "" {
			break
		}
		if first != (name == MetaName) {
			return fmt.Errorf("artifact entry %q: the first entry, and no other, is meta", name)
		}
		if first {
			if err := s.meta(a, size); err != nil {
				return err
			}
			continue
		}
		if err := ValidateEntryName(name); err != nil {
			return err
		}
		if name <= last || len(a.Entries) == s.limits.Entries {
			return fmt.Errorf("artifact entry %q is out of order or beyond the limit of %d files", name, s.limits.Entries)
		}
		last = name
		a.Entries = append(a.Entries, ArtifactEntry{Name: name, Size: size, offset: s.offset})
		if err := s.skip(io.Discard, size); err != nil {
			return err
		}
	}
	if s.left != 0 || a.find(StdoutName) == nil || a.find(StderrName) == nil {
		return errors.New("artifact has bytes after its end or lacks stdout or stderr: it is damaged")
	}
	return nil
}

func (s *artifactScan) meta(a *Artifact, size int64) error {
	if size > maxMetaBytes {
		return fmt.Errorf("artifact meta has %d bytes, at most %d are allowed", size, maxMetaBytes)
	}
	var buf bytes.Buffer
	if err := s.skip(&buf, size); err != nil {
		return err
	}
	var err error
	a.Meta, err = decodeMeta(buf.Bytes())
	return err
}

// header returns an empty name at the trailer.
func (s *artifactScan) header() (string, int64, error) {
	var h [ustarBlock]byte
	if err := s.read(h[:]); err != nil {
		return "", 0, err
	}
	if h == ([ustarBlock]byte{}) {
		if err := s.read(h[:]); err != nil {
			return "", 0, err
		}
		if h != ([ustarBlock]byte{}) {
			return "", 0, errors.New("artifact trailer is not two empty blocks: it is damaged")
		}
		return "", 0, nil
	}
	var size int64
	if _, err := fmt.Sscanf(string(h[124:135]), "%o", &size); err != nil {
		return "", 0, fmt.Errorf("artifact header has no size: %w", err)
	}
	name := ustarName(&h)
	want, err := ustarHeader(name, size)
	if err != nil {
		return "", 0, err
	}
	if want != h || name == "" {
		return "", 0, fmt.Errorf("artifact entry %q is not a plain file in canonical form", name)
	}
	return name, size, nil
}

// skip copies size bytes to w and checks that the padding is zero.
func (s *artifactScan) skip(w io.Writer, size int64) error {
	pad := ustarPad(size)
	if size > s.left || size+pad > s.left {
		return errors.New("artifact ends inside an entry: it is cut short")
	}
	if _, err := io.CopyN(w, s.r, size); err != nil {
		return fmt.Errorf("read artifact: %w", err)
	}
	s.left -= size
	s.offset += size
	zeros := make([]byte, pad)
	if err := s.read(zeros); err != nil {
		return err
	}
	for _, b := range zeros {
		if b != 0 {
			return errors.New("artifact padding is not zero: it is damaged")
		}
	}
	return nil
}

func (s *artifactScan) read(p []byte) error {
	if int64(len(p)) > s.left {
		return errors.New("artifact ends too early: it is cut short")
	}
	if _, err := io.ReadFull(s.r, p); err != nil {
		return fmt.Errorf("read artifact: %w", err)
	}
	s.left -= int64(len(p))
	s.offset += int64(len(p))
	return nil
}

func (a *Artifact) find(name string) *ArtifactEntry {
	for i := range a.Entries {
		if a.Entries[i].Name == name {
			return &a.Entries[i]
		}
	}
	return nil
}

// Open returns the content of an entry, or an error that wraps os.ErrNotExist.
// The reader is valid until Close.
func (a *Artifact) Open(name string) (*io.SectionReader, error) {
	e := a.find(name)
	if e == nil {
		return nil, fmt.Errorf("artifact has no entry %q: %w", name, os.ErrNotExist)
	}
	return io.NewSectionReader(a.file, e.offset, e.Size), nil
}

// Close releases the file.
func (a *Artifact) Close() error { return a.file.Close() }

// ExtractArtifact checks the artifact at path and writes its entries into dir,
// which is created when missing. Existing files are never overwritten and no
// path leaves dir, whatever links it holds.
func ExtractArtifact(path, dir string, limits ArtifactLimits) (Meta, error) {
	a, err := OpenArtifact(path, limits)
	if err != nil {
		return Meta{}, err
	}
	defer a.Close()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Meta{}, fmt.Errorf("create the output directory: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Meta{}, fmt.Errorf("open the output directory: %w", err)
	}
	defer root.Close()
	for _, e := range a.Entries {
		if err := a.extract(root, e); err != nil {
			return Meta{}, err
		}
	}
	return a.Meta, nil
}

func (a *Artifact) extract(root *os.Root, e ArtifactEntry) error {
	if dir := path.Dir(e.Name); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("create directory for %q: %w", e.Name, err)
		}
	}
	w, err := root.OpenFile(e.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("create %q: %w (choose an empty output directory)", strings.TrimPrefix(e.Name, "/"), err)
	}
	_, err = io.Copy(w, io.NewSectionReader(a.file, e.offset, e.Size))
	return errors.Join(err, w.Close())
}
