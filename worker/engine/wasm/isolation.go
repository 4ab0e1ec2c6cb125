// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Isolation says how the children of an engine are shut off from the machine
// beyond what WebAssembly itself does.
type Isolation struct {
	// Namespaces reports whether a child has its own user, network, mount,
	// process, host-name and IPC namespaces.
	Namespaces bool
	// Missing lists, in words, what could not be shut off.
	Missing []string
}

// Isolation returns what the engine found out when it was made.
func (e *Engine) Isolation() Isolation { return e.isolation }

// probe starts a child that only isolates itself, with namespaces and, when
// that fails, without.
func (e *Engine) probe(ctx context.Context) error {
	rep, err := e.probeChild(ctx, true)
	if err == nil {
		e.isolated = true
		e.isolation = Isolation{Namespaces: true, Missing: rep.NotIsolated}
		return nil
	}
	why := fmt.Sprintf("own namespaces (%v): the child shares the network and the file system of the worker's user", err)
	rep, err = e.probeChild(ctx, false)
	if err != nil {
		return fmt.Errorf("start a child of %s: %w (does its main call wasm.ChildMain first?)", e.opts.Executable, err)
	}
	e.isolation = Isolation{Missing: append([]string{why}, rep.NotIsolated...)}
	return nil
}

func (e *Engine) probeChild(ctx context.Context, isolated bool) (report, error) {
	p := &process{path: e.opts.Executable, order: order{Mode: modeProbe, Isolated: isolated}, limit: e.opts.Grace}
	return p.run(ctx)
}

// newTee writes to both.
func newTee(f *os.File, w io.Writer) io.Writer { return io.MultiWriter(f, w) }
