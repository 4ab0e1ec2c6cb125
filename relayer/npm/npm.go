// SPDX-License-Identifier: Apache-2.0

// Package npm finds the tools that `make npm` installs: anvil, forge, solc,
// LiteSVM and OpenZeppelin's libraries. They build and test the mirrors; no
// shipped binary needs them.
package npm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// RequireEnv names a variable that, if set, turns a missing installation from a
// skipped test into a failed one.
const RequireEnv = "CUPEL_REQUIRE_ALL"

// Dir returns the folder that holds node_modules: build/npm at Root. It is an
// error if nothing is installed there.
func Dir() (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "build", "npm")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "solc")); err != nil {
		return "", fmt.Errorf("the tools of the mirrors are not installed, run `make npm`: %w", err)
	}
	return dir, nil
}

// Foundry returns the path of a Foundry binary, "anvil" or "forge". The binary
// of the platform's package is used, because npm runs no install script.
func Foundry(name string) (string, error) {
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	pkg := fmt.Sprintf("%s-%s-%s", name, runtime.GOOS, runtime.GOARCH)
	path := filepath.Join(dir, "node_modules", "@foundry-rs", pkg, "bin", name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no %s for this platform: %w", name, err)
	}
	return path, nil
}

// TB is the part of testing.TB that Require needs.
type TB interface {
	Helper()
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Require returns Dir, or skips the test with the reason. It fails the test if
// $CUPEL_REQUIRE_ALL is set.
func Require(t TB) string {
	t.Helper()
	dir, err := Dir()
	if err != nil {
		if os.Getenv(RequireEnv) != "" {
			t.Fatalf("%v", err)
		}
		t.Skipf("%v", err)
	}
	return dir
}

// Root returns the root of the module around the working directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory: run this inside the repository")
		}
		dir = parent
	}
}
