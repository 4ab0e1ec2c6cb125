// SPDX-License-Identifier: Apache-2.0

// Package memo decodes a value once that is read many times and changes seldom:
// params, classes. It remembers bytes and what they decode to, nothing of the
// state: every read still goes to the store and costs the same gas.
package memo

import (
	"bytes"
	"sync/atomic"

	"cosmossdk.io/collections/codec"
)

// slots is how many values are remembered, by the sum of their bytes.
const slots = 16

type decoded[T any] struct {
	raw   []byte
	value T
}

// Codec decodes with the codec that it embeds, unless the same bytes were
// decoded before. Callers share the value: they must not change what it points to.
type Codec[T any] struct {
	codec.ValueCodec[T]
	known *[slots]atomic.Pointer[decoded[T]]
}

// Of returns a codec that remembers what it decoded.
func Of[T any](inner codec.ValueCodec[T]) Codec[T] {
	return Codec[T]{inner, new([slots]atomic.Pointer[decoded[T]])}
}

// Decode implements codec.ValueCodec.
func (c Codec[T]) Decode(raw []byte) (T, error) {
	slot := &c.known[slotOf(raw)]
	if d := slot.Load(); d != nil && bytes.Equal(d.raw, raw) {
		return d.value, nil
	}
	value, err := c.ValueCodec.Decode(raw)
	if err == nil {
		slot.Store(&decoded[T]{bytes.Clone(raw), value})
	}
	return value, err
}

func slotOf(raw []byte) byte {
	var sum byte
	for _, b := range raw {
		sum += b
	}
	return sum % slots
}
