// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"encoding/binary"
	"math"
)

// Rights as preview 1 defines them: the low 30 bits.
const (
	rightRead  = 1 << 1
	rightWrite = 1 << 6
	rightsAll  = 1<<30 - 1
)

func fdNoop(h *host, a []uint64) errno {
	if h.fds.get(a[0]) == nil {
		return errBadf
	}
	return errSuccess
}

func fdClose(h *host, a []uint64) errno { return h.fds.close(a[0]) }

func fdRenumber(h *host, a []uint64) errno { return h.fds.renumber(a[0], a[1]) }

func fdFdstatGet(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	if f == nil {
		return errBadf
	}
	b, ok := h.bytes(a[1], 24)
	if !ok {
		return errFault
	}
	clear(b)
	b[0] = f.fileType()
	binary.LittleEndian.PutUint16(b[2:], f.flags)
	rights := uint64(rightsAll)
	if b[0] != typeDirectory && !f.write {
		rights &^= rightWrite
	}
	if b[0] != typeDirectory && !f.read {
		rights &^= rightRead
	}
	binary.LittleEndian.PutUint64(b[8:], rights)
	binary.LittleEndian.PutUint64(b[16:], rights)
	return errSuccess
}

func (f *fd) fileType() byte {
	if f.node != nil && f.node.dir {
		return typeDirectory
	}
	return typeRegular
}

func fdFdstatSetFlags(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	if f == nil {
		return errBadf
	}
	if a[1]&^(flagAppend|flagNonblock) != 0 {
		return errNotsup
	}
	f.flags = uint16(a[1])
	return errSuccess
}

func fdFilestatGet(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	if f == nil {
		return errBadf
	}
	if f.node == nil {
		return h.putFilestat(a[1], &node{ino: 2 + 2*a[0]})
	}
	return h.putFilestat(a[1], f.node)
}

func (h *host) putFilestat(ptr uint64, n *node) errno {
	b, ok := h.bytes(ptr, 64)
	if !ok {
		return errFault
	}
	clear(b)
	binary.LittleEndian.PutUint64(b[0:], 1)
	binary.LittleEndian.PutUint64(b[8:], n.ino)
	b[16] = typeRegular
	if n.dir {
		b[16] = typeDirectory
	}
	binary.LittleEndian.PutUint64(b[24:], 1)
	binary.LittleEndian.PutUint64(b[32:], uint64(n.length()))
	for _, at := range []int{40, 48, 56} {
		binary.LittleEndian.PutUint64(b[at:], clockBase)
	}
	return errSuccess
}

func fdFilestatSetSize(h *host, a []uint64) errno {
	f, e := h.writable(a[0])
	if e != errSuccess {
		return e
	}
	if f.node == nil {
		return errInval
	}
	return h.resize(f.node, a[1])
}

func fdAllocate(h *host, a []uint64) errno {
	f, e := h.writable(a[0])
	if e != errSuccess {
		return e
	}
	if f.node == nil || a[1] > math.MaxInt64-a[2] || a[2] > math.MaxInt64 {
		return errInval
	}
	if end := a[1] + a[2]; end > uint64(f.node.length()) {
		return h.resize(f.node, end)
	}
	return errSuccess
}

// resize charges for the bytes that appear or vanish and changes the length.
func (h *host) resize(n *node, size uint64) errno {
	old := uint64(n.length())
	if size > math.MaxInt64 || size > old && size-old > uint64(h.tree.quota[n.area]-h.tree.used[n.area]) {
		return h.noSpace(n.area)
	}
	if !h.charge(max(size, old) - min(size, old)) {
		return errIO
	}
	if !h.tree.resize(n, int64(size)) {
		return h.noSpace(n.area)
	}
	return errSuccess
}

// noSpace is what a write beyond a quota means: the end of the run for output,
// because output that is silently cut must not look like a result; an ordinary
// error for scratch files.
func (h *host) noSpace(a area) errno {
	if a == areaOut {
		h.stopped = stopOutput
	}
	return errNospc
}

func (h *host) writable(n uint64) (*fd, errno) {
	f := h.fds.get(n)
	switch {
	case f == nil || !f.write:
		return nil, errBadf
	case f.node != nil && f.node.dir:
		return nil, errIsdir
	}
	return f, errSuccess
}

func (h *host) readable(n uint64) (*fd, errno) {
	f := h.fds.get(n)
	switch {
	case f == nil || !f.read:
		return nil, errBadf
	case f.node != nil && f.node.dir:
		return nil, errIsdir
	}
	return f, errSuccess
}

func fdSeek(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	switch {
	case f == nil:
		return errBadf
	case f.node == nil || f.stream != streamNone:
		return errSpipe
	case f.node.dir:
		return errIsdir
	}
	offset := int64(a[1])
	var base int64
	switch a[2] {
	case 0:
	case 1:
		base = f.pos
	case 2:
		base = f.node.length()
	default:
		return errInval
	}
	if offset > math.MaxInt64-base {
		return errOverflow
	}
	if base+offset < 0 {
		return errInval
	}
	f.pos = base + offset
	return h.putU64(a[3], uint64(f.pos))
}

func fdTell(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	switch {
	case f == nil:
		return errBadf
	case f.node == nil || f.stream != streamNone:
		return errSpipe
	case f.node.dir:
		return errIsdir
	}
	return h.putU64(a[1], uint64(f.pos))
}
