// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cupel-network/cupel/worker/inventory"
)

// GPUs checks every device: its health, and whether it is set up to be lent.
func GPUs(gpus []inventory.GPU) Check {
	return Check{"gpus", func(context.Context) []Finding {
		var all []Finding
		for _, g := range gpus {
			all = append(all, judgeGPU(g)...)
		}
		return all
	}}
}

func judgeGPU(g inventory.GPU) []Finding {
	name := fmt.Sprintf("GPU %d (%s, %s)", g.Index, g.Model, g.UUID)
	if len(g.Faults) > 0 {
		var all []Finding
		for _, f := range g.Faults {
			all = append(all, fail(f.Fix(), "%s has failed and gets no work: %s", name, f))
		}
		return all
	}
	var all []Finding
	if !g.Persistence {
		all = append(all, warn("enable nvidia-persistenced, or run nvidia-smi -pm 1",
			"%s is not in persistence mode: every job waits for the driver, and error counters are lost between jobs", name))
	}
	if g.MIG && len(g.Slices) == 0 {
		all = append(all, warn("make slices with nvidia-smi mig -cgi ... -C, or switch MIG off with nvidia-smi -mig 0",
			"%s is in MIG mode and has no slices: it cannot be lent", name))
	}
	if len(all) > 0 {
		return all
	}
	if g.MIG {
		return []Finding{okay("%s is lent in %d slices", name, len(g.Slices))}
	}
	return []Finding{okay("%s is healthy, %d MiB", name, g.VRAMMiB)}
}

// Fleet checks that jobs can be sent to a cluster: that dir, which its nodes
// share, can be written, and that the cluster answers.
func Fleet(name, dir string, ping func(context.Context) error) Check {
	return Check{"fleet", func(ctx context.Context) []Finding {
		if err := tryWrite(dir); err != nil {
			return []Finding{fail("make it, for the worker's user, at the same place on this machine and all nodes, or change engines."+name+".dir", "%v", err)}
		}
		if err := ping(ctx); err != nil {
			return []Finding{fail("install the client's commands and configuration here, and see whether the controller runs", "%s: %v", name, err)}
		}
		return []Finding{okay("%s answers, and %s can be written: see that the nodes mount it", name, dir)}
	}}
}

func tryWrite(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(dir, ".doctor")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	return os.Remove(path)
}
