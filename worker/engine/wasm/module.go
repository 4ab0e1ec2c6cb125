// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"bytes"
	"errors"
	"fmt"
)

// Section ids of the binary format.
const (
	secCustom    = 0
	secType      = 1
	secImport    = 2
	secFunction  = 3
	secTable     = 4
	secMemory    = 5
	secGlobal    = 6
	secExport    = 7
	secStart     = 8
	secElement   = 9
	secCode      = 10
	secData      = 11
	secDataCount = 12
)

// Value types.
const (
	valI32 = 0x7f
	valI64 = 0x7e
)

var wasmHeader = []byte{0, 'a', 's', 'm', 1, 0, 0, 0}

type section struct {
	id   byte
	body []byte
}

type wasmFunc struct{ params, results []byte }

// module is what the static check and the rewriter need to know of a module.
type module struct {
	sections []section

	types    []wasmFunc
	imports  []uint32 // type indices of the imported functions
	funcs    []uint32 // type indices of the module's own functions
	globals  uint32
	memories int
	exports  map[string]export
}

type export struct {
	kind  byte
	index uint32
}

// parseModule reads the structure of a module and applies every rule of the
// class that does not need the code. Each violation is a *RefusedError.
func parseModule(wasm []byte) (*module, error) {
	if len(wasm) > MaxModuleBytes {
		return nil, refuse("it is larger than %d bytes: strip it (-ldflags=-s -w) or split the job", MaxModuleBytes)
	}
	if !bytes.HasPrefix(wasm, wasmHeader) {
		return nil, refuse("it is not a WebAssembly module of version 1 (a component or a native program?): build with GOOS=wasip1 GOARCH=wasm or for wasm32-wasip1")
	}
	m := &module{exports: map[string]export{}}
	r := &reader{b: wasm, pos: len(wasmHeader)}
	for !r.done() {
		s, err := r.section()
		if err == nil {
			err = m.add(s)
		}
		if err != nil {
			return nil, asRefusal(err)
		}
	}
	return m, m.check()
}

// asRefusal turns a decoding error into a refusal.
func asRefusal(err error) error {
	var refused *RefusedError
	if errors.As(err, &refused) {
		return err
	}
	return refuse("it is not well formed: %v", err)
}

func (r *reader) section() (section, error) {
	id, err := r.byte()
	if err != nil {
		return section{}, err
	}
	n, err := r.u32()
	if err != nil {
		return section{}, err
	}
	body, err := r.take(uint64(n))
	return section{id, body}, err
}

func (m *module) add(s section) error {
	r := &reader{b: s.body}
	var err error
	switch s.id {
	case secCustom:
		name, err := r.name()
		if err != nil || name != "name" {
			return err // only function names are kept
		}
	case secType:
		err = r.vector(func(uint32) error { return m.addType(r) })
	case secImport:
		err = r.vector(func(uint32) error { return m.addImport(r) })
	case secFunction:
		err = r.vector(func(uint32) error { return m.addFunc(r) })
	case secTable:
		err = r.vector(func(i uint32) error { return m.addTable(r, i) })
	case secMemory:
		err = r.vector(func(uint32) error { return m.addMemory(r) })
	case secGlobal:
		m.globals, err = r.u32()
	case secExport:
		err = r.vector(func(uint32) error { return m.addExport(r) })
	case secStart:
		err = refuse("it has a start section, which runs before the engine is ready: do the work in _start")
	case secElement, secCode, secData, secDataCount:
	default:
		err = refuse("it has a section of kind %d (exceptions or later), which the class does not have", s.id)
	}
	m.sections = append(m.sections, s)
	return err
}

func (m *module) addType(r *reader) error {
	form, err := r.byte()
	if err != nil {
		return err
	}
	if form != 0x60 {
		return refuse("it declares a type 0x%02x that is not a function (garbage collection), which the class does not have", form)
	}
	var f wasmFunc
	if f.params, err = r.valTypes(); err != nil {
		return err
	}
	f.results, err = r.valTypes()
	m.types = append(m.types, f)
	return err
}

func (r *reader) valTypes() ([]byte, error) {
	start := 0
	err := r.vector(func(i uint32) error {
		if i == 0 {
			start = r.pos
		}
		return r.valType()
	})
	if err != nil || start == 0 {
		return nil, err
	}
	return r.b[start:r.pos], nil
}

func (m *module) addImport(r *reader) error {
	from, err := r.name()
	if err != nil {
		return err
	}
	name, err := r.name()
	if err != nil {
		return err
	}
	kind, err := r.byte()
	if err != nil {
		return err
	}
	call, known := wasiCalls[name]
	if from != wasiModule || !known {
		return refuse("it imports %q.%q, which does not exist here: a guest has WASI preview 1 (%s) and nothing else, no network and no threads", from, name, wasiModule)
	}
	if kind != 0 {
		return refuse("it imports %q.%q as something else than a function", from, name)
	}
	index, err := r.u32()
	if err != nil {
		return err
	}
	if uint64(index) >= uint64(len(m.types)) || !m.types[index].is(call, name) {
		return refuse("it imports %q.%q with another signature than WASI preview 1 gives it", from, name)
	}
	m.imports = append(m.imports, index)
	return nil
}

// is reports whether f is the type of the host call.
func (f wasmFunc) is(call hostCall, name string) bool {
	results := []byte{valI32}
	if name == "proc_exit" {
		results = nil
	}
	params := make([]byte, len(call.params))
	for i, p := range call.params {
		params[i] = valI32
		if p == 'I' {
			params[i] = valI64
		}
	}
	return bytes.Equal(f.params, params) && bytes.Equal(f.results, results)
}

func (m *module) addFunc(r *reader) error {
	index, err := r.u32()
	if err == nil && uint64(index) >= uint64(len(m.types)) {
		err = fmt.Errorf("a function has type %d of %d", index, len(m.types))
	}
	if len(m.funcs) >= MaxFunctions {
		return refuse("it has more than %d functions: split the job", MaxFunctions)
	}
	m.funcs = append(m.funcs, index)
	return err
}

func (m *module) addExport(r *reader) error {
	name, err := r.name()
	if err != nil {
		return err
	}
	kind, err := r.byte()
	if err != nil {
		return err
	}
	index, err := r.u32()
	if name == refusedExport {
		return refuse("it exports %q, a name that belongs to the engine", name)
	}
	m.exports[name] = export{kind, index}
	return err
}

// check applies the rules that need the whole structure.
func (m *module) check() error {
	if m.memories != 1 {
		return refuse("it has %d memories of its own, the class wants exactly one", m.memories)
	}
	if e, ok := m.exports["memory"]; !ok || e.kind != 2 || e.index != 0 {
		return refuse("it does not export its memory as \"memory\": build a WASI command")
	}
	e, ok := m.exports["_start"]
	own := int64(e.index) - int64(len(m.imports))
	if !ok || e.kind != 0 || own < 0 || own >= int64(len(m.funcs)) {
		return refuse("it does not export a function \"_start\": build a WASI command, not a library (reactor)")
	}
	if t := m.types[m.funcs[own]]; len(t.params)+len(t.results) != 0 {
		return refuse("its function \"_start\" takes or returns values")
	}
	return nil
}
