// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/cupel-network/cupel/worker/engine"
)

// grant are the GPUs of this Slurm job. Slurm has made them exclusive.
type grant []engine.LentGPU

var _ engine.GPUs = grant(nil)

// granted reads what Slurm tells its jobs: indexes, or UUIDs where GPUs are
// split.
func granted() grant {
	names := os.Getenv("CUDA_VISIBLE_DEVICES")
	if names == "" {
		names = os.Getenv("SLURM_JOB_GPUS")
	}
	var g grant
	for _, name := range strings.Split(names, ",") {
		name = strings.TrimSpace(name)
		if index, err := strconv.Atoi(name); err == nil {
			g = append(g, engine.LentGPU{UUID: name, Index: index})
		} else if strings.HasPrefix(name, "GPU-") || strings.HasPrefix(name, "MIG-") {
			g = append(g, engine.LentGPU{UUID: name, Index: -1})
		}
	}
	return g
}

// Lend implements engine.GPUs. Slurm chose the devices; the engine of the node
// checks their size as any program does, by running on them.
func (g grant) Lend(_ context.Context, _ string, need engine.GPUNeed) ([]engine.LentGPU, error) {
	if need.Count > len(g) {
		return nil, fmt.Errorf("the job needs %d GPUs, Slurm gave %d: check GresTypes and gres.conf", need.Count, len(g))
	}
	return g[:need.Count], nil
}

// Return implements engine.GPUs.
func (g grant) Return(string) error { return nil }
