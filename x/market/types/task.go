// SPDX-License-Identifier: Apache-2.0

// Package types holds the messages, records and pure rules of x/market.
package types

import "bytes"

// Bounds of the packed layout. See ADR-001 of x/market.
const (
	// MaxBatchTasks is the most tasks of a batch: an index has 12 bits.
	MaxBatchTasks = 1 << indexBits
	// MaxLotTasks is the most tasks of a lot: Lot.cases has 32 bits.
	MaxLotTasks = 32

	// MaxBatchID keeps task ids within 63 bits.
	MaxBatchID = 1<<(63-indexBits) - 1

	indexBits = 12
)

// TaskID returns the id of task index of a batch: batch << 12 | index.
func TaskID(batch uint64, index uint32) uint64 {
	return batch<<indexBits | uint64(index)
}

// SplitTaskID returns the batch and the index of a task.
func SplitTaskID(task uint64) (batch uint64, index uint32) {
	return task >> indexBits, uint32(task & (MaxBatchTasks - 1))
}

// Lots returns the number of lots of the batch.
func (b Batch) Lots() uint32 {
	return (b.Count + b.LotSize - 1) / b.LotSize
}

// LotTasks returns the index of the first task of a lot and their number. The
// last lot of a batch may be shorter than the others.
func (b Batch) LotTasks(lot uint32) (first, count uint32) {
	first = lot * b.LotSize
	return first, min(b.LotSize, b.Count-first)
}

// LotOf returns the lot of a task and its position in it.
func (b Batch) LotOf(index uint32) (lot, position uint32) {
	return index / b.LotSize, index % b.LotSize
}

// Deterministic reports whether equal work always ends with this outcome, so
// that it is compared and paid.
func (o Outcome) Deterministic() bool {
	return o >= OutcomeOK && o <= OutcomeMemoryLimit
}

// HostMade reports whether the outcome says something of the provider's
// machine only: never compared, never slashed.
func (o Outcome) HostMade() bool {
	return o >= OutcomeWall && o <= OutcomeHostError
}

// Reason returns why a task fails on which two operators report the host-made
// outcome o.
func (o Outcome) Reason() Reason {
	switch o {
	case OutcomeWall:
		return ReasonWall
	case OutcomeStack:
		return ReasonStack
	case OutcomeInputUnavailable:
		return ReasonInputUnavailable
	default:
		return ReasonHostError
	}
}

// Final reports whether a task in this state never changes again.
func (s TaskState) Final() bool {
	switch s {
	case TaskSettled, TaskFailed, TaskCancelled, TaskExpired:
		return true
	default:
		return false
	}
}

// Equal reports whether two results are the same under EXACT: outcome, digest
// and units.
func (r Result) Equal(other Result) bool {
	return r.Outcome == other.Outcome && r.Units == other.Units && bytes.Equal(r.Digest, other.Digest)
}

// InCase reports whether the task at a position of the lot has a case.
func (l Lot) InCase(position uint32) bool { return l.Cases&(1<<position) != 0 }

// Agreed returns the result of the task at a position of the lot that was
// agreed without a case. ok is false before, and for a task with a case.
func (l Lot) Agreed(position uint32) (result Result, ok bool) {
	if l.InCase(position) || (l.State != TaskAgreed && l.State != TaskSettled) {
		return Result{}, false
	}
	for _, s := range l.Seats {
		if s.Vector == 0 {
			continue
		}
		if r := l.Vectors[s.Vector-1].Results[position]; r.Outcome.Deterministic() {
			return r, true
		}
	}
	return Result{}, false
}

// Answer returns what a seat answered for the task at a position of the lot.
func (l Lot) Answer(s Seat, position uint32) (result Result, ok bool) {
	if s.Phase != SeatRevealed || s.Vector == 0 {
		return Result{}, false
	}
	return l.Vectors[s.Vector-1].Results[position], true
}

// Proof returns the run proof of a seat for the task at a position of the lot.
func (s Seat) Proof(position uint32) []byte {
	return s.Proofs[position*HashSize : (position+1)*HashSize]
}

// Answers lists what the seats that revealed say of the task at a position.
func (l Lot) Answers(position uint32) []Result {
	var out []Result
	for _, s := range l.Seats {
		if r, ok := l.Answer(s, position); ok {
			out = append(out, r)
		}
	}
	return out
}
