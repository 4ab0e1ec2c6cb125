// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"testing"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"
	"github.com/stretchr/testify/require"
)

// wat assembles a module; body is everything but the memory.
func wat(t testing.TB, body string) []byte {
	t.Helper()
	b, err := wasmtime.Wat2Wasm(`(module ` + body + `)`)
	require.NoError(t, err)
	return b
}

// started is a module with 16 pages of memory whose _start has the given body.
func started(t testing.TB, declarations, start string) []byte {
	t.Helper()
	return wat(t, declarations+` (memory (export "memory") 16 4096) (func (export "_start") `+start+`)`)
}

func testGuest() *guest {
	return &guest{args: []string{"guest"}, fuel: 1_000_000_000, memory: 256 << 20, output: 1 << 20, wall: 5 * time.Minute}
}

// runWasm compiles and runs a module in this process.
func runWasm(t testing.TB, g *guest, wasm []byte) ending {
	t.Helper()
	eng := newEngine()
	code, err := compile(eng, wasm)
	require.NoError(t, err)
	module, err := wasmtime.NewModuleDeserialize(eng, code)
	require.NoError(t, err)
	end, err := g.run(eng, module)
	require.NoError(t, err)
	return end
}
