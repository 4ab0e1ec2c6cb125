// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"cmp"
	"container/heap"
	"fmt"
	"io"
	"math/bits"
	"slices"
)

// chunk is how many bytes of each array are read at once; a multiple of every
// element.
const chunk = 64 << 10

func largest(groups, votes []uint32) uint32 {
	var best uint32
	most := -1
	for _, g := range groups {
		sum := 0
		for i, n := range votes {
			if g&(1<<i) != 0 {
				sum += int(n)
			}
		}
		if bits.OnesCount32(g) >= 2 && sum > most {
			best, most = g, sum
		}
	}
	return best
}

// Arrays reports whether two arrays are close. Bytes that are no array of the
// dtype are close to equal ones only.
func (r Rule) Arrays(a, b []byte) bool {
	ok, err := r.Streams(bytes.NewReader(a), bytes.NewReader(b), int64(len(a)), int64(len(b)))
	return ok && err == nil
}

// Streams is Arrays for two readers of exactly sizeA and sizeB bytes. An error
// is one of a reader, or an invalid rule.
func (r Rule) Streams(a, b io.Reader, sizeA, sizeB int64) (bool, error) {
	if err := r.Validate(); err != nil {
		return false, err
	}
	switch size := r.DType.size(); {
	case sizeA != sizeB:
		return false, nil
	case sizeA%size != 0:
		return each(a, b, sizeA, 1, bytes.Equal)
	case r.Kind == TopK:
		return r.topK(a, b, sizeA)
	default:
		t := newTester(r)
		return each(a, b, sizeA, size, func(x, y []byte) bool {
			rawX, rawY := r.DType.raw(x), r.DType.raw(y)
			return rawX == rawY || t.near(r.DType.number(rawX), r.DType.number(rawY))
		})
	}
}

// each calls near for every step bytes of both readers, until it is false; with
// a step of 1 for many bytes at once.
func each(a, b io.Reader, size, step int64, near func(x, y []byte) bool) (bool, error) {
	bufA, bufB := make([]byte, chunk), make([]byte, chunk)
	for left := size; left > 0; {
		n := min(left, chunk)
		if err := read(a, bufA[:n]); err != nil {
			return false, err
		}
		if err := read(b, bufB[:n]); err != nil {
			return false, err
		}
		left -= n
		if step == 1 {
			step = n
		}
		if bytes.Equal(bufA[:n], bufB[:n]) {
			continue // equal bits are close, not-a-number too
		}
		for i := int64(0); i < n; i += step {
			if !near(bufA[i:min(i+step, n)], bufB[i:min(i+step, n)]) {
				return false, nil
			}
		}
	}
	return true, nil
}

func read(r io.Reader, p []byte) error {
	if _, err := io.ReadFull(r, p); err != nil {
		return fmt.Errorf("read an array: %w", err)
	}
	return nil
}

// element is a value with where it is.
type element struct {
	key   uint64
	index int64
}

// before orders elements: the larger first, of equal ones the lower index.
func before(a, b element) int {
	if a.key != b.key {
		return cmp.Compare(b.key, a.key)
	}
	return cmp.Compare(a.index, b.index)
}

// lastFirst is a heap whose top is the element that leaves first.
type lastFirst []element

// Len implements heap.Interface.
func (h lastFirst) Len() int { return len(h) }

// Less implements heap.Interface.
func (h lastFirst) Less(i, j int) bool { return before(h[i], h[j]) > 0 }

// Swap implements heap.Interface.
func (h lastFirst) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *lastFirst) Push(x any) {
	if e, ok := x.(element); ok {
		*h = append(*h, e)
	}
}

// Pop implements heap.Interface.
func (h *lastFirst) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// topK compares where the largest elements of both arrays are.
func (r Rule) topK(a, b io.Reader, size int64) (bool, error) {
	topA, err := r.top(a, size)
	if err != nil {
		return false, err
	}
	topB, err := r.top(b, size)
	if err != nil {
		return false, err
	}
	most := uint64(len(topA))
	need := most
	if r.OverlapBps > 0 {
		need = (most*uint64(r.OverlapBps) + 9_999) / 10_000
	}
	return common(topA, topB) >= need, nil
}

// top returns the indices of the min(k, n) largest elements, ascending.
func (r Rule) top(in io.Reader, size int64) ([]int64, error) {
	step := r.DType.size()
	best := make(lastFirst, 0, min(int64(r.K), size/step))
	buf := make([]byte, chunk)
	for at := int64(0); at < size; {
		n := min(size-at, chunk)
		if err := read(in, buf[:n]); err != nil {
			return nil, err
		}
		for i := int64(0); i < n; i += step {
			e := element{key: r.DType.key(r.DType.raw(buf[i : i+step])), index: (at + i) / step}
			switch {
			case len(best) < int(r.K):
				heap.Push(&best, e)
			case before(e, best[0]) < 0:
				best[0] = e
				heap.Fix(&best, 0)
			}
		}
		at += n
	}
	out := make([]int64, len(best))
	for i, e := range best {
		out[i] = e.index
	}
	slices.Sort(out)
	return out, nil
}

// common counts what two ascending lists have in common.
func common(a, b []int64) (n uint64) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch cmp.Compare(a[i], b[j]) {
		case 0:
			n++
			i++
			j++
		case -1:
			i++
		default:
			j++
		}
	}
	return n
}
