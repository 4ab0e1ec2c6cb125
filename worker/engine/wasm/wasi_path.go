// SPDX-License-Identifier: Apache-2.0

package wasm

import "github.com/cupel-network/cupel/worker/engine"

// Flags of path_open.
const (
	oCreate    = 1 << 0
	oDirectory = 1 << 1
	oExclusive = 1 << 2
	oTruncate  = 1 << 3
)

// maxPath bounds the absolute path of a node that the guest makes.
const maxPath = 1024

// base is the directory behind a descriptor.
func (h *host) base(n uint64) (*node, errno) {
	f := h.fds.get(n)
	switch {
	case f == nil:
		return nil, errBadf
	case f.node == nil || !f.node.dir:
		return nil, errNotdir
	}
	return f.node, errSuccess
}

// find resolves a path argument to a node, or to a directory and a last name.
func (h *host) find(dirfd, ptr, n uint64, parent bool) (*node, string, errno) {
	path, e := h.path(ptr, n)
	if e != errSuccess {
		return nil, "", e
	}
	base, e := h.base(dirfd)
	if e != errSuccess {
		return nil, "", e
	}
	return h.tree.walk(base, path, parent)
}

// checkCreate says whether the guest may add name to dir.
func checkCreate(dir *node, name string) errno {
	switch {
	case !dir.dir:
		return errNotdir
	case !dir.linked:
		return errNoent
	case dir.area == areaInput:
		return errRofs
	}
	return checkPath(dir.area, dir.path()+"/"+name)
}

// checkPath keeps paths short, and those under /out such that the artifact can
// hold them.
func checkPath(a area, path string) errno {
	if len(path) > maxPath || a == areaOut && engine.ValidateEntryName(path[1:]) != nil {
		return errNameTooLong
	}
	return errSuccess
}

func pathCreateDirectory(h *host, a []uint64) errno {
	dir, name, e := h.find(a[0], a[1], a[2], true)
	if e != errSuccess {
		return e
	}
	if dir.children[name] != nil {
		return errExist
	}
	return h.create(dir, name, &node{dir: true, area: dir.area})
}

func (h *host) create(dir *node, name string, n *node) errno {
	if e := checkCreate(dir, name); e != errSuccess {
		return e
	}
	if !h.chargeChange(dir) {
		return errIO
	}
	return h.tree.insert(dir, name, n)
}

// chargeChange charges for adding a name to dir or removing one.
func (h *host) chargeChange(dir *node) bool {
	return h.charge(FuelPerCreate + FuelPerSibling*uint64(len(dir.names)))
}

func pathFilestatGet(h *host, a []uint64) errno {
	n, _, e := h.find(a[0], a[2], a[3], false)
	if e != errSuccess {
		return e
	}
	return h.putFilestat(a[4], n)
}

// pathReadlink knows that there are no links.
func pathReadlink(h *host, a []uint64) errno {
	if _, _, e := h.find(a[0], a[1], a[2], false); e != errSuccess {
		return e
	}
	return errInval
}

func pathOpen(h *host, a []uint64) errno {
	oflags, rights, fdflags := a[4], a[5], uint16(a[7])
	want := &fd{flags: fdflags & (flagAppend | flagNonblock), read: rights&rightRead != 0, write: rights&rightWrite != 0}
	n, e := h.lookup(a[0], a[2], a[3], oflags)
	if e != errSuccess {
		return e
	}
	switch {
	case n.dir && (want.write || oflags&oTruncate != 0):
		if oflags&oDirectory == 0 {
			return errIsdir
		}
		want.write = false
	case n.dir:
	case oflags&oDirectory != 0:
		return errNotdir
	case n.area == areaInput && (want.write || oflags&oTruncate != 0):
		return errRofs
	case oflags&oTruncate != 0:
		if e := h.resize(n, 0); e != errSuccess {
			return e
		}
	}
	if _, ok := h.bytes(a[8], 4); !ok {
		return errFault
	}
	want.node = n
	num, e := h.fds.add(want)
	if e != errSuccess {
		return e
	}
	return h.putU32(a[8], num)
}

// lookup finds the node to open and creates a file when asked to.
func (h *host) lookup(dirfd, ptr, size, oflags uint64) (*node, errno) {
	if oflags&oCreate == 0 {
		n, _, e := h.find(dirfd, ptr, size, false)
		return n, e
	}
	dir, name, e := h.find(dirfd, ptr, size, true)
	if e != errSuccess {
		return nil, e
	}
	if n := dir.children[name]; n != nil {
		if oflags&oExclusive != 0 {
			return nil, errExist
		}
		return n, errSuccess
	}
	if h.fds.open >= MaxOpenFiles {
		return nil, errMfile
	}
	n := &node{area: dir.area}
	return n, h.create(dir, name, n)
}

func pathUnlinkFile(h *host, a []uint64) errno {
	n, e := h.removable(a)
	switch {
	case e != errSuccess:
		return e
	case n.dir:
		return errIsdir
	}
	h.tree.remove(n)
	return errSuccess
}

func pathRemoveDirectory(h *host, a []uint64) errno {
	n, e := h.removable(a)
	switch {
	case e != errSuccess:
		return e
	case !n.dir:
		return errNotdir
	case len(n.names) > 0:
		return errNotempty
	}
	h.tree.remove(n)
	return errSuccess
}

// removable resolves a path whose name may be removed, and charges for it.
func (h *host) removable(a []uint64) (*node, errno) {
	dir, name, e := h.find(a[0], a[1], a[2], true)
	if e != errSuccess {
		return nil, e
	}
	n := dir.children[name]
	switch {
	case n == nil:
		return nil, errNoent
	case dir.area == areaInput:
		return nil, errRofs
	}
	if !h.chargeChange(dir) {
		return nil, errIO
	}
	return n, errSuccess
}

func pathRename(h *host, a []uint64) errno {
	n, e := h.removable(a[0:3])
	if e != errSuccess {
		return e
	}
	dir, name, e := h.find(a[3], a[4], a[5], true)
	if e != errSuccess {
		return e
	}
	old := dir.children[name]
	switch {
	case old == n:
		return errSuccess
	case dir.area == areaInput:
		return errRofs
	case dir.area != n.area:
		return errXdev
	}
	if e := checkCreate(dir, name); e != errSuccess {
		return e
	}
	if e := h.checkMove(n, dir, name); e != errSuccess {
		return e
	}
	if e := checkReplace(n, old); e != errSuccess {
		return e
	}
	if !h.chargeChange(dir) {
		return errIO
	}
	if old != nil {
		h.tree.remove(old)
	}
	h.tree.unlink(n)
	h.tree.link(dir, name, n)
	return errSuccess
}

func checkReplace(n, old *node) errno {
	switch {
	case old == nil:
	case old.dir && !n.dir:
		return errIsdir
	case !old.dir && n.dir:
		return errNotdir
	case old.dir && len(old.names) > 0:
		return errNotempty
	}
	return errSuccess
}

// checkMove refuses to move a directory into itself, or to where the path of
// something below it would become too long.
func (h *host) checkMove(n, dir *node, name string) errno {
	for at := dir; at != at.parent; at = at.parent {
		if at == n {
			return errInval
		}
	}
	return h.checkBelow(n, dir.path()+"/"+name)
}

func (h *host) checkBelow(n *node, path string) errno {
	if e := checkPath(n.area, path); e != errSuccess {
		return e
	}
	for _, name := range n.names {
		if !h.charge(FuelPerItem + FuelPerPath) {
			return errIO
		}
		if e := h.checkBelow(n.children[name], path+"/"+name); e != errSuccess {
			return e
		}
	}
	return errSuccess
}
