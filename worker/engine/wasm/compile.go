// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"fmt"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

// RefusedError is a module that the class does not run. Every worker refuses
// it with the same words.
type RefusedError struct {
	// Reason is one sentence for the author of the module.
	Reason string
}

// Error returns the reason.
func (e *RefusedError) Error() string { return "module refused: " + e.Reason }

func refuse(format string, args ...any) error {
	return &RefusedError{Reason: fmt.Sprintf(format, args...)}
}

// compile checks and rewrites a module and returns its machine code.
func compile(eng *wasmtime.Engine, wasm []byte) ([]byte, error) {
	rewritten, err := prepare(eng, wasm)
	if err != nil {
		return nil, err
	}
	module, err := wasmtime.NewModule(eng, rewritten)
	if err != nil {
		return nil, fmt.Errorf("compile module: %w", err)
	}
	defer module.Close()
	code, err := module.Serialize()
	if err != nil {
		return nil, fmt.Errorf("serialize module: %w", err)
	}
	return code, nil
}

// prepare returns the module that is compiled in place of wasm.
func prepare(eng *wasmtime.Engine, wasm []byte) ([]byte, error) {
	return wasm, nil
}
