// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Step is how far an attempt got. A step is durable before what it names is
// done, so that after a crash the journal never says less than was said to the
// chain.
type Step uint8

// The steps in their order. Numbers are append-only: they are on disk.
const (
	// StepAssigned is an attempt that was seen on chain.
	StepAssigned Step = 1
	// StepFetched has all inputs in the cache, or gave up on them.
	StepFetched Step = 2
	// StepRunning is about to start the engine.
	StepRunning Step = 3
	// StepExecuted has its results; they never change again.
	StepExecuted Step = 4
	// StepCommitted is about to send its commitment.
	StepCommitted Step = 5
	// StepRevealed is about to send its reveal, or the proofs of its results.
	StepRevealed Step = 6
	// StepPaid is final on chain, paid or not.
	StepPaid Step = 7
)

var stepNames = [...]string{"", "assigned", "fetched", "running", "executed", "committed", "revealed", "paid"}

// String is the name used in logs, metrics and the environment.
func (s Step) String() string {
	if s == 0 || int(s) >= len(stepNames) {
		return fmt.Sprintf("Step(%d)", uint8(s))
	}
	return stepNames[s]
}

// LotKey names an attempt at a lot.
type LotKey struct {
	Batch   uint64 `json:"batch"`
	Lot     uint32 `json:"lot"`
	Attempt uint32 `json:"attempt"`
}

func (k LotKey) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, k.Batch)
	b = binary.BigEndian.AppendUint32(b, k.Lot)
	return binary.BigEndian.AppendUint32(b, k.Attempt)
}

// String is for logs: batch/lot/attempt.
func (k LotKey) String() string { return fmt.Sprintf("%d/%d/%d", k.Batch, k.Lot, k.Attempt) }

// CaseKey names an attempt at a case.
type CaseKey struct {
	Task    uint64 `json:"task"`
	Attempt uint32 `json:"attempt"`
}

func (k CaseKey) encode() []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, k.Task), k.Attempt)
}

// String is for logs: task/attempt.
func (k CaseKey) String() string { return fmt.Sprintf("%d/%d", k.Task, k.Attempt) }

// Run is what one execution gave.
type Run struct {
	// Outcome is the number of the outcome on chain.
	Outcome uint32 `json:"outcome"`
	// Digest is the sha256 of the artifact, or the result of a proved task; empty
	// for host-made outcomes.
	Digest []byte `json:"digest,omitempty"`
	// Sealed is the name of the encrypted artifact; empty if it is not.
	Sealed []byte `json:"sealed,omitempty"`
	// Units used, 0 for host-made outcomes.
	Units uint64 `json:"units"`
	// Memory is the sha256 of the linear memory at exit, empty for host-made
	// outcomes. It is a secret until the task is settled.
	Memory []byte `json:"memory,omitempty"`
	// Proof is that of a proved task. It is made with random numbers, so another
	// execution makes another one.
	Proof []byte `json:"proof,omitempty"`
	// Detail is for people.
	Detail string `json:"detail,omitempty"`
	// Wall is the real time of the run.
	Wall time.Duration `json:"wall"`
	// Batch is the last batch that used the run; it keeps the run alive.
	Batch uint64 `json:"batch"`
}

// RunKey names an execution by all that decides its result.
type RunKey [sha256.Size]byte

// NewRunKey hashes what decides a result: the manifest, the index in it, the
// class and the limits.
func NewRunKey(manifest []byte, index uint32, class string, units uint64, memoryMiB, outputKiB uint32) RunKey {
	h := sha256.New()
	write := func(b []byte) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		h.Write(b)
	}
	write([]byte("cupel/worker/run/v1"))
	write(manifest)
	write([]byte(class))
	for _, v := range []uint64{uint64(index), units, uint64(memoryMiB), uint64(outputKiB)} {
		h.Write(binary.BigEndian.AppendUint64(nil, v))
	}
	return RunKey(h.Sum(nil))
}

// Lot is the record of an attempt at a lot.
type Lot struct {
	Key  LotKey `json:"key"`
	Step Step   `json:"step"`
	// First is the index of the first task.
	First uint32 `json:"first"`
	// Count is the number of tasks.
	Count uint32 `json:"count"`
	// Runs are the results, one per task, from StepExecuted on.
	Runs []Run `json:"runs,omitempty"`
	// Proved lots are answered with proofs, or not at all.
	Proved bool `json:"proved,omitempty"`
	// Confirmed is set once the chain showed the reveal.
	Confirmed bool `json:"confirmed,omitempty"`
	// Seen is when the attempt was first seen, Updated when the record was
	// last written.
	Seen    time.Time `json:"seen"`
	Updated time.Time `json:"updated"`
}

// Cross is a run proof computed for another operator.
type Cross struct {
	Provider uint32 `json:"provider"`
	Proof    []byte `json:"proof"`
}

// Case is the record of an attempt at a case.
type Case struct {
	Key  CaseKey `json:"key"`
	Step Step    `json:"step"`
	// Run is the result from StepExecuted on.
	Run *Run `json:"run,omitempty"`
	// Proof is this operator's own run proof, empty for host-made outcomes.
	Proof []byte `json:"proof,omitempty"`
	// Cross are the proofs for the others, ascending.
	Cross []Cross `json:"cross,omitempty"`
	// Unavailable are the replicas, ascending, whose artifact could not be
	// fetched.
	Unavailable []uint32 `json:"unavailable,omitempty"`
	// Confirmed is set once the chain showed the reveal.
	Confirmed bool      `json:"confirmed,omitempty"`
	Seen      time.Time `json:"seen"`
	Updated   time.Time `json:"updated"`
}
