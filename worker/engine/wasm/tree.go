// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// area says who owns a node and which quota its bytes count against.
type area uint8

const (
	areaInput area = iota
	areaOut
	areaTmp
)

// node is a file or a directory of the guest's tree.
type node struct {
	area   area
	dir    bool
	ino    uint64
	parent *node
	name   string

	// names is sorted. Once listed, it is copied before it changes, so that a
	// listing under way keeps what it started with.
	names    []string
	listed   bool
	children map[string]*node

	data []byte
	// input is set instead of data for inputs, which are read lazily.
	input io.ReaderAt
	size  int64

	linked bool
	opens  int
}

func (n *node) length() int64 {
	if n.input != nil {
		return n.size
	}
	return int64(len(n.data))
}

// tree is the guest's whole file system: nothing in it comes from the host but
// the content of the inputs. Names are sorted, times are fixed, and an inode is
// a hash of the path at creation and of the number of nodes made before.
type tree struct {
	root  *node
	nodes int
	made  uint64
	// used and quota are bytes per area. Standard output and standard error
	// count against areaOut.
	used, quota [3]int64
}

func newTree(outputBytes int64) *tree {
	t := &tree{root: &node{dir: true, children: map[string]*node{}, linked: true}}
	t.root.parent = t.root
	t.root.ino = t.inode(t.root)
	t.quota[areaOut] = outputBytes
	t.quota[areaTmp] = MaxTmpBytes
	t.insert(t.root, "out", &node{dir: true, area: areaOut})
	t.insert(t.root, "tmp", &node{dir: true, area: areaTmp})
	return t
}

// addInput mounts content at an absolute clean path that was validated before.
func (t *tree) addInput(path string, content io.ReaderAt, size int64) errno {
	dir := t.root
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, part := range parts[:len(parts)-1] {
		next := dir.children[part]
		if next == nil {
			next = &node{dir: true}
			if e := t.insert(dir, part, next); e != errSuccess {
				return e
			}
		}
		if !next.dir {
			return errNotdir
		}
		dir = next
	}
	return t.insert(dir, parts[len(parts)-1], &node{input: content, size: size})
}

func (t *tree) inode(n *node) uint64 {
	h := sha256.New()
	var seq [8]byte
	binary.LittleEndian.PutUint64(seq[:], t.made)
	t.made++
	h.Write(seq[:])
	h.Write([]byte(n.path()))
	return binary.LittleEndian.Uint64(h.Sum(nil)) | 1
}

// path is the absolute path of a linked node.
func (n *node) path() string {
	if n.parent == n {
		return ""
	}
	return n.parent.path() + "/" + n.name
}

// insert links n under dir and completes its fields.
func (t *tree) insert(dir *node, name string, n *node) errno {
	if t.nodes >= MaxNodes {
		return errNospc
	}
	t.link(dir, name, n)
	if n.dir {
		n.children = map[string]*node{}
	}
	n.ino = t.inode(n)
	t.nodes++
	return errSuccess
}

func (t *tree) link(dir *node, name string, n *node) {
	i := sort.SearchStrings(dir.names, name)
	dir.names = slices.Insert(dir.ownNames(), i, name)
	dir.children[name] = n
	n.parent, n.name, n.linked = dir, name, true
}

// unlink removes the name and keeps the node.
func (t *tree) unlink(n *node) {
	dir := n.parent
	i := sort.SearchStrings(dir.names, n.name)
	dir.names = slices.Delete(dir.ownNames(), i, i+1)
	delete(dir.children, n.name)
	n.linked = false
}

// ownNames returns the names for a change.
func (n *node) ownNames() []string {
	if n.listed {
		n.listed = false
		return slices.Clone(n.names)
	}
	return n.names
}

// remove unlinks n for good. Its bytes stay accounted while it is open.
func (t *tree) remove(n *node) {
	t.unlink(n)
	t.release(n)
}

// release gives the quota of n back once nothing refers to it.
func (t *tree) release(n *node) {
	if n.linked || n.opens > 0 {
		return
	}
	t.used[n.area] -= int64(len(n.data))
	n.data = nil
	t.nodes--
}

// resize sets the length of a writable file. It returns false, and changes
// nothing, when the quota of the area does not allow it.
func (t *tree) resize(n *node, size int64) bool {
	old := int64(len(n.data))
	if size > old && size-old > t.quota[n.area]-t.used[n.area] {
		return false
	}
	t.used[n.area] += size - old
	if size <= old {
		clear(n.data[size:])
		n.data = n.data[:size]
		return true
	}
	if size <= int64(cap(n.data)) {
		n.data = n.data[:size]
		return true
	}
	grown := make([]byte, size, max(size, min(2*old, t.quota[n.area])))
	copy(grown, n.data)
	n.data = grown
	return true
}

// checkName accepts what an artifact can hold.
func checkName(name string) errno {
	switch {
	case len(name) > 100:
		return errNameTooLong
	case !utf8.ValidString(name) || strings.ContainsAny(name, "\x00\\"):
		return errIlseq
	}
	return errSuccess
}

// walk resolves path below base. It never leaves base. With parent true the
// last component is returned by name and need not exist.
func (t *tree) walk(base *node, path string, parent bool) (*node, string, errno) {
	if path == "" {
		return nil, "", errNoent
	}
	if path[0] == '/' {
		return nil, "", errNotcapable
	}
	if len(path) > 4096 {
		return nil, "", errNameTooLong
	}
	parts := strings.Split(path, "/")
	mustDir := false
	for len(parts) > 1 && parts[len(parts)-1] == "" {
		parts, mustDir = parts[:len(parts)-1], true
	}
	at, depth := base, 0
	for i, part := range parts {
		if !at.dir {
			return nil, "", errNotdir
		}
		last := i == len(parts)-1
		switch {
		case part == "" || part == ".":
			if last && parent {
				return nil, "", errInval
			}
		case part == "..":
			if depth == 0 {
				return nil, "", errNotcapable
			}
			if last && parent {
				return nil, "", errInval
			}
			at, depth = at.parent, depth-1
		case last && parent:
			return at, part, checkName(part)
		default:
			next := at.children[part]
			if next == nil {
				return nil, "", errNoent
			}
			at, depth = next, depth+1
		}
	}
	if mustDir && !at.dir {
		return nil, "", errNotdir
	}
	return at, "", errSuccess
}
