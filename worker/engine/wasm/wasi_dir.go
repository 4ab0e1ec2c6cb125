// SPDX-License-Identifier: Apache-2.0

package wasm

import "encoding/binary"

func fdPrestatGet(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	if f == nil || !f.preopen {
		return errBadf
	}
	b, ok := h.bytes(a[1], 8)
	if !ok {
		return errFault
	}
	clear(b)
	binary.LittleEndian.PutUint32(b[4:], 1)
	return errSuccess
}

func fdPrestatDirName(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	if f == nil || !f.preopen {
		return errBadf
	}
	if a[2] < 1 {
		return errNameTooLong
	}
	b, ok := h.bytes(a[1], 1)
	if !ok {
		return errFault
	}
	b[0] = '/'
	return errSuccess
}

const direntBytes = 24

// fdReaddir lists a directory as it was when the guest asked from the start:
// first "." and "..", then the names in byte order.
func fdReaddir(h *host, a []uint64) errno {
	f := h.fds.get(a[0])
	switch {
	case f == nil:
		return errBadf
	case f.node == nil || !f.node.dir:
		return errNotdir
	}
	buf, ok := h.bytes(a[1], a[2])
	if !ok {
		return errFault
	}
	if a[3] == 0 || f.listing == nil {
		f.listing, f.node.listed = f.node.names, true
	}
	total := uint64(len(f.listing)) + 2
	used := 0
	for i := a[3]; i < total && used < len(buf); i++ {
		if !h.charge(FuelPerItem) {
			return errIO
		}
		name, n := f.listed(i)
		if n == nil {
			continue
		}
		used += copy(buf[used:], dirent(i+1, name, n))
	}
	if !h.charge(uint64(used) * FuelPerByte) {
		return errIO
	}
	return h.putU32(a[4], uint32(used))
}

// listed returns entry i of the listing, or nil when it was removed since.
func (f *fd) listed(i uint64) (string, *node) {
	switch i {
	case 0:
		return ".", f.node
	case 1:
		return "..", f.node.parent
	}
	name := f.listing[i-2]
	return name, f.node.children[name]
}

func dirent(next uint64, name string, n *node) []byte {
	b := make([]byte, direntBytes, direntBytes+len(name))
	binary.LittleEndian.PutUint64(b[0:], next)
	binary.LittleEndian.PutUint64(b[8:], n.ino)
	binary.LittleEndian.PutUint32(b[16:], uint32(len(name)))
	b[20] = typeRegular
	if n.dir {
		b[20] = typeDirectory
	}
	return append(b, name...)
}
