// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/bytecodealliance/wasmtime-go/v44"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
)

const (
	okMemory = `(memory (export "memory") 1)`
	okStart  = `(func (export "_start"))`
)

// refusals are modules that the class does not run, with a part of the reason.
var refusals = map[string]struct{ wat, reason string }{
	"socket of another world": {`(import "wasi_snapshot_preview1" "sock_open" (func (param i32 i32 i32) (result i32)))` + okMemory + okStart, "no network and no threads"},
	"network host":            {`(import "env" "connect" (func))` + okMemory + okStart, `imports "env"."connect"`},
	"thread spawn":            {`(import "wasi" "thread-spawn" (func (param i32) (result i32)))` + okMemory + okStart, "no threads"},
	"imported memory":         {`(import "env" "memory" (memory 1))` + okStart, `"env"."memory"`},
	"imported global":         {`(import "wasi_snapshot_preview1" "fd_write" (global i32))` + okMemory + okStart, "something else than a function"},
	"wrong signature":         {`(import "wasi_snapshot_preview1" "fd_write" (func (param i32)))` + okMemory + okStart, "another signature"},
	"shared memory":           {`(memory (export "memory") 1 1 shared)` + okStart, "shared between threads"},
	"64-bit memory":           {`(memory (export "memory") i64 1)` + okStart, "64-bit addresses"},
	"two memories":            {okMemory + `(memory 1)` + okStart, "2 memories"},
	"no memory":               {okStart, "0 memories"},
	"hidden memory":           {`(memory 1)` + okStart, `as "memory"`},
	"no start":                {okMemory, `"_start"`},
	"start with arguments":    {okMemory + `(func (export "_start") (param i32))`, "takes or returns"},
	"start section":           {okMemory + okStart + `(func $s) (start $s)`, "start section"},
	"giant table":             {okMemory + okStart + `(table 100000000 funcref)`, "100000000 elements"},
	"many tables":             {okMemory + okStart + `(table 1 funcref)(table 1 funcref)(table 1 funcref)(table 1 funcref)(table 1 funcref)`, "at most 4 tables"},
	"externref table":         {okMemory + okStart + `(table 1 externref)`, "tables of functions"},
	"table.grow":              {okMemory + `(table 1 funcref) (func (export "_start") ref.null func i32.const 1 table.grow 0 drop)`, "table.grow"},
	"table.fill":              {okMemory + `(table 1 funcref) (func (export "_start") i32.const 0 ref.null func i32.const 1 table.fill 0)`, "table.fill"},
	"table.copy":              {okMemory + `(table 1 funcref) (func (export "_start") i32.const 0 i32.const 0 i32.const 1 table.copy)`, "table.copy"},
	"table.init":              {okMemory + `(table 1 funcref) (elem $e func 0) (func (export "_start") i32.const 0 i32.const 0 i32.const 1 table.init $e)`, "table.init"},
	"elem.drop":               {okMemory + `(table 1 funcref) (elem $e func 0) (func (export "_start") elem.drop $e)`, "elem.drop"},
	"ref.func":                {okMemory + `(func $f (export "_start") ref.func $f drop)`, "ref.func"},
	"atomics":                 {okMemory + `(func (export "_start") i32.const 0 i32.atomic.load drop)`, "threads and atomics"},
	"tail call":               {okMemory + `(func $f (export "_start") return_call $f)`, "tail calls"},
	"relaxed SIMD":            {okMemory + `(func (export "_start") v128.const i64x2 0 0 v128.const i64x2 0 0 i8x16.relaxed_swizzle drop)`, "relaxed SIMD"},
	"structures":              {okMemory + okStart + `(type (struct (field i32)))`, "garbage collection"},
	"exceptions":              {okMemory + okStart + `(tag)`, "exceptions"},
	"many locals":             {okMemory + `(func (export "_start") ` + string(bytes.Repeat([]byte("(local i64)"), MaxLocals+1)) + `)`, "10000 locals"},
	"engine's own name":       {okMemory + okStart + `(global (export "cupel:refused-pages") i64 (i64.const 0))`, "belongs to the engine"},
	"not valid":               {okMemory + `(func (export "_start") unreachable)`, ""},
}

func TestRefusedModules(t *testing.T) {
	for name, tc := range refusals {
		t.Run(name, func(t *testing.T) {
			module, err := wasmtime.Wat2Wasm("(module " + tc.wat + ")")
			require.NoError(t, err)
			err = Check(module)
			if tc.reason == "" {
				require.NoError(t, err)
				return
			}
			var refused *RefusedError
			require.ErrorAs(t, err, &refused)
			require.Contains(t, refused.Reason, tc.reason)
		})
	}
}

func TestMalformedModules(t *testing.T) {
	good := wat(t, okMemory+okStart)
	require.NoError(t, Check(good))
	component := append([]byte(nil), good...)
	component[4] = 0x0d
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "header only": good[:8], "component": component,
		"cut": good[:len(good)-2], "tail": append(append([]byte(nil), good...), 1, 2, 3),
		"twice":    append(append([]byte(nil), good...), good[8:]...),
		"too big":  append(append([]byte(nil), good...), make([]byte, MaxModuleBytes)...),
		"bad type": bytes.Replace(good, []byte{0x0b}, []byte{0x1a}, 1),
	} {
		t.Run(name, func(t *testing.T) {
			var refused *RefusedError
			require.ErrorAs(t, Check(b), &refused)
		})
	}
}

// TestReachesNoHelper checks that a call just beyond the module's own functions
// is not made valid by the functions that the rewriter adds.
func TestReachesNoHelper(t *testing.T) {
	module := wat(t, okMemory+`(func (export "_start") i32.const 1 memory.grow drop call 0)`)
	at := bytes.LastIndex(module, []byte{opCall, 0})
	module[at+1] = 1
	var refused *RefusedError
	require.ErrorAs(t, Check(module), &refused)
	require.Contains(t, refused.Reason, "not valid")
}

// TestRefusedIsAResult runs a refused module: replicas agree on it.
func TestRefusedIsAResult(t *testing.T) {
	module := wat(t, refusals["network host"].wat)
	path := filepath.Join(t.TempDir(), "module.wasm")
	require.NoError(t, os.WriteFile(path, module, 0o600))
	job := testJob(t, path)
	var digests []([32]byte)
	for range 2 {
		res, err := testEngine(t).Run(t.Context(), job, t.TempDir())
		require.NoError(t, err)
		require.Equal(t, engine.OutcomeTrap, res.Outcome)
		require.Contains(t, res.Detail, `"env"."connect"`)
		require.Zero(t, res.Fuel)
		require.Equal(t, "", artifactText(t, res, "stdout"))
		digests = append(digests, res.ArtifactSHA256)
	}
	require.Equal(t, digests[0], digests[1])
	require.NotEqual(t, sha256.Sum256(nil), digests[0])
}

func FuzzPrepare(f *testing.F) {
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	for _, tc := range refusals {
		if b, err := wasmtime.Wat2Wasm("(module " + tc.wat + ")"); err == nil && len(b) < 1000 {
			f.Add(b)
		}
	}
	b, err := wasmtime.Wat2Wasm(`(module ` + allBulk + `)`)
	require.NoError(f, err)
	f.Add(b)
	eng := newEngine()
	f.Fuzz(func(t *testing.T, b []byte) {
		rewritten, err := prepare(eng, b)
		if err != nil {
			return
		}
		require.NoError(t, wasmtime.ModuleValidate(eng, rewritten), "a valid module became invalid")
	})
}
