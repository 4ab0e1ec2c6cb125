// SPDX-License-Identifier: Apache-2.0

// Package images makes container images without a registry: of one static Go
// program, or of a Debian with Python.
package images

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/testutil/net"
)

// GuestPath is where the program of Guest lies in its image.
const GuestPath = "/guest"

// File is one entry of an image's only layer. Header.Size is filled in.
type File struct {
	tar.Header
	Content []byte
}

var guest struct {
	sync.Mutex
	program []byte
}

// Program builds testutil/images/guest, once per process.
func Program(ctx context.Context) ([]byte, error) {
	guest.Lock()
	defer guest.Unlock()
	if guest.program != nil {
		return guest.program, nil
	}
	root, err := net.Root()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cupel-guest-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "guest")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -buildid=", "-o", path, "./testutil/images/guest")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the guest: %w: %s", err, out)
	}
	guest.program, err = os.ReadFile(path)
	return guest.program, err
}

// Guest imports an image of the static program, with more files and with
// changes of its configuration such as "ENV A=b", and returns its id. A file
// replaces an earlier one of its name.
func Guest(ctx context.Context, docker *client.Client, changes []string, more ...File) (string, error) {
	program, err := Program(ctx)
	if err != nil {
		return "", err
	}
	layer, err := Layer(append([]File{
		{Header: tar.Header{Name: "etc/", Mode: 0o755}},
		{Header: tar.Header{Name: "tmp/", Mode: 0o1777}},
		{Header: tar.Header{Name: "etc/passwd", Mode: 0o644}, Content: []byte("root:x:0:0::/:/\n")},
		{Header: tar.Header{Name: GuestPath[1:], Mode: 0o755}, Content: program},
	}, more...))
	if err != nil {
		return "", err
	}
	return Import(ctx, docker, layer, changes)
}

// Layer packs files. Without a type, a name that ends in / is a directory.
func Layer(files []File) (io.Reader, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range files {
		f.Size, f.ModTime = int64(len(f.Content)), time.Unix(0, 0)
		if err := w.WriteHeader(&f.Header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Content); err != nil {
			return nil, err
		}
	}
	return &buf, w.Close()
}

// Import makes an image of one layer and returns its id.
func Import(ctx context.Context, docker *client.Client, layer io.Reader, changes []string) (id string, err error) {
	res, err := docker.ImageImport(ctx, client.ImageImportSource{Source: layer, SourceName: "-"}, "", client.ImageImportOptions{Changes: changes})
	if err != nil {
		return "", fmt.Errorf("import an image: %w", err)
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	return readID(res)
}

// Python imports a Debian with Python that debootstrap makes once, in
// build/images. The reason why there is none, such as no network, is the error.
func Python(ctx context.Context, docker *client.Client) (string, error) {
	root, err := net.Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, "build", "images", "python.tar")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := bootstrap(ctx, path); err != nil {
			return "", err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return Import(ctx, docker, f, []string{`CMD ["python3"]`})
}

func bootstrap(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp := path + ".new"
	if err := os.RemoveAll(temp + ".d"); err != nil { // of a run that was cut short
		return err
	}
	out, err := exec.CommandContext(ctx, "debootstrap", "--variant=minbase", "--include=python3", "bookworm", temp+".d").CombinedOutput()
	if err == nil {
		out, err = exec.CommandContext(ctx, "tar", "-C", temp+".d", "--exclude=./var/cache", "--exclude=./var/lib/apt", "-cf", temp, ".").CombinedOutput()
	}
	if err != nil {
		return fmt.Errorf("make a Debian with Python: %w: %s", err, out[max(0, len(out)-500):])
	}
	return errors.Join(os.RemoveAll(temp+".d"), os.Rename(temp, path))
}
