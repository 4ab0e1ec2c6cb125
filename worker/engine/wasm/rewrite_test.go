// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"os"
	"testing"

	"github.com/bytecodealliance/wasmtime-go/v44"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/worker/engine"
)

// allBulk uses every instruction that is rewritten, in nested blocks, with a
// global and data segments of its own.
const allBulk = `
 (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
 (memory (export "memory") 2 20)
 (table 3 funcref) (elem (i32.const 0) $twice $twice)
 (global $g (mut i32) (i32.const 7))
 (data $a "hello, passive world") (data (i32.const 100) "active") (data $b "second")
 (func $twice (param i32) (result i32) local.get 0 i32.const 2 i32.mul)
 (func (export "_start") (local i32 i64 f64)
  (block (loop
    i32.const 1000 i32.const 0xab i32.const 700 memory.fill
    i32.const 1100 i32.const 1000 i32.const 600 memory.copy
    i32.const 990 i32.const 1000 i32.const 600 memory.copy
    i32.const 50 i32.const 7 i32.const 13 memory.init $a
    i32.const 80 i32.const 0 i32.const 6 memory.init $b
    i32.const 3000 i32.const 3 memory.grow i32.store
    i32.const 3004 i32.const 100 memory.grow i32.store
    i32.const 3008 i32.const -1 memory.grow i32.store
    i32.const 3012 memory.size i32.store
    i32.const 3016 i32.const 21 i32.const 1 call_indirect (param i32) (result i32) i32.store
    (if (i32.eqz (global.get $g)) (then br 2) (else
      global.get $g i32.const 1 i32.sub global.set $g
      i32.const 70000 global.get $g i32.add i32.const 1 i32.const 3 memory.fill
      br 1))))
  data.drop $a
  i32.const 0 i32.const 0 i32.const 0 memory.init $a)`

// runPlain runs a module as it is, without the rewriter, on the stock engine.
func runPlain(t *testing.T, wasm []byte) ([]byte, error) {
	t.Helper()
	eng := wasmtime.NewEngine()
	store := wasmtime.NewStore(eng)
	module, err := wasmtime.NewModule(eng, wasm)
	require.NoError(t, err)
	var imports []wasmtime.AsExtern
	for range module.Imports() {
		imports = append(imports, wasmtime.WrapFunc(store, func(int32) {}))
	}
	instance, err := wasmtime.NewInstance(store, module, imports)
	require.NoError(t, err)
	_, err = instance.GetFunc(store, "_start").Call(store)
	return append([]byte(nil), instance.GetExport(store, "memory").Memory().UnsafeData(store)...), err
}

func runRewritten(t *testing.T, wasm []byte) ([]byte, ending) {
	t.Helper()
	g := testGuest()
	eng := newEngine()
	code, err := compile(eng, wasm)
	require.NoError(t, err)
	module, err := wasmtime.NewModuleDeserialize(eng, code)
	require.NoError(t, err)
	var memory []byte
	g.inspect = func(b []byte) { memory = append([]byte(nil), b...) }
	end, err := g.run(eng, module)
	require.NoError(t, err)
	return memory, end
}

// TestRewriteKeepsMeaning compares the memory after the rewritten module with
// the memory after the original one.
func TestRewriteKeepsMeaning(t *testing.T) {
	for name, body := range map[string]string{
		"all":                 allBulk,
		"copy overlapping up": okMemoryOf(`i32.const 0 i32.const 0x1234567 i32.store i32.const 1 i32.const 0 i32.const 9000 memory.copy`),
		"no globals":          okMemoryOf(`i32.const 1 memory.grow drop`),
		"nothing to rewrite":  okMemoryOf(`i32.const 5 i32.const 6 i32.store`),
		"large immediates":    okMemoryOf(`i64.const -9223372036854775808 f64.const nan drop drop v128.const i64x2 1 2 v128.const i64x2 3 4 i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 drop i32.const 0 i32.const 9 i32.const 3 memory.fill`),
	} {
		t.Run(name, func(t *testing.T) {
			module, err := wasmtime.Wat2Wasm("(module " + body + ")")
			require.NoError(t, err)
			want, err := runPlain(t, module)
			require.NoError(t, err)
			got, end := runRewritten(t, module)
			require.Equal(t, engine.OutcomeOK, end.outcome, end.detail)
			require.Equal(t, want, got)
		})
	}
}

func okMemoryOf(start string) string {
	return okMemory + `(func (export "_start") ` + start + `)`
}

// TestRewriteKeepsTraps checks the ends of memory and of segments.
func TestRewriteKeepsTraps(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		trap bool
	}{
		"fill to the end":   {`i32.const 65530 i32.const 1 i32.const 6 memory.fill`, false},
		"fill beyond":       {`i32.const 65530 i32.const 1 i32.const 7 memory.fill`, true},
		"fill 0 at the end": {`i32.const 65536 i32.const 1 i32.const 0 memory.fill`, false},
		"fill 0 beyond":     {`i32.const 65537 i32.const 1 i32.const 0 memory.fill`, true},
		"copy beyond":       {`i32.const 0 i32.const 65535 i32.const 2 memory.copy`, true},
		"copy to beyond":    {`i32.const 65535 i32.const 0 i32.const 2 memory.copy`, true},
		"fill 4 GiB":        {`i32.const 0 i32.const 0 i32.const -1 memory.fill`, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := testGuest()
			end := runWasm(t, g, wat(t, okMemoryOf(tc.body)))
			if !tc.trap {
				require.Equal(t, engine.OutcomeOK, end.outcome, end.detail)
				return
			}
			require.Equal(t, engine.OutcomeTrap, end.outcome)
			require.Equal(t, "memory-out-of-bounds", end.reason)
			require.Equal(t, g.fuel, end.fuel, "a trap other than unreachable costs the limit")
		})
	}
}

// TestSchedule pins the price of each charged thing. A change here is a change
// of the class.
func TestSchedule(t *testing.T) {
	base := runWasm(t, testGuest(), wat(t, okMemoryOf(`nop`))).fuel
	require.Equal(t, uint64(FuelPerPage+1), base)
	call := `(import "wasi_snapshot_preview1" "sched_yield" (func $f (result i32)))`
	for name, tc := range map[string]struct {
		declarations, body string
		fuel               uint64
	}{
		"two instructions": {"", `i32.const 1 drop i32.const 2 drop`, 2},
		"fill 0":           {"", `i32.const 0 i32.const 0 i32.const 0 memory.fill`, 3 + 1 + bulkBase + 10},
		"fill 255":         {"", `i32.const 0 i32.const 0 i32.const 255 memory.fill`, 3 + 1 + bulkBase + 10},
		"fill 256":         {"", `i32.const 0 i32.const 0 i32.const 256 memory.fill`, 3 + 1 + bulkBase + 10 + FuelPerChunk},
		"fill 64 KiB":      {"", `i32.const 0 i32.const 0 i32.const 65536 memory.fill`, 3 + 1 + bulkBase + 10 + 256*FuelPerChunk},
		"copy 1 KiB":       {"", `i32.const 0 i32.const 0 i32.const 1024 memory.copy`, 3 + 1 + bulkBase + 10 + 4*FuelPerChunk},
		"host call":        {call, `call $f drop`, 1 + FuelPerCall},
	} {
		t.Run(name, func(t *testing.T) {
			end := runWasm(t, testGuest(), wat(t, tc.declarations+okMemoryOf(tc.body)))
			require.Equal(t, engine.OutcomeOK, end.outcome, end.detail)
			require.Equal(t, tc.fuel, end.fuel-base)
		})
	}
	one := runWasm(t, testGuest(), wat(t, okMemoryOf(`i32.const 1 memory.grow drop`))).fuel
	ten := runWasm(t, testGuest(), wat(t, okMemoryOf(`i32.const 10 memory.grow drop`))).fuel
	require.Equal(t, uint64(9*FuelPerPage), ten-one)
}

// TestFuelAtTraps: a loop without calls is paid for whatever trap ends it.
func TestFuelAtTraps(t *testing.T) {
	const loop = `(local i32) (loop local.get 0 i32.const 1 i32.add local.tee 0 i32.const 1000000 i32.lt_u br_if 0) `
	for name, tc := range map[string]struct {
		end    string
		reason string
		exact  bool
	}{
		"unreachable":   {`unreachable`, "unreachable", true},
		"out of bounds": {`i32.const -1 i32.load drop`, "memory-out-of-bounds", false},
		"division":      {`i32.const 1 i32.const 0 i32.div_u drop`, "integer-division-by-zero", false},
		"overflow":      {`i32.const 0x80000000 i32.const -1 i32.div_s drop`, "integer-overflow", false},
		"conversion":    {`f64.const nan i32.trunc_f64_s drop`, "bad-conversion-to-integer", false},
	} {
		t.Run(name, func(t *testing.T) {
			g := testGuest()
			end := runWasm(t, g, wat(t, okMemoryOf(loop+tc.end)))
			require.Equal(t, engine.OutcomeTrap, end.outcome, end.detail)
			require.Equal(t, tc.reason, end.reason)
			require.GreaterOrEqual(t, end.fuel, uint64(6_000_000))
			require.Equal(t, !tc.exact, end.fuel == g.fuel)
		})
	}
}

func TestMemoryLimit(t *testing.T) {
	const grow = `i32.const 100 memory.grow drop `
	for name, tc := range map[string]struct {
		body    string
		limit   uint64
		outcome engine.Outcome
	}{
		"allowed":             {grow, 101 * pageBytes, engine.OutcomeOK},
		"refused, carries on": {grow, 101*pageBytes - 1, engine.OutcomeOK},
		"refused, traps":      {grow + `unreachable`, 100 * pageBytes, engine.OutcomeMemoryLimit},
		"traps, never asked":  {`unreachable`, 100 * pageBytes, engine.OutcomeTrap},
		"starts too large":    {``, pageBytes - 1, engine.OutcomeMemoryLimit},
	} {
		t.Run(name, func(t *testing.T) {
			g := testGuest()
			g.memory = tc.limit
			end := runWasm(t, g, wat(t, okMemoryOf(tc.body)))
			require.Equal(t, tc.outcome, end.outcome, end.detail)
		})
	}
	t.Run("beyond the module's own maximum", func(t *testing.T) {
		end := runWasm(t, testGuest(), wat(t, `(memory (export "memory") 1 2) (func (export "_start") i32.const 2 memory.grow drop unreachable)`))
		require.Equal(t, engine.OutcomeMemoryLimit, end.outcome, end.detail)
	})
}

// TestGoModule checks the rewriter on a module of real size.
func TestGoModule(t *testing.T) {
	job := testJob(t, guests.Build(t, "nasty"))
	wasm, err := os.ReadFile(job.Module)
	require.NoError(t, err)
	m, err := parseModule(wasm)
	require.NoError(t, err)
	rewritten, err := m.rewrite()
	require.NoError(t, err)
	require.NoError(t, wasmtime.ModuleValidate(newEngine(), rewritten))
	_, err = parseModule(rewritten)
	require.ErrorContains(t, err, "belongs to the engine")
}
