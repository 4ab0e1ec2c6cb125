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
	// MIG is on if the device is split; then only its slices can be used.
	MIG    bool    `json:"mig"`
	Slices []Slice `json:"mig_devices,omitempty"`
	// ECC is on if the memory corrects errors.
	ECC bool `json:"ecc"`
	// Persistence is on if the driver keeps the device ready between jobs.
	Persistence bool `json:"persistence"`
	// PCI is the device's address on the bus.
	PCI string `json:"pci,omitempty"`
	// Memory are the errors of its memory.
	Memory MemoryErrors `json:"memory_errors"`
	// Faults say why no new work may run on it. None is a healthy device.
	Faults []Fault `json:"faults,omitempty"`
}

// Slice is a MIG device.
type Slice struct {
	UUID    string `json:"uuid"`
	VRAMMiB uint64 `json:"vram_mib"`
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
	what := "open"
	if ret == nvml.SUCCESS {
		what, ret = readNature(dev, &gpu)
	}
	switch {
	case lost(ret):
		gpu.Faults = []Fault{FaultLost}
		return gpu, nil
	case ret != nvml.SUCCESS:
		return gpu, fmt.Errorf("%s GPU %d: %s", what, i, lib.ErrorString(ret))
	}
	readModes(dev, &gpu)
	gpu.Memory = readMemoryErrors(dev)
	gpu.Faults = gpu.Memory.faults()
	return gpu, nil
}

// readNature reads what every device has. It says at what it failed.
func readNature(dev nvml.Device, gpu *GPU) (what string, ret nvml.Return) {
	if gpu.Model, ret = dev.GetName(); ret != nvml.SUCCESS {
		return "read the model of", ret
	}
	if gpu.UUID, ret = dev.GetUUID(); ret != nvml.SUCCESS {
		return "read the UUID of", ret
	}
	mem, ret := dev.GetMemoryInfo()
	if ret != nvml.SUCCESS {
		return "read the memory of", ret
	}
	gpu.VRAMMiB = mem.Total >> 20
	major, minor, ret := dev.GetCudaComputeCapability()
	gpu.ComputeCapability = major*10 + minor
	return "read the compute capability of", ret
}

// readModes reads what not every device has.
func readModes(dev nvml.Device, gpu *GPU) {
	if mode, _, ret := dev.GetMigMode(); ret == nvml.SUCCESS && mode == nvml.DEVICE_MIG_ENABLE {
		gpu.MIG, gpu.Slices = true, readSlices(dev)
	}
	if mode, _, ret := dev.GetEccMode(); ret == nvml.SUCCESS {
		gpu.ECC = mode == nvml.FEATURE_ENABLED
	}
	if mode, ret := dev.GetPersistenceMode(); ret == nvml.SUCCESS {
		gpu.Persistence = mode == nvml.FEATURE_ENABLED
	}
	if pci, ret := dev.GetPciInfo(); ret == nvml.SUCCESS {
		for _, c := range pci.BusId {
			if c == 0 {
				break
			}
			gpu.PCI += string(rune(c))
		}
	}
}

// readSlices lists the MIG devices; indexes between them may be unused.
func readSlices(dev nvml.Device) []Slice {
	most, ret := dev.GetMaxMigDeviceCount()
	if ret != nvml.SUCCESS {
		return nil
	}
	var all []Slice
	for i := range most {
		mig, ret := dev.GetMigDeviceHandleByIndex(i)
		if ret != nvml.SUCCESS {
			continue
		}
		uuid, ret := mig.GetUUID()
		if ret != nvml.SUCCESS {
			continue
		}
		slice := Slice{UUID: uuid}
		if mem, ret := mig.GetMemoryInfo(); ret == nvml.SUCCESS {
			slice.VRAMMiB = mem.Total >> 20
		}
		all = append(all, slice)
	}
	return all
}
