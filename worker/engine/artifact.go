// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"
	"unicode/utf8"
)

// Names of the fixed entries of an artifact.
const (
	MetaName   = "meta"
	OutPrefix  = "out/"
	StderrName = "stderr"
	StdoutName = "stdout"
)

const (
	maxMetaBytes   = 256
	maxReasonBytes = 64
)

// Meta is the first entry of an artifact.
type Meta struct {
	Outcome  Outcome
	ExitCode int32
	// Reason is a word from the engine's fixed list, empty for OutcomeOK and
	// OutcomeExit. It is part of the digest, so it is never free text.
	Reason string
}

// Entry is one file of an artifact under construction.
type Entry struct {
	// Name is "stdout", "stderr" or "out/" and a clean relative path.
	Name string
	Size int64
	// Open returns a reader of exactly Size bytes.
	Open func() (io.ReadCloser, error)
}

// encode renders the meta entry: three lines in fixed order.
func (m Meta) encode() ([]byte, error) {
	if !m.Outcome.Deterministic() {
		return nil, fmt.Errorf("outcome %s is a fault and has no artifact", m.Outcome)
	}
	if !validReason(m.Reason) {
		return nil, fmt.Errorf("reason %q is not a word of a-z and '-' of at most %d letters", m.Reason, maxReasonBytes)
	}
	return fmt.Appendf(nil, "outcome=%s\nexit_code=%d\nreason=%s\n", m.Outcome, m.ExitCode, m.Reason), nil
}

func validReason(s string) bool {
	if len(s) > maxReasonBytes {
		return false
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}

func decodeMeta(b []byte) (Meta, error) {
	var name string
	var m Meta
	lines := strings.SplitAfter(string(b), "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Meta{}, errors.New("artifact meta does not have its three lines: the artifact is damaged")
	}
	if _, err := fmt.Sscanf(lines[0], "outcome=%s\n", &name); err != nil {
		return Meta{}, fmt.Errorf("artifact meta has no outcome: %w", err)
	}
	if _, err := fmt.Sscanf(lines[1], "exit_code=%d\n", &m.ExitCode); err != nil {
		return Meta{}, fmt.Errorf("artifact meta has no exit code: %w", err)
	}
	m.Reason = strings.TrimSuffix(strings.TrimPrefix(lines[2], "reason="), "\n")
	var err error
	if m.Outcome, err = ParseOutcome(name); err != nil {
		return Meta{}, err
	}
	canonical, err := m.encode()
	if err != nil {
		return Meta{}, err
	}
	if string(canonical) != string(b) {
		return Meta{}, errors.New("artifact meta is not in its canonical form: the artifact is damaged")
	}
	return m, nil
}

// WriteArtifact writes the canonical artifact for meta and entries: the same
// arguments, in whatever order the entries come, give the same bytes. An entry
// without content is written too; "stderr" and "stdout" are added when missing.
func WriteArtifact(w io.Writer, meta Meta, entries []Entry) error {
	head, err := meta.encode()
	if err != nil {
		return err
	}
	all := withStreams(entries)
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	if err := writeEntry(w, MetaName, int64(len(head)), strings.NewReader(string(head))); err != nil {
		return err
	}
	for i, e := range all {
		if err := ValidateEntryName(e.Name); err != nil {
			return err
		}
		if i > 0 && all[i-1].Name == e.Name {
			return fmt.Errorf("artifact entry %q is given twice", e.Name)
		}
		if err := copyEntry(w, e); err != nil {
			return err
		}
	}
	_, err = w.Write(make([]byte, ustarTrailer))
	return err
}

func withStreams(entries []Entry) []Entry {
	all := append([]Entry(nil), entries...)
	for _, name := range []string{StderrName, StdoutName} {
		found := false
		for _, e := range all {
			found = found || e.Name == name
		}
		if !found {
			all = append(all, BytesEntry(name, nil))
		}
	}
	return all
}

// BytesEntry is an Entry over b, which must not change until the artifact is
// written.
func BytesEntry(name string, b []byte) Entry {
	return Entry{Name: name, Size: int64(len(b)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b)), nil
	}}
}

func copyEntry(w io.Writer, e Entry) error {
	r, err := e.Open()
	if err != nil {
		return fmt.Errorf("open artifact entry %q: %w", e.Name, err)
	}
	return errors.Join(writeEntry(w, e.Name, e.Size, r), r.Close())
}

func writeEntry(w io.Writer, name string, size int64, r io.Reader) error {
	h, err := ustarHeader(name, size)
	if err != nil {
		return err
	}
	if _, err := w.Write(h[:]); err != nil {
		return err
	}
	n, err := io.Copy(w, io.LimitReader(r, size))
	if err != nil {
		return fmt.Errorf("copy artifact entry %q: %w", name, err)
	}
	if n != size {
		return fmt.Errorf("artifact entry %q has %d bytes instead of %d: it changed while it was packed", name, n, size)
	}
	_, err = w.Write(make([]byte, ustarPad(size)))
	return err
}

// ValidateEntryName accepts "stdout", "stderr" and clean relative UTF-8 paths
// under "out/" that fit a tar header.
func ValidateEntryName(name string) error {
	if name == StdoutName || name == StderrName {
		return nil
	}
	rel, ok := strings.CutPrefix(name, OutPrefix)
	switch {
	case !ok || rel == "" || rel == "." || rel == ".." || strings.HasPrefix(rel, "/") || strings.HasPrefix(rel, "../"):
		return fmt.Errorf("artifact entry %q is not stdout, stderr or a file under out/", name)
	case path.Clean(name) != name:
		return fmt.Errorf("artifact entry %q is not a clean path", name)
	case !utf8.ValidString(name) || strings.ContainsAny(name, "\x00\\"):
		return fmt.Errorf("artifact entry %q has characters that are not portable", name)
	}
	_, _, err := ustarSplit(name)
	return err
}
