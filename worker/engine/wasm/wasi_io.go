// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"fmt"
	"math"
)

func fdRead(h *host, a []uint64) errno {
	f, e := h.readable(a[0])
	if e != errSuccess {
		return e
	}
	n, e := h.readAt(f, a[1], a[2], f.pos)
	if e != errSuccess {
		return e
	}
	f.pos += n
	return h.putU32(a[3], uint32(n))
}

func fdPread(h *host, a []uint64) errno {
	f, e := h.readable(a[0])
	switch {
	case e != errSuccess:
		return e
	case f.stream != streamNone:
		return errSpipe
	case a[3] > math.MaxInt64:
		return errInval
	}
	n, e := h.readAt(f, a[1], a[2], int64(a[3]))
	if e != errSuccess {
		return e
	}
	return h.putU32(a[4], uint32(n))
}

// readAt fills the guest's buffers from pos and returns the bytes read.
func (h *host) readAt(f *fd, iovs, count uint64, pos int64) (int64, errno) {
	bufs, total, e := h.iovecs(iovs, count)
	if e != errSuccess {
		return 0, e
	}
	left := max(0, f.node.length()-pos)
	if !h.charge(min(total, uint64(left)) * FuelPerByte) {
		return 0, errIO
	}
	var n int64
	for _, b := range bufs {
		b = b[:min(int64(len(b)), left-n)]
		if f.node.input == nil {
			copy(b, f.node.data[pos+n:][:len(b)])
		} else if got, err := f.node.input.ReadAt(b, pos+n); got < len(b) {
			h.stopped = stopInput
			h.detail = fmt.Sprintf("input could not be read to its end: %v", err)
			return 0, errIO
		}
		n += int64(len(b))
		if n == left {
			break
		}
	}
	return n, errSuccess
}

func fdWrite(h *host, a []uint64) errno {
	f, e := h.writable(a[0])
	if e != errSuccess {
		return e
	}
	pos := f.pos
	if f.node != nil && f.flags&flagAppend != 0 {
		pos = f.node.length()
	}
	n, e := h.writeAt(f, a[1], a[2], pos)
	if e != errSuccess {
		return e
	}
	f.pos = pos + n
	return h.putU32(a[3], uint32(n))
}

func fdPwrite(h *host, a []uint64) errno {
	f, e := h.writable(a[0])
	switch {
	case e != errSuccess:
		return e
	case f.stream != streamNone:
		return errSpipe
	case a[3] > math.MaxInt64:
		return errInval
	}
	n, e := h.writeAt(f, a[1], a[2], int64(a[3]))
	if e != errSuccess {
		return e
	}
	return h.putU32(a[4], uint32(n))
}

// writeAt writes all of the guest's buffers at pos, or nothing.
func (h *host) writeAt(f *fd, iovs, count uint64, pos int64) (int64, errno) {
	bufs, total, e := h.iovecs(iovs, count)
	if e != errSuccess {
		return 0, e
	}
	if !h.charge(total * FuelPerByte) {
		return 0, errIO
	}
	if f.stream == streamOut {
		return int64(total), h.emit(f, bufs, int64(total))
	}
	if uint64(pos)+total > math.MaxInt64 {
		return 0, errInval
	}
	if end := pos + int64(total); total > 0 && end > f.node.length() {
		if e := h.resize(f.node, uint64(end)); e != errSuccess {
			return 0, e
		}
	}
	at := pos
	for _, b := range bufs {
		copy(f.node.data[min(at, f.node.length()):], b)
		at += int64(len(b))
	}
	return int64(total), errSuccess
}

// emit appends to standard output or standard error.
func (h *host) emit(f *fd, bufs [][]byte, total int64) errno {
	if total > h.tree.quota[areaOut]-h.tree.used[areaOut] {
		return h.noSpace(areaOut)
	}
	h.tree.used[areaOut] += total
	for _, b := range bufs {
		f.sink.Write(b)
	}
	return errSuccess
}
