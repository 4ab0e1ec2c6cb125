// SPDX-License-Identifier: Apache-2.0

package escape

import (
	"bytes"
	"encoding/binary"
)

// section encodes a section of so many elements.
func section(id byte, elements []byte, count uint64) []byte {
	body := append(binary.AppendUvarint(nil, count), elements...)
	return append(binary.AppendUvarint([]byte{id}, uint64(len(body))), body...)
}

// module encodes functions without parameters, of which the first is the
// start, and a memory.
func module(bodies []byte, count uint64) []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	out = append(out, section(1, []byte{0x60, 0, 0}, 1)...)
	out = append(out, section(3, make([]byte, count), count)...)
	out = append(out, section(5, []byte{0, 1}, 1)...)
	out = append(out, section(7, []byte("\x06memory\x02\x00\x06_start\x00\x00"), 2)...)
	return append(out, section(10, bodies, count)...)
}

// program is a module of one function.
func program(code []byte) []byte {
	body := append([]byte{0}, code...) // no locals
	return module(append(binary.AppendUvarint(nil, uint64(len(body))), body...), 1)
}

// functions is a module of so many empty functions.
func functions(n int) []byte {
	return module(bytes.Repeat([]byte{2, 0, 0x0b}, n), uint64(n))
}
