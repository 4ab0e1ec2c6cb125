// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
)

// ChildMain must be the first thing that main, and TestMain of a test that runs
// guests, calls. In a process that this engine started it does the child's work
// and exits; in any other process it returns at once.
func ChildMain() {
	if len(os.Args) != 2 || os.Args[1] != childArg {
		return
	}
	runtime.LockOSThread()
	out := os.NewFile(fdReport, "report")
	err := json.NewEncoder(out).Encode(childWork())
	if err != nil {
		fmt.Fprintln(os.Stderr, "write report:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func childWork() (rep report) {
	defer func() {
		if r := recover(); r != nil {
			rep = report{Failed: fmt.Sprintf("child failed: %v", r)}
		}
	}()
	var o order
	dec := json.NewDecoder(io.LimitReader(os.Stdin, sandbox.MaxOrderBytes))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return report{Failed: fmt.Sprintf("read order: %v", err)}
	}
	if o.MaxProcs > 0 {
		runtime.GOMAXPROCS(o.MaxProcs)
	}
	debug.SetGCPercent(200)
	missing := sandbox.Enter(o.Isolated, o.limits())
	switch o.Mode {
	case modeProbe:
	case modeCompile:
		rep = childCompile()
	case modeRun:
		rep = childRun(o)
	default:
		rep.Failed = fmt.Sprintf("unknown mode %q: worker and child are different programs", o.Mode)
	}
	rep.NotIsolated = missing
	return rep
}

// childCompile reads a module and writes its machine code.
func childCompile() report {
	in, out := os.NewFile(fdModule, "module"), os.NewFile(fdResult, "compiled")
	wasm, err := io.ReadAll(io.LimitReader(in, MaxModuleBytes+1))
	if err != nil {
		return report{Failed: fmt.Sprintf("read module: %v", err)}
	}
	code, err := compile(newEngine(), wasm)
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		return report{Refused: refused.Reason}
	case err != nil:
		return report{Failed: err.Error()}
	}
	if _, err := out.Write(code); err != nil {
		return report{Failed: fmt.Sprintf("write compiled module: %v", err)}
	}
	return report{}
}

// childRun executes a compiled module and writes the artifact.
func childRun(o order) report {
	code, err := io.ReadAll(os.NewFile(fdModule, "compiled"))
	if err != nil {
		return report{Failed: fmt.Sprintf("read compiled module: %v", err)}
	}
	eng := newEngine()
	module, err := wasmtime.NewModuleDeserialize(eng, code)
	if err != nil {
		return report{Failed: fmt.Sprintf("load compiled module: %v", err)}
	}
	g, err := o.guest()
	if err != nil {
		return report{Outcome: engine.OutcomeInputUnavailable, Detail: err.Error()}
	}
	end, err := g.run(eng, module)
	if err != nil {
		return report{Failed: err.Error()}
	}
	if end.outcome.Deterministic() {
		if err := g.writeArtifact(end); err != nil {
			return report{Failed: fmt.Sprintf("write artifact: %v", err)}
		}
	}
	return report{
		Outcome: end.outcome, ExitCode: end.exitCode, Reason: end.reason, Detail: end.detail,
		Fuel: end.fuel, Memory: end.memory, Wall: end.wall,
	}
}

func (g *guest) writeArtifact(end ending) error {
	f := os.NewFile(fdResult, "artifact")
	w := bufio.NewWriterSize(f, 1<<18)
	meta := engine.Meta{Outcome: end.outcome, ExitCode: end.exitCode, Reason: end.reason}
	if err := engine.WriteArtifact(w, meta, g.entries()); err != nil {
		return err
	}
	return w.Flush()
}

// guest takes the inputs from the descriptors the parent passed.
func (o order) guest() (*guest, error) {
	g := &guest{args: o.Args, env: o.Env, fuel: o.Fuel, memory: o.Memory, output: o.Output, wall: o.Wall, seed: o.Seed}
	next := fdInputs
	open := func(path string) (guestInput, error) {
		f := os.NewFile(uintptr(next), path)
		next++
		info, err := f.Stat()
		if err != nil {
			return guestInput{}, fmt.Errorf("stat input %s: %w", path, err)
		}
		return guestInput{path: path, content: f, size: info.Size()}, nil
	}
	if o.Stdin {
		in, err := open("stdin")
		if err != nil {
			return nil, err
		}
		g.stdin = &in
	}
	for _, path := range o.Inputs {
		in, err := open(path)
		if err != nil {
			return nil, err
		}
		g.inputs = append(g.inputs, in)
	}
	return g, nil
}
