// SPDX-License-Identifier: Apache-2.0

package wasm

import "fmt"

// helperKey names one added function: what it stands for and, for memory.init
// and data.drop, the data segment.
type helperKey struct {
	op  uint32
	arg uint32
}

// helperGrow is the op of the helper for memory.grow, which has no second
// opcode of its own.
const helperGrow = 1 << 16

// rewriter replaces the instructions that do work the fuel does not see by
// calls of functions added at the end of the module. A helper burns fuel in
// proportion to the work and then runs the instruction. Adding at the end
// shifts no index, so nothing else in the module changes.
// See worker/adr/002-bulk-memory-fuel.md.
type rewriter struct {
	m       *module
	keys    []helperKey
	helpers map[helperKey]uint32
}

// rewrite returns the module with its bulk instructions charged.
func (m *module) rewrite() ([]byte, error) {
	w := &rewriter{m: m, helpers: map[helperKey]uint32{}}
	var code section
	for _, s := range m.sections {
		if s.id == secCode {
			body, err := w.code(s.body)
			if err != nil {
				return nil, asRefusal(err)
			}
			code = section{secCode, body}
		}
	}
	out := append([]byte(nil), wasmHeader...)
	globals := false
	for _, s := range m.sections {
		if s.id == secCode {
			s = code
		}
		if s.id == secExport && !globals {
			out = appendSection(out, w.globalSection(nil))
			globals = true
		}
		if s.id == secGlobal {
			s = w.globalSection(s.body)
			globals = true
		}
		out = appendSection(out, w.section(s))
	}
	return out, nil
}

func appendSection(out []byte, s section) []byte {
	if s.body == nil {
		return out
	}
	out = append(out, s.id)
	out = appendU32(out, uint32(len(s.body)))
	return append(out, s.body...)
}

// section adds to the sections that name the helpers.
func (w *rewriter) section(s section) section {
	n := uint32(len(w.keys))
	if n == 0 {
		return s
	}
	switch s.id {
	case secType:
		s.body = extend(s.body, 3, helperTypes)
	case secFunction:
		s.body = extend(s.body, n, w.helperTypeIndices())
	case secExport:
		if w.grows() {
			s.body = extend(s.body, 1, w.refusedExport())
		}
	}
	return s
}

// extend appends raw, the encoding of added entries, to a vector.
func extend(body []byte, added uint32, raw []byte) []byte {
	r := &reader{b: body}
	old, err := r.u32()
	if err != nil {
		return body // not reached: the vector was read before
	}
	out := appendU32(make([]byte, 0, len(body)+len(raw)+5), old+added)
	out = append(out, body[r.pos:]...)
	return append(out, raw...)
}

// The types of the helpers, in the order of typeOf.
var helperTypes = []byte{
	0x60, 3, valI32, valI32, valI32, 0,
	0x60, 1, valI32, 1, valI32,
	0x60, 0, 0,
}

func typeOf(op uint32) uint32 {
	switch op {
	case helperGrow:
		return 1
	case miscDataDrop:
		return 2
	}
	return 0
}

func (w *rewriter) helperTypeIndices() []byte {
	var raw []byte
	for _, k := range w.keys {
		raw = appendU32(raw, uint32(len(w.m.types))+typeOf(k.op))
	}
	return raw
}

func (w *rewriter) grows() bool {
	_, ok := w.helpers[helperKey{op: helperGrow}]
	return ok
}

// globalSection adds the global in which the grow helper notes a refusal.
func (w *rewriter) globalSection(body []byte) section {
	if w.grows() {
		entry := []byte{valI64, 1, opI64Const, 0, opEnd}
		if body == nil {
			body = []byte{0}
		}
		body = extend(body, 1, entry)
	}
	return section{secGlobal, body}
}

func (w *rewriter) refusedExport() []byte {
	raw := appendU32(nil, uint32(len(refusedExport)))
	raw = append(raw, refusedExport...)
	return appendU32(append(raw, 3), w.m.globals)
}

// call returns the index of the helper for k and makes it on first use.
func (w *rewriter) call(k helperKey) uint32 {
	index, ok := w.helpers[k]
	if !ok {
		index = uint32(len(w.m.imports) + len(w.m.funcs) + len(w.keys))
		w.helpers[k] = index
		w.keys = append(w.keys, k)
	}
	return index
}

// code rewrites the code section and appends the helpers.
func (w *rewriter) code(body []byte) ([]byte, error) {
	r := &reader{b: body}
	var out []byte
	count := uint32(0)
	err := r.vector(func(i uint32) error {
		n, err := r.u32()
		if err != nil {
			return err
		}
		f, err := r.take(uint64(n))
		if err != nil {
			return err
		}
		rewritten, err := w.function(f)
		if err != nil {
			return err
		}
		out = append(appendU32(out, uint32(len(rewritten))), rewritten...)
		count++
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !r.done() || int(count) != len(w.m.funcs) {
		return nil, fmt.Errorf("it declares %d functions and defines %d", len(w.m.funcs), count)
	}
	for _, k := range w.keys {
		h := w.helper(k)
		out = append(appendU32(out, uint32(len(h))), h...)
	}
	return append(appendU32(nil, count+uint32(len(w.keys))), out...), nil
}

// function rewrites one body: locals, then instructions.
func (w *rewriter) function(body []byte) ([]byte, error) {
	r := &reader{b: body}
	total := uint64(0)
	err := r.vector(func(uint32) error {
		n, err := r.u32()
		if err != nil {
			return err
		}
		if total += uint64(n); total > MaxLocals {
			return refuse("a function has more than %d locals", MaxLocals)
		}
		return r.valType()
	})
	if err != nil {
		return nil, err
	}
	out, copied := []byte(nil), 0
	for !r.done() {
		start := r.pos
		in, err := r.next()
		if err != nil {
			return nil, err
		}
		if in.op == opRefFunc {
			return nil, refuse("it uses ref.func, which the fuel does not see: call functions through a fixed table")
		}
		key, ok := helperFor(in)
		if !ok {
			continue
		}
		out = append(out, body[copied:start]...)
		out = appendU32(append(out, opCall), w.call(key))
		copied = r.pos
	}
	if copied == 0 {
		return body, nil
	}
	return append(out, body[copied:]...), nil
}

func helperFor(in instr) (helperKey, bool) {
	switch {
	case in.op == opMemoryGrow:
		return helperKey{op: helperGrow}, true
	case in.op != opMisc:
	case in.sub == miscMemoryCopy || in.sub == miscMemoryFill:
		return helperKey{op: in.sub}, true
	case in.sub == miscMemoryInit || in.sub == miscDataDrop:
		return helperKey{op: in.sub, arg: in.arg}, true
	}
	return helperKey{}, false
}
