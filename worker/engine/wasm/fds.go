// SPDX-License-Identifier: Apache-2.0

package wasm

import "bytes"

// Open flags of a descriptor.
const (
	flagAppend   = 1 << 0
	flagNonblock = 1 << 2
)

// stream is what a descriptor is when it is not a file of the tree.
type stream uint8

const (
	streamNone stream = iota
	streamIn
	streamOut
)

// fd is one open descriptor.
type fd struct {
	node   *node
	stream stream
	// sink is where streamOut goes.
	sink        *bytes.Buffer
	pos         int64
	flags       uint16
	read, write bool
	preopen     bool
	// listing is the directory as it was when its listing began.
	listing []string
}

// fdTable maps numbers to descriptors; a new one gets the lowest free number.
type fdTable struct {
	tree *tree
	fds  []*fd
	open int
}

func (t *fdTable) get(n uint64) *fd {
	if n >= uint64(len(t.fds)) {
		return nil
	}
	return t.fds[n]
}

// add installs f and returns its number.
func (t *fdTable) add(f *fd) (uint32, errno) {
	if t.open >= MaxOpenFiles {
		return 0, errMfile
	}
	n := 0
	for n < len(t.fds) && t.fds[n] != nil {
		n++
	}
	if n == len(t.fds) {
		t.fds = append(t.fds, nil)
	}
	t.fds[n] = f
	t.open++
	if f.node != nil {
		f.node.opens++
	}
	return uint32(n), errSuccess
}

func (t *fdTable) close(n uint64) errno {
	f := t.get(n)
	if f == nil {
		return errBadf
	}
	t.fds[n] = nil
	t.open--
	if f.node != nil {
		f.node.opens--
		t.tree.release(f.node)
	}
	return errSuccess
}

// renumber moves descriptor from over descriptor to.
func (t *fdTable) renumber(from, to uint64) errno {
	f := t.get(from)
	if f == nil || t.get(to) == nil {
		return errBadf
	}
	if from == to {
		return errSuccess
	}
	t.close(to)
	t.fds[from] = nil
	t.fds[to] = f
	return errSuccess
}
