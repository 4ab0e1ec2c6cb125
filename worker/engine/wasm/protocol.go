// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
)

// childArg is the first argument of a process that is a child of this engine.
const childArg = "__cupel_wasm_child"

// What a child is for.
const (
	modeRun     = "run"
	modeCompile = "compile"
	modeProbe   = "probe"
)

// Descriptors of a child. Its standard input carries the order, its standard
// output is not connected, its standard error is kept for error messages.
const (
	fdReport = sandbox.FdReport
	fdModule = sandbox.FdFiles
	fdResult = fdModule + 1
	fdInputs = fdModule + 2
)

// order is what a child is told to do, as JSON on its standard input.
type order struct {
	Mode     string
	Isolated bool
	MaxProcs int

	Args   []string
	Env    []string
	Stdin  bool
	Inputs []string // guest paths, in the order of the descriptors
	Fuel   uint64
	Memory uint64
	Output uint64
	Wall   time.Duration
	Seed   [32]byte
}

// report is what a child answers, as JSON on fdReport. Refused is set by the
// compiler for a module that the class does not run, Failed for a fault.
type report struct {
	Refused string `json:",omitempty"`
	Failed  string `json:",omitempty"`

	Outcome  engine.Outcome
	ExitCode int32
	Reason   string
	Detail   string
	Fuel     uint64
	Memory   [32]byte
	Wall     time.Duration

	// NotIsolated lists what the child could not shut off.
	NotIsolated []string
}
