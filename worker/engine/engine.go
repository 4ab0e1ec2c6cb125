// SPDX-License-Identifier: Apache-2.0

// Package engine is the contract between the worker and whatever executes a
// task. It knows no chain type: a Job comes in, a Result with an artifact goes
// out, and the digest of the artifact is what the worker commits to.
package engine

import (
	"context"
	"time"
)

// Engine executes jobs of one class.
type Engine interface {
	// Class names the class, e.g. "wasm/v1-amd64". Two engines of one class
	// give the same Result for the same Job whenever the outcome is
	// deterministic.
	Class() string
	// Run executes job and leaves the artifact in scratchDir, which must exist
	// and belong to this run alone. A non-nil error means that the host failed;
	// the Result then has OutcomeHostError and the same text in Detail. Every
	// other ending, faults of the wall and the stack included, is a Result.
	Run(ctx context.Context, job Job, scratchDir string) (Result, error)
}

// File is one input: content that was already fetched and hash-checked.
type File struct {
	// GuestPath is the absolute, clean path under which the guest sees it.
	GuestPath string
	// HostPath is a regular file. The engine only reads it.
	HostPath string
}

// Origin says which attempt at which task of the chain a job is, so that an
// engine can name what outlives it.
type Origin struct {
	Batch              uint64
	Task, Lot, Attempt uint32
}

// Job is everything that may influence a result, and what bounds it.
type Job struct {
	// ID names the run across restarts of the worker: an engine that runs jobs
	// outside this process finds them again by it. Two jobs of one ID are the
	// same job. Empty is a job that nobody will look for again.
	ID string
	// Class must equal Engine.Class.
	Class string
	// Container is what runs in place of a module; only for container classes.
	Container *Container
	// Origin names the task. It changes no result.
	Origin Origin
	// Module is the host path of the program.
	Module string
	// ModuleSHA256 is checked against Module before the module is used.
	ModuleSHA256 [32]byte
	// Args are the guest's arguments after its own name.
	Args []string
	// Env holds K=V pairs, sorted, each key once.
	Env []string
	// Stdin is a host path, or empty for an empty standard input.
	Stdin string
	// Files are the inputs, read-only in the guest.
	Files []File
	// Fuel is the limit in units of the class.
	Fuel uint64
	// MemoryBytes is the limit of the guest's memory.
	MemoryBytes uint64
	// Wall is the limit on real time, for the run without the compilation.
	Wall time.Duration
	// OutputBytes is the limit on standard output, standard error and the
	// contents of /out together.
	OutputBytes uint64
	// Seed feeds the guest's random numbers.
	Seed [32]byte
	// Proof is what a proved job needs beside its module, which computes the
	// witness; only for classes of proofs.
	Proof *Proof
}

// Result says how a run ended and where its artifact lies.
type Result struct {
	Outcome Outcome
	// ExitCode is the guest's exit code; 0 unless Outcome is OutcomeExit or
	// OutcomeMemoryLimit.
	ExitCode int32
	// Detail is for people. It is not part of the artifact.
	Detail string
	// Fuel is the number of units used. It is the limit when the fuel ran out.
	Fuel uint64
	// MemoryHash is the sha256 of the linear memory at the end of the run, zero
	// when there was none.
	MemoryHash [32]byte
	// Artifact is the host path of the artifact, empty unless the outcome is
	// deterministic.
	Artifact string
	// ArtifactSHA256 is the result digest. That of a proved job is not a hash: it
	// is the output of the circuit, and there is no artifact.
	ArtifactSHA256 [32]byte
	// Proof of a proved job, in the encoding of the chain; empty if there is none.
	Proof []byte
	// Wall is the real time the guest ran.
	Wall time.Duration
}
