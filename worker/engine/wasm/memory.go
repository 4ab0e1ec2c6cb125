// SPDX-License-Identifier: Apache-2.0

package wasm

import "github.com/bytecodealliance/wasmtime-go/v44"

const pageBytes = 64 << 10

// refusedExport is the global that the rewriter adds: the smallest memory size,
// in pages, that the guest asked for and did not get. Zero is none.
const refusedExport = "cupel:refused-pages"

// memoryPages returns the first and the largest size of the exported memory.
func memoryPages(module *wasmtime.Module) (first, largest uint64) {
	for _, e := range module.Exports() {
		if t := e.Type().MemoryType(); t != nil && e.Name() == "memory" {
			if has, n := t.Maximum(); has {
				return t.Minimum(), n
			}
			return t.Minimum(), 1 << 16
		}
	}
	return 0, 1 << 16
}

func refusedPages(store *wasmtime.Store, instance *wasmtime.Instance) uint64 {
	e := instance.GetExport(store, refusedExport)
	if e == nil || e.Global() == nil {
		return 0
	}
	return uint64(e.Global().Get(store).I64())
}
