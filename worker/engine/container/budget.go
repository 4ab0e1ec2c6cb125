// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"

	"github.com/cupel-network/cupel/worker/engine"
)

// budget is what all runs together may take of the machine.
type budget struct {
	cpus, memory       *semaphore.Weighted
	maxCPUs, maxMemory int64
}

func newBudget(cpus, memory int64, f Facts) *budget {
	if cpus == 0 || cpus > f.CPUs {
		cpus = f.CPUs
	}
	if limit := f.MemoryBytes / 10 * 9; memory == 0 || memory > limit {
		memory = limit
	}
	return &budget{semaphore.NewWeighted(cpus), semaphore.NewWeighted(memory), cpus, memory}
}

// take waits until the job fits. It fails if it never will.
func (b *budget) take(ctx context.Context, job engine.Job) (release func(), err error) {
	cpus, memory := int64(job.Container.CPUs), int64(job.MemoryBytes)
	if cpus > b.maxCPUs || memory > b.maxMemory {
		return nil, fmt.Errorf("job needs %d CPUs and %d MiB, this machine gives %d CPUs and %d MiB: raise engines.container.cpus and .memory_mib if it has more",
			cpus, memory>>20, b.maxCPUs, b.maxMemory>>20)
	}
	if err := b.memory.Acquire(ctx, memory); err != nil {
		return nil, err
	}
	if err := b.cpus.Acquire(ctx, cpus); err != nil {
		b.memory.Release(memory)
		return nil, err
	}
	return func() {
		b.cpus.Release(cpus)
		b.memory.Release(memory)
	}, nil
}
