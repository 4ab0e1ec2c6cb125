// SPDX-License-Identifier: Apache-2.0

package sandbox

// Limits are what the kernel enforces on a child.
type Limits struct {
	// CPU is processor time in seconds, of all threads together.
	CPU uint64
	// File is the most bytes of a file that the child writes.
	File uint64
	// Descriptors is the most open files.
	Descriptors uint64
	// Data is the most bytes of private writable memory; 0 is no limit.
	Data uint64
}
