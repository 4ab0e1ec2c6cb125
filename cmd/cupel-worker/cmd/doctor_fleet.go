// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/doctor"
	"github.com/cupel-network/cupel/worker/engine/slurm"
	"github.com/cupel-network/cupel/worker/inventory"
)

// deviceChecks are those of GPUs and of fleets, where there are some.
func deviceChecks(cfg worker.Config) []doctor.Check {
	var all []doctor.Check
	if gpus, _, err := inventory.NVML(nvml.New()); err == nil && len(gpus) > 0 {
		all = append(all, doctor.GPUs(gpus))
	}
	if cfg.Engines.UsesSlurm() {
		all = append(all, doctor.Fleet(worker.FleetSlurm, cfg.Path(cfg.Engines.Slurm.Dir), slurm.Ping))
	}
	return all
}
