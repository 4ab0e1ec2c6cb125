// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
)

// ErrAbandoned is the cause of a context that ends because nobody waits for the
// result any more. An engine then ends the run wherever it is; any other end of
// the context may leave it to be found again by Job.ID.
var ErrAbandoned = errors.New("nobody waits for the result any more")

// GPUNeed is what a job needs of GPUs. The zero value is a job without any.
type GPUNeed struct {
	// Count is the number of devices, or of MIG slices, for this job alone.
	Count int
	// MemoryBytes is the least memory of each.
	MemoryBytes uint64
}

// GPUNeed returns what the job needs of GPUs.
func (j Job) GPUNeed() GPUNeed {
	if j.Container == nil || j.Container.GPUs == 0 {
		return GPUNeed{}
	}
	return GPUNeed{Count: int(j.Container.GPUs), MemoryBytes: j.Container.VRAMBytes}
}

// GPUs lends GPUs to runs, each device to one run at a time.
type GPUs interface {
	// Lend returns devices that are healthy and free of other processes. The
	// same holder gets the same devices again, also after a restart. It waits
	// for devices in use until ctx is done; an error of another kind means that
	// this machine cannot serve the need.
	Lend(ctx context.Context, holder string, need GPUNeed) ([]LentGPU, error)
	// Return ends what Lend gave to the holder. It is a no-op for others.
	Return(holder string) error
}

// LentGPU is one device, or one slice of one.
type LentGPU struct {
	// UUID is what CUDA_VISIBLE_DEVICES and a container's device request take;
	// it begins with "GPU-" or "MIG-".
	UUID string
	// Index is that of the device in NVML.
	Index int
	// MemoryBytes is its size.
	MemoryBytes uint64
}
