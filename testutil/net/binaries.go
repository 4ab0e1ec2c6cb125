// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// Tag is the build tag of every binary but the relayer.
const Tag = "libsecp256k1_sdk"

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

var building sync.Mutex

// Build compiles a command of the repository into build/test under a name and
// returns its path. Go's cache makes a second call cheap.
func Build(ctx context.Context, name, pkg string, tags ...string) (string, error) {
	building.Lock()
	defer building.Unlock()
	root, err := Root()
	if err != nil {
		return "", err
	}
	out := filepath.Join(root, "build", "test", name)
	list := Tag
	for _, tag := range tags {
		list += "," + tag
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", list, "-o", out, pkg)
	cmd.Dir = root
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	return out, nil
}
