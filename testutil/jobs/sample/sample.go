// SPDX-License-Identifier: Apache-2.0

// Package sample prepares the example job merkle for a network on this machine
// and checks its result without any of the code that computed it.
package sample

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cupel-network/cupel/testutil/guests"
)

// Name of the job.
const Name = "merkle"

// Parts of the job file that Copy replaces.
const (
	listPrice = "max: 50ucupel"
	listProof = `"777"`
)

// Build compiles the job's module, or finds it in the cache.
func Build(ctx context.Context, root string) (string, error) {
	return guests.Compile(ctx, filepath.Join(root, "testutil", "jobs", Name))
}

// Copy puts the job file, the module and the input into one folder and returns
// the path of the job file. The price is the ceiling in ucupel per 10^9 fuel;
// the job proves the leaf, so that another leaf makes it another job.
func Copy(root, module, dir string, price uint64, leaf int) (string, error) {
	source := filepath.Join(root, "testutil", "jobs", Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	to, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer to.Close()
	if err := os.CopyFS(filepath.Join(dir, "input"), os.DirFS(filepath.Join(source, "input"))); err != nil {
		return "", err
	}
	program, err := os.ReadFile(module)
	if err != nil {
		return "", err
	}
	if err := to.WriteFile(Name+".wasm", program, 0o644); err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(source, "job.yaml"))
	if err != nil {
		return "", err
	}
	for old, replacement := range map[string]string{
		listPrice: fmt.Sprintf("max: %ducupel", price), listProof: fmt.Sprintf("%q", fmt.Sprint(leaf)),
	} {
		if bytes.Count(text, []byte(old)) != 1 {
			return "", fmt.Errorf("the job file does not say %s once", old)
		}
		text = bytes.Replace(text, []byte(old), []byte(replacement), 1)
	}
	return filepath.Join(dir, "job.yaml"), to.WriteFile("job.yaml", text, 0o644)
}
