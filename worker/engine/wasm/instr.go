// SPDX-License-Identifier: Apache-2.0

package wasm

// Opcodes that the rewriter handles.
const (
	opUnreachable = 0x00
	opBlock       = 0x02
	opLoop        = 0x03
	opIf          = 0x04
	opElse        = 0x05
	opEnd         = 0x0b
	opBr          = 0x0c
	opBrIf        = 0x0d
	opBrTable     = 0x0e
	opCall        = 0x10
	opIndirect    = 0x11
	opDrop        = 0x1a
	opSelectT     = 0x1c
	opLocalGet    = 0x20
	opLocalSet    = 0x21
	opLocalTee    = 0x22
	opGlobalGet   = 0x23
	opGlobalSet   = 0x24
	opTableGet    = 0x25
	opTableSet    = 0x26
	opMemorySize  = 0x3f
	opMemoryGrow  = 0x40
	opI32Const    = 0x41
	opI64Const    = 0x42
	opF32Const    = 0x43
	opF64Const    = 0x44
	opRefNull     = 0xd0
	opRefIsNull   = 0xd1
	opRefFunc     = 0xd2
	opMisc        = 0xfc
	opSIMD        = 0xfd

	miscMemoryInit = 8
	miscDataDrop   = 9
	miscMemoryCopy = 10
	miscMemoryFill = 11
	miscTableInit  = 12
	miscElemDrop   = 13
	miscTableCopy  = 14
	miscTableGrow  = 15
	miscTableSize  = 16
	miscTableFill  = 17
)

// instr is one decoded instruction.
type instr struct {
	op byte
	// sub is the second opcode after opMisc and opSIMD.
	sub uint32
	// arg is the first immediate of the instructions that the rewriter handles.
	arg uint32
}

// next decodes one instruction and refuses what the class does not know.
func (r *reader) next() (instr, error) {
	op, err := r.byte()
	if err != nil {
		return instr{}, err
	}
	in := instr{op: op}
	switch {
	case op == opMisc:
		return r.misc(in)
	case op == opSIMD:
		return r.simd(in)
	case op >= 0x28 && op <= 0x3e:
		return in, r.memarg()
	case op >= 0x45 && op <= 0xc4, op <= 0x01, op == opElse, op == opEnd, op == 0x0f, op == opDrop, op == 0x1b, op == opRefIsNull:
		return in, nil
	}
	switch op {
	case opBlock, opLoop, opIf:
		return in, r.skipLEB(5)
	case opBrTable:
		return in, r.brTable()
	case opIndirect:
		if _, err := r.u32(); err != nil {
			return in, err
		}
		_, err = r.u32()
	case opSelectT:
		err = r.vector(func(uint32) error { return r.valType() })
	case opMemorySize, opMemoryGrow:
		err = r.memoryIndex()
	case opI32Const:
		err = r.skipLEB(5)
	case opI64Const:
		err = r.skipLEB(10)
	case opF32Const:
		_, err = r.take(4)
	case opF64Const:
		_, err = r.take(8)
	case opBr, opBrIf, opCall, opLocalGet, opLocalSet, opLocalTee, opGlobalGet, opGlobalSet, opTableGet, opTableSet, opRefFunc:
		in.arg, err = r.u32()
	case opRefNull:
		err = r.valType()
	default:
		err = refuse("it uses instruction 0x%02x (%s), which the class does not have", op, proposalOf(op))
	}
	return in, err
}

func proposalOf(op byte) string {
	switch {
	case op == 0xfe:
		return "threads and atomics"
	case op == 0x12 || op == 0x13 || op == 0x15:
		return "tail calls"
	case op >= 0x06 && op <= 0x0a || op == 0x18 || op == 0x19 || op == 0x1f:
		return "exceptions"
	case op == 0xfb || op >= 0xd3 && op <= 0xd6 || op == 0x14:
		return "garbage collection or typed references"
	}
	return "unknown"
}

func (r *reader) brTable() error {
	if err := r.vector(func(uint32) error { _, err := r.u32(); return err }); err != nil {
		return err
	}
	_, err := r.u32()
	return err
}

func (r *reader) memarg() error {
	align, err := r.u32()
	if err != nil {
		return err
	}
	if align >= 64 {
		return refuse("it addresses a second memory, the class has one")
	}
	_, err = r.u32()
	return err
}

func (r *reader) memoryIndex() error {
	b, err := r.byte()
	if err == nil && b != 0 {
		return refuse("it addresses a second memory, the class has one")
	}
	return err
}

// valType accepts the value types of the class.
func (r *reader) valType() error {
	b, err := r.byte()
	if err != nil {
		return err
	}
	switch b {
	case 0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70:
		return nil
	}
	return refuse("it uses value type 0x%02x, the class has i32, i64, f32, f64, v128 and funcref", b)
}

func (r *reader) misc(in instr) (instr, error) {
	var err error
	if in.sub, err = r.u32(); err != nil {
		return in, err
	}
	switch in.sub {
	case 0, 1, 2, 3, 4, 5, 6, 7:
	case miscMemoryInit:
		if in.arg, err = r.u32(); err == nil {
			err = r.memoryIndex()
		}
	case miscDataDrop, miscTableSize:
		in.arg, err = r.u32()
	case miscMemoryCopy:
		if err = r.memoryIndex(); err == nil {
			err = r.memoryIndex()
		}
	case miscMemoryFill:
		err = r.memoryIndex()
	case miscTableInit, miscElemDrop, miscTableCopy, miscTableGrow, miscTableFill:
		err = refuse("it uses %s, which the fuel does not see: keep tables fixed", tableOps[in.sub])
	default:
		err = refuse("it uses instruction 0xfc %d, which the class does not have", in.sub)
	}
	return in, err
}

var tableOps = map[uint32]string{
	miscTableInit: "table.init",
	miscElemDrop:  "elem.drop",
	miscTableCopy: "table.copy",
	miscTableGrow: "table.grow",
	miscTableFill: "table.fill",
}

func (r *reader) simd(in instr) (instr, error) {
	var err error
	if in.sub, err = r.u32(); err != nil {
		return in, err
	}
	switch {
	case in.sub <= 11 || in.sub == 92 || in.sub == 93:
		err = r.memarg()
	case in.sub >= 84 && in.sub <= 91:
		if err = r.memarg(); err == nil {
			_, err = r.byte()
		}
	case in.sub == 12 || in.sub == 13:
		_, err = r.take(16)
	case in.sub >= 21 && in.sub <= 34:
		_, err = r.byte()
	case in.sub > 255:
		err = refuse("it uses relaxed SIMD, whose results depend on the processor: build without it")
	}
	return in, err
}
