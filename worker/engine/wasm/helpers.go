// SPDX-License-Identifier: Apache-2.0

package wasm

// Instructions that only the helpers use.
const (
	opI32Eqz      = 0x45
	opI32Eq       = 0x46
	opI32GtU      = 0x4b
	opI32GeU      = 0x4f
	opI32Sub      = 0x6b
	opI32Or       = 0x72
	opI64Eqz      = 0x50
	opI64LtU      = 0x54
	opI64Add      = 0x7c
	opI64Sub      = 0x7d
	opI64Mul      = 0x7e
	opI64ExtendU  = 0xad
	blockEmpty    = 0x40
	growStep      = 512
	growIteration = 7
	bulkIteration = 7
	dropBase      = 64
)

// asm is a function body under construction.
type asm []byte

func (a *asm) op(b ...byte) { *a = append(*a, b...) }

func (a *asm) index(op byte, n uint32) { *a = appendU32(append(*a, op), n) }

func (a *asm) i32(v int64) { *a = appendS64(append(*a, opI32Const), v) }

func (a *asm) i64(v int64) { *a = appendS64(append(*a, opI64Const), v) }

// burn costs n units and no machine code: constants that are dropped.
func (a *asm) burn(n int) {
	for range n {
		a.op(opI32Const, 0, opDrop)
	}
}

func (w *rewriter) helper(k helperKey) []byte {
	switch k.op {
	case helperGrow:
		return w.growHelper()
	case miscDataDrop:
		a := asm{0}
		a.burn(dropBase)
		a.op(opMisc)
		a = appendU32(a, miscDataDrop)
		a = appendU32(a, k.arg)
		a.op(opEnd)
		return a
	}
	return bulkHelper(k)
}

// bulkHelper burns bulkBase units, FuelPerChunk for every full bulkChunk of its
// third argument, and then runs the instruction.
func bulkHelper(k helperKey) []byte {
	a := asm{1, 1, valI32}
	a.burn(bulkBase)
	a.index(opLocalGet, 2)
	a.index(opLocalTee, 3)
	a.i32(bulkChunk)
	a.op(opI32GeU, opIf, blockEmpty, opLoop, blockEmpty)
	a.burn(FuelPerChunk - bulkIteration)
	a.index(opLocalGet, 3)
	a.i32(bulkChunk)
	a.op(opI32Sub)
	a.index(opLocalTee, 3)
	a.i32(bulkChunk)
	a.op(opI32GeU)
	a.index(opBrIf, 0)
	a.op(opEnd, opEnd)
	for i := range uint32(3) {
		a.index(opLocalGet, i)
	}
	a.op(opMisc)
	a = appendU32(a, k.op)
	switch k.op {
	case miscMemoryCopy:
		a.op(0, 0)
	case miscMemoryFill:
		a.op(0)
	case miscMemoryInit:
		a = appendU32(a, k.arg)
		a.op(0)
	}
	a.op(opEnd)
	return a
}

// growHelper burns FuelPerPage for every page asked for, runs memory.grow and,
// when it is refused, notes the smallest size that was.
func (w *rewriter) growHelper() []byte {
	const delta, result, left, want = 0, 1, 2, 3
	a := asm{2, 1, valI32, 2, valI64}
	a.burn(growBase)
	w.growBurn(&a, delta, left)
	a.index(opLocalGet, delta)
	a.op(opMemoryGrow, 0)
	a.index(opLocalTee, result)
	a.i32(-1)
	a.op(opI32Eq, opIf, blockEmpty, opMemorySize, 0, opI64ExtendU)
	a.index(opLocalGet, delta)
	a.op(opI64ExtendU, opI64Add)
	a.index(opLocalTee, want)
	a.index(opGlobalGet, w.m.globals)
	a.op(opI64LtU)
	a.index(opGlobalGet, w.m.globals)
	a.op(opI64Eqz, opI32Or, opIf, blockEmpty)
	a.index(opLocalGet, want)
	a.index(opGlobalSet, w.m.globals)
	a.op(opEnd, opEnd)
	a.index(opLocalGet, result)
	a.op(opEnd)
	return a
}

// growBurn loops over the pages in steps of growStep units. More pages than an
// address space has are refused by the instruction, so they cost nothing here.
func (w *rewriter) growBurn(a *asm, delta, left uint32) {
	a.index(opLocalGet, delta)
	a.i32(1 << 16)
	a.op(opI32GtU, opIf, blockEmpty, opElse)
	a.index(opLocalGet, delta)
	a.op(opI64ExtendU)
	a.i64(FuelPerPage / growStep)
	a.op(opI64Mul)
	a.index(opLocalTee, left)
	a.op(opI64Eqz, opIf, blockEmpty, opElse, opLoop, blockEmpty)
	a.burn(growStep - growIteration)
	a.index(opLocalGet, left)
	a.i64(1)
	a.op(opI64Sub)
	a.index(opLocalTee, left)
	a.op(opI64Eqz, opI32Eqz)
	a.index(opBrIf, 0)
	a.op(opEnd, opEnd, opEnd)
}
