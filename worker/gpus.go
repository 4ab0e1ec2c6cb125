// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"errors"
	"os"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/cupel-network/cupel/worker/inventory"
)

// gpuStateName is the file of the leases in the home.
const gpuStateName = "gpus.json"

// openGPUs opens what lends and measures the GPUs, where there is a driver.
func (s *Service) openGPUs() error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	log := s.log.With("part", "gpus")
	monitor, err := inventory.OpenMonitor(nvml.New(), log)
	if errors.Is(err, inventory.ErrNoDriver) {
		return nil
	}
	if err != nil {
		s.log.Warn("the GPUs are neither lent nor measured", "err", err)
		return nil
	}
	s.monitor = monitor
	boot, err := inventory.BootID(os.DirFS("/proc"))
	if err != nil {
		return err
	}
	if s.pool, err = inventory.OpenPool(monitor, s.cfg.Path(gpuStateName), boot, log); err != nil {
		return err
	}
	return s.metrics.Register(inventory.NewCollector(monitor, s.pool, host))
}
