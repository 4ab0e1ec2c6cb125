// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"errors"
	"fmt"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// ErrNoDriver is a machine without an NVIDIA driver.
var ErrNoDriver = errors.New("no NVIDIA driver on this machine")

// GPU is one device.
type GPU struct {
	Index int    `json:"index"`
	Model string `json:"model"`
	UUID  string `json:"uuid"`
	// VRAMMiB is the size of the device's memory in MiB.
	VRAMMiB uint64 `json:"vram_mib"`
	// ComputeCapability is the CUDA compute capability times 10: 9.0 is 90.
	ComputeCapability int `json:"compute_capability"`
	// MIG is on if the device is split.
	MIG bool `json:"mig"`
	// ECC is on if the memory corrects errors.
	ECC bool `json:"ecc"`
}

// NVML lists the devices through lib. It returns ErrNoDriver if the library
// or the driver is missing. A property that a device does not have is zero.
func NVML(lib nvml.Interface) (gpus []GPU, driver string, err error) {
	if ret := lib.Init(); ret != nvml.SUCCESS {
		if ret == nvml.ERROR_LIBRARY_NOT_FOUND || ret == nvml.ERROR_DRIVER_NOT_LOADED {
			return nil, "", ErrNoDriver
		}
		return nil, "", fmt.Errorf("start NVML: %s", lib.ErrorString(ret))
	}
	defer func() { _ = lib.Shutdown() }()
	driver, ret := lib.SystemGetDriverVersion()
	if ret != nvml.SUCCESS {
		return nil, "", fmt.Errorf("read the driver's version: %s", lib.ErrorString(ret))
	}
	n, ret := lib.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return nil, driver, fmt.Errorf("count the GPUs: %s", lib.ErrorString(ret))
	}
	for i := range n {
		gpu, err := readGPU(lib, i)
		if err != nil {
			return nil, driver, err
		}
		gpus = append(gpus, gpu)
	}
	return gpus, driver, nil
}

func readGPU(lib nvml.Interface, i int) (GPU, error) {
	gpu := GPU{Index: i}
	dev, ret := lib.DeviceGetHandleByIndex(i)
	if ret != nvml.SUCCESS {
		return gpu, fmt.Errorf("open GPU %d: %s", i, lib.ErrorString(ret))
	}
	if gpu.Model, ret = dev.GetName(); ret != nvml.SUCCESS {
		return gpu, fmt.Errorf("read the model of GPU %d: %s", i, lib.ErrorString(ret))
	}
	if gpu.UUID, ret = dev.GetUUID(); ret != nvml.SUCCESS {
		return gpu, fmt.Errorf("read the UUID of GPU %d: %s", i, lib.ErrorString(ret))
	}
	mem, ret := dev.GetMemoryInfo()
	if ret != nvml.SUCCESS {
		return gpu, fmt.Errorf("read the memory of GPU %d: %s", i, lib.ErrorString(ret))
	}
	gpu.VRAMMiB = mem.Total >> 20
	major, minor, ret := dev.GetCudaComputeCapability()
	if ret != nvml.SUCCESS {
		return gpu, fmt.Errorf("read the compute capability of GPU %d: %s", i, lib.ErrorString(ret))
	}
	gpu.ComputeCapability = major*10 + minor
	if mode, _, ret := dev.GetMigMode(); ret == nvml.SUCCESS {
		gpu.MIG = mode == nvml.DEVICE_MIG_ENABLE
	}
	if mode, _, ret := dev.GetEccMode(); ret == nvml.SUCCESS {
		gpu.ECC = mode == nvml.FEATURE_ENABLED
	}
	return gpu, nil
}
