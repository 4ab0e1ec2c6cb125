// SPDX-License-Identifier: Apache-2.0

// Package guests compiles Go programs to WebAssembly for tests. The guests of
// the test suite are its sub-directories; the example jobs are built with it
// too.
package guests

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Build compiles the guest testutil/guests/<name> and returns the path of its
// module. Modules are kept in the user's cache directory under a hash of their
// sources and of the Go release, so that a guest is built once for all tests.
func Build(t testing.TB, name string) string {
	t.Helper()
	return build(t, filepath.Join(sourceDir(), name))
}

// BuildJob compiles the example job testutil/jobs/<name>.
func BuildJob(t testing.TB, name string) string {
	t.Helper()
	return build(t, filepath.Join(filepath.Dir(sourceDir()), "jobs", name))
}

func build(t testing.TB, dir string) string {
	t.Helper()
	path, err := Compile(t.Context(), dir)
	if err != nil {
		t.Fatalf("build guest: %v", err)
	}
	return path
}

// Compile compiles the package main in dir and returns the path of the cached
// module.
func Compile(ctx context.Context, dir string) (string, error) {
	key, err := sourceHash(dir)
	if err != nil {
		return "", err
	}
	cache := cacheDir()
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("create the cache of guests: %w", err)
	}
	path := filepath.Join(cache, filepath.Base(dir)+"-"+key+".wasm")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	tmp, err := os.MkdirTemp(cache, "build-*")
	if err != nil {
		return "", fmt.Errorf("create a build directory: %w", err)
	}
	defer os.RemoveAll(tmp)
	out := filepath.Join(tmp, "out.wasm")
	if err := CompileTo(ctx, dir, out); err != nil {
		return "", err
	}
	return path, os.Rename(out, path)
}

// CompileTo compiles the package main in dir to the file out, the same bytes
// for the same sources and Go release wherever it runs.
func CompileTo(ctx context.Context, dir, out string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOWASM=")
	text, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build %s: %w: %s", dir, err, strings.TrimSpace(string(text)))
	}
	return nil
}

func sourceDir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// cacheDir does not depend on HOME alone, because tests change it.
func cacheDir() string {
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "cupel-guests")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("cupel-guests-%d", os.Getuid()))
}

func sourceHash(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", fmt.Errorf("guest %s has no Go files: %w", dir, os.ErrNotExist)
	}
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version())
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, filepath.Base(name))
		_, err = io.Copy(h, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12]), nil
}
