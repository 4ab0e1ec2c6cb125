// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"errors"
	"io"
	"os"

	"github.com/cupel-network/cupel/worker/engine"
)

// Files reports whether the artifacts in two files are close. Two artifacts in
// canonical form are close if they ended the same way, hold the same names and
// if standard output and every file of out/ are close as arrays; standard error
// is for people and not compared. Two files that are no artifacts are compared
// as one array each. An error is one of the disk.
func (r Rule) Files(pathA, pathB string) (bool, error) {
	if err := r.Validate(); err != nil {
		return false, err
	}
	a, err := openFile(pathA)
	if err != nil {
		return false, err
	}
	defer a.close()
	b, err := openFile(pathB)
	if err != nil {
		return false, err
	}
	defer b.close()
	switch {
	case (a.artifact == nil) != (b.artifact == nil):
		return false, nil
	case a.artifact == nil:
		return r.Streams(a.raw, b.raw, a.size, b.size)
	default:
		return r.artifacts(a.artifact, b.artifact)
	}
}

// file is an artifact, or bytes that are none.
type file struct {
	artifact *engine.Artifact
	raw      *os.File
	size     int64
}

func (f *file) close() {
	if f.artifact != nil {
		_ = f.artifact.Close() // read only
	}
	if f.raw != nil {
		_ = f.raw.Close() // read only
	}
}

func openFile(path string) (*file, error) {
	raw, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := raw.Stat()
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	f := &file{raw: raw, size: info.Size()}
	var disk *os.PathError
	if f.artifact, err = engine.OpenArtifact(path, engine.ArtifactLimits{}); errors.As(err, &disk) {
		return nil, errors.Join(err, raw.Close())
	}
	return f, nil
}

func (r Rule) artifacts(a, b *engine.Artifact) (bool, error) {
	if a.Meta != b.Meta || len(a.Entries) != len(b.Entries) {
		return false, nil
	}
	for i, e := range a.Entries {
		if e.Name != b.Entries[i].Name {
			return false, nil
		}
	}
	for i, e := range a.Entries {
		if e.Name == engine.StderrName {
			continue
		}
		x, err := a.Open(e.Name)
		if err != nil {
			return false, err
		}
		y, err := b.Open(e.Name)
		if err != nil {
			return false, err
		}
		if ok, err := r.Streams(io.Reader(x), y, e.Size, b.Entries[i].Size); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
