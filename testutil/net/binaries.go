// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Tag holds the build tags of every binary but the relayer, separated by commas.
const Tag = "libsecp256k1_sdk,ledger"

// Binaries are the programs that a network is made of.
type Binaries struct{ Cupeld, Worker string }

// Root returns the directory of the repository that holds the working
// directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("no go.mod here or above: run this inside the repository")
		}
		dir = filepath.Dir(dir)
	}
}

// Find returns the binaries that make build has written.
func Find() (Binaries, error) {
	root, err := Root()
	if err != nil {
		return Binaries{}, err
	}
	b := Binaries{Cupeld: filepath.Join(root, "build", "cupeld"), Worker: filepath.Join(root, "build", "cupel-worker")}
	for _, path := range []string{b.Cupeld, b.Worker} {
		if _, err := os.Stat(path); err != nil {
			return Binaries{}, fmt.Errorf("%s is missing: run make build", path)
		}
	}
	return b, nil
}

// Current returns the binaries that make build has written if no source is
// newer, else it builds them anew.
func Current(ctx context.Context) (Binaries, error) {
	root, err := Root()
	if err != nil {
		return Binaries{}, err
	}
	if b, err := Find(); err == nil && upToDate(root, b.Cupeld) && upToDate(root, b.Worker) {
		return b, nil
	}
	var b Binaries
	if b.Cupeld, err = Build(ctx, "cupeld", "./cmd/cupeld"); err != nil {
		return b, err
	}
	b.Worker, err = Build(ctx, "cupel-worker", "./cmd/cupel-worker")
	return b, err
}

// upToDate reports whether a binary is newer than what it is made of.
func upToDate(root, binary string) bool {
	built, err := os.Stat(binary)
	if err != nil {
		return false
	}
	stale := errors.New("stale")
	for _, dir := range []string{"go.mod", "app", "x", "cmd", "worker"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".md") {
				return err
			}
			info, err := entry.Info()
			if err == nil && info.ModTime().After(built.ModTime()) {
				return stale
			}
			return err
		})
		if err != nil {
			return false
		}
	}
	return true
}

var building sync.Mutex

// Build compiles a command of the repository into build/test under a name and
// returns its path. Go's cache makes a second call cheap.
func Build(ctx context.Context, name, pkg string, tags ...string) (string, error) {
	return BuildUntagged(ctx, name, pkg, append([]string{Tag}, tags...)...)
}

// BuildUntagged is Build for the relayer: with the given build tags only.
func BuildUntagged(ctx context.Context, name, pkg string, tags ...string) (string, error) {
	building.Lock()
	defer building.Unlock()
	root, err := Root()
	if err != nil {
		return "", err
	}
	out := filepath.Join(root, "build", "test", name)
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", strings.Join(tags, ","), "-o", out, pkg)
	cmd.Dir = root
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	return out, nil
}
