// SPDX-License-Identifier: Apache-2.0

// Package crash names the points of a worker's life at which the crash tests
// kill it. Only a binary with the build tag cupelcrash can be told to die; in
// all others the functions do nothing.
package crash

// Env names the variable that tells a worker where to die: a point or a step of
// the journal, as "stored", or "stored@7" to spare all batches but the seventh.
const Env = "CUPEL_CRASH_AFTER"

// Point is where a worker may die, once what it names has happened.
type Point string

// The points of an attempt in their order. Assigned and Executed are steps of
// the journal; its other steps are points too.
const (
	// Seen is an attempt that the chain told of and no disk knows.
	Seen Point = "seen"
	// Assigned is an attempt that is on disk.
	Assigned Point = "assigned"
	// Taken is an attempt that the policy lets run; nothing was asked for it.
	Taken Point = "taken"
	// Loaded has the batch and its document, checked against the hash on chain.
	Loaded Point = "loaded"
	// InputHalf has one half of an input on disk.
	InputHalf Point = "input-half"
	// SandboxMade has a child process or a container that runs no guest yet.
	SandboxMade Point = "sandbox-made"
	// GuestRunning is in the middle of the guest's work.
	GuestRunning Point = "guest-running"
	// Finished has a result that only the scratch directory knows.
	Finished Point = "finished"
	// CleanupHalf has removed some of what the run needed.
	CleanupHalf Point = "cleanup-half"
	// Stored has kept the artifact and the result of the run.
	Stored Point = "stored"
	// Executed has fixed the answer of the attempt and with it its commitment:
	// the salt is derived.
	Executed Point = "executed"
	// CommitSent was handed to a node, CommitConfirmed is in a block.
	CommitSent      Point = "commit-sent"
	CommitConfirmed Point = "commit-confirmed"
	// RevealSent was handed to a node.
	RevealSent Point = "reveal-sent"
)

// Points of one attempt, in their order.
func Points() []Point {
	return []Point{
		Seen, Assigned, Taken, Loaded, InputHalf, SandboxMade, GuestRunning, Finished, CleanupHalf, Stored, Executed,
		CommitSent, CommitConfirmed, RevealSent,
	}
}
