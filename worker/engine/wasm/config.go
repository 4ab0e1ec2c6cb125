// SPDX-License-Identifier: Apache-2.0

package wasm

import "github.com/bytecodealliance/wasmtime-go/v44"

// engineVersion and flags name what a compiled module depends on. They are part
// of the cache key.
const engineVersion = "wasmtime-go/v44.0.0"

const engineFlags = "cranelift;opt=speed;fuel;epoch;nan-canonical;stack=1048576;" +
	"bulk;simd;multivalue;reftypes;no-threads;no-tail;no-relaxed;no-memory64;no-multimemory;no-gc;rewrite=1"

// newEngine makes the engine of the class. Everything that may change code,
// fuel or results is set here and nowhere else.
func newEngine() *wasmtime.Engine {
	c := wasmtime.NewConfig()
	c.SetStrategy(wasmtime.StrategyCranelift)
	c.SetCraneliftOptLevel(wasmtime.OptLevelSpeed)
	c.SetCraneliftNanCanonicalization(true)
	c.SetConsumeFuel(true)
	c.SetEpochInterruption(true)
	c.SetMaxWasmStack(MaxStackBytes)
	c.SetWasmBulkMemory(true)
	c.SetWasmMultiValue(true)
	c.SetWasmReferenceTypes(true)
	c.SetWasmSIMD(true)
	c.SetWasmRelaxedSIMD(false)
	c.SetWasmThreads(false)
	c.SetWasmTailCall(false)
	c.SetWasmMultiMemory(false)
	c.SetWasmMemory64(false)
	c.SetWasmFunctionReferences(false)
	c.SetWasmGC(false)
	c.SetWasmWideArithmetic(false)
	return wasmtime.NewEngineWithConfig(c)
}
