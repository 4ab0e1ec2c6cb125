// SPDX-License-Identifier: Apache-2.0

// Command build compiles the example jobs to WebAssembly and copies each with
// its job file and its inputs, so that OUT/<name>/job.yaml can be submitted as
// it is. It needs the Go toolchain and no network.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cupel-network/cupel/testutil/guests"
)

// jobs maps each job to the module that it runs.
var jobs = []struct{ name, module string }{
	{"floats", "floats"},
	{"merkle", "merkle"},
	{"options", "options"},
	{"regression", "regression"},
	{"render", "render"},
	{"sweep", "options"},
}

func main() {
	out := flag.String("out", "build/jobs", "directory to write to")
	src := flag.String("src", "testutil/jobs", "directory of the example jobs")
	flag.Parse()
	for _, j := range jobs {
		if err := build(context.Background(), *src, *out, j.name, j.module); err != nil {
			fmt.Fprintln(os.Stderr, "build:", err)
			os.Exit(1)
		}
		fmt.Println(filepath.Join(*out, j.name, "job.yaml"))
	}
}

func build(ctx context.Context, src, out, name, module string) error {
	dir := filepath.Join(out, name)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	wasm, err := guests.Compile(ctx, filepath.Join(src, module))
	if err != nil {
		return err
	}
	if err := copyFile(wasm, filepath.Join(dir, module+".wasm")); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(src, name, "job.yaml"), filepath.Join(dir, "job.yaml")); err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(dir, "input"), os.DirFS(filepath.Join(src, name, "input")))
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644) //nolint:gosec // the caller names the directory
}
