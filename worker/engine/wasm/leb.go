// SPDX-License-Identifier: Apache-2.0

package wasm

import "errors"

var errCut = errors.New("it ends in the middle of something")

// reader walks over the bytes of a module.
type reader struct {
	b   []byte
	pos int
}

func (r *reader) done() bool { return r.pos >= len(r.b) }

func (r *reader) byte() (byte, error) {
	if r.done() {
		return 0, errCut
	}
	b := r.b[r.pos]
	r.pos++
	return b, nil
}

func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.b)-r.pos) {
		return nil, errCut
	}
	b := r.b[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b, nil
}

func (r *reader) u32() (uint32, error) {
	v, err := r.uleb(5)
	if err == nil && v > 1<<32-1 {
		return 0, errors.New("a number is too large")
	}
	return uint32(v), err
}

func (r *reader) uleb(most int) (uint64, error) {
	var v uint64
	for i := range most {
		b, err := r.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, errors.New("a number is too long")
}

// skipLEB passes over a signed number of at most that many bytes.
func (r *reader) skipLEB(most int) error {
	for range most {
		b, err := r.byte()
		if err != nil {
			return err
		}
		if b < 0x80 {
			return nil
		}
	}
	return errors.New("a number is too long")
}

// vector reads a count and calls f that often.
func (r *reader) vector(f func(i uint32) error) error {
	n, err := r.u32()
	if err != nil {
		return err
	}
	if uint64(n) > uint64(len(r.b)-r.pos) {
		return errCut
	}
	for i := range n {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) name() (string, error) {
	n, err := r.u32()
	if err != nil {
		return "", err
	}
	b, err := r.take(uint64(n))
	return string(b), err
}

func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendS64(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}
