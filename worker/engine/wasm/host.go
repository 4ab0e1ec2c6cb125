// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"encoding/binary"
	"math"
	"math/rand/v2"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

// stop says why a host call ended the run.
type stop uint8

const (
	running stop = iota
	stopExit
	stopFuel
	stopOutput
	stopInput
	stopPanic
)

// host is the world of one guest: everything it can see or change. It is used
// by one goroutine only.
type host struct {
	store  *wasmtime.Store
	memory *wasmtime.Memory

	args []string
	env  []string
	tree *tree
	fds  *fdTable

	random *rand.ChaCha8
	// fuelLimit is the fuel the guest was given, slept the nanoseconds it
	// slept. Both make the clock.
	fuelLimit uint64
	slept     uint64

	stopped  stop
	exitCode int32
	// detail explains stopInput and stopPanic.
	detail string

	// mem is the linear memory during a host call.
	mem []byte
}

// charge takes n units of fuel. It returns false when there are not as many
// left; the run then ends as out of fuel before the call has any effect.
func (h *host) charge(n uint64) bool {
	left := h.fuelLeft()
	if left < n {
		h.setFuel(0)
		h.stopped = stopFuel
		return false
	}
	h.setFuel(left - n)
	return true
}

func (h *host) fuelLeft() uint64 {
	left, err := h.store.GetFuel()
	if err != nil {
		panic(err)
	}
	return left
}

func (h *host) setFuel(n uint64) {
	if err := h.store.SetFuel(n); err != nil {
		panic(err)
	}
}

// elapsed is the guest's own time in nanoseconds: a unit of fuel is one, and
// sleeping adds what was slept. It stops at the largest value.
func (h *host) elapsed() uint64 {
	used := h.fuelLimit - h.fuelLeft()
	if h.slept > math.MaxUint64-clockBase-used {
		return math.MaxUint64 - clockBase
	}
	return used + h.slept
}

// bytes returns the guest's memory at ptr, or false when it is outside.
func (h *host) bytes(ptr, n uint64) ([]byte, bool) {
	size := uint64(len(h.mem))
	if ptr > size || n > size-ptr {
		return nil, false
	}
	return h.mem[ptr : ptr+n : ptr+n], true
}

func (h *host) putU32(ptr uint64, v uint32) errno {
	b, ok := h.bytes(ptr, 4)
	if !ok {
		return errFault
	}
	binary.LittleEndian.PutUint32(b, v)
	return errSuccess
}

func (h *host) putU64(ptr, v uint64) errno {
	b, ok := h.bytes(ptr, 8)
	if !ok {
		return errFault
	}
	binary.LittleEndian.PutUint64(b, v)
	return errSuccess
}

// path reads a path argument and charges for it.
func (h *host) path(ptr, n uint64) (string, errno) {
	if n > 4096 {
		return "", errNameTooLong
	}
	b, ok := h.bytes(ptr, n)
	if !ok {
		return "", errFault
	}
	if !h.charge(FuelPerPath + n*FuelPerByte) {
		return "", errIO
	}
	return string(b), errSuccess
}

// iovecs reads a vector of buffers, charges for its items and its bytes, and
// returns the buffers and their total length.
func (h *host) iovecs(ptr, n uint64) ([][]byte, uint64, errno) {
	if n > MaxIovecs {
		return nil, 0, errInval
	}
	vec, ok := h.bytes(ptr, 8*n)
	if !ok {
		return nil, 0, errFault
	}
	bufs := make([][]byte, 0, n)
	var total uint64
	for i := range n {
		base := binary.LittleEndian.Uint32(vec[8*i:])
		size := binary.LittleEndian.Uint32(vec[8*i+4:])
		b, ok := h.bytes(uint64(base), uint64(size))
		if !ok {
			return nil, 0, errFault
		}
		bufs = append(bufs, b)
		total += uint64(size)
	}
	if total > math.MaxUint32 {
		return nil, 0, errInval
	}
	if !h.charge(n * FuelPerItem) {
		return nil, 0, errIO
	}
	return bufs, total, errSuccess
}
