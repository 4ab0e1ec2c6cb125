// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"encoding/binary"
	"math"
)

func argsGet(h *host, a []uint64) errno         { return h.putStrings(h.args, a[0], a[1]) }
func argsSizesGet(h *host, a []uint64) errno    { return h.putSizes(h.args, a[0], a[1]) }
func environGet(h *host, a []uint64) errno      { return h.putStrings(h.env, a[0], a[1]) }
func environSizesGet(h *host, a []uint64) errno { return h.putSizes(h.env, a[0], a[1]) }

func (h *host) putSizes(list []string, count, size uint64) errno {
	total := 0
	for _, s := range list {
		total += len(s) + 1
	}
	if e := h.putU32(count, uint32(len(list))); e != errSuccess {
		return e
	}
	return h.putU32(size, uint32(total))
}

func (h *host) putStrings(list []string, ptrs, buf uint64) errno {
	for i, s := range list {
		if !h.charge(FuelPerItem + uint64(len(s))*FuelPerByte) {
			return errIO
		}
		if e := h.putU32(ptrs+4*uint64(i), uint32(buf)); e != errSuccess {
			return e
		}
		b, ok := h.bytes(buf, uint64(len(s))+1)
		if !ok {
			return errFault
		}
		copy(b, s)
		b[len(s)] = 0
		buf += uint64(len(b))
	}
	return errSuccess
}

// Clock ids.
const (
	clockRealtime  = 0
	clockMonotonic = 1
	clockMax       = 3
)

func clockResGet(h *host, a []uint64) errno {
	if a[0] > clockMax {
		return errInval
	}
	return h.putU64(a[1], 1)
}

func clockTimeGet(h *host, a []uint64) errno {
	now, e := h.now(a[0])
	if e != errSuccess {
		return e
	}
	return h.putU64(a[2], now)
}

// now is the time on a clock: the real-time clock starts at clockBase, the
// others at zero.
func (h *host) now(clock uint64) (uint64, errno) {
	switch {
	case clock == clockRealtime:
		return clockBase + h.elapsed(), errSuccess
	case clock <= clockMax:
		return h.elapsed(), errSuccess
	}
	return 0, errInval
}

func randomGet(h *host, a []uint64) errno {
	b, ok := h.bytes(a[0], a[1])
	if !ok {
		return errFault
	}
	if !h.charge(uint64(len(b)) * FuelPerByte) {
		return errIO
	}
	_, _ = h.random.Read(b) // documented never to fail
	return errSuccess
}

const (
	subscriptionBytes = 48
	eventBytes        = 32

	subClock   = 0
	subFdRead  = 1
	subFdWrite = 2

	subClockAbsolute = 1
)

// subscription is one thing poll_oneoff waits for.
type subscription struct {
	userdata uint64
	kind     byte
	// due is the elapsed time at which a clock subscription fires.
	due   uint64
	errno errno
	bytes uint64
}

// pollOneoff never waits: files are always ready, and when only clocks are
// subscribed the guest's time moves on to the first of them.
func pollOneoff(h *host, a []uint64) errno {
	in, out, n := a[0], a[1], a[2]
	if n == 0 || n > MaxSubscriptions {
		return errInval
	}
	src, ok := h.bytes(in, n*subscriptionBytes)
	if !ok {
		return errFault
	}
	dst, ok := h.bytes(out, n*eventBytes)
	if !ok {
		return errFault
	}
	if !h.charge(n * FuelPerItem) {
		return errIO
	}
	now := h.elapsed()
	subs := make([]subscription, n)
	wait, ready := uint64(math.MaxUint64), false
	for i := range subs {
		subs[i] = h.subscription(src[i*subscriptionBytes:][:subscriptionBytes], now)
		if subs[i].kind == subClock && subs[i].errno == errSuccess {
			wait = min(wait, subs[i].due)
		} else {
			ready = true
		}
	}
	if !ready && wait > now {
		h.slept += wait - now
		now = wait
	}
	return h.putU32(a[3], putEvents(dst, subs, now))
}

func putEvents(dst []byte, subs []subscription, now uint64) uint32 {
	events := uint32(0)
	for _, s := range subs {
		if s.kind == subClock && s.errno == errSuccess && s.due > now {
			continue
		}
		e := dst[events*eventBytes:][:eventBytes]
		clear(e)
		binary.LittleEndian.PutUint64(e[0:], s.userdata)
		binary.LittleEndian.PutUint16(e[8:], uint16(s.errno))
		e[10] = s.kind
		binary.LittleEndian.PutUint64(e[16:], s.bytes)
		events++
	}
	return events
}

func (h *host) subscription(b []byte, now uint64) subscription {
	s := subscription{userdata: binary.LittleEndian.Uint64(b), kind: b[8]}
	switch s.kind {
	case subClock:
		clock := uint64(binary.LittleEndian.Uint32(b[16:]))
		timeout := binary.LittleEndian.Uint64(b[24:])
		flags := binary.LittleEndian.Uint16(b[40:])
		s.due, s.errno = dueAt(clock, timeout, flags, now)
	case subFdRead, subFdWrite:
		f := h.fds.get(uint64(binary.LittleEndian.Uint32(b[16:])))
		switch {
		case f == nil:
			s.errno = errBadf
		case f.node != nil && !f.node.dir:
			s.bytes = uint64(max(0, f.node.length()-f.pos))
		}
	default:
		s.errno = errInval
	}
	return s
}

// dueAt converts a timeout into elapsed time, capped below the end of time.
func dueAt(clock, timeout uint64, flags uint16, now uint64) (uint64, errno) {
	const end = math.MaxUint64 - clockBase
	if clock > clockMax {
		return 0, errInval
	}
	if flags&subClockAbsolute == 0 {
		if timeout > end-now {
			return end, errSuccess
		}
		return now + timeout, errSuccess
	}
	if clock == clockRealtime {
		timeout -= min(timeout, clockBase)
	}
	return min(timeout, end), errSuccess
}
