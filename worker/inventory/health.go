// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"strconv"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// Fault is why no new work may run on a device. See worker/adr/008-gpus.md.
type Fault string

// The faults. An XID makes one of its own: "xid-79".
const (
	// FaultLost is a device that fell off the bus or must be reset.
	FaultLost Fault = "lost"
	// FaultECC is memory with errors that could not be corrected.
	FaultECC Fault = "ecc-uncorrected"
	// FaultRemapPending is memory that is repaired at the next reset.
	FaultRemapPending Fault = "row-remap-pending"
	// FaultRemapFailure is memory that cannot be repaired.
	FaultRemapFailure Fault = "row-remap-failure"
)

// Fix says what to do about the fault.
func (f Fault) Fix() string {
	switch f {
	case FaultRemapFailure:
		return "replace the GPU: its memory has no spare rows left"
	case FaultRemapPending, FaultECC:
		return "stop the work on it, then run nvidia-smi --gpu-reset or reboot"
	default:
		return "look for NVRM in the kernel's log, then reset the GPU or reboot"
	}
}

// MemoryErrors are the errors of a device's memory.
type MemoryErrors struct {
	// Uncorrected is the number since the driver was loaded.
	Uncorrected uint64 `json:"uncorrected"`
	// RemappedCorrectable and RemappedUncorrectable are rows replaced for ever.
	RemappedCorrectable   int  `json:"remapped_correctable"`
	RemappedUncorrectable int  `json:"remapped_uncorrectable"`
	RemapPending          bool `json:"remap_pending"`
	RemapFailure          bool `json:"remap_failure"`
}

func readMemoryErrors(dev nvml.Device) MemoryErrors {
	var m MemoryErrors
	if n, ret := dev.GetTotalEccErrors(nvml.MEMORY_ERROR_TYPE_UNCORRECTED, nvml.VOLATILE_ECC); ret == nvml.SUCCESS {
		m.Uncorrected = n
	}
	if corrected, uncorrected, pending, failure, ret := dev.GetRemappedRows(); ret == nvml.SUCCESS {
		m.RemappedCorrectable, m.RemappedUncorrectable = corrected, uncorrected
		m.RemapPending, m.RemapFailure = pending, failure
	}
	return m
}

func (m MemoryErrors) faults() []Fault {
	var all []Fault
	for _, f := range []struct {
		is   bool
		what Fault
	}{{m.Uncorrected > 0, FaultECC}, {m.RemapPending, FaultRemapPending}, {m.RemapFailure, FaultRemapFailure}} {
		if f.is {
			all = append(all, f.what)
		}
	}
	return all
}

// lost reports whether a device is there but cannot be talked to.
func lost(ret nvml.Return) bool {
	return ret == nvml.ERROR_GPU_IS_LOST || ret == nvml.ERROR_RESET_REQUIRED || ret == nvml.ERROR_GPU_NOT_FOUND
}

// ofPrograms are the XIDs that a program causes by its own mistake: the device
// is sound. The list is that of NVIDIA's device plugin for Kubernetes.
var ofPrograms = map[uint64]bool{13: true, 31: true, 43: true, 45: true, 68: true, 109: true}

// xidFault returns the fault that an XID is, or "".
func xidFault(xid uint64) Fault {
	if xid == 0 || ofPrograms[xid] {
		return ""
	}
	return Fault("xid-" + strconv.FormatUint(xid, 10))
}
