// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"crypto/sha256"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
)

// BenchmarkMemoryHash is the cost of hashing 64 MiB of linear memory.
func BenchmarkMemoryHash(b *testing.B) {
	memory := make([]byte, 64<<20)
	b.SetBytes(int64(len(memory)))
	for b.Loop() {
		sha256.Sum256(memory)
	}
}

// BenchmarkCompile is check, rewrite and compilation of a Go module.
func BenchmarkCompile(b *testing.B) {
	wasm, err := os.ReadFile(guests.Build(b, "nasty"))
	require.NoError(b, err)
	for b.Loop() {
		_, err := compile(newEngine(), wasm)
		require.NoError(b, err)
	}
}

// BenchmarkPrepare is check and rewrite alone.
func BenchmarkPrepare(b *testing.B) {
	wasm, err := os.ReadFile(guests.Build(b, "nasty"))
	require.NoError(b, err)
	eng := newEngine()
	b.SetBytes(int64(len(wasm)))
	for b.Loop() {
		_, err := prepare(eng, wasm)
		require.NoError(b, err)
	}
}

// BenchmarkRun is a whole run of a compiled Go module, child process included.
func BenchmarkRun(b *testing.B) {
	e := testEngine(b)
	job := testJob(b, guests.Build(b, "hello"))
	require.NoError(b, e.Prepare(b.Context(), job.Module, job.ModuleSHA256))
	for b.Loop() {
		_, err := e.Run(b.Context(), job, b.TempDir())
		require.NoError(b, err)
	}
}

// BenchmarkPointerChase is the dearest thing that fuel does not see: loads that
// each miss every cache. It is bounded by wallFor, not by the price.
func BenchmarkPointerChase(b *testing.B) {
	module := wat(b, `(memory (export "memory") 4096) (func (export "_start") (local i32 i32)
	  (loop
	    local.get 0 i32.const 64 i32.mul
	    local.get 0 i32.const 1664525 i32.mul i32.const 1013904223 i32.add i32.const 4194303 i32.and i32.const 64 i32.mul i32.store
	    local.get 0 i32.const 1 i32.add local.tee 0 i32.const 4194304 i32.lt_u br_if 0)
	  (loop local.get 1 `+strings.Repeat("i32.load ", 64)+` local.set 1 br 0))`)
	for b.Loop() {
		g := testGuest()
		g.fuel = 4096*FuelPerPage + 100_000_000
		end := runWasm(b, g, module)
		b.ReportMetric(float64(end.wall)/100_000_000, "ns/fuel")
	}
}
