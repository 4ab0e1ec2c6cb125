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

// prepare checks wasm and returns the module that is compiled in its place. The
// engine validates the module as it came: the rewritten one has functions that
// a call beyond the end of the original could otherwise reach.
func prepare(eng *wasmtime.Engine, wasm []byte) ([]byte, error) {
	m, err := parseModule(wasm)
	if err != nil {
		return nil, err
	}
	rewritten, err := m.rewrite()
	if err != nil {
		return nil, err
	}
	if err := wasmtime.ModuleValidate(eng, wasm); err != nil {
		return nil, refuse("it is not valid: %s", firstLine(err.Error()))
	}
	return rewritten, nil
}

// Check reports whether the class runs the module: nil, or a *RefusedError. It
// does not compile, and it is what a requester calls before a job is sent.
func Check(wasm []byte) error {
	eng := newEngine()
	defer eng.Close()
	_, err := prepare(eng, wasm)
	return err
}
