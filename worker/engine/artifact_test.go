// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func pack(t testing.TB, meta Meta, files map[string]string) []byte {
	t.Helper()
	var entries []Entry
	for name, content := range files {
		entries = append(entries, BytesEntry(name, []byte(content)))
	}
	var buf bytes.Buffer
	require.NoError(t, WriteArtifact(&buf, meta, entries))
	return buf.Bytes()
}

func onDisk(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "artifact.tar")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

var okMeta = Meta{Outcome: OutcomeOK}

var someFiles = map[string]string{
	"stdout": "hello\n", "out/b": strings.Repeat("x", 512), "out/a/z": "1", "out/a.txt": "", "out/ü": "utf-8",
	"out/" + strings.Repeat("d/", 40) + strings.Repeat("f", 90): "deep",
}

func TestArtifactIsCanonical(t *testing.T) {
	first := pack(t, okMeta, someFiles)
	for range 10 {
		require.Equal(t, first, pack(t, okMeta, someFiles), "the order of a map reached the artifact")
	}
	require.NotEqual(t, first, pack(t, Meta{Outcome: OutcomeExit, ExitCode: 1}, someFiles))
}

// TestArtifactVector pins the bytes: they are what replicas agree on.
func TestArtifactVector(t *testing.T) {
	b := pack(t, Meta{Outcome: OutcomeTrap, ExitCode: 0, Reason: "unreachable"}, map[string]string{"stdout": "hello\n", "out/a": "b"})
	sum := sha256.Sum256(b)
	require.Equal(t, "899de3196be99e3a3c83c7fd1fc9d7f3fda6c021b8f628cddfcf5cf4c0f50ce7", hex.EncodeToString(sum[:]))
}

func TestArtifactIsATar(t *testing.T) {
	r := tar.NewReader(bytes.NewReader(pack(t, okMeta, someFiles)))
	got := map[string]string{}
	var names []string
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.EqualValues(t, 0o644, h.Mode)
		require.Equal(t, byte(tar.TypeReg), h.Typeflag)
		require.Zero(t, h.Uid+h.Gid)
		require.Zero(t, h.ModTime.Unix())
		b, err := io.ReadAll(r)
		require.NoError(t, err)
		got[h.Name] = string(b)
		names = append(names, h.Name)
	}
	require.Equal(t, "meta", names[0])
	require.IsIncreasing(t, names)
	require.Equal(t, "outcome=OK\nexit_code=0\nreason=\n", got["meta"])
	require.Contains(t, got, "stderr")
	for name, content := range someFiles {
		require.Equal(t, content, got[name])
	}
}

func TestOpenAndExtract(t *testing.T) {
	meta := Meta{Outcome: OutcomeExit, ExitCode: -7}
	path := onDisk(t, pack(t, meta, someFiles))
	a, err := OpenArtifact(path, ArtifactLimits{})
	require.NoError(t, err)
	defer a.Close()
	require.Equal(t, meta, a.Meta)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(b), a.SHA256)
	_, err = a.Open("out/missing")
	require.ErrorIs(t, err, os.ErrNotExist)

	dir := filepath.Join(t.TempDir(), "new", "dir")
	got, err := ExtractArtifact(path, dir, ArtifactLimits{})
	require.NoError(t, err)
	require.Equal(t, meta, got)
	for name, content := range someFiles {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		require.NoError(t, err)
		require.Equal(t, content, string(b))
	}
	_, err = ExtractArtifact(path, dir, ArtifactLimits{})
	require.ErrorContains(t, err, "choose an empty output directory")
}

// TestExtractStaysInside extracts over links that lead elsewhere.
func TestExtractStaysInside(t *testing.T) {
	path := onDisk(t, pack(t, okMeta, map[string]string{"out/a/b": "evil"}))
	outside := t.TempDir()
	for _, link := range []string{"out", "out/a", "out/a/b"} {
		dir := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(link)), 0o755))
		require.NoError(t, os.Symlink(outside, filepath.Join(dir, link)))
		_, err := ExtractArtifact(path, dir, ArtifactLimits{})
		require.Error(t, err)
	}
	left, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestEntryNames(t *testing.T) {
	for _, name := range []string{"stdout", "stderr", "out/a", "out/a/b", "out/..a", "out/a b", "out/-x"} {
		require.NoError(t, ValidateEntryName(name), name)
	}
	for _, name := range []string{
		"", "meta", "a", "out", "out/", "out/.", "out/..", "out/../a", "out/a/../b", "out//a", "out/a/", "/out/a", "../out/a",
		"out/\xff", "out/a\x00b", "out/a\\b", "out/" + strings.Repeat("f", 101), "out/" + strings.Repeat("d/", 200) + "f",
	} {
		require.Error(t, ValidateEntryName(name), "%q", name)
	}
}

// foreign makes a tar with the standard library.
func foreign(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range headers {
		require.NoError(t, w.WriteHeader(&h))
	}
	require.NoError(t, w.Close())
	return buf.Bytes()
}

func TestOpenRefuses(t *testing.T) {
	good := pack(t, okMeta, map[string]string{"out/a": "1234", "stdout": "x"})
	edit := func(at int, b byte) []byte {
		c := bytes.Clone(good)
		c[at] = b
		return c
	}
	twice := append(bytes.Clone(good[:len(good)-1024]), good...)
	cases := map[string][]byte{
		"empty": {}, "cut": good[:len(good)-512], "longer": append(bytes.Clone(good), make([]byte, 512)...),
		"mode": edit(106, '5'), "owner": edit(110, '1'), "time": edit(140, '1'), "type link": edit(156, '2'),
		"checksum": edit(149, '7'), "version": edit(263, ' '), "padding": edit(1000, 1), "two archives": twice,
		"only a trailer": make([]byte, 1024),
		"symbolic link":  foreign(t, tar.Header{Name: "out/x", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink, Format: tar.FormatUSTAR}),
		"hard link":      foreign(t, tar.Header{Name: "out/x", Linkname: "meta", Typeflag: tar.TypeLink, Format: tar.FormatUSTAR}),
		"directory":      foreign(t, tar.Header{Name: "out/", Typeflag: tar.TypeDir, Format: tar.FormatUSTAR}),
		"device":         foreign(t, tar.Header{Name: "out/x", Typeflag: tar.TypeChar, Format: tar.FormatUSTAR}),
		"traversal":      foreign(t, tar.Header{Name: "../x", Typeflag: tar.TypeReg, Mode: 0o644, Format: tar.FormatUSTAR}),
		"pax":            foreign(t, tar.Header{Name: "out/x", Typeflag: tar.TypeReg, Mode: 0o644, Format: tar.FormatPAX, PAXRecords: map[string]string{"path": "out/y"}}),
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := OpenArtifact(onDisk(t, b), ArtifactLimits{})
			require.Error(t, err)
		})
	}
	_, err := OpenArtifact(onDisk(t, good), ArtifactLimits{Bytes: int64(len(good)) - 1})
	require.ErrorContains(t, err, "raise the limit")
	_, err = OpenArtifact(onDisk(t, good), ArtifactLimits{Entries: 2})
	require.ErrorContains(t, err, "limit of 2 files")
	_, err = OpenArtifact(t.TempDir(), ArtifactLimits{})
	require.Error(t, err)
}

func TestWriteRefuses(t *testing.T) {
	require.Error(t, WriteArtifact(io.Discard, Meta{Outcome: OutcomeWall}, nil), "a fault has no artifact")
	require.Error(t, WriteArtifact(io.Discard, Meta{Outcome: OutcomeTrap, Reason: "Free text"}, nil))
	require.Error(t, WriteArtifact(io.Discard, okMeta, []Entry{BytesEntry("out/../x", nil)}))
	require.Error(t, WriteArtifact(io.Discard, okMeta, []Entry{BytesEntry("out/x", nil), BytesEntry("out/x", nil)}))
	short := BytesEntry("out/x", []byte("12"))
	short.Size = 3
	require.ErrorContains(t, WriteArtifact(io.Discard, okMeta, []Entry{short}), "changed while it was packed")
}

// FuzzArtifact checks that whatever opens is exactly what WriteArtifact makes of
// its contents, so that an artifact has one digest.
func FuzzArtifact(f *testing.F) {
	f.Add(pack(f, okMeta, someFiles))
	f.Add(pack(f, Meta{Outcome: OutcomeTrap, Reason: "unreachable"}, nil))
	f.Add(make([]byte, 1024))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := OpenArtifact(onDisk(t, b), ArtifactLimits{})
		if err != nil {
			return
		}
		defer a.Close()
		var entries []Entry
		for _, e := range a.Entries {
			entries = append(entries, Entry{Name: e.Name, Size: e.Size, Open: func() (io.ReadCloser, error) {
				r, err := a.Open(e.Name)
				return io.NopCloser(r), err
			}})
		}
		var again bytes.Buffer
		require.NoError(t, WriteArtifact(&again, a.Meta, entries))
		require.Equal(t, b, again.Bytes())
		_, err = ExtractArtifact(onDisk(t, b), t.TempDir(), ArtifactLimits{})
		if err != nil {
			require.ErrorContains(t, err, "create", "only a name that is both a file and a directory may fail")
		}
	})
}
