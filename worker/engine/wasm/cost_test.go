// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"runtime"
	"testing"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/cupel-network/cupel/worker/engine"
)

// hotLoops are guests that spend all their fuel on what is cheapest for them
// and dearest for the host.
var hotLoops = map[string]struct{ declarations, body string }{
	"fill 1 MiB":  {"", `i32.const 0 i32.const 1 i32.const 1048576 memory.fill`},
	"fill 255":    {"", `i32.const 0 i32.const 1 i32.const 255 memory.fill`},
	"fill 0":      {"", `i32.const 0 i32.const 1 i32.const 0 memory.fill`},
	"copy 512 K":  {"", `i32.const 0 i32.const 524288 i32.const 524288 memory.copy`},
	"copy 255":    {"", `i32.const 0 i32.const 300 i32.const 255 memory.copy`},
	"init 0":      {`(data $d "abcd")`, `i32.const 0 i32.const 0 i32.const 0 memory.init $d`},
	"drop":        {`(data $d "abcd")`, `data.drop $d`},
	"grow 0":      {"", `i32.const 0 memory.grow drop`},
	"grow most":   {"", `i32.const -1 memory.grow drop`},
	"grow beyond": {"", `i32.const 60000 memory.grow drop`},
	"division":    {"", `i64.const 0x7fffffffffffffff i32.const 0 i64.load i64.const 3 i64.or i64.div_s drop`},
	"yield":       {`(import "wasi_snapshot_preview1" "sched_yield" (func $f (result i32)))`, `call $f drop`},
	"clock": {
		`(import "wasi_snapshot_preview1" "clock_time_get" (func $f (param i32 i64 i32) (result i32)))`,
		`i32.const 0 i64.const 0 i32.const 8 call $f drop`,
	},
	"random": {
		`(import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))`,
		`i32.const 0 i32.const 4096 call $f drop`,
	},
	"write nothing": {
		`(import "wasi_snapshot_preview1" "fd_write" (func $f (param i32 i32 i32 i32) (result i32)))`,
		`i32.const 1 i32.const 0 i32.const 0 i32.const 8 call $f drop`,
	},
	"iovecs": {
		`(import "wasi_snapshot_preview1" "fd_write" (func $f (param i32 i32 i32 i32) (result i32)))`,
		`i32.const 1 i32.const 0 i32.const 1024 i32.const 8 call $f drop`,
	},
	"readdir": {
		`(import "wasi_snapshot_preview1" "fd_readdir" (func $f (param i32 i32 i32 i64 i32) (result i32)))`,
		`i32.const 3 i32.const 0 i32.const 4096 i64.const 0 i32.const 8 call $f drop`,
	},
}

// TestFuelIsTime checks that no guest can make a unit of fuel cost the host
// much more than the nanosecond it is priced at.
func TestFuelIsTime(t *testing.T) {
	const fuel = 100_000_000
	for name, loop := range hotLoops {
		t.Run(name, func(t *testing.T) {
			g := testGuest()
			g.fuel = fuel
			end, took := processorTime(t, g, started(t, loop.declarations, `(loop `+loop.body+` br 0)`))
			require.Equal(t, engine.OutcomeOutOfFuel, end.outcome, end.detail)
			require.Equal(t, uint64(fuel), end.fuel)
			t.Logf("%.2f ns per unit", float64(took)/fuel)
			require.Less(t, took, fuel*10*time.Nanosecond)
		})
	}
}

// processorTime runs a module and returns the time its thread computed, which a
// busy machine does not change much.
func processorTime(t *testing.T, g *guest, wasm []byte) (ending, time.Duration) {
	t.Helper()
	eng := newEngine()
	code, err := compile(eng, wasm)
	require.NoError(t, err)
	module, err := wasmtime.NewModuleDeserialize(eng, code)
	require.NoError(t, err)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.Rusage
	require.NoError(t, unix.Getrusage(unix.RUSAGE_THREAD, &before))
	end, err := g.run(eng, module)
	require.NoError(t, err)
	require.NoError(t, unix.Getrusage(unix.RUSAGE_THREAD, &after))
	return end, time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
}
