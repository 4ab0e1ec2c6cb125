// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/testutil/net"
)

// kind is a batch of the soak: what runs, and how it must end, with an outcome
// or for a reason.
type kind struct {
	name, outcome, reason string
	// module is a guest; none is a container.
	module string
	// words are the arguments; limits replace the usual ones.
	words, limits string
	// input gives every task a file of its own, besides the one they share.
	input bool
	// gone is an input that is nowhere.
	gone bool
}

// soakKinds are all kinds, in the order in which they come.
func soakKinds() []kind {
	const ok, exit, trap, memory = "OUTCOME_OK", "OUTCOME_EXIT", "OUTCOME_TRAP", "OUTCOME_MEMORY_LIMIT"
	return []kind{
		{name: "hash", outcome: ok, module: "errand", words: "hash, /in/shared, /in/own", input: true},
		{name: "container", outcome: ok, words: "hello, container"},
		{name: "exit", outcome: exit, module: "fail", words: "exit"},
		{name: "container-input", outcome: ok, words: "cat, /in/shared, /in/own", input: true},
		{name: "out-of-fuel", outcome: "OUTCOME_OUT_OF_FUEL", module: "fail", words: "loop", limits: "fuel: 200000000"},
		{name: "container-exit", outcome: exit, words: "exit, '7'"},
		{name: "trap", outcome: trap, module: "fail", words: "stdout", limits: "fuel: 1000000000, output: 256KiB", input: true},
		{name: "big-output", outcome: ok, module: "errand", words: "write, '3000'"},
		{name: "container-wall", reason: "REASON_WALL", words: "sleep, '60000'", limits: "wall: 1s"},
		{name: "gone", reason: "REASON_INPUT_UNAVAILABLE", module: "errand", words: "hash, /in/own", gone: true},
		{name: "hash-again", outcome: ok, module: "errand", words: "hash, /in/own", input: true},
		{name: "container-memory", outcome: memory, words: "memory, '1000'"},
		{name: "wall", reason: "REASON_WALL", module: "fail", words: "loop", limits: "fuel: 20000000000, wall: 1s"},
		{name: "container-trap", outcome: trap, words: `names, 'a\b'`, input: true},
		{name: "memory", outcome: memory, module: "fail", words: "memory", limits: "fuel: 1000000000, memory: 32MiB"},
		{name: "panic", outcome: exit, module: "fail", words: "panic"},
		{name: "container-files", outcome: ok, words: "files, '200'", input: true},
	}
}

// shelf is the folder of all that jobs are made of.
type shelf struct{ dir, image string }

// soakInputKiB is the size of a task's own input.
const soakInputKiB = 512

// stock puts the modules and the shared input on the shelf.
func (s shelf) stock(ctx context.Context) error {
	root, err := net.Root()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"errand", "fail"} {
		path, err := guests.Compile(ctx, filepath.Join(root, "testutil", "guests", name))
		if err != nil {
			return err
		}
		program, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.dir, name+".wasm"), program, 0o644); err != nil { //nolint:gosec // G703: two names of this function
			return err
		}
	}
	return s.input("shared")
}

// input makes a file of bytes that belong to its name.
func (s shelf) input(name string) error {
	text := make([]byte, soakInputKiB<<10)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(name))).Read(text) // documented never to fail
	return os.WriteFile(filepath.Join(s.dir, name), text, 0o644)
}

// own is the name of the input of one task.
func own(batch, task int) string { return fmt.Sprintf("own-%d-%d", batch, task) }

// write makes the job file of a batch.
func (s shelf) write(i int, k kind) (file string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: cupel/v1\nname: soak\nargs: [%s]\nreplicas: %d\nprice: {max: 1000ucupel}\n", k.words, soakSeats)
	limits := k.limits
	if k.module != "" {
		fmt.Fprintf(&b, "engine: %s\nmodule: {path: %s.wasm}\n", net.Class, k.module)
		if limits == "" {
			limits = "fuel: 2000000000"
		}
	} else {
		fmt.Fprintf(&b, "engine: %s\nimage: %s\ncommand: [%s]\nresources: {cpus: 1, memory: 64MiB, scratch: 16MiB}\n", net.ContainerClass, s.image, images.GuestPath)
		if limits == "" {
			limits = "wall: 30s"
		}
	}
	fmt.Fprintf(&b, "limits: {%s}\nsweep:\n", limits)
	for task := range soakWidth {
		fmt.Fprintf(&b, "  - {env: {JOB: '%d/%d'}", i, task)
		switch {
		case k.gone:
			fmt.Fprintf(&b, ", inputs: [{uri: 'http://127.0.0.1:9/gone', size: 9, sha256: %x, mount: /in/own}]", sha256.Sum256([]byte(own(i, task))))
		case k.input:
			if err := s.input(own(i, task)); err != nil {
				return "", err
			}
			fmt.Fprintf(&b, ", inputs: [{path: shared, mount: /in/shared}, {path: %s, mount: /in/own}]", own(i, task))
		}
		b.WriteString("}\n")
	}
	file = filepath.Join(s.dir, fmt.Sprintf("job-%d.yaml", i))
	return file, os.WriteFile(file, []byte(b.String()), 0o644)
}

// digestOf is the sha256 of a file, as the worker names it.
func digestOf(path string) (string, error) {
	text, err := os.ReadFile(path)
	return fmt.Sprintf("%x", sha256.Sum256(text)), err
}
