// SPDX-License-Identifier: Apache-2.0

package types

// Bounds of the packed layout. See ADR-001 of x/market.
const (
	// MaxBatchTasks is the most tasks of a batch: an index has 12 bits.
	MaxBatchTasks = 1 << indexBits
	// MaxLotTasks is the most tasks of a lot: Lot.cases has 32 bits.
	MaxLotTasks = 32

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
	return o >= OutcomeOK && o < OutcomeWall
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
